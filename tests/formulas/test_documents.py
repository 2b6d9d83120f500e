"""Formulas are found in Markdown, plain text and TeX, with their places; what is taken back is marked."""

from __future__ import annotations

from pathlib import Path

import pytest
from formula_names import TABLE, read, sources

from grader.formulas import read_documents
from grader.formulas.documents.withdrawn import Withdrawal
from grader.formulas.tokens import NoteKind
from grader.model import Document

HERE = Path(__file__).parent


@pytest.mark.parametrize(
    "text",
    [
        "so $x = 1$.",
        "$$x = 1$$",
        "$$\nx = 1\n$$",
        r"\(x = 1\)",
        r"\[x = 1\]",
        "\\begin{equation}\nx = 1 \\label{a}\n\\end{equation}",
        "$$\\begin{aligned}x &= 1\\end{aligned}$$",
        "```math\nx = 1\n```",
        "| a | b |\n|---|---|\n| $x = 1$ | 2 |",
        "it costs \\$5, $x = 1$, not \\$6",
        "`$y = 2$` is code, $x = 1$",
        "```\n$y = 2$\n```\n$x = 1$",
        "~~~python\n$$\n~~~\n$x = 1$",
        "a lone $ sign\n\n$x = 1$",
        "$$x = % y\n1$$",
        r"$$\boxed{x = 1}$$",
    ],
)
def test_a_formula_is_found_in_every_form(text: str) -> None:
    assert [[side.replace("% y\n", "") for side in line] for line in sources(text)] == [["x", "= 1"]]


def test_rows_and_displays_that_begin_with_a_relation_go_on() -> None:
    text = "$$\\begin{split} x &= y \\\\ &= 1 \\\\ z_0 &= 2 \\\\ & + 3 \\end{split}$$\nand\n\n$$= 5$$"

    lines = read(text).lines

    assert [[side.source for side in line.sides] for line in lines] == [
        ["x", "y", "1"],
        ["z_0", r"2 \\ & + 3", "5"],
    ]


def test_a_chain_does_not_go_on_under_another_heading() -> None:
    assert sources("$$x = y$$\n\n# Next\n\n$$= 1$$") == [["x", "= y"]]


@pytest.mark.parametrize(
    "text", [r"$x = 1, \quad y = 2$", r"$x = 1 \Rightarrow y = 2$", r"$$x = 1 \\ y = 2$$", r"$x = 1; y = 2$"]
)
def test_statements_in_a_row_are_lines_of_their_own(text: str) -> None:
    assert sources(text) == [["x", "= 1"], ["y", "= 2"]]


def test_an_equals_sign_in_brackets_separates_nothing() -> None:
    assert sources("$y = [x = 1]$") == [["y", "= [x = 1]"]]


def test_macros_are_expanded_wherever_they_are_defined() -> None:
    text = (
        "$$\\newcommand{\\dd}[2]{\\frac{\\partial #1}{\\partial #2}}\\def\\w{\\omega_0}$$\n"
        "\\DeclareMathOperator{\\rl}{ReLU}\n$\\dd{L}{\\w} = \\rl(x)$"
    )

    (line,) = read(text).lines

    assert (line.position.line, line.position.column) == (3, 2)
    (direct,) = read(r"$\frac{\partial L}{\partial \omega_0} = ReLU(x)$").lines
    assert [side.tree for side in line.sides] == [side.tree for side in direct.sides]


def test_a_macro_of_one_cell_holds_in_the_cells_behind_it() -> None:
    cells = [
        Document(name="a.ipynb", cell=number, text=text)
        for number, text in ((1, r"\newcommand{\w}{\omega_0}"), (4, "\n$\\w = 1$"))
    ]

    (line,) = read_documents(cells, TABLE).lines

    assert (line.position.cell, line.position.line) == (4, 2)
    assert line.sides[0].tree is not None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("~~$x = 1$~~", Withdrawal.STRUCK),
        ("<del>$x = 1$</del>", Withdrawal.STRUCK),
        (r"$\cancel{x = 1}$", Withdrawal.STRUCK),
        (r"\sout{$x = 1$}", Withdrawal.STRUCK),
        ("<!-- $x = 1$ -->", Withdrawal.STRUCK),
        ("> $x = 1$", Withdrawal.QUOTED),
        ("> $$\n> x = 1\n> $$", Withdrawal.QUOTED),
        ("## Scrap\n\n$x = 1$", Withdrawal.HEADING),
        ("~~old~~ $x = 1$", Withdrawal.NONE),
        ("~~ $x = 1$", Withdrawal.NONE),
        ("$x ~~ = ~~ 1$", Withdrawal.NONE),
        (r"$\cancel{x} = 1$", Withdrawal.NONE),
    ],
)
def test_what_is_taken_back_is_marked(text: str, why: Withdrawal) -> None:
    (line,) = read(text).lines

    assert line.withdrawn is why


