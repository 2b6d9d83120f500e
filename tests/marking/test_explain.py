"""Naming mistakes: the fewest slips that give the student's numbers on every case, and none that fit by accident."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from by_hand import (
    ALL,
    INNER,
    PARAMETERS,
    Changes,
    findings,
    marks,
    points,
    right,
    times,
    verdicts,
    without,
)
from planted_networks import expected

from grader.marking.explain import ORDER, Evidence
from grader.marking.result import Marks
from grader.marking.trials import Trial, work
from grader.model import Array, Verdict
from grader.validation.alone import marked as marked_unit
from grader.validation.planting import given, right_answers


def named(found: Marks) -> list[tuple[str, str]]:
    return [(finding.slip, finding.at) for finding in findings(found)]


def gradients(**values: tuple[float, ...]) -> Changes:
    return {f"backward/dL/d{name}": numbers for name, numbers in values.items()}


# --------------------------------------------------------------------------------------------------------------
# One mistake, worked by hand on the three cases


def test_a_left_out_input_is_a_missing_factor_at_the_weight() -> None:
    # dL/dw0 = dL/dz0 x; x = 1, -2, 2.
    found = marks(gradients(w0=right("dL/dz0")))
    assert named(found) == [("factor-missing", "dL/dw0")]


def test_a_left_out_mask_shows_on_the_closed_case_only() -> None:
    # dL/dz1 = dL/dh1 = -2 there; dL/dw1 = -2 * 2, dL/dh0 = -0.5 + (-2)(-1) = 1.5, dL/dz0 = 1.5, dL/dw0 = 3.
    found = marks(
        gradients(
            z1=(0.5, -2.0, -2.0),
            w1=(0.25, -6.0, -4.0),
            h0=(0.75, -2.0, 1.5),
            z0=(0.75, -2.0, 1.5),
            w0=(0.75, 4.0, 3.0),
        )
    )
    assert found.first_mistake == "dL/dz1"
    assert [slip for slip, _ in named(found)] == ["derivative-missing"]
    assert points(found)["gradients"] == 3.0
    assert verdicts(found, "gradients")["dL/dw0"] is Verdict.FOLLOWS


def test_a_dropped_skip_path_explains_all_that_comes_after_it() -> None:
    found = marks({**without(*INNER), **gradients(w0=(0.25, 2.0, 0.0))})
    assert named(found) == [("path-dropped", "dL/dh0")]
    assert findings(found)[0].explains == ("dL/dw0",)


def test_a_square_for_the_absolute_value_is_a_wrong_loss() -> None:
    assert named(marks({"loss/L": (3.375**2, 16.0, 4.0)})) == [("wrong-loss", "L")]


def test_a_left_out_relu_is_a_missing_activation() -> None:
    # h1 = z1 = -2 on the closed case; z2 = ws h0 + w2 h1 = 1 - 4 = -3.
    changes = {
        "forward/h1": (0.25, 1.5, -2.0),
        "forward/z2": (0.375, 6.0, -3.0),
        "forward/y_hat": (0.375, 6.0, -3.0),
    }
    found = marks(changes)
    assert named(found) == [("activation-missing", "h1")]
    assert verdicts(found, "forward")["y_hat"] is Verdict.FOLLOWS


def test_another_weight_is_a_wrong_operand() -> None:
    # z1 = ws h0 instead of w1 h0: 0.25, 3, 1; then h1 = z1, z2 = ws h0 + w2 h1 = 0.375, 9, 3.
    z1, z2 = (0.25, 3.0, 1.0), (0.375, 9.0, 3.0)
    found = marks({"forward/z1": z1, "forward/h1": z1, "forward/z2": z2, "forward/y_hat": z2})
    assert named(found) == [("wrong-operand", "z1")]


def test_an_uncommon_factor_is_found_in_the_numbers() -> None:
    assert named(marks(gradients(w1=times(7.3, "dL/dw1")))) == [("scaled", "dL/dw1")]


def test_a_mistake_in_a_value_is_told_without_a_word_of_derivatives() -> None:
    found = marks({"forward/y_hat": times(-1.0, "y_hat")})
    assert [finding.text for finding in findings(found)] == [
        "At y_hat: the sign is flipped. Compare each sign of this step with the task."
    ]


def test_a_wrong_value_inside_backward_meets_rules_that_are_right() -> None:
    # z1 = w2 h0 there: 0.25, 6, 4; y_hat = ws h0 + w2 h1 = 0.375, 15, 9 lies above y on every case. dL/dw1 is dL/dz1 h0 all the
    # same, as it would not be if that network were differentiated.
    found = marks(
        gradients(
            y_hat=(1.0, 1.0, 1.0),
            z2=(1.0, 1.0, 1.0),
            ws=(0.5, 3.0, 2.0),
            w2=(0.25, 6.0, 4.0),
            h1=(0.5, 2.0, 2.0),
            z1=(0.5, 2.0, 2.0),
            w1=(0.25, 6.0, 4.0),
            h0=(0.75, 2.0, -1.5),
            z0=(0.75, 2.0, -1.5),
            w0=(0.75, -4.0, -3.0),
        )
    )
    assert named(found) == [("wrong-operand", "dL/dy_hat")]
    assert findings(found)[0].text.startswith(
        "At dL/dy_hat: in the forward pass behind the gradient, at z1, w2 stands where another value belongs."
    )
    assert findings(found)[0].used == "dL/dy_hat = -sign(y - y_hat), where z1 = w2 * h0"
    assert points(found)["gradients"] == 3.0


def test_a_local_derivative_alone_lacks_the_gradient_that_arrives() -> None:
    # dL/dh1 = w2 without dL/dz2, which is 1, -1, -1; after it dL/dw1 = 0.25, 6, 0 and dL/dh0 = dL/dz2 ws + dL/dz1 w1.
    found = marks(
        gradients(
            h1=(0.5, 2.0, 2.0),
            z1=(0.5, 2.0, 0.0),
            w1=(0.25, 6.0, 0.0),
            h0=(0.75, 0.0, -0.5),
            z0=(0.75, 0.0, -0.5),
            w0=(0.75, 0.0, -1.0),
        )
    )
    assert named(found) == [("derivative-missing", "dL/dh1")]
    assert findings(found)[0].text.startswith("At dL/dh1: dL/dz2, the gradient that arrives, is left out.")
    assert (findings(found)[0].rule, findings(found)[0].used) == ("dL/dh1 = dL/dz2 * w2", "dL/dh1 = w2")
    assert points(found)["gradients"] == 3.0


# --------------------------------------------------------------------------------------------------------------
# Two mistakes at once


def test_two_mistakes_are_two_findings_each_with_its_own_consequences() -> None:
    # dL/dy_hat flipped and everything after it; besides x left out of dL/dw0.
    flipped = {name: times(-1.0, f"dL/d{name}") for name in (*PARAMETERS, *INNER)}
    flipped["w0"] = times(-1.0, "dL/dz0")
    found = marks(gradients(**flipped))
    assert sorted(named(found)) == [("factor-missing", "dL/dw0"), ("sign-flipped", "dL/dy_hat")]
    assert found.first_mistake == "dL/dy_hat"
    assert points(found)["gradients"] == 2.0


def test_two_mistakes_are_told_apart_where_only_the_parameters_gradients_are_given() -> None:
    flipped = {name: times(-1.0, f"dL/d{name}") for name in PARAMETERS}
    flipped["w0"] = times(-1.0, "dL/dz0")
    found = marks({**without(*INNER), **gradients(**flipped)})
    assert sorted(named(found)) == [("factor-missing", "dL/dw0"), ("sign-flipped", "dL/dy_hat")]
    assert points(found)["gradients"] == 2.0


def test_a_mistake_in_forward_and_one_in_backward_are_found_each() -> None:
    found = marks({"loss/L": (3.375**2, 16.0, 4.0), **gradients(w0=right("dL/dz0"))})
    assert named(found) == [("wrong-loss", "L"), ("factor-missing", "dL/dw0")]
    assert found.first_mistake == "L"


def test_a_consistent_wrong_loss_is_charged_once() -> None:
    # L = (y - y_hat)^2: dL/dy_hat = -2 (y - y_hat) = 6.75, -8, -4; every gradient is that times what it was by sign.
    size = (6.75, 8.0, 4.0)
    squared = {
        name: tuple(s * value for s, value in zip(size, right(f"dL/d{name}"), strict=True))
        for name in (*PARAMETERS, *INNER)
    }
    found = marks({"loss/L": (3.375**2, 16.0, 4.0), **gradients(**squared)})
    assert named(found) == [("wrong-loss", "L")]
    assert set(verdicts(found, "gradients").values()) == {Verdict.FOLLOWS}
    assert points(found)["gradients"] == 4.0


# --------------------------------------------------------------------------------------------------------------
# What fits by accident explains nothing


@pytest.mark.parametrize("value", [1.0, -1.0, 0.5, 2.0])
@pytest.mark.parametrize("node", ["ws", "w2", "w1", "w0"])
def test_the_same_number_on_every_case_is_not_explained(node: str, value: float) -> None:
    found = marks(gradients(**{node: (value,) * len(ALL)}))
    assert named(found) == [("unexplained", f"dL/d{node}")]
    assert "the same number on every case" in findings(found)[0].text
    assert points(found)["gradients"] == 3.0


@pytest.mark.parametrize("value", [0.0, 1e-12])
def test_a_vanishing_answer_is_not_explained_by_a_slip_that_leaves_nothing(value: float) -> None:
    found = marks(gradients(w0=(value, -value, value)))
    assert named(found) == [("unexplained", "dL/dw0")]


def test_zeros_follow_from_a_slip_that_explains_something_else() -> None:
    # z2 = ws h0 inside backward: dL/dw2 = dL/dw1 = 0, and dL/dw0 = dL/dz2 ws x while z0 > 0: 0.5, 2, -1.
    zeros = (0.0, 0.0, 0.0)
    found = marks({**without(*INNER), **gradients(w2=zeros, w1=zeros, w0=(0.5, 2.0, -1.0))})
    assert named(found) == [("path-dropped", "dL/dw2")]
    assert points(found)["gradients"] == 3.0


def test_zeros_that_the_slip_beside_them_does_not_leave_are_not_explained() -> None:
    # dL/dw0 without x, which says nothing of dL/dw1.
    found = marks({**without(*INNER), **gradients(w1=(0.0, 0.0, 0.0), w0=right("dL/dz0"))})
    assert named(found) == [("factor-missing", "dL/dw0"), ("unexplained", "dL/dw1")]


def masked(mask: Callable[[Array], Array]) -> Marks:
    """Mark a ReLU layer whose gradient is G times a mask of the layer's output."""
    everything = expected("mlp_lab/relu_delta", 1)
    trials = []
    for reference in everything.cases:
        leaves, answers = reference.case.leaves, right_answers(reference)
        with np.errstate(all="ignore"):
            wrong = leaves["G"] * mask(np.maximum(leaves["X"], 0.0))
        trials.append(Trial(reference=reference, answers=dict.fromkeys(answers, given(wrong))))
    return marked_unit(everything, trials)


