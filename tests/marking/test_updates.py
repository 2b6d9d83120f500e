"""Updates: the step from the student's own gradients, and its slips."""

from __future__ import annotations

import pytest
from by_hand import (
    CASES,
    INNER,
    PARAMETERS,
    WITHOUT_STEP,
    Changes,
    case,
    findings,
    marks,
    points,
    times,
    verdicts,
    without,
)

from grader.assignment_file import load
from grader.marking.result import Marks
from grader.marking.updates import updated_in_turn, updated_on_the_way
from grader.model import Verdict

WITH_STEP = (*WITHOUT_STEP, "step")


def weights(**values: tuple[float, float, float]) -> Changes:
    return {f"step/{name}_new": numbers for name, numbers in values.items()}


def named(found: Marks) -> list[tuple[str, str]]:
    return [(finding.slip, finding.at) for finding in findings(found)]


def stepped(factor: tuple[float, float, float], function: str = "update", keep: float = 1.0) -> Changes:
    """Return new weights keep w + factor g, the factor by case."""
    return {
        f"{function}/{name}_new": tuple(
            keep * leaves[name] + f * numbers[f"dL/d{name}"]
            for f, (leaves, _, numbers) in zip(factor, CASES.values(), strict=True)
        )
        for name in PARAMETERS
    }


# The learning rates are 1, 0.5 and 0.5.
@pytest.mark.parametrize(
    ("slip", "factor", "keep"),
    [
        ("ascent", (1.0, 0.5, 0.5), 1.0),
        ("step-missing", (0.0, 0.0, 0.0), 1.0),
        ("rate-missing", (-1.0, -1.0, -1.0), 1.0),
        ("rate-twice", (-1.0, -0.25, -0.25), 1.0),
        ("wrong-factor", (-1.0, -2.0, -2.0), 1.0),
        ("weight-missing", (-1.0, -0.5, -0.5), 0.0),
    ],
)
@pytest.mark.parametrize("function", ["update", "step"])
def test_each_slip_of_the_step_is_named_once_for_all_weights(
    slip: str, factor: tuple[float, float, float], keep: float, function: str
) -> None:
    found = marks(stepped(factor, function, keep), functions=WITH_STEP)
    assert named(found) == [(slip, "w0_new")]
    assert found.first_mistake == "w0_new"
    assert points(found)["update"] == pytest.approx(3.0 * 3 / 4)


def test_a_slip_of_one_weight_is_placed_there() -> None:
    wrong: Changes = {"update/w2_new": stepped((1.0, 0.5, 0.5))["update/w2_new"]}
    found = marks(wrong)
    assert named(found) == [("ascent", "w2_new")]


def test_a_right_step_along_a_wrong_gradient_follows() -> None:
    # dL/dw0 and all others flipped: w + lr dL/dw, from the student's own gradients.
    flipped: Changes = {f"backward/dL/d{name}": times(-1.0, f"dL/d{name}") for name in (*PARAMETERS, *INNER)}
    found = marks({**flipped, **stepped((1.0, 0.5, 0.5), "step")}, functions=WITH_STEP)
    assert named(found) == [("sign-flipped", "dL/dy_hat")]
    assert points(found)["update"] == 3.0


def test_a_gradient_of_the_wrong_sign_that_the_step_adds_again_reaches_the_right_weights() -> None:
    flipped: Changes = {f"backward/dL/d{name}": times(-1.0, f"dL/d{name}") for name in PARAMETERS}
    found = marks({**without(*INNER), **flipped}, functions=WITH_STEP)
    assert verdicts(found, "update")["w0_new"] is Verdict.CORRECT


# --------------------------------------------------------------------------------------------------------------
# Early updates, on the worked case with lr = 1, by hand:
# w2 = 0.5 - 0.25 = 0.25 and ws = 0.5 - 0.5 = 0 are replaced at once; dL/dh1 = w2 = 0.25 = dL/dz1;
# dL/dw1 = 0.25 * 0.5 = 0.125, w1 = 0.375; dL/dh0 = ws + w1 dL/dz1 = 0 + 0.375 * 0.25 = 0.09375 = dL/dw0;
# w0 = 0.40625.
ON_THE_WAY = {"w0": 0.40625, "w1": 0.375, "w2": 0.25, "ws": 0.0}


