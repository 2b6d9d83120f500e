"""Layers in brackets, derivatives in words and arrows for equals signs are read in plain text; a number of an entry is not guessed."""

from __future__ import annotations

import pytest
from formula_names import read

from grader.formulas.tree import Node


def trees(text: str) -> list[list[Node | None]]:
    """Return what the sides of each line become."""
    return [[side.tree for side in line.sides] for line in read(text, name="a.txt").lines]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("z[0] = w[0]*x", "z0 = w0*x"),
        ("z_[0] = w_[0]*x", "z0 = w0*x"),
        ("z(2) = w(2) h(1) + w(s) h(0)", "z2 = w2 h1 + ws h0"),
        ("dL/dw[0] = dL/dz[0] * x", "dL/dw0 = dL/dz0 * x"),
        ("dL/dz(2) = 1", "dL/dz2 = 1"),
        ("dL_dz[2] = 1", "dL_dz2 = 1"),
        ("grad_z[2] L = 1", "grad_z2 L = 1"),
        ("delta(2) = 1", "delta2 = 1"),
        ("h[0] = relu(z[0])", "h0 = relu(z0)"),
        ("W(1) = W", "W = W"),
        ("z0 = x(1) * w0", "z0 = x * w0"),
        ("w[0]_new = w[0] - x", "w0_new = w0 - x"),
        ("w_new[0] = 0.5", "w0_new = 0.5"),
        ("w_new(0) = w_old(0) - x", "w0_new = w0 - x"),
    ],
)
def test_the_number_of_a_layer_may_stand_in_brackets_behind_its_name(text: str, same: str) -> None:
    assert trees(text) == trees(same) != []


@pytest.mark.parametrize("text", ["z1 = w1(2)", "z1 = w1 (2)", "z1 = (2)w1"])
def test_a_number_behind_a_name_of_its_own_is_a_factor(text: str) -> None:
    assert trees(text) == [[trees("z1 = 1")[0][0], trees(f"z1 = {text[5:].replace('(2)', ' 2 ')}")[0][1]]]


@pytest.mark.parametrize("side", ["x[0] * w0", "p[2] - t[2]", "p(2) - t(2)", "w0[0] * x"])
def test_an_entry_by_its_number_is_left_to_a_person(side: str) -> None:
    """Read as a product it would be a wrong one: `x[0]` is no zero."""
    ((first, second),) = trees(f"z0 = {side}")
    assert (first, second) == (trees("z0 = 1")[0][0], None)


@pytest.mark.parametrize(
    "text",
    [
        "\N{NABLA}_z\N{SUBSCRIPT TWO} L = 1",
        "\N{NABLA}_z\N{SUBSCRIPT TWO}L = 1",
        "\N{NABLA}z\N{SUBSCRIPT TWO} L = 1",
        "\N{NABLA}z2 L = 1",
        "\N{NABLA}_{z\N{SUBSCRIPT TWO}} L = 1",
        "partial(L)/partial(z2) = 1",
        "partial(L) / partial(z_2) = 1",
        "del L / del z2 = 1",
        "del(L)/del(z2) = 1",
        "d(L)/d(z2) = 1",
    ],
)
def test_a_derivative_may_be_marked_in_many_ways(text: str) -> None:
    assert trees(text) == trees("dL/dz2 = 1") != []


@pytest.mark.parametrize("text", ["\N{NABLA}z2 x = 1", "\N{NABLA} L = 1", "del z2 = 1", "\N{NABLA}q L = 1"])
def test_a_mark_with_nothing_that_is_derived_is_no_derivative(text: str) -> None:
    assert trees("dL/dz2 = 1")[0] not in trees(text)


ARROWS = ["=>", "\N{RIGHTWARDS DOUBLE ARROW}", "$\\Rightarrow$", "$\\implies$", "$\\therefore$"]


def with_arrows(text: str, arrow: str) -> str:
    """Return a line with an arrow in each place of `=>`; with one of TeX the line is a formula of TeX."""
    return f"${text.replace('=>', arrow.strip('$'))}$" if "\\" in arrow else text.replace("=>", arrow)