def test_what_is_no_number_is_explained_by_a_slip_that_gives_none_at_the_same_entries() -> None:
    # a / |a| is 0 / 0 where the unit is off and 1 elsewhere.
    assert named(masked(lambda a: a / np.abs(a))) == [("derivative-misplaced", "dL/dX")]


def test_what_is_no_number_at_other_entries_or_differs_elsewhere_is_not_explained() -> None:
    assert named(masked(lambda a: a[::-1] / np.abs(a[::-1]))) == [("unexplained", "dL/dX")]
    assert named(masked(lambda a: 1.5 * np.sqrt(a) / np.sqrt(a))) == [("unexplained", "dL/dX")]


@pytest.mark.parametrize(("share", "fitting"), [(0.99e-4, True), (1.02e-4, False)])
def test_a_prediction_fits_within_the_tolerance_of_the_norm_wherever_it_is_off(
    share: float, fitting: bool
) -> None:
    everything = expected("two_layer_mlp", 1)
    reference, key = everything.cases[0], ("backward", "dL/dW1")
    number = -reference.by_key[key].value
    trial = Trial(reference=reference, answers=right_answers(reference) | {key: given(number)})
    evidence = Evidence(work=work(everything, [trial]), wrong={key}, right=frozenset())
    for place in range(number.size):
        off = np.zeros(number.size)
        off[place] = share * np.linalg.norm(number)
        assert evidence.fits(key, trial, number + off.reshape(number.shape)) is fitting


