"""Side effects: altered inputs cost nothing; answers that depend on earlier calls are told as what they are."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
from by_hand import CASES, WITHOUT_STEP, everything, findings, given, marked, marks, points, trials

from grader.marking.result import Marks
from grader.marking.trials import Trial

NAMES = tuple(CASES)


def twice(value: Callable[[int, str], float], quantity: str = "dL/dw0") -> Marks:
    """Mark both rounds of calls, the second in reverse order, with one gradient by number of the call and case."""
    first, again = trials({}), trials({})[::-1]
    rounds = []
    for number, trial in enumerate((*first, *again)):
        answers = dict(trial.answers)
        answers["backward", quantity] = given(value(number, trial.reference.case.name))
        rounds.append(Trial(reference=trial.reference, answers=answers, repeated=number >= len(first)))
    return marked(everything(), rounds, WITHOUT_STEP)


def test_altered_arguments_are_told_by_name_and_cost_nothing() -> None:
    found = marked(everything(), trials({}), WITHOUT_STEP, {"update": (1, 0, 1), "forward": (0,)})
    told = {finding.slip: finding.explains for finding in findings(found)}
    assert told == {"input-changed": ()}
    texts = [finding.text for finding in findings(found)]
    assert any("`update` changes its argument `weights`, `gradients` in place" in text for text in texts)
    assert points(found) == {"forward": 3.0, "gradients": 4.0, "update": 3.0}
    assert found.first_mistake is None


def test_a_position_beyond_the_arguments_is_not_told() -> None:
    found = marked(everything(), trials({}), WITHOUT_STEP, {"update": (17,)})
    assert findings(found) == []


def test_gradients_that_add_up_over_the_calls_are_told_as_kept() -> None:
    # dL/dw0 is 0.75, 4, -1 and in reverse again; each answer is the sum so far.
    numbers = [0.75, 4.0, -1.0, -1.0, 4.0, 0.75]
    sums = list(itertools.accumulate(numbers))
    found = twice(lambda call, _: sums[call])
    assert [(finding.slip, finding.explains) for finding in findings(found)] == [
        ("gradients-kept", ("dL/dw0",))
    ]
    assert points(found)["gradients"] == 3.0


def test_two_answers_to_one_question_are_told_as_not_repeatable() -> None:
    found = twice(lambda call, name: CASES[name][2]["dL/dw0"] + 0.1 * call)
    assert [(finding.slip, finding.explains) for finding in findings(found)] == [
        ("not-repeatable", ("dL/dw0",))
    ]
    assert found.first_mistake == "dL/dw0"


def test_numbers_that_are_wrong_and_new_each_time_earn_nothing() -> None:
    """Only the first is called not repeatable; the others have no mistake behind them that would let them follow."""
    first, again = trials({}), trials({})[::-1]
    rounds = []
    for number, trial in enumerate((*first, *again)):
        gradients = {key: answer for key, answer in trial.answers.items() if key[0] == "backward"}
        new = {key: given(1000.0 + 100 * number + place) for place, key in enumerate(gradients)}
        answers = {**trial.answers, **new}
        rounds.append(Trial(reference=trial.reference, answers=answers, repeated=number >= len(first)))
    found = marked(everything(), rounds, WITHOUT_STEP, {})
    [told, *others] = findings(found)
    assert (told.slip, len(told.explains)) == ("not-repeatable", 1)
    assert {finding.slip for finding in others} == {"unexplained"}
    assert points(found)["gradients"] == 0.0


def test_a_slip_made_alike_in_both_rounds_keeps_its_own_name() -> None:
    # x left out: dL/dz0 = 0.75, -2, -0.5
    found = twice(lambda _, name: CASES[name][2]["dL/dz0"])
    assert [finding.slip for finding in findings(found)] == ["factor-missing"]


def test_rounding_that_differs_between_the_rounds_is_no_finding() -> None:
    found = twice(lambda call, name: CASES[name][2]["dL/dw0"] * (1 + 1e-15 * call))
    assert findings(found) == []
    assert points(found)["gradients"] == 4.0


def test_right_work_is_not_charged_for_a_first_round_alone() -> None:
    assert findings(marks({})) == []
    assert np.isfinite(points(marks({}))["gradients"])
