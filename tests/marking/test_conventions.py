"""Answers that are right in another convention are told so and earn most of the points; mixtures are wrong."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from msgspec.structs import replace
from planted_networks import expected

from grader.marking.expectations import Expectations, Key
from grader.marking.mark import mark
from grader.marking.result import Marks, assemble
from grader.marking.trials import Trial
from grader.model import Array, Verdict
from grader.validation.alone import assignment_of
from grader.validation.planting import given, right_answers

# The mean loss of a two-layer MLP on 7, 1, 8 and 2 samples.
MLP = expected("two_layer_mlp", 1)


def samples(trial: Trial, function: str) -> int:
    case = trial.reference.case
    leaves = case.spare_leaves if function == "loss" else case.leaves
    return int(np.shape(leaves["X"])[0])


def marked(change: Callable[[Trial, Key, Array], Array], everything: Expectations = MLP) -> Marks:
    """Mark right answers of forward, loss, backward and update, changed by a function of the trial and key."""
    trials = []
    for reference in everything.cases:
        plain = Trial(reference=reference, answers=right_answers(reference))
        answers = {
            key: given(change(plain, key, np.asarray(answer.value)))
            for key, answer in plain.answers.items()
            if key[0] != "step"
        }
        trials.append(Trial(reference=reference, answers=answers))
    answered = frozenset({"forward", "loss", "backward", "update"})
    found = mark(everything, trials, answered=answered, changed={})
    return assemble(assignment_of(everything.unit), [found])


def points(marks: Marks) -> dict[str, float]:
    return {question.id: round(question.points, 9) for question in marks.questions}


def slips(marks: Marks) -> set[str]:
    return {finding.slip for question in marks.questions for finding in question.findings}


def summed(trial: Trial, key: Key, value: Array) -> Array:
    scaled = key[0] == "backward" or key[1] == "L"
    return value * samples(trial, key[0]) if scaled else value


def test_a_sum_throughout_where_the_mean_is_asked_is_another_convention() -> None:
    found = marked(summed)
    assert slips(found) == {"other-convention"}
    # forward: Z1, A1, logits right, L at 0.8; every gradient at 0.8; updates on given gradients are right.
    assert points(found) == {"forward": round(3.0 * 3.8 / 4, 9), "gradients": 3.2, "update": 3.0}
    assert found.first_mistake == "L"


def test_what_the_finding_explains_beyond_its_place_follows() -> None:
    [question] = [q for q in marked(summed).questions if q.id == "gradients"]
    verdicts = [entry.verdict for entry in question.quantities]
    assert verdicts.count(Verdict.WRONG) == 1
    assert set(verdicts) == {Verdict.WRONG, Verdict.FOLLOWS}


@pytest.mark.parametrize("mixed", [("backward", "dL/dW1"), ("loss", "L")])
def test_a_mixture_is_wrong_and_no_convention(mixed: Key) -> None:
    """One gradient averaged among summed ones; summed gradients of a loss that is averaged."""
    found = marked(lambda trial, key, value: value if key == mixed else summed(trial, key, value))
    assert "other-convention" not in slips(found)
    assert sum(points(found).values()) < 10.0


def test_gradients_alone_that_are_not_averaged_forgot_the_mean() -> None:
    found = marked(lambda t, key, value: value * samples(t, key[0]) if key[0] == "backward" else value)
    assert slips(found) == {"batch-mean-missing"}


def test_a_bias_gradient_of_one_row_is_another_convention() -> None:
    found = marked(lambda _t, key, value: value[None, :] if key[1].startswith("dL/db") else value)
    assert slips(found) == {"other-convention"}
    assert points(found)["gradients"] == pytest.approx(4.0 * (2 + 2 * 0.8) / 4)


def test_one_bias_as_a_row_beside_another_that_is_none_is_no_convention() -> None:
    found = marked(lambda _t, key, value: value[None, :] if key[1] == "dL/db1" else value)
    assert "other-convention" not in slips(found)
    assert points(found)["gradients"] == 3.0


def test_a_sample_axis_that_is_squeezed_away_for_one_sample_alone_is_no_convention() -> None:
    found = marked(lambda _t, key, value: np.squeeze(value) if key[1] == "A1" else value)
    assert "other-convention" not in slips(found)
    assert points(found)["forward"] == 2.25


def test_an_axis_of_another_length_is_no_convention() -> None:
    found = marked(lambda _t, key, value: np.stack([value, value]) if key[1] == "dL/db1" else value)
    assert "other-convention" not in slips(found)


def test_the_author_decides_what_another_convention_earns() -> None:
    policy = replace(MLP.unit.policy, convention_share=0.5)
    lenient = replace(MLP, unit=replace(MLP.unit, policy=policy))
    assert points(marked(summed, lenient))["gradients"] == 2.0


def test_right_answers_are_in_the_convention_of_the_assignment() -> None:
    found = marked(lambda _t, _k, value: value)
    assert slips(found) == set()
    assert points(found) == {"forward": 3.0, "gradients": 4.0, "update": 3.0}
