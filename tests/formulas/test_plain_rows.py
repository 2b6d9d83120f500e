"""A formula of plain text may take several lines, and a step may be written as code has it; lists and sentences join nothing."""

from __future__ import annotations

import pytest
from formula_names import TABLE, read, sources

from grader.formulas.documents.reading import Line
from grader.formulas.tokens import NoteKind
from grader.formulas.tree import Derivative, Negative, Product, Sum, Symbol, Times, Unknown, walk

L, LR, W0 = (Symbol(name=one) for one in ("L", "lr", "w0"))
DL_DW0 = Derivative(of=L, by=W0)
STEP = Sum(terms=(W0, Negative(operand=Product(factors=(LR, DL_DW0), signs=(Times.STAR,)))))


def plain(text: str) -> list[list[str]]:
    """Return the sides of each line of a text, blanks made one."""
    return [[" ".join(side.split()) for side in line] for line in sources(text, name="a.txt")]


def only(text: str) -> Line:
    """Return the one line of a text."""
    (line,) = read(text, name="a.txt").lines
    return line


@pytest.mark.parametrize(
    "text",
    [
        "dL/dh0 = dL/dz1 * w1\n       + dL/dz2 * ws\n",
        "dL/dh0 = dL/dz1 * w1\n+ dL/dz2 * ws\n",
        "dL/dh0 = dL/dz1 * w1 +\n  dL/dz2 * ws\n",
        "dL/dh0 =\n  dL/dz1 * w1\n  + dL/dz2 * ws\n",
        "- dL/dh0 = dL/dz1 * w1\n  + dL/dz2 * ws\n",
    ],
)
def test_a_line_goes_on_where_the_next_one_begins_with_a_sign(text: str) -> None:
    assert plain(text) == [["dL/dh0", "= dL/dz1 * w1 + dL/dz2 * ws"]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("* z0 = w0*x\n* h0 = z0\n", [["z0", "= w0*x"], ["h0", "= z0"]]),
        ("z0 = w0*x\n- h0 = z0\n", [["z0", "= w0*x"], ["h0", "= z0"]]),
        ("z0 = 0.5\n- 0.25 is too much\n", [["z0", "= 0.5"]]),
        ("z0 = 0.5\n---\n", [["z0", "= 0.5"]]),
        ("z0 = 0.5\n\n- w1\n", [["z0", "= 0.5"]]),
        ("- z0 = 0.5\n- w1\n", [["z0", "= 0.5"]]),
        ("z0 = 0.5\n* the rest follows\n", [["z0", "= 0.5"]]),
    ],
)
def test_items_and_sentences_below_a_line_are_no_part_of_it(text: str, expected: list[list[str]]) -> None:
    assert plain(text) == expected


@pytest.mark.parametrize("label", ["z0", "z0:", "- z0", "dL/dz0", "dL/dz0:", "  z_0"])
def test_a_label_alone_on_its_line_is_that_of_the_row_below(label: str) -> None:
    (line,) = plain(f"{label}\n= w0*x\n  = 0.75\n")
    assert line[1:] == ["= w0*x", "= 0.75"]


@pytest.mark.parametrize(
    "text",
    [
        "z0 + z1\n= 0.75\n",
        "Part 1\n= 0.75\n",
        "z0\n\n= 0.75\n",
        "z0\n===\n",
        "z0 is this\n= 0.75\n",
        "zeta\n= 0.75\n",
    ],
)
def test_nothing_but_a_quantity_directly_above_is_a_label(text: str) -> None:
    assert plain(text) == []


@pytest.mark.parametrize(
    "text",
    ["w0 -= lr * dL/dw0\n", "w0 -= alpha*dL_dw0\n", r"$w_0 -= \alpha * \frac{\partial L}{\partial w_0}$"],
)
def test_a_step_is_read_as_code_has_it(text: str) -> None:
    line = only(text)
    assert [side.tree for side in line.sides] == [Symbol(name="w0", updated=True), STEP]
    assert [side.relation for side in line.sides] == ["", "<-"]


@pytest.mark.parametrize("text", ["w0 = w0 - lr*dw0\n", "w0_new = w0 - lr * dw0\n", "w0 -= lr*dw0\n"])
def test_the_gradient_of_a_parameter_in_its_step_may_be_short(text: str) -> None:
    line = only(text)
    assert line.sides[1].tree == STEP
    assert NoteKind.READING in {note.kind for note in line.sides[1].notes}


@pytest.mark.parametrize(
    "text", ["w0 = w0 - lr*dw1\n", "z1 = w1*dw0\n", r"$w_0 = w_0 - \alpha d w_0$", "z2 = ws*dh0 + w2*dh1\n"]
)
def test_elsewhere_a_short_gradient_is_not_supposed(text: str) -> None:
    nodes = [
        node for line in read(text).lines for side in line.sides if side.tree for node in walk(side.tree)
    ]
    assert any(isinstance(node, Unknown) for node in nodes)
    assert not any(isinstance(node, Derivative) for node in nodes)


@pytest.mark.parametrize("text", ["dL/dh0 += dL/dz2 * ws\n", "$z_0 -= 3$\n"])
def test_what_is_added_to_a_value_that_is_no_parameter_is_not_read(text: str) -> None:
    assert only(text).sides[1].tree is None


@pytest.mark.parametrize("text", ["w0 =- 5\n", "w0 - = 5\n", "w0 -= lr * dL/dw0 = 0.25\n"])
def test_no_other_minus_before_an_equals_sign_is_a_step(text: str) -> None:
    assert all(side.tree != STEP for line in read(text).lines for side in line.sides)
    assert "d" not in TABLE.bases