def test_a_number_that_fits_on_one_case_alone_is_not_explained() -> None:
    # Twice what it should be on the worked case; odd numbers on the others.
    found = marks(gradients(w0=(1.5, 3.3, -2.2)))
    assert named(found) == [("unexplained", "dL/dw0")]


def test_numbers_hardcoded_from_the_worked_case_are_not_explained() -> None:
    hardcoded = {name: (right(f"dL/d{name}")[0],) * len(ALL) for name in PARAMETERS}
    found = marks({**without(*INNER), **gradients(**hardcoded)})
    assert {slip for slip, _ in named(found)} == {"unexplained"}
    assert points(found)["gradients"] == 0.0


def test_no_slip_is_named_that_would_change_a_right_answer() -> None:
    # dL/dw0 = -(right): a flipped sign at dL/dh0 or dL/dz0 would change those too, and they are right.
    assert named(marks(gradients(w0=times(-1.0, "dL/dw0")))) == [("sign-flipped", "dL/dw0")]


# --------------------------------------------------------------------------------------------------------------
# Which one is told


def test_the_slip_that_explains_most_wins() -> None:
    flipped = {name: times(-1.0, f"dL/d{name}") for name in PARAMETERS}
    assert len(findings(marks({**without(*INNER), **gradients(**flipped)}))) == 1


