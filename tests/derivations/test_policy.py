"""The policy on written work, rule by rule: a right sheet with one thing changed, and what that thing costs."""

from __future__ import annotations

import pytest
from paper import SHEET, findings, graded, marks, names_at, not_correct, points, question, read_as, verdicts
from skip_sheet import (
    EACH,
    EACH_NUMBER,
    EXPLICIT,
    NUMBERS,
    RECURSIVE,
    but,
    d,
    displays,
    sheet,
    without,
)

from grader.model import Grade, LineVerdict, Status

S = r"-sign(y - \hat{y})"


def derivation(lines: dict[str, str] | None = None, *, more: str = "") -> Grade:
    """Grade a derivation with right numbers behind it; `more` stands at its end."""
    return graded(sheet(lines or EXPLICIT).replace("\n\n## 2)", f"\n\n{more}\n\n## 2)", 1))


def numbers(lines: dict[str, str]) -> Grade:
    return graded(sheet(EXPLICIT, lines))


# --------------------------------------------------------------------------------------------------------------
# Right work


@pytest.mark.parametrize("lines", [EXPLICIT, RECURSIVE], ids=["in full", "each from the one before"])
def test_right_work_gets_all_points_no_finding_and_no_first_mistake(lines: dict[str, str]) -> None:
    result = graded(sheet(lines))

    assert points(result)["derivation"] == points(result)["numbers"] == 2.0
    assert findings(result) == []
    assert result.first_mistake is None
    assert {line[2] for line in read_as(result, "derivation")} == {LineVerdict.RIGHT}


def test_lines_in_any_order_get_all_points() -> None:
    """Gradients nearer the loss need not stand before those that are made of them."""
    backwards = dict(reversed(list(RECURSIVE.items())))

    assert points(derivation(backwards))["derivation"] == 2.0


def test_the_last_gradient_is_a_full_answer_only_with_those_it_is_made_of() -> None:
    """dL/dw0 = dL/dz0 x, and no line for dL/dz0: a step is lacking, so that the method share is left."""
    result = derivation(without(RECURSIVE, "dL/dz0"))

    assert not_correct(result, "derivation") == {"dL/dz0": "missing", "dL/dw0": "undecided"}
    assert points(result)["derivation"] == pytest.approx(2.0 - EACH - 0.5 * EACH)


# --------------------------------------------------------------------------------------------------------------
# Circles


def test_a_gradient_that_is_said_to_be_itself_earns_nothing() -> None:
    result = derivation(but(EXPLICIT, dh1=f"{d('h_1')} = {d('h_1')}"))

    assert points(result)["derivation"] == pytest.approx(2.0 - EACH)
    assert set(not_correct(result, "derivation")) == {"dL/dh1"}
    assert ("dL/dh1", "dL/dh1", LineVerdict.CIRCULAR) in read_as(result, "derivation")


def test_a_circle_through_later_lines_earns_nothing_for_any_of_them() -> None:
    """dL/dz1 from dL/dh0, and dL/dh0 from dL/dz1: both are true, and neither is worked out."""
    around = but(
        EXPLICIT,
        dz1=rf"{d('z_1')} = \frac{{{d('h_0')} - {d('z_2')} \omega_s}}{{\omega_1}}",
        dh0=rf"{d('h_0')} = {d('z_1')} \omega_1 + {d('z_2')} \omega_s",
    )
    result = derivation(around)

    assert set(not_correct(result, "derivation")) == {"dL/dz1", "dL/dh0"}
    assert points(result)["derivation"] == pytest.approx(2.0 - 2 * EACH)


def test_a_circle_through_a_name_of_ones_own_earns_nothing() -> None:
    result = derivation(but(EXPLICIT, dh1=rf"g = {d('h_1')}$$" + "\n\n" + rf"$${d('h_1')} = g"))

    assert points(result)["derivation"] == pytest.approx(2.0 - EACH)
    assert set(not_correct(result, "derivation")) == {"dL/dh1"}


def test_a_right_step_behind_a_circle_gets_what_it_gets_behind_a_gradient_that_is_not_given() -> None:
    """Who writes dL/dh1 = dL/dh1 is no worse off than who leaves that line out."""
    circle = derivation(but(RECURSIVE, dh1=f"{d('h_1')} = {d('h_1')}"))
    nothing = derivation(without(RECURSIVE, "dL/dh1"))

    assert points(circle) == points(nothing)
    assert points(nothing)["derivation"] == pytest.approx(2.0 - EACH - 5 * 0.5 * EACH)