def test_weights_replaced_on_the_way_back_give_the_numbers_by_hand() -> None:
    found = updated_on_the_way(load("skip_network").units[0], case("worked").case, frozenset(PARAMETERS))
    assert {name: float(value) for name, value in found.items()} == ON_THE_WAY


def test_the_last_layer_alone_replaced_early_gives_the_numbers_by_hand() -> None:
    # Only w2 = 0.25 early: dL/dz1 = 0.25, dL/dw1 = 0.125; dL/dh0 = 0.5 + 0.5 * 0.25 = 0.625; w0 = -0.125.
    found = updated_on_the_way(load("skip_network").units[0], case("worked").case, frozenset({"w2"}))
    assert {name: float(value) for name, value in found.items()} == {
        "w0": -0.125,
        "w1": 0.375,
        "w2": 0.25,
        "ws": 0.0,
    }


def test_no_weight_replaced_early_is_the_right_step() -> None:
    found = updated_on_the_way(load("skip_network").units[0], case("worked").case, frozenset())
    assert {name: float(value) for name, value in found.items()} == {
        "w0": -0.25,
        "w1": 0.25,
        "w2": 0.25,
        "ws": 0.0,
    }


def test_gradients_computed_anew_after_each_weight_give_the_numbers_by_hand() -> None:
    # ws = 0 first: z2 = 0 + 0.5 * 0.25, still above y. w2: dL/dw2 = h1 = 0.25, w2 = 0.25. w1: dL/dw1 = w2 h0 = 0.125,
    # w1 = 0.375. w0: dL/dh0 = ws + w2 w1 = 0.25 * 0.375 = 0.09375, w0 = 0.40625.
    found = updated_in_turn(load("skip_network").units[0], case("worked").case, ("ws", "w2", "w1", "w0"))
    assert {name: float(value) for name, value in found.items()} == ON_THE_WAY
    # w0 = -0.25 first closes both ReLUs: h0 = 0, no other weight gets a gradient.
    found = updated_in_turn(load("skip_network").units[0], case("worked").case, PARAMETERS)
    assert {name: float(value) for name, value in found.items()} == {
        "w0": -0.25,
        "w1": 0.5,
        "w2": 0.5,
        "ws": 0.5,
    }


# The same on the way back on the other cases, lr = 0.5.
# drawn-1: dL/dz2 = -1; w2 = 2.75, ws = 2.5; dL/dz1 = -2.75; dL/dw1 = -8.25, w1 = 0.5 + 4.125 = 4.625;
#   dL/dh0 = -2.5 - 2.75 * 4.625 = -15.21875; dL/dw0 = 30.4375, w0 = -1.5 - 15.21875 = -16.71875.
# drawn-2: dL/dz2 = -1; w2 = 2, ws = 1.5; dL/dz1 = 0; w1 = -1; dL/dh0 = -1.5; dL/dw0 = -3, w0 = 2.5.
EARLY = weights(
    w0=(0.40625, -16.71875, 2.5), w1=(0.375, 4.625, -1.0), w2=(0.25, 2.75, 2.0), ws=(0.0, 2.5, 1.5)
)


def test_early_updates_are_named_and_cost_one_weight() -> None:
    found = marks(EARLY, functions=WITH_STEP)
    assert named(found) == [("updated-weights-used", "w0_new")]
    assert findings(found)[0].explains == ("w0_new", "w1_new")
    assert points(found)["update"] == pytest.approx(3.0 * 3 / 4)
    assert verdicts(found, "update")["w1_new"] is Verdict.FOLLOWS


def test_early_updates_cannot_happen_in_a_function_that_is_given_its_gradients() -> None:
    given = {key.replace("step/", "update/"): numbers for key, numbers in EARLY.items()}
    assert "updated-weights-used" not in {slip for slip, _ in named(marks(given))}


def test_a_step_along_a_gradient_with_a_slip_of_its_own_is_named() -> None:
    # backward is right; step leaves x out of dL/dw0: w0 - lr dL/dz0 = -0.25, -1.5 + 1, 1 + 0.25.
    found = marks(weights(w0=(-0.25, -0.5, 1.25)), functions=WITH_STEP)
    assert named(found) == [("factor-missing", "w0_new")]


def test_another_weights_gradient_is_a_wrong_operand() -> None:
    # w1 - lr dL/dw2 = 0.5 - 0.25, 0.5 + 0.75, -1.
    found = marks({"update/w1_new": (0.25, 1.25, -1.0)})
    assert named(found) == [("wrong-operand", "w1_new")]
