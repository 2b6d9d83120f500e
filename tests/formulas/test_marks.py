r"""What a student says that a mark means on any value is read: `\bar v = \partial L / \partial v`, and `\bar z_2` from there on."""

from __future__ import annotations

import pytest
from formula_names import read

from grader.formulas.tree import Derivative, Node, Symbol, Unknown

L = Symbol(name="L")


def first_sides(text: str) -> list[Node | None]:
    """Return what each line is about."""
    return [line.sides[0].tree for line in read(text).lines]


@pytest.mark.parametrize(
    "said",
    [
        r"I write $\bar{v} = \frac{\partial L}{\partial v}$ for every value $v$.",
        r"Let $\overline v := \dfrac{d\mathcal{L}}{d v}$.",
        r"$\bar a$ denotes $\frac{\partial L}{\partial a}$",
        "A bar means the derivative of the loss by what stands below it.",
        "Ein Balken bezeichnet die Ableitung von L.",
    ],
)
@pytest.mark.parametrize(
    ("marked", "by"),
    [(r"\bar z_2", "z2"), (r"\bar{z_2}", "z2"), (r"\bar{\hat y}", "y_hat"), (r"\overline{\omega}_0", "w0")],
)
def test_a_bar_on_any_value_is_its_gradient_where_the_student_says_so(
    said: str, marked: str, by: str
) -> None:
    assert first_sides(f"{said}\n\n${marked} = x$")[-1] == Derivative(of=L, by=Symbol(name=by))


@pytest.mark.parametrize("marked", ["\\delta_{z_2}", "\\delta_{z2}"])
def test_a_letter_with_any_value_below_may_be_a_gradient_too(marked: str) -> None:
    said = r"$\delta_v = \frac{\partial L}{\partial v}$"
    assert first_sides(f"{said}\n\n${marked} = x$")[-1] == Derivative(of=L, by=Symbol(name="z2"))


@pytest.mark.parametrize(
    "said",
    [
        "",
        r"$\bar z_1 = \frac{\partial L}{\partial z_1}$",
        r"$\bar v = \frac{\partial L}{\partial q}$",
        r"$\bar v = \frac{\partial v}{\partial x}$",
        "A bar means the average.",
    ],
)
def test_a_mark_means_nothing_where_nobody_says_what(said: str) -> None:
    assert isinstance(first_sides(f"{said}\n\n$\\bar z_2 = x$")[-1], Unknown)


def test_names_of_the_task_keep_their_meaning() -> None:
    said = r"$g_v = \frac{dL}{dv}$, $g_0(z_0) = x$, $g_{z_0} = x$"
    *_, call, gradient = first_sides(said)
    assert not isinstance(call, Derivative)
    assert gradient == Derivative(of=L, by=Symbol(name="z0"))