def test_an_equal_quantity_answers_for_another_one_only_with_more_than_its_name() -> None:
    """y_hat = z_2 says what y_hat is; z_2 itself is nowhere."""
    result = derivation(without(EXPLICIT, "z2"))

    assert set(not_correct(result, "derivation")) == {"z2"}
    assert points(result)["derivation"] == pytest.approx(2.0 - EACH)


def test_an_equal_quantity_that_is_worked_out_answers_for_another_one() -> None:
    """dL/dz_2 and dL/dy_hat are the same everywhere: one line in full says both."""
    result = derivation(without(EXPLICIT, "dL/dy_hat"))

    assert points(result)["derivation"] == 2.0


def test_a_value_that_is_said_to_be_itself_earns_nothing() -> None:
    result = derivation(but(EXPLICIT, z2="z_2 = z_2"))

    assert points(result)["derivation"] == pytest.approx(2.0 - EACH)
    assert set(not_correct(result, "derivation")) == {"z2"}


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("h0", "h_0 = ReLU(z_1) = ReLU(z_0)"),
        ("h0", "h_0 = ReLU(z_0) = ReLU(h_1)"),
        ("h1", "h_1 = ReLU(z_2) = ReLU(z_1)"),
        ("z1", r"z_1 = \omega_1 h_0 = \omega_1 h_1"),
    ],
)
def test_a_wrong_side_is_wrong_though_it_is_computed_from_what_the_line_is_about(
    name: str, line: str
) -> None:
    """The other side is right, and does not make up for it."""
    result = derivation(but(EXPLICIT, **{name: line}))

    assert verdicts(result, "derivation")[name] == "wrong"
    assert points(result)["derivation"] == pytest.approx(2.0 - EACH)


# --------------------------------------------------------------------------------------------------------------
# A missing factor is no slip of the pen


def test_without_the_factor_x_and_without_a_line_for_its_neighbour_a_factor_is_missing() -> None:
    """What is left is dL/dz0, of which there is no line."""
    lines = but(
        without(EXPLICIT, "dL/dz0"),
        dw0=EXPLICIT["dL/dw0"].removesuffix(" x"),
    )
    result = derivation(lines)

    assert findings(result) == [("derivation", "factor-missing", "dL/dw0")]
    assert not_correct(result, "derivation") == {"dL/dw0": "wrong", "dL/dz0": "missing"}
    assert points(result)["derivation"] == pytest.approx(2.0 - 2 * EACH)


def test_without_the_mask_and_without_a_line_for_its_neighbour_a_derivative_is_missing() -> None:
    """What is left is dL/dh1, of which there is no line."""
    lines = but(without(EXPLICIT, "dL/dh1"), dz1=rf"{d('z_1')} = {S} \omega_2")
    result = derivation(lines)

    assert findings(result) == [("derivation", "derivative-missing", "dL/dz1")]
    assert not_correct(result, "derivation") == {"dL/dz1": "wrong", "dL/dh1": "missing"}
    assert points(result)["derivation"] == pytest.approx(2.0 - 2 * EACH)


# --------------------------------------------------------------------------------------------------------------
# Labels


def test_a_label_is_a_slip_of_the_pen_where_another_side_of_the_line_says_so() -> None:
    """The chain rule of the line is that of dL/dh1, and so is what it comes to; it costs a quarter."""
    w2 = r"\omega_2"
    line = rf"{d('z_1')} = {d('z_2')} \frac{{\partial z_2}}{{\partial h_1}} = {S} {w2}"
    result = derivation(but(EXPLICIT, dh1=line))

    assert findings(result) == [("derivation", "mislabelled", "dL/dh1")]
    assert not_correct(result, "derivation") == {}
    assert marks(result, "derivation")["dL/dh1"] == ("correct", 0.75)
    assert points(result)["derivation"] == pytest.approx(2.0 - 0.25 * EACH)
    assert ("dL/dz1", "dL/dh1", LineVerdict.MISLABELLED) in read_as(result, "derivation")


def test_a_label_is_a_slip_of_the_pen_where_its_own_right_value_stands_in_another_line() -> None:
    """Two lines for dL/dz1, the second one is what dL/dh1 should be."""
    line = rf"{d('z_1')} = {S} \omega_2"
    result = derivation(but(EXPLICIT, dh1=line))

    assert findings(result) == [("derivation", "mislabelled", "dL/dh1")]
    assert points(result)["derivation"] == pytest.approx(2.0 - 0.25 * EACH)