def test_of_equal_places_the_one_nearest_the_loss_is_told() -> None:
    # y_hat = z2, so a sign lost at either gives the same weights' gradients.
    flipped = {name: times(-1.0, f"dL/d{name}") for name in PARAMETERS}
    assert findings(marks({**without(*INNER), **gradients(**flipped)}))[0].at == "dL/dy_hat"


def test_other_slips_with_the_same_numbers_are_told_along_with_the_first_in_the_tables_order() -> None:
    # dL/dws = dL/dz2 h0 with h0 left out is dL/dz2 itself; another value of 1, -1, -1 may stand there too.
    finding = findings(marks(gradients(ws=right("dL/dz2"))))[0]
    assert finding.slip == "factor-missing"
    assert finding.slip not in finding.also
    assert list(finding.also) == sorted(set(finding.also), key=ORDER.__getitem__)
    assert all(ORDER[finding.slip] < ORDER[other] for other in finding.also)


def test_every_slip_goes_before_exchanged_labels() -> None:
    # dL/dw0 carries dL/dz0's value (x left out) and dL/dz0 is right: no exchange.
    assert named(marks(gradients(w0=right("dL/dz0")))) == [("factor-missing", "dL/dw0")]


def test_exchanged_answers_are_told_as_such_where_both_are_wrong() -> None:
    found = marks({"forward/z0": right("z2"), "forward/z2": right("z0")})
    assert named(found) == [("mislabelled", "z0")]
    assert findings(found)[0].explains == ("z0", "z2")
