"""Slips planted into the reference: what a student with exactly one known mistake would answer.

Every edge, node and update of a network is given each slip it admits, one at a time; all other work is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from msgspec import Struct

from grader.assignment import Role, Unit, updated
from grader.marking.expectations import CaseExpectations, Expectations, Key
from grader.marking.explain import Candidate
from grader.marking.gradients import EdgeChange, backward_under, places
from grader.marking.trials import Trial
from grader.marking.updates import UpdateChange, UpdateDomain
from grader.marking.values import forward_slips, rewritten
from grader.model import Answer, AnswerKind, Array, Case
from reference.network import Backward, Graph

DERIVATIVES = ("derivative, all gradients given", "derivative, only required gradients given")
"""The two kinds of planted slips of the backward pass."""

IMPOSSIBLE = (ValueError, IndexError)
"""What NumPy raises where the shapes do not allow a mistake: nobody can have made it."""


class Plant(Struct, frozen=True, kw_only=True):
    """The answers of a student with one slip."""

    kind: str
    slip: str
    at: str
    text: str
    trials: tuple[Trial, ...]
    place: str
    """The first quantity that the mistake puts wrong, in marking order, whether or not it is asked for."""


# --------------------------------------------------------------------------------------------------------------
# Answers


def given(value: Array | float) -> Answer:
    """Return a number as an answer."""
    return Answer(kind=AnswerKind.GIVEN, value=np.asarray(value))


def right_answers(reference: CaseExpectations) -> dict[Key, Answer]:
    """Return the reference's own values as answers."""
    return {key: given(expectation.value) for key, expectation in reference.by_key.items()}


def plants(everything: Expectations) -> Iterator[Plant]:
    """Yield every slip that a network admits, planted alone.

    Parameters
    ----------
    everything : Expectations

    Yields
    ------
    Plant
    """
    yield from derivative_plants(everything)
    yield from _forward_plants(everything)
    yield from _update_plants(everything)


def derivative_plants(everything: Expectations) -> Iterator[Plant]:
    """Yield the slips of derivatives: with every gradient given, and with the required ones only."""
    made = everything.unit
    every, required = _gradient_keys(made), _gradient_keys(made, required=True)
    if not every:
        return
    for place in places(made.graph, made.parameters, made.silent):
        for slip in place.slips:
            change = slip.change
            assert isinstance(change, EdgeChange)
            for kind, keys in zip(DERIVATIVES, (every, required), strict=True):
                if kind != DERIVATIVES[0] and required == every:
                    continue
                answers = partial(_wrong_edge, made, change=change, keys=keys)
                yield from _planted(kind, slip, everything, answers)


def _wrong_edge(
    made: Unit, reference: CaseExpectations, change: EdgeChange, keys: Mapping[Key, str]
) -> dict[Key, Answer]:
    back = backward_under(made.graph, reference.forward, [change])
    return _with_gradients(made, right_answers(reference), reference.case, made.graph, back, keys)


def _forward_plants(everything: Expectations) -> Iterator[Plant]:
    """Yield the slips of forward values: alone, with the derivative that belongs to them, and inside `backward` alone."""
    made = everything.unit
    forward, backward = made.by_role(Role.FORWARD, Role.LOSS), made.by_role(Role.BACKWARD)
    for slip in forward_slips(made.graph):
        variant = rewritten(made.graph, [slip.change])
        for kind, in_forward, in_backward in (
            ("forward value alone", True, False),
            ("forward value with its derivative", True, True),
            ("forward value inside `backward` alone", False, True),
        ):
            if (in_forward and not forward) or (in_backward and not backward):
                continue
            answers = partial(_variant, made, variant=variant, in_forward=in_forward, in_backward=in_backward)
            unasked = partial(
                _changed_unasked, made, variant=variant, in_forward=in_forward, in_backward=in_backward
            )
            yield from _planted(kind, slip, everything, answers, unasked)


def _variant(
    made: Unit, reference: CaseExpectations, variant: Graph, *, in_forward: bool, in_backward: bool
) -> dict[Key, Answer]:
    answers = right_answers(reference)
    run = variant.forward(reference.case.leaves)
    if in_forward:
        for spec in made.by_role(Role.FORWARD):
            answers |= {(spec.name, name): given(variant.value(run, name)) for name in spec.quantities}
        for spec in made.by_role(Role.LOSS):
            called_with = {
                name: made.graph.value(reference.spare_forward, name)
                for name in spec.arguments
                if name in made.graph.computed
            }
            unit = variant.forward(reference.case.spare_leaves, given=called_with)
            answers |= {(spec.name, name): given(variant.value(unit, name)) for name in spec.quantities}
    if in_backward:
        back = variant.backward(run)
        answers = _with_gradients(made, answers, reference.case, variant, back, _gradient_keys(made))
    return answers