def test_a_number_alone_never_moves_a_label() -> None:
    """-0.25 is what w0 is after the step; under another label it is a wrong number, and w0_new has none."""
    result = numbers(but(without(NUMBERS, "w0_new"), w1_new=r"\omega_1' = -0.25"))

    assert not_correct(result, "numbers") == {"w1_new": "wrong", "w0_new": "missing"}
    assert points(result)["numbers"] == pytest.approx(2.0 - 2 * EACH_NUMBER)
    assert "mislabelled" not in names_at(result, "numbers", "w1_new")


def test_a_number_under_a_second_label_does_not_become_its_neighbours() -> None:
    """dL/dw2 = 0.25 stands as a second dL/dws = 0.25: contradicting numbers, not a slip of the pen."""
    result = numbers(but(NUMBERS, dw2=NUMBERS["dL/dws"].replace("0.5", "0.25")))

    assert not any(slip == "mislabelled" for _, slip, _ in findings(result))
    assert not_correct(result, "numbers") == {"dL/dws": "wrong", "dL/dw2": "missing"}


# --------------------------------------------------------------------------------------------------------------
# Withdrawn, repeated, contradicting, half worked out


@pytest.mark.parametrize(
    "wrong",
    [
        r"~~$$z_2 = \omega_s h_0$$~~",
        r"$$\cancel{z_2 = \omega_s h_0}$$",
        r"> $$z_2 = \omega_s h_0$$",
        "### Scrap\n\n" + r"$$z_2 = \omega_s h_0$$",
    ],
    ids=["struck", "cancelled", "quoted", "under a heading"],
)
def test_a_wrong_line_that_is_taken_back_costs_nothing(wrong: str) -> None:
    result = derivation(more=wrong)

    assert points(result)["derivation"] == 2.0
    assert findings(result) == []


def test_the_same_wrong_line_that_stands_costs_half_of_its_weight() -> None:
    result = derivation(more=r"$$z_2 = \omega_s h_0$$")

    assert points(result)["derivation"] == pytest.approx(2.0 - 0.5 * EACH)
    assert marks(result, "derivation")["z2"] == ("wrong", 0.5)
    assert result.first_mistake == "z2"
    assert findings(result) == [("derivation", "path-dropped", "z2")]


def test_a_right_line_among_two_different_wrong_ones_gets_a_third() -> None:
    result = derivation(more="$$z_2 = \\omega_s h_0$$\n\n$$z_2 = \\omega_2 h_1$$")

    assert marks(result, "derivation")["z2"] == ("wrong", round(1 / 3, 6))


def test_equal_wrong_lines_are_one_line() -> None:
    result = derivation(more="$$z_2 = \\omega_s h_0$$\n\n$$z_2 = h_0 \\omega_s$$")

    assert marks(result, "derivation")["z2"] == ("wrong", 0.5)


def test_a_right_line_that_is_said_again_neither_earns_nor_costs() -> None:
    again = derivation(more=f"{displays(EXPLICIT)}\n\n{displays(RECURSIVE)}")

    assert points(again)["derivation"] == 2.0
    assert findings(again) == []
    verdicts_of = [said for _, _, said in read_as(again, "derivation")]
    assert verdicts_of.count(LineVerdict.RIGHT) >= 17
    assert set(verdicts_of) == {LineVerdict.RIGHT, LineVerdict.REPEATED}


def test_a_chain_rule_that_is_not_worked_out_gets_the_method_share() -> None:
    line = rf"{d('z_1')} = {d('h_1')} \frac{{\partial h_1}}{{\partial z_1}}"
    result = derivation(but(EXPLICIT, dz1=line))

    assert marks(result, "derivation")["dL/dz1"] == ("undecided", 0.5)
    assert points(result)["derivation"] == pytest.approx(2.0 - 0.5 * EACH)
    assert question(result, "derivation").status is Status.GRADED
    assert ("dL/dz1", "dL/dz1", LineVerdict.METHOD) in read_as(result, "derivation")


def test_a_wrong_chain_rule_gets_no_method_share() -> None:
    line = rf"{d('z_1')} = {d('h_1')} \frac{{\partial h_0}}{{\partial z_0}}"
    result = derivation(but(EXPLICIT, dz1=line))

    assert verdicts(result, "derivation")["dL/dz1"] == "wrong"
    assert points(result)["derivation"] == pytest.approx(2.0 - EACH)


# --------------------------------------------------------------------------------------------------------------
# Unread