def test_what_is_struck_out_within_a_side_is_noted() -> None:
    (line,) = read(r"$x = \frac{\cancel{2} y}{2}$").lines

    assert [note.kind for note in line.sides[1].notes] == [NoteKind.READING]


def test_two_digits_without_braces_are_read_as_tex_does_and_noted() -> None:
    (line,) = read("$y = x^12$").lines
    (same,) = read("$y = x^{1}2$").lines

    assert line.sides[1].tree == same.sides[1].tree
    assert [note.kind for note in line.sides[1].notes] == [NoteKind.READING]
    assert same.sides[1].notes == ()


def test_what_stands_beside_a_relation_is_noted() -> None:
    found = read(r"$x = 1, \text{for all} \quad k \in S$")

    assert [[side.source for side in line.sides] for line in found.lines] == [["x", "1"]]
    assert [(note.kind, note.position.column) for note in found.notes] == [(NoteKind.UNREAD, 30)]


def test_a_line_knows_its_headings() -> None:
    text = "# Task\n## Back\n\n$x = 1$\n\n1)\n\n$y = 1$\n\n# Other\n$z_0 = 1$"

    lines = read(text, headings=("1)",)).lines

    assert [line.path for line in lines] == [("Task", "Back"), ("Task", "Back", "1)"), ("Other",)]


def test_an_arrow_to_the_left_gives_a_new_value() -> None:
    (arrow,) = read(r"$w_0 \leftarrow w_0 - \eta x$").lines
    (new,) = read(r"$w_0^{new} = w_0 - \eta x$").lines

    assert [side.tree for side in arrow.sides] == [side.tree for side in new.sides]


def test_in_tex_a_percent_sign_begins_a_comment() -> None:
    assert sources("% $y = 2$\n$x = 1$", name="a.tex") == [["x", "= 1"]]


def test_a_formula_that_is_never_closed_is_noted_and_hides_no_other() -> None:
    found = read("$x = 1\n\n$y = 2$")

    assert [line.sides[0].source for line in found.lines] == ["y"]
    assert [note.position.line for note in found.notes] == [1]


def test_a_side_that_cannot_be_read_says_where_and_keeps_the_others() -> None:
    (line,) = read("text\n$$x = y + \\arg 1 = 3$$").lines

    assert [side.tree is None for side in line.sides] == [False, True, False]
    problem = line.sides[1].problem
    assert problem is not None
    assert (problem.position.line, problem.position.column) == (2, 11)


@pytest.mark.parametrize(
    ("file", "chains", "sides", "repairs"), [("skip_network.md", 43, 137, 1), ("softmax.md", 10, 23, 0)]
)
def test_all_sides_of_real_derivations_are_read(file: str, chains: int, sides: int, repairs: int) -> None:
    found = read((HERE / file).read_text(encoding="utf-8"))
    every = [side for line in found.lines for side in line.sides]

    assert (len(found.lines), len(every)) == (chains, sides)
    assert [side.problem for side in every if side.tree is None] == []
    notes = [note for side in every for note in side.notes if note.kind is NoteKind.REPAIR]
    assert len(notes) == repairs
    assert (found.notes, found.refused) == ((), None)


def _cells(*texts: str, in_code: tuple[int, ...] = ()) -> list[Document]:
    return [
        Document(name="a.ipynb", cell=number, text=text, in_code=number in in_code)
        for number, text in enumerate(texts, start=1)
    ]


def _paths(documents: list[Document]) -> list[tuple[str, ...]]:
    return [line.path for line in read_documents(documents, TABLE).lines]


def test_a_heading_in_one_cell_holds_for_the_cells_behind_it_until_another_of_its_level() -> None:
    formula = "$z_0 = w_0 x$"
    assert _paths(_cells("# Part 1", formula, "## Backward", formula, f"# Part 2\n\n{formula}", formula)) == [
        ("Part 1",),
        ("Part 1", "Backward"),
        ("Part 2",),
        ("Part 2",),
    ]


def test_a_heading_holds_in_no_other_file_and_not_for_strings_among_code() -> None:
    formula = "$z_0 = w_0 x$"
    other = Document(name="b.ipynb", cell=1, text=formula)
    plain = [Document(name="c.md", text="# Part 3"), Document(name="c.md", text=formula)]
    documents = [*_cells("# Part 1", f"# Own\n\n{formula}", formula, in_code=(2,)), other, *plain]
    assert _paths(documents) == [("Own",), ("Part 1",), (), ()]


def test_work_under_a_heading_of_scrap_in_the_cell_before_is_withdrawn() -> None:
    lines = read_documents(_cells("## Scrap", "$z_0 = w_0$", "## Right", "$z_0 = w_0 x$"), TABLE).lines
    assert [line.withdrawn is Withdrawal.NONE for line in lines] == [False, True]
