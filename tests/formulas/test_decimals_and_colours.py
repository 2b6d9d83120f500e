"""A comma may be a decimal one in brackets, colours are not seen, and neither changes what anything else says."""

from __future__ import annotations

import pytest
from formula_names import parsed, read, sources, tree

from grader.formulas import Caps
from grader.formulas.documents.lex import lex
from grader.formulas.limits import Budget
from grader.formulas.tokens import NoteKind
from grader.formulas.tree import Listing, Number, walk


def numbers(tex: str) -> list[str]:
    """Return the numbers of a formula."""
    tokens = lex(tex, 0, len(tex), Budget(Caps())).tokens
    return [one.text for one in tokens if one.text[0].isdigit()]


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        (r"1 \cdot (0,5 \cdot 2 + 0,25)", ["1", "0.5", "2", "0.25"]),
        (r"2\left(0,5 - 1\right)", ["2", "0.5", "1"]),
        (r"\frac{(0,5 + 1)}{2}", ["0.5", "1", "2"]),
        ("0,5", ["0.5"]),
        (r"-z_0(x + (y = 0,5 \\ w = 1,5", ["0", "0.5", "1.5"]),
    ],
)
def test_a_comma_in_a_sum_in_brackets_is_a_decimal_one(tex: str, expected: list[str]) -> None:
    assert numbers(tex) == expected


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        ("(0,5)", ["0", "5"]),
        ("[0,1)", ["0", "1"]),
        (r"\max(0,5 x + 1)", ["0", "5", "1"]),
        ("f(0,5 + 1)", ["0", "5", "1"]),
        ("(1, 0,5 + 1)", ["1", "0", "5", "1"]),
        (r"(1,5 \\ 2)", ["1.5", "2"]),
        ("((0,5 + 1) 2, 3)", ["0", "5", "1", "2", "3"]),
    ],
)
def test_a_comma_in_a_list_or_before_arguments_separates(tex: str, expected: list[str]) -> None:
    assert numbers(tex) == expected


@pytest.mark.parametrize("tex", [r"2 \cdot (1,5)", "3 - (1,5)"])
def test_a_bracket_that_may_be_a_number_or_a_list_is_not_read(tex: str) -> None:
    assert parsed(tex).tree is None


def test_a_list_of_two_numbers_is_one() -> None:
    assert isinstance(tree("(1,5)"), Listing)


@pytest.mark.parametrize("number", ["3,375", "$3,375$"])
@pytest.mark.parametrize(
    ("beside", "is_one"),
    [
        ("h_0 = 0,25", True),
        ("$h_0 = 1{,}5$", True),
        ("on 11.11.2023 h_0 = 0,25", True),
        ("h_0 = 0.25", False),
        ("h_0 = 0,25 and 1.5", False),
        ("h_0 = 1,5", False),
        ("(0,25)", False),
        ("h_0 = 1", False),
    ],
)
def test_a_comma_before_three_figures_is_what_the_others_of_the_document_are(
    beside: str, is_one: bool, number: str
) -> None:
    (line,) = read(
        f"{beside}\n\nL = {number}" if "$" not in number else f"{beside}\n\n$L = {number.strip('$')}$"
    ).lines[-1:]
    values = (
        [one.text for one in walk(line.sides[1].tree) if isinstance(one, Number)]
        if line.sides[1].tree
        else []
    )
    assert values == (["3.375"] if is_one else [])


def test_plain_text_has_decimal_commas_in_brackets_too() -> None:
    (line,) = read("z0 = 2 * (0,5 + 0,25) = 1,5\n", name="report.txt").lines
    trees = [side.tree for side in line.sides]
    assert not any(isinstance(node, Listing) for one in trees if one for node in walk(one))
    assert {note.kind for side in line.sides for note in side.notes} == {NoteKind.READING}


@pytest.mark.parametrize(
    ("tex", "plain"),
    [
        (r"x \textcolor{red}{h_0}", "x h_0"),
        (r"\textcolor{red}{- x} + y", "-x + y"),
        (r"y \textcolor{red}{+ x}", "y + x"),
        (r"y \color{red}{- x}", "y - x"),
        (r"y {\color{red} - x}", "y - x"),
        (r"{\color{blue} w_0} x", "w_0 x"),
        (r"2 \textcolor[rgb]{1,0,0}{x + y}", "2 x + y"),
        (r"w_{\color{red} 0} x", "w_0 x"),
        (r"\omega_\textcolor{red}{0} x", "w_0 x"),
        (r"x^\textcolor{red}{h_0 + 1}", "x^{h_0 + 1}"),
        (r"\frac{\color{red} x + 1}{y}", r"\frac{x + 1}{y}"),
        (r"\frac{\textcolor{red}{x}}{\mathcolor{blue}{y}}", r"\frac{x}{y}"),
    ],
)
def test_a_coloured_part_says_what_it_says_in_black(tex: str, plain: str) -> None:
    assert tree(tex) == tree(plain)


def test_braces_without_a_colour_still_group() -> None:
    assert tree("2 {x + y}") != tree("2 x + y")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("```math\nh_{0} = ReLU(z_{0})\n```\n", [["h_{0}", "= ReLU(z_{0})"]]),
        ("```math\nh_0 = ReLU(z_0)\n```\n", [["h_0", "= ReLU(z_0)"]]),
        ("```python\nh_{0} = ReLU(z_{0})\n```\n", []),
    ],
)
def test_a_fence_of_mathematics_holds_a_formula_with_or_without_commands(
    text: str, expected: list[list[str]]
) -> None:
    assert sources(text) == expected
