"""A number that a line gives to several quantities is that of each, and no formula is read out of it."""

from __future__ import annotations

import pytest
from paper import findings, graded, question, verdicts

DL = r"\frac{{\partial L}}{{\partial {}}}".format


def numbers(*lines: str) -> dict[str, str]:
    """Return the verdicts on what lines of numbers give."""
    text = "# Pen and paper\n\n3)\n\n" + "\n\n".join(f"${line}$" for line in lines)
    found = verdicts(graded(text), "numbers")
    return {quantity: verdict for quantity, verdict in found.items() if verdict != "missing"}


@pytest.mark.parametrize(
    ("line", "quantities"),
    [
        ("z_0 = h_0 = 0.5", ["z0", "h0"]),
        (f"{DL('h_1')} = {DL('z_1')} = 0.5", ["dL/dh1", "dL/dz1"]),
        (f"{DL('h_0')} = 0.75 = {DL('z_0')} = {DL('w_0')}", ["dL/dh0", "dL/dz0", "dL/dw0"]),
        ("w_1' = w_2' = 0.25", ["w1_new", "w2_new"]),
    ],
)
def test_each_quantity_of_a_line_has_its_number(line: str, quantities: list[str]) -> None:
    """`z_0 = h_0 = 0.5` was held to be wrong, as no such formula is right at all points; the others were missing."""
    assert numbers(line) == dict.fromkeys(quantities, "correct")


def test_a_wrong_number_is_wrong_for_each() -> None:
    assert numbers("w_1' = w_2' = 0.35") == {"w1_new": "wrong", "w2_new": "wrong"}


def test_what_has_another_number_is_a_wrong_formula() -> None:
    """z_1 is half of h_0: the weight is left out."""
    assert numbers(r"z_1 = h_0 = 0.5 \cdot 0.5 = 0.25") == {"z1": "wrong"}


def test_a_number_that_stands_in_a_line_of_its_own_is_that_one() -> None:
    assert numbers("z_0 = 0.5", "h_0 = z_0 = 0.6") == {"z0": "correct", "h0": "wrong"}


def test_what_holds_everywhere_is_a_formula_too() -> None:
    """Without headings a line is offered to both questions: that of formulas has the output from here."""
    result = graded(r"$z_2 = w_s h_0 + w_2 h_1$" + "\n\n" + r"$\hat y = z_2 = 0.375$")
    assert verdicts(result, "derivation")["y_hat"] == "correct"
    assert verdicts(result, "numbers")["y_hat"] == "correct"


def test_a_formula_without_a_number_stays_one() -> None:
    result = graded("# Pen and paper\n\n1)\n\n$h_0 = z_0$\n")
    assert verdicts(result, "derivation")["h0"] == "wrong"
    assert [one[1:] for one in findings(result)] == [("activation-missing", "h0")]
    assert len(question(result, "derivation").lines) == 1
