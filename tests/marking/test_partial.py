"""What the search computes of a slip alone is what whole passes under that slip give, on numbers and on arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest
from by_hand import INNER, everything, trials
from planted_networks import expected

from grader.assignment import Role
from grader.marking.expectations import Expectations, Key
from grader.marking.gradient_domain import GradientDomain, own_values, reference_values
from grader.marking.gradients import places
from grader.marking.trials import Trial
from grader.marking.values import ROLES, ValueDomain, forward_slips
from grader.marking.variants import variant_slips
from grader.model import Answer, AnswerKind, Array
from grader.validation.planting import right_answers

IMPOSSIBLE = (ValueError, IndexError)
NETWORKS = ("skip_network", "two_layer_mlp", "softmax_with_cross_entropy")


@cache
def known(network: str) -> Expectations:
    return expected(network, 3)


def keys(every: Expectations, *roles: Role) -> list[Key]:
    return [(spec.name, q) for spec in every.unit.by_role(*roles) for q in spec.quantities]


def some_answers(every: Expectations, seed: int) -> Iterator[Trial]:
    """Yield trials on which some answers are right, some are off and some are not there."""
    for number, reference in enumerate(every.cases[:2]):
        rng = np.random.default_rng((seed, number))
        answers: dict[Key, Answer] = {}
        for key, right in right_answers(reference).items():
            assert right.value is not None
            off = rng.choice([1.0, 1.0, 1.7])
            if rng.random() < 0.6:
                answers[key] = Answer(kind=AnswerKind.GIVEN, value=np.asarray(off * right.value))
        yield Trial(reference=reference, answers=answers)


def assert_partial_is_whole(domain: Any, trial: Trial, change: Any, wanted: frozenset[Key]) -> bool:
    """Compare, where the shapes allow the slip; return whether it altered anything."""
    plain = domain.predict(trial, ())
    try:
        whole: Mapping[Key, Array] = domain.predict(trial, (change,))
    except IMPOSSIBLE:
        return False
    with np.errstate(all="ignore"):
        altered = domain.altered(trial, (), change, wanted)
    for key in wanted:
        np.testing.assert_allclose(
            np.asarray(altered.get(key, plain[key])), whole[key], rtol=1e-12, atol=1e-300, equal_nan=True
        )
    return any(not np.array_equal(whole[key], plain[key], equal_nan=True) for key in wanted)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("seed", range(2))
def test_a_slip_of_a_value_alters_what_a_whole_forward_pass_under_it_gives(network: str, seed: int) -> None:
    every = known(network)
    domain = ValueDomain(everything=every, keys=keys(every, *ROLES))
    changed = sum(
        assert_partial_is_whole(domain, trial, slip.change, frozenset(domain.keys))
        for trial in some_answers(every, seed)
        for slip in forward_slips(every.unit.graph)
    )
    assert changed > 5


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("seed", range(2))
def test_a_slip_of_a_gradient_alters_what_a_whole_backward_pass_under_it_gives(
    network: str, own: bool, seed: int
) -> None:
    every = known(network)
    made = every.unit
    base = own_values(every) if own else reference_values(every)
    domain = GradientDomain(everything=every, keys=keys(every, Role.BACKWARD), base=base)
    slips = [s for p in places(made.graph, made.parameters, (*made.inputs, *made.targets)) for s in p.slips]
    changed = sum(
        assert_partial_is_whole(domain, trial, slip.change, frozenset(domain.keys))
        for trial in some_answers(every, seed)
        for slip in slips
    )
    assert changed > 5


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("gradients_given", [True, False])
def test_another_network_behind_the_gradient_alters_what_a_whole_pass_on_it_gives(
    network: str, gradients_given: bool
) -> None:
    """Also one key at a time, as the search asks; without a gradient of the student it comes from the table."""
    every = known(network)
    domain = GradientDomain(
        everything=every, keys=keys(every, Role.BACKWARD), base=reference_values(every), variants=True
    )
    changed = 0
    for trial in some_answers(every, 5):
        answers = {k: a for k, a in trial.answers.items() if gradients_given or k[0] != "backward"}
        shown = Trial(reference=trial.reference, answers=answers)
        for slip in variant_slips(every)[::3]:
            for wanted in [frozenset(domain.keys), *map(frozenset, zip(domain.keys, strict=True))]:
                changed += assert_partial_is_whole(domain, shown, slip.change, wanted)
    assert changed > 5


def test_right_forward_values_are_the_references_own_pass_and_others_are_not() -> None:
    """0.5 in float32 is no other number, but what is computed from it may be rounded otherwise.

    In float64 the last digit may differ, as it does between sums in another order; the ninth may not.
    """
    every = everything()
    low = [Answer(kind=AnswerKind.GIVEN, value=np.asarray(v, np.float32)) for v in (0.5, 3.0, 2.0)]
    beside = (0.5, float(np.nextafter(3.0, 4.0)), 2.0 * (1.0 + 1e-9))
    right, float32, off = (trials(changes) for changes in ({}, {"forward/z0": low}, {"forward/z0": beside}))
    same = [
        [own_values(every).run(trial) is trial.reference.forward for trial in group]
        for group in (right, float32, off)
    ]
    assert same == [[True] * 3, [False] * 3, [True, True, False]]


def test_a_student_s_own_gradient_stops_what_a_slip_nearer_the_loss_changes() -> None:
    every = everything()
    made = every.unit
    all_given = trials({})[0]
    domain = GradientDomain(everything=every, keys=keys(every, Role.BACKWARD), base=own_values(every))
    first = places(made.graph, made.parameters, (*made.inputs, *made.targets))[-1]
    with np.errstate(all="ignore"):
        altered = {
            key
            for s in first.slips
            for key in domain.altered(all_given, (), s.change, frozenset(domain.keys))
        }
        assert first.at == "dL/dy_hat"
        assert altered == {("backward", "dL/dy_hat")}
        hidden = Trial(
            reference=all_given.reference,
            answers={
                k: a for k, a in all_given.answers.items() if k[1] not in {f"dL/d{name}" for name in INNER}
            },
        )
        everywhere = {
            key for s in first.slips for key in domain.altered(hidden, (), s.change, frozenset(domain.keys))
        }
    assert everywhere == set(domain.keys)
