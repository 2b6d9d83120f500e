"""Names that students explain are read as they explain them, also behind their use; what is not explained stays unread."""

from __future__ import annotations

from typing import cast

import pytest
from formula_names import TABLE, read, tree

from grader.formulas import Line, Reading, read_documents
from grader.formulas.documents.mixed import is_mixed, settled
from grader.formulas.tokens import NoteKind
from grader.formulas.tree import (
    Application,
    Derivative,
    Node,
    Number,
    Product,
    Sum,
    Symbol,
    Times,
    Tree,
    Unknown,
    walk,
)
from grader.model import Document

L = Symbol(name="L")


def first_trees(reading: Reading) -> list[Node | None]:
    """Return what each line begins with."""
    return [line.sides[0].tree for line in reading.lines]


def numbers(tex: str) -> Tree:
    """Return the tree of numbers."""
    return cast("Tree", tree(tex))


def is_unread(line: Line) -> bool:
    """Whether the first side of a line has no tree, and says why."""
    return line.sides[0].tree is None and line.sides[0].problem is not None


# --------------------------------------------------------------------------------------------------------------
# Functions and steps


def test_a_letter_that_a_line_explains_as_a_function_is_one_behind_it() -> None:
    first, second = read("$r(a) = \\max(a, 0)$\n\n$h_0 = r(z_0)$").lines
    r = Unknown(name="r")
    assert first.sides[0].tree == Application(of=r, arguments=(Unknown(name="a"),))
    assert second.sides[1].tree == Application(of=r, arguments=(Symbol(name="z0"),))


def test_a_letter_that_none_explains_is_a_factor() -> None:
    (line,) = read("$h_0 = r(z_0)$").lines
    assert isinstance(line.sides[1].tree, Product)


@pytest.mark.parametrize("label", ["w_1(x)", "r(x + 1)", "r x"])
def test_a_name_of_the_task_or_an_expression_in_brackets_makes_no_function(label: str) -> None:
    lines = read(f"${label} = 1$\n\n$h_0 = r(z_0)$").lines
    assert isinstance(lines[-1].sides[1].tree, Product)


def test_the_change_of_a_parameter_is_one_name_where_a_line_gives_it() -> None:
    first, second = read("$\\Delta w_0 = -\\alpha x$, $w_0 \\leftarrow w_0 + \\Delta w_0$").lines
    step = Unknown(name="\N{GREEK CAPITAL LETTER DELTA}w0")
    assert first.sides[0].tree == step
    assert second.sides[1].tree == Sum(terms=(Symbol(name="w0"), step))


def test_a_letter_before_a_parameter_is_a_factor_where_no_line_gives_the_change() -> None:
    first, second = read("$\\Delta = \\hat y - y$, $\\frac{\\partial L}{\\partial h_1} = \\Delta w_2$").lines
    assert first.sides[0].tree == Unknown(name="Delta")
    factors = (Unknown(name="Delta"), Symbol(name="w2"))
    assert second.sides[1].tree == Product(factors=factors, signs=(Times.ADJACENT,))


# --------------------------------------------------------------------------------------------------------------
# Explained behind their use

USE = "$$\\frac{\\partial L}{\\partial h_1} = e\\, w_2,\\qquad \\frac{\\partial L}{\\partial w_2} = e\\, h_1$$\n"


@pytest.mark.parametrize(
    "behind",
    [
        "where $e = \\hat y - y$.",
        "\nwhere\n$e = \\hat y - y$",
        "with the residual $e = \\hat y - y$",
        "wobei $e = \\hat y - y$",
        "where $m = u(z_1)$ and $e = \\hat y - y$.",
    ],
)
def test_a_name_that_is_explained_behind_its_use_stands_before_it(behind: str) -> None:
    trees = first_trees(read(USE + behind))
    assert trees.index(Unknown(name="e")) == 0
    assert len(trees) == (4 if "$m" in behind else 3)


@pytest.mark.parametrize(
    "behind", ["$e = \\hat y - y$", "Next we set $e = 1$.", "where $y < 0$. Now $e = \\hat y - y$"]
)
def test_a_name_that_is_only_given_later_stays_where_it_is(behind: str) -> None:
    assert first_trees(read(USE + behind))[-1] == Unknown(name="e")


def test_a_name_that_was_explained_before_is_not_explained_again() -> None:
    trees = first_trees(read("$e = y$\n\n" + USE + "where $e = \\hat y - y$"))
    assert [at for at, one in enumerate(trees) if one == Unknown(name="e")] == [0, 3]


def test_names_with_numbers_are_told_apart() -> None:
    text = "$$z_2 = m_0 + m_1$$\nwhere $m_0 = u(z_0)$ and $m_1 = u(z_1)$."
    assert [line.sides[0].source for line in read(text).lines][-1] == "z_2"


def test_nothing_is_moved_over_a_heading() -> None:
    text = "# One\n" + USE + "\n# Two\nwhere $e = \\hat y - y$"
    assert first_trees(read(text))[-1] == Unknown(name="e")


# --------------------------------------------------------------------------------------------------------------
# The loss under another letter