@pytest.mark.parametrize(
    "side",
    [r"\mathfrak{Q}(z_2)", r"\int h_0 \, dx", r"-sign(y - \hat{y}) \heartsuit", r"\text{see the lecture}"],
)
def test_a_line_that_cannot_be_read_waits_and_is_not_wrong(side: str) -> None:
    result = derivation(but(EXPLICIT, dws=rf"{d(chr(92) + 'omega_s')} = {side}"))
    one = question(result, "derivation")

    assert not_correct(result, "derivation") == {"dL/dws": "undecided"}
    assert one.status is Status.AWAITING
    assert one.pending_points == pytest.approx(EACH)
    assert one.points == pytest.approx(2.0 - EACH)
    assert findings(result) == []
    assert result.first_mistake is None


def test_a_side_that_cannot_be_read_beside_a_right_one_costs_nothing() -> None:
    result = derivation(but(EXPLICIT, dws=rf"{EXPLICIT['dL/dws']} = \mathfrak{{Q}}(z_2)"))

    assert points(result)["derivation"] == 2.0
    assert findings(result) == []


def test_a_wrong_side_beside_one_that_cannot_be_read_is_wrong() -> None:
    wrong = EXPLICIT["dL/dws"].replace("h_0", "h_1")
    result = derivation(but(EXPLICIT, dws=rf"{wrong} = \mathfrak{{Q}}(z_2)"))

    assert verdicts(result, "derivation")["dL/dws"] == "wrong"


@pytest.mark.parametrize("name", ["scan.pdf", "photo.jpg"])
def test_a_picture_of_the_work_waits_for_a_person(name: str) -> None:
    result = graded(b"%PDF-1.7\n%%EOF\n", name=name)

    assert {one.status for one in result.questions} == {Status.AWAITING}
    assert result.pending_points == result.max_points
    assert result.points == 0.0
    assert result.first_mistake is None


def test_nothing_written_is_missing_and_waits_for_nobody() -> None:
    result = graded("# Pen and paper\n\n## 1)\n\n## 2)\n\n## 3)\n")

    assert {question(result, name).status for name in ("derivation", "numbers")} == {Status.MISSING}
    assert result.points == 0.0


# --------------------------------------------------------------------------------------------------------------
# Follow-through


def test_a_mistake_that_is_carried_through_costs_once() -> None:
    """The sign of dL/dy_hat is flipped in every line behind it."""
    flipped = {
        name: line.replace("-sign(", "sign(") if name.startswith("dL") else line
        for name, line in EXPLICIT.items()
    }
    result = derivation(flipped)

    assert result.first_mistake == "dL/dy_hat"
    assert findings(result) == [("derivation", "sign-flipped", "dL/dy_hat")]
    assert points(result)["derivation"] == pytest.approx(2.0 - EACH)
    others = [verdict for name, verdict in verdicts(result, "derivation").items() if name.startswith("dL")]
    assert others == ["wrong"] + ["follows"] * 9


def test_what_is_made_of_a_wrong_line_by_its_name_is_right() -> None:
    """dL/dz1 lacks the mask; dL/dw1 = dL/dz1 h0 is the right step whatever dL/dz1 is."""
    result = derivation(but(RECURSIVE, dz1=f"{d('z_1')} = {d('h_1')}"))

    assert findings(result) == [("derivation", "derivative-missing", "dL/dz1")]
    assert points(result)["derivation"] == pytest.approx(2.0 - EACH)


def test_a_mistake_in_the_derivation_is_none_of_the_numbers() -> None:
    result = derivation(but(EXPLICIT, z2=r"z_2 = \omega_s h_0"))

    assert points(result)["numbers"] == 2.0
    assert not_correct(result, "numbers") == {}


@pytest.mark.parametrize(
    ("quantity", "line"),
    [
        ("dL/dW2", r"\frac{\partial L}{\partial W^{(2)}} = \frac{1}{\eta} (W^{(2)} - W^{(2)}_{new})"),
        ("dL/db2", r"\frac{\partial L}{\partial b^{(2)}} = (b^{(2)} - b^{(2)}_{new}) / \eta"),
    ],
)
def test_a_gradient_taken_back_from_the_step_says_nothing(quantity: str, line: str) -> None:
    """What comes after the step is computed from the gradient: the other way round goes in a circle."""
    parameter = quantity.removeprefix("dL/d")
    update = rf"{parameter[0]}^{{(2)}} \leftarrow {parameter[0]}^{{(2)}} - \eta \, d{parameter[0]}^{{(2)}}"
    result = graded(f"## Gradients\n\n${line}$\n\n## Update\n\n${update}$\n", SHEET)
    assert verdicts(result, "gradients")[quantity] == "missing"
    assert verdicts(result, "update")[f"{parameter}_new"] == "correct"