@pytest.mark.parametrize("arrow", ARROWS)
@pytest.mark.parametrize("text", ["z_0 => w_0 x", "z_0 => w_0 x => 0.5", "w_0 => 0.25"])
def test_an_arrow_behind_a_name_and_before_no_other_name_is_an_equals_sign(text: str, arrow: str) -> None:
    """Behind a weight it leads to the new one."""
    same = text.replace("=>", "->" if text.startswith("w") else "=")
    assert trees(with_arrows(text, arrow)) == trees(same) != []


@pytest.mark.parametrize("arrow", [*ARROWS, "->"])
def test_what_stands_behind_an_equation_and_an_arrow_is_neither_judged_nor_lost(arrow: str) -> None:
    """It may be the same value, or the next thought: `L = |y - z| => -sign(y - z)`."""
    (line,) = trees(with_arrows("z_0 = w_0 x => 0.7", arrow))
    assert line == [*trees("z_0 = w_0 x")[0], None]


@pytest.mark.parametrize(
    "line", ["w0: 0.5 -> -0.25", "w0 = 0.5 -> -0.25", r"$w_0 = 0.5 \to -0.25$", r"$w_0: \frac12 \to -0.25$"]
)
def test_an_arrow_behind_the_old_number_of_a_weight_leads_to_the_new_one(line: str) -> None:
    assert trees(line) == trees("w0_new = -0.25")


def test_no_arrow_gives_anything_else_a_new_number() -> None:
    assert trees("z0 = 0.5 -> 0.7") == [[*trees("z0 = 0.5")[0], None]]


@pytest.mark.parametrize("arrow", ARROWS)
def test_an_arrow_between_equations_or_to_a_name_separates(arrow: str) -> None:
    assert trees(with_arrows("z_0 = x => h_0 = z_0", arrow)) == trees("z_0 = x\nh_0 = z_0")
    assert trees(with_arrows("z_0 = x => h_0", arrow)) == trees("z_0 = x")


@pytest.mark.parametrize(
    "text", ["$z_0 \\Rightarrow h_0$", "$z_0 \\Rightarrow h_0 \\Rightarrow z_1$", "x => z0"]
)
def test_names_with_arrows_between_them_say_what_comes_next(text: str) -> None:
    assert all(None in line for line in trees(text))


def test_an_arrow_that_begins_a_row_goes_on_with_the_row_above() -> None:
    (line,) = trees("$$\\begin{aligned} z_0 &= w_0 x \\\\ &\\Rightarrow 0.7 \\end{aligned}$$")
    assert line == [*trees("z_0 = w_0 x")[0], None]


SAID = [
    "gradient of L wrt z2 = x",
    "gradient of L wrt z2 => x",
    "The gradient of L with respect to z_2 is x.",
    "- the partial derivative of the loss w.r.t. z2 equals x",
    "So the derivative of the loss L with respect to z[2]: x",
    "Die Ableitung von L nach z2 ist x.",
    "Ableitung des Verlusts bzgl. z2 = x",
    "La d\u00e9riv\u00e9e de L par rapport \u00e0 z2 est x",
]


@pytest.mark.parametrize("text", SAID)
def test_a_derivative_may_be_said_in_words(text: str) -> None:
    assert trees(text) == trees("dL/dz2 = x") != []


def test_words_may_say_what_is_derived() -> None:
    assert trees("derivative of h1 with respect to z1 = u(z1)") == trees("dh1/dz1 = u(z1)")


@pytest.mark.parametrize(
    "text",
    [
        "The gradient of L with respect to z2 is small.",
        "The gradient of L with respect to z2 is not x.",
        "The gradient of L with respect to z2 is 0 if x = 0.",
        "The gradient of L with respect to z2 is 0.25\ntimes what it was.",
        "If the gradient of L with respect to z2 is 0",
        "The derivative of ReLU with respect to z0 is 1",
        "The derivative of L with respect to q is 1",
        "The gradient of accuracy with respect to z2 is 1",
    ],
)
def test_a_sentence_about_a_derivative_is_no_line(text: str) -> None:
    assert trees(text) == []


def test_what_cannot_be_read_behind_such_words_waits() -> None:
    assert trees("gradient of L wrt z2 = foo(x){") == [[trees("dL/dz2 = x")[0][0], None]]
