"""Equal answers are marked once: what counts as equal, how much is kept, and that a kept marking is the same marking."""

from __future__ import annotations

import numpy as np
import pytest
from by_hand import WITHOUT_STEP, everything, given, marked, times, trials
from msgspec.structs import replace

from grader.assignment import Policy
from grader.marking.mark import mark, mark_afresh
from grader.marking.trials import Trial, fingerprint
from grader.memo import Memo
from grader.model import Answer, AnswerKind, Array

Z0 = ("forward", "z0")


def said(answer: Answer, *, repeated: bool = False) -> bytes:
    """Return the fingerprint of right answers on one case with one of them replaced."""
    trial = trials({})[0]
    return fingerprint(
        [Trial(reference=trial.reference, answers={**trial.answers, Z0: answer}, repeated=repeated)]
    )


def number(value: Array | float) -> Answer:
    return Answer(kind=AnswerKind.GIVEN, value=np.asarray(value))


# --------------------------------------------------------------------------------------------------------------
# What is kept


def test_a_value_is_made_once_for_a_key() -> None:
    memo: Memo[str] = Memo()
    made: list[str] = []

    def make() -> str:
        made.append("made")
        return "value"

    assert [memo.get("key", make) for _ in range(3)] == ["value"] * 3
    assert made == ["made"]


def test_no_more_are_kept_than_allowed_and_the_one_asked_for_longest_ago_goes() -> None:
    memo: Memo[int] = Memo(most=3)
    for key in (1, 2, 3, 1, 4):  # 1 is asked for again, so 2 goes for 4
        memo.get(key, lambda: 0)
    assert len(memo) == 3
    made: list[int] = []

    def make() -> int:
        made.append(len(made))
        return 0

    for key in (1, 3, 4):
        memo.get(key, make)
    assert made == []
    memo.get(2, make)
    assert made == [0]


# --------------------------------------------------------------------------------------------------------------
# What is equal


def test_equal_answers_have_one_fingerprint() -> None:
    assert said(number(0.5)) == said(number(0.5))
    assert said(number(np.nan)) == said(number(np.nan))
    assert fingerprint(trials({})) == fingerprint(trials({}))


@pytest.mark.parametrize(
    "other",
    [
        number(np.nextafter(0.5, 1.0)),
        number(np.asarray(0.5, np.float32)),
        number(np.array([0.5])),
        number(np.array([[0.5]])),
        number(-0.5),
        Answer(kind=AnswerKind.MISSING, reason="not given"),
        Answer(kind=AnswerKind.MISSING, reason="not there"),
        Answer(kind=AnswerKind.INVALID, reason="not given"),
        Answer(kind=AnswerKind.INVALID, reason="\udce4 lone surrogate"),
    ],
)
def test_another_bit_dtype_shape_kind_or_reason_is_another_fingerprint(other: Answer) -> None:
    assert said(other) != said(number(0.5))
    assert said(other) == said(other)


def test_zero_and_minus_zero_are_told_apart_and_so_are_the_rounds() -> None:
    assert said(number(0.0)) != said(number(-0.0))
    assert said(number(0.5), repeated=True) != said(number(0.5))


def test_numbers_that_change_places_are_another_fingerprint() -> None:
    reference = trials({})[0].reference
    one, two = ("forward", "z0"), ("forward", "h0")
    first = Trial(reference=reference, answers={one: given(1.0), two: given(2.0)})
    second = Trial(reference=reference, answers={one: given(2.0), two: given(1.0)})
    # Two entries in one answer and one in the other: the same bytes in a row.
    third = Trial(reference=reference, answers={one: given(np.array([1.0, 2.0])), two: given(np.empty(0))})
    assert len({fingerprint([trial]) for trial in (first, second, third)}) == 3


# --------------------------------------------------------------------------------------------------------------
# Marks


@pytest.mark.parametrize("factor", [1.0, -1.0, 3.0])
def test_the_second_of_two_equal_submissions_gets_the_very_marks_of_the_first(factor: float) -> None:
    answers = {"backward/dL/dw1": times(factor, "dL/dw1")}
    arguments = {"answered": frozenset(WITHOUT_STEP), "changed": {"update": (0,)}}
    first = mark(everything(), trials(answers), **arguments)  # type: ignore[arg-type]
    second = mark(everything(), trials(answers), **arguments)  # type: ignore[arg-type]
    assert first is second
    assert first == mark_afresh(everything(), trials(answers), **arguments)  # type: ignore[arg-type]


def test_what_was_answered_and_what_was_changed_count_beside_the_answers() -> None:
    with_step = (*WITHOUT_STEP, "step")
    found = [
        mark(everything(), trials({}, with_step), answered=frozenset(functions), changed=changed)
        for functions, changed in [(WITHOUT_STEP, {}), (with_step, {}), (WITHOUT_STEP, {"update": (0,)})]
    ]
    assert found[0] != found[1]
    assert found[0] != found[2]


def test_another_policy_on_the_same_cases_remembers_nothing_of_the_first() -> None:
    """A copy of the expectations starts afresh: half of a follow share must not come from another course's marks."""
    wrong = {"forward/h0": times(2.0, "h0"), "forward/z1": times(2.0, "z1")}
    full = everything()
    half = replace(full, unit=replace(full.unit, policy=Policy(follow_share=0.5)))
    points = [marked(known, trials(wrong), WITHOUT_STEP).questions[0].points for known in (full, half, full)]
    assert points[0] == points[2]
    assert points[1] < points[0]
