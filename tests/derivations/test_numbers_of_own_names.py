"""A number that is given to a name of the student's own is what its formula comes to, and no new meaning of the name."""

from __future__ import annotations

import pytest
from paper import graded, not_correct, read_as, verdicts

FORMULAS = r"""# Pen and paper

1)

$EXPLAINED$

$\frac{\partial L}{\partial w_s} = NAME h_0$

3)

"""
NAMES = [
    (r"e = \frac{\partial L}{\partial z_2} = -sign(y - \hat y)", "e"),
    (r"e = -sign(y - \hat y)", "e"),
    (r"\bar z_2 := \frac{\partial L}{\partial z_2} = -sign(y - \hat y)", r"\bar z_2"),
]


def numbers(explained: str, name: str, lines: str) -> dict[str, str]:
    """Return the verdicts on the numbers below the formulas."""
    above = FORMULAS.replace("EXPLAINED", explained).replace("NAME", name)
    return verdicts(graded(above + lines.replace("NAME", name)), "numbers")


@pytest.mark.parametrize(("explained", "name"), NAMES)
def test_a_number_of_an_own_name_is_that_of_the_quantity_it_is(explained: str, name: str) -> None:
    assert numbers(explained, name, "$NAME = 1$")["dL/dz2"] == "correct"
    assert numbers(explained, name, "$NAME = -(-1) \\cdot 1 = 1$")["dL/dz2"] == "correct"


@pytest.mark.parametrize(("explained", "name"), NAMES)
def test_a_formula_with_the_name_holds_behind_its_number(explained: str, name: str) -> None:
    """It was worked out with 1 for the name at all points, and the right line called wrong."""
    lines = "$NAME = 1$\n\n$\\frac{\\partial L}{\\partial w_s} = NAME h_0 = 0.5$"
    assert numbers(explained, name, lines)["dL/dws"] == "correct"
    assert numbers(explained, name, lines.replace("0.5", "0.6"))["dL/dws"] == "wrong"
    assert numbers(explained, name, lines.replace("h_0", "h_1"))["dL/dws"] == "wrong"


def test_a_wrong_number_is_one_of_the_gradient_that_the_name_was_explained_as() -> None:
    """Of two gradients that are equal everywhere, the one that is written counts."""
    explained, name = NAMES[2]
    found = numbers(explained, name, "$NAME = 2$\n\n$\\frac{\\partial L}{\\partial \\hat y} = 1$")
    assert (found["dL/dy_hat"], found["dL/dz2"]) == ("correct", "wrong")


def test_a_name_that_is_a_number_from_the_start_stays_one() -> None:
    result = graded("# Pen and paper\n\n1)\n\n$c = 1$\n\n$z_0 = c w_0 x$\n")
    assert verdicts(result, "derivation")["z0"] == "correct"
    assert "z0" not in not_correct(result, "derivation")
    assert ("z0", "z0") in [line[:2] for line in read_as(result, "derivation")]


NAMED = r"""# Pen and paper

1)

Let $\delta_2 = \frac{\partial L}{\partial z_2}$ and $\delta_1 = \frac{\partial L}{\partial z_1}$.

$\delta_2 = -sign(y - \hat y)$

$\delta_1 = \delta_2 w_2 u(z_1)$

$\frac{\partial L}{\partial w_1} = \delta_1 h_0$

3)

$\delta_1 = 0.5$

$\frac{\partial L}{\partial w_1} = \delta_1 h_0 = 0.25$
"""


def test_a_wrong_formula_for_a_name_that_was_given_to_a_gradient_is_wrong_there_and_nowhere_else() -> None:
    """It was a new meaning of the name: the gradient was missing, and right numbers behind it were called wrong."""
    result = graded(NAMED.replace("w_2 u(z_1)", "w_2 z_1"))
    assert verdicts(result, "derivation")["dL/dz1"] == "wrong"
    assert verdicts(result, "derivation")["dL/dw1"] in ("correct", "follows")
    assert {verdicts(result, "numbers")[name] for name in ("dL/dz1", "dL/dw1")} == {"correct"}
    assert result.first_mistake == "dL/dz1"


def test_right_lines_about_such_names_are_right() -> None:
    result = graded(NAMED)
    assert {verdicts(result, "derivation")[name] for name in ("dL/dz2", "dL/dz1", "dL/dw1")} == {"correct"}


def test_a_name_for_the_gradient_that_is_on_its_way_has_a_new_meaning_with_each_line() -> None:
    """Nothing is wrong with `g` for one gradient after the other."""
    text = r"""# Pen and paper

1)

$g = \frac{\partial L}{\partial z_2} = -sign(y - \hat y)$

$\frac{\partial L}{\partial w_2} = g h_1$

$g \leftarrow g w_2 u(z_1)$

$\frac{\partial L}{\partial w_1} = g h_0$
"""
    result = graded(text)
    assert {verdicts(result, "derivation")[name] for name in ("dL/dz2", "dL/dw2", "dL/dw1")} == {"correct"}