def _changed_unasked(
    made: Unit, reference: CaseExpectations, variant: Graph, *, in_forward: bool, in_backward: bool
) -> set[str]:
    """Return which quantities that nobody asks for are other ones in a variant of the network."""
    asked = {quantity for spec in made.functions.values() for quantity in spec.quantities}
    changed: set[str] = set()
    run = variant.forward(reference.case.leaves)
    if in_forward:
        changed |= {
            name
            for name in made.graph.computed
            if differs(variant.value(run, name), made.graph.value(reference.forward, name))
        }
    if in_backward:
        back = variant.backward(run)
        changed |= {
            made.gradient(name)
            for name in made.graph.index
            if name not in made.silent
            and differs(variant.gradient(back, name), made.graph.gradient(reference.backward, name))
        }
    return changed - asked


def _update_plants(everything: Expectations) -> Iterator[Plant]:
    """Yield the slips of updates, in `update` and in `step`, early updates and slips of the gradient in `step` alone."""
    for spec in everything.unit.by_role(Role.UPDATE, Role.STEP):
        keys = [(spec.name, quantity) for quantity in spec.quantities]
        domain = UpdateDomain(everything=everything, keys=keys)
        for slip in domain.candidates(set(keys)):
            kind = "early update" if slip.slip == "updated-weights-used" else f"update, in `{spec.role}`"
            yield from _planted(kind, slip, everything, partial(_stepped, slip=slip))


def _stepped(reference: CaseExpectations, slip: Candidate[UpdateChange]) -> dict[Key, Answer]:
    answers = right_answers(reference)
    stepped = slip.change.weights(Trial(reference=reference, answers=answers))
    return answers | {key: given(value) for key, value in stepped.items()}


def _gradient_keys(made: Unit, *, required: bool = False) -> dict[Key, str]:
    """Return the node of each gradient that is asked for, or of the required ones alone."""
    return {
        (spec.name, quantity): node
        for spec in made.by_role(Role.BACKWARD)
        for node, quantity in zip(spec.keys, spec.quantities, strict=True)
        if not required or quantity in spec.required
    }


def _with_gradients(
    made: Unit,
    answers: dict[Key, Answer],
    case: Case,
    graph: Graph,
    back: Backward,
    keys: Mapping[Key, str],
) -> dict[Key, Answer]:
    """Put gradients in, and the step along them; leave out what is not among the keys."""
    along = [spec.name for spec in made.by_role(Role.BACKWARD, Role.STEP)]
    kept = {key: answer for key, answer in answers.items() if key[0] not in along}
    kept |= {key: given(graph.gradient(back, node)) for key, node in keys.items()}
    new = {
        updated(name): case.leaves[name] - case.rate * graph.gradient(back, name) for name in made.parameters
    }
    for spec in made.by_role(Role.STEP):
        kept |= {(spec.name, name): given(new[name]) for name in spec.quantities}
    return kept


def _planted(
    kind: str,
    slip: Candidate[Any],
    everything: Expectations,
    answers: Callable[[CaseExpectations], Mapping[Key, Answer]],
    unasked: Callable[[CaseExpectations], set[str]] = lambda _: set(),
) -> Iterator[Plant]:
    try:
        trials = tuple(Trial(reference=r, answers=answers(r)) for r in everything.cases)
        changed = set[str]().union(*map(unasked, everything.cases))
    except IMPOSSIBLE:
        return
    changed |= {quantity for _, quantity in changed_keys(trials)}
    place = slip.at if kind in DERIVATIVES else next((q for q in everything.unit.order if q in changed), "")
    yield Plant(kind=kind, slip=slip.slip, at=slip.at, text=slip.text, trials=trials, place=place)


def changed_keys(trials: Sequence[Trial]) -> set[Key]:
    """Return which answers differ from the reference by more than rounding.

    Parameters
    ----------
    trials : sequence of Trial

    Returns
    -------
    set of Key
        By a plain rule of its own, not by the grader's comparison. Where a kink leaves the value open, any is as right.
    """
    return {
        key
        for trial in trials
        for key, answer in trial.answers.items()
        if answer.value is not None
        and answer.value is not trial.reference.by_key[key].value
        and not trial.reference.by_key[key].free
        and differs(answer.value, trial.reference.by_key[key].value)
    }


def differs(actual: Array, wanted: Array) -> bool:
    """Whether a number is another one than wanted by more than rounding, by a plain rule that is not the grader's.

    Parameters
    ----------
    actual, wanted : ndarray

    Returns
    -------
    bool
        True for another shape, and for what is not finite.
    """
    if actual.shape != wanted.shape:
        return True
    # Written so that NaN and infinity differ. NumPy's norm takes ten times as long for a single number.
    if actual.ndim == 0:
        return not abs(float(actual) - float(wanted)) <= 2e-4 * abs(float(wanted)) + 1e-12
    return not float(np.linalg.norm(actual - wanted)) <= 2e-4 * float(np.linalg.norm(wanted)) + 1e-12
