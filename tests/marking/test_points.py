"""Points: each mistake costs once, welcome work neither earns nor dilutes, and who shows more is never worse off."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from by_hand import (
    ALL,
    CASES,
    INNER,
    PARAMETERS,
    WITHOUT_STEP,
    Changes,
    absent,
    everything,
    findings,
    given,
    marked,
    marks,
    points,
    right,
    rows,
    times,
    trials,
    verdicts,
    without,
)
from hypothesis import assume, settings
from hypothesis import given as examples
from hypothesis import strategies as st

from grader.assignment import Policy
from grader.marking.points import Credit, Marked, credit
from grader.marking.trials import Trial
from grader.model import Answer, AnswerKind, Finding, Verdict
from grader.validation.planting import DERIVATIVES, Plant, changed_keys, derivative_plants

NOWHERE: dict[str, frozenset[str]] = {}


def required(*verdicts: Verdict) -> list[Marked]:
    return [Marked(name=f"q{i}", verdict=verdict, required=True) for i, verdict in enumerate(verdicts)]


def finding(slip: str, at: str, *explains: str) -> Finding:
    return Finding(slip=slip, at=at, explains=explains, text="text")


def shares(earned: dict[str, Credit]) -> list[float]:
    return [entry.share for entry in earned.values()]


# --------------------------------------------------------------------------------------------------------------
# Each rule by itself


@pytest.mark.parametrize(
    ("verdict", "share"),
    [
        (Verdict.CORRECT, 1.0),
        (Verdict.FOLLOWS, 1.0),
        (Verdict.WRONG, 0.0),
        (Verdict.INVALID, 0.0),
        (Verdict.MISSING, 0.0),
        (Verdict.UNDECIDED, 0.0),
    ],
)
def test_without_a_finding_only_correct_and_follows_earn(verdict: Verdict, share: float) -> None:
    assert shares(credit(required(verdict), [], NOWHERE, Policy())) == [share]


def test_follows_earns_the_follow_share() -> None:
    policy = Policy(follow_share=0.5)
    assert shares(credit(required(Verdict.FOLLOWS, Verdict.CORRECT), [], NOWHERE, policy)) == [0.5, 1.0]


def test_of_what_a_finding_explains_the_first_loses_its_weight_and_the_others_follow() -> None:
    marked = required(*[Verdict.WRONG] * 3)
    found = credit(
        marked, [finding("sign-flipped", "q0", "q0", "q1", "q2")], NOWHERE, Policy(follow_share=0.5)
    )
    assert shares(found) == [0.0, 0.5, 0.5]
    assert [entry.verdict for entry in found.values()] == [Verdict.WRONG, Verdict.FOLLOWS, Verdict.FOLLOWS]


def test_the_same_slip_at_a_further_place_costs_nothing_more() -> None:
    marked = required(*[Verdict.WRONG] * 4)
    twice = [finding("batch-mean-twice", "q0", "q0", "q1"), finding("batch-mean-twice", "q2", "q2", "q3")]
    assert shares(credit(marked, twice, NOWHERE, Policy())) == [0.0, 1.0, 1.0, 1.0]


def test_another_slip_costs_again() -> None:
    marked = required(*[Verdict.WRONG] * 4)
    both = [finding("batch-mean-twice", "q0", "q0", "q1"), finding("not-summed", "q2", "q2", "q3")]
    assert shares(credit(marked, both, NOWHERE, Policy())) == [0.0, 1.0, 0.0, 1.0]


def test_every_unexplained_answer_costs() -> None:
    marked = required(*[Verdict.WRONG] * 3)
    each = [finding("unexplained", name, name) for name in ("q0", "q1", "q2")]
    assert shares(credit(marked, each, NOWHERE, Policy())) == [0.0, 0.0, 0.0]


def test_a_wrong_welcome_quantity_costs_the_first_required_one_behind_it() -> None:
    marked = [
        Marked(name="before", verdict=Verdict.CORRECT, required=True),
        Marked(name="inner", verdict=Verdict.WRONG, required=False),
        Marked(name="behind", verdict=Verdict.CORRECT, required=True),
        Marked(name="after", verdict=Verdict.CORRECT, required=True),
    ]
    behind = {"inner": {"behind", "after"}}
    for slip in ("scaled", "unexplained"):
        found = credit(marked, [finding(slip, "inner", "inner")], behind, Policy())
        assert {name: entry.share for name, entry in found.items() if name != "inner"} == {
            "before": 1.0,
            "behind": 0.0,
            "after": 1.0,
        }


def test_where_nothing_required_is_behind_the_last_required_one_pays() -> None:
    marked = [
        *required(Verdict.CORRECT, Verdict.CORRECT),
        Marked(name="inner", verdict=Verdict.WRONG, required=False),
    ]
    found = credit(marked, [finding("scaled", "inner", "inner")], NOWHERE, Policy())
    assert [found["q0"].share, found["q1"].share] == [1.0, 0.0]


def test_changed_inputs_cost_nothing() -> None:
    told = [Finding(slip="input-changed", at="q0", text="text")]
    assert shares(credit(required(Verdict.CORRECT), told, NOWHERE, Policy())) == [1.0]


def test_failing_on_edge_cases_alone_costs_a_fifth() -> None:
    marked = [Marked(name="q0", verdict=Verdict.WRONG, required=True, only_edges=True)]
    assert shares(credit(marked, [], NOWHERE, Policy())) == [0.8]
    assert shares(credit(marked, [], NOWHERE, Policy(edge_cost=0.5))) == [0.5]


# --------------------------------------------------------------------------------------------------------------
# Whole submissions by hand. Forward: 3 points on 7 values; gradients: 4 on 4; update: 3 on 4.


def test_full_points_for_right_work_with_and_without_welcome_gradients() -> None:
    assert points(marks({})) == {"forward": 3.0, "gradients": 4.0, "update": 3.0}
    assert points(marks(without(*INNER))) == {"forward": 3.0, "gradients": 4.0, "update": 3.0}


@pytest.mark.parametrize("shown", [(), INNER])
def test_one_flipped_sign_at_the_loss_costs_one_gradient_however_much_is_shown(
    shown: tuple[str, ...],
) -> None:
    flipped: Changes = {f"backward/dL/d{name}": times(-1.0, f"dL/d{name}") for name in (*PARAMETERS, *shown)}
    hidden = without(*(name for name in INNER if name not in shown))
    found = marks({**hidden, **flipped})
    assert points(found)["gradients"] == 3.0
    assert [(f.slip, f.at) for f in findings(found)] == [("sign-flipped", "dL/dy_hat")]
    # dL/dws is the first required gradient from the loss back.
    assert [row.name for row in rows(found, "gradients") if row.required and row.share == 0.0] == ["dL/dws"]


def test_a_missing_required_answer_costs_its_weight_and_a_missing_welcome_one_nothing() -> None:
    assert points(marks(without("w1")))["gradients"] == 3.0
    assert points(marks(without("z1")))["gradients"] == 4.0
    assert points(marks({"forward/z2": (None, None, None)}))["forward"] == pytest.approx(3.0 * 6 / 7)


def test_an_invalid_answer_costs_its_weight_and_what_comes_after_stands() -> None:
    text = Answer(kind=AnswerKind.INVALID, reason="it is text, not a number")
    found = marks({"forward/z0": (text, text, text)})
    assert points(found)["forward"] == pytest.approx(3.0 * 6 / 7)
    assert verdicts(found, "forward")["h0"] is Verdict.CORRECT


def test_a_wrong_welcome_gradient_costs_the_first_required_one_behind_it() -> None:
    found = marks({"backward/dL/dz1": (0.9, -1.1, 0.3)})
    assert points(found)["gradients"] == 3.0
    # behind dL/dz1, from the loss back: dL/dw1, then dL/dw0
    assert [row.name for row in rows(found, "gradients") if row.required and row.share == 0.0] == ["dL/dw1"]


def test_exchanged_gradients_stay_wrong_and_cost_one() -> None:
    found = marks({**without(*INNER), "backward/dL/dw1": right("dL/dw2"), "backward/dL/dw2": right("dL/dw1")})
    got = verdicts(found, "gradients")
    assert [f.slip for f in findings(found)] == ["mislabelled"]
    assert got["dL/dw1"] is got["dL/dw2"] is Verdict.WRONG
    assert points(found)["gradients"] == 3.0


def test_nothing_answered_is_worth_nothing() -> None:
    nothing = {key: absent() for key in trials({})[0].answers}
    empty = [Trial(reference=reference, answers=nothing) for reference in everything().cases]
    found = marked(everything(), empty, ())
    assert points(found) == {"forward": 0.0, "gradients": 0.0, "update": 0.0}


def test_an_optional_function_adds_no_weight() -> None:
    found = marks({}, functions=(*WITHOUT_STEP, "step"))
    assert points(found)["update"] == 3.0
    wrong_step = marks({"step/w0_new": (9.0, 8.0, 7.5)}, functions=(*WITHOUT_STEP, "step"))
    assert points(wrong_step)["update"] < 3.0


# --------------------------------------------------------------------------------------------------------------
# Properties


@cache
def wrong_backward_passes() -> tuple[Plant, ...]:
    return tuple(
        plant
        for plant in derivative_plants(everything())
        if plant.kind == DERIVATIVES[0] and changed_keys(plant.trials)
    )


def shown_only(plant: Plant, shown: frozenset[str]) -> float:
    """Return the points for the gradients where only some of the welcome ones are given."""
    left_out = {("backward", f"dL/d{name}") for name in INNER if name not in shown}
    kept = [
        Trial(
            reference=trial.reference,
            answers={
                key: absent() if key in left_out else answer
                for key, answer in trial.answers.items()
                if key[0] != "step"
            },
        )
        for trial in plant.trials
    ]
    found = marked(everything(), kept, WITHOUT_STEP)
    return points(found)["gradients"]


SUBSETS = st.frozensets(st.sampled_from(INNER))


@settings(max_examples=15)
@examples(st.integers(0, 10**6), SUBSETS, SUBSETS)
def test_showing_more_of_ones_work_never_lowers_the_points(
    number: int, some: frozenset[str], more: frozenset[str]
) -> None:
    plant = wrong_backward_passes()[number % len(wrong_backward_passes())]
    assert shown_only(plant, some | more) >= shown_only(plant, some) - 1e-9


@settings(max_examples=15)
@examples(st.sampled_from((*PARAMETERS, *INNER)), st.floats(-3, 3), st.sampled_from(range(2)), SUBSETS)
def test_a_wrong_gradient_never_earns_full_marks(
    node: str, factor: float, place: int, shown: frozenset[str]
) -> None:
    assume(abs(factor - 1) > 1e-3)
    quantity = f"dL/d{node}"
    values = list(right(quantity))
    values[place] *= factor  # on these two cases no gradient is 0
    hidden = without(*(name for name in INNER if name not in shown))
    assert points(marks({**hidden, f"backward/{quantity}": values}))["gradients"] < 4.0


@settings(max_examples=15)
@examples(st.lists(st.floats(-10, 10), min_size=12, max_size=12))
def test_points_are_between_zero_and_the_full_sum_whatever_is_answered(numbers: list[float]) -> None:
    changes: Changes = {
        f"backward/dL/d{name}": numbers[3 * i : 3 * i + 3] for i, name in enumerate(PARAMETERS)
    }
    earned = points(marks(changes))["gradients"]
    assert 0.0 <= earned <= 4.0


def test_the_cases_of_these_tests_have_no_zero_gradient_where_one_is_scaled() -> None:
    for name in ALL[:2]:
        assert all(CASES[name][2][f"dL/d{node}"] != 0.0 for node in (*PARAMETERS, *INNER))
    assert np.asarray(given(1.0).value).dtype == np.float64