@pytest.mark.parametrize("letter", ["J", "E", "C", r"\text{Loss}", r"\mathcal{E}"])
def test_a_letter_of_books_that_is_derived_is_the_loss(letter: str) -> None:
    text = f"${letter} = |y - \\hat y|$\n\n$\\frac{{\\partial {letter}}}{{\\partial w_2}} = h_1$"
    reading = read(text)
    assert first_trees(reading) == [L, Derivative(of=L, by=Symbol(name="w2"))]
    assert all(line.sides[0].notes[-1].text.endswith("is read as the loss.") for line in reading.lines)


def test_an_error_beside_the_loss_is_another_name() -> None:
    text = "$E = y - \\hat y$, $L = |E|$\n\n$\\frac{\\partial E}{\\partial \\hat y} = -1$"
    assert Derivative(of=Unknown(name="E"), by=Symbol(name="y_hat")) in first_trees(read(text))


def test_of_two_letters_none_is_the_loss() -> None:
    text = "$\\frac{\\partial E}{\\partial w_2} = h_1$, $\\frac{\\partial J}{\\partial w_2} = h_1$"
    assert all(is_unread(line) for line in read(text).lines)


@pytest.mark.parametrize("letter", ["f", "q", "S"])
def test_another_letter_is_not_the_loss(letter: str) -> None:
    (line,) = read(f"$\\frac{{\\partial {letter}}}{{\\partial w_2}} = h_1$").lines
    label = line.sides[0].tree
    assert label is not None
    assert L not in list(walk(label))


def test_a_loss_with_an_index_that_nobody_explains_is_unread() -> None:
    text = "$L = |y - \\hat y|$\n\n$\\frac{\\partial L_{q}}{\\partial w_2} = h_1$"
    assert [is_unread(line) for line in read(text).lines] == [False, True]


# --------------------------------------------------------------------------------------------------------------
# dv for the gradient by v


@pytest.mark.parametrize(
    "said",
    [
        r"$\mathrm{d}v$ is short for $\partial L / \partial v$.",
        r"$dv := \frac{\partial L}{\partial v}$",
        r"I write $dw$ for $\partial L/\partial w$.",
        r"$\mathrm{d}w$ steht für $\frac{\partial L}{\partial w}$",
    ],
)
def test_a_short_gradient_that_is_explained_is_one(said: str) -> None:
    lines = read(said + "\n\n$$\\mathrm{d}z_2 = \\mathrm{d}\\hat{y}$$").lines
    assert [side.tree for side in lines[-1].sides] == [
        Derivative(of=L, by=Symbol(name="z2")),
        Derivative(of=L, by=Symbol(name="y_hat")),
    ]


@pytest.mark.parametrize(
    "said", ["", r"$dz = \frac{\partial z}{\partial w} dw$", "We use the chain rule for $L$."]
)
def test_one_that_is_not_may_be_a_differential_and_is_unread(said: str) -> None:
    lines = read(said + "\n\n$$\\mathrm{d}z_2 = x$$").lines
    assert is_unread(lines[-1])


def test_what_is_explained_in_a_cell_holds_in_those_behind_it() -> None:
    cells = [
        Document(name="a.ipynb", text=r"$dv := \frac{\partial L}{\partial v}$", cell=1),
        Document(name="a.ipynb", text="$$dz_2 = 1$$", cell=2),
    ]
    assert read_documents(cells, TABLE).lines[-1].sides[0].tree == Derivative(of=L, by=Symbol(name="z2"))


# --------------------------------------------------------------------------------------------------------------
# Mixed numbers

THREE = Sum(terms=(Number(text="3"), numbers(r"\frac38")))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (r"\tfrac{27}{8} = 3\tfrac38", THREE),
        (r"3.375 = 3\frac{3}{8}", THREE),
        (r"|-3 - \tfrac38| = 3\tfrac38", THREE),
        (r"\tfrac{9}{8} = 3\tfrac38", tree(r"3\tfrac38")),
    ],
)
def test_the_other_numbers_of_a_line_tell_a_mixed_number_from_a_product(line: str, expected: Node) -> None:
    (found,) = read(f"$L = {line}$").lines
    assert found.sides[2].tree == expected
    assert [note.kind for note in found.sides[2].notes] == ([NoteKind.READING] if expected == THREE else [])


@pytest.mark.parametrize("line", [r"L = 3\tfrac38", r"L = 7 = 3\tfrac38"])
def test_where_no_number_tells_it_is_unread(line: str) -> None:
    (found,) = read(f"${line}$").lines
    assert found.sides[-1].tree is None


@pytest.mark.parametrize(
    "tex", [r"2\frac{1}{2}(y - \hat y)", r"3\frac{9}{8}", r"0.5\frac12", r"3 \cdot \frac38"]
)
def test_what_can_be_a_product_alone_is_no_mixed_number(tex: str) -> None:
    assert not is_mixed(numbers(tex))


def test_within_a_product_a_mixed_number_is_one_factor() -> None:
    found = settled(numbers(r"2 \cdot 1\tfrac12"), [Number(text="3")])
    assert found == tree(r"2 \cdot (1 + \frac12)")
