"""Answers that are right throughout, but in a convention that the assignment does not use: told as such, and worth most of the points.

The same name means different things in different courses: a loss is summed over the samples in one and averaged in another, a
bias has shape (M,) in one and (1, M) in another. Who computes all of it in the other way has understood it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
from msgspec import Struct

from grader import slips
from grader.assignment import Role, Unit, updated
from grader.marking.compare import equal, finite, fitted
from grader.marking.expectations import Key
from grader.marking.findings import Located
from grader.marking.trials import Trial, Work
from grader.marking.verdicts import Judgement, Statement, judge
from grader.model import AnswerKind, Array, Finding, Verdict

SLIP = "other-convention"
SUM, MEAN = "sum", "mean"
REDUCTIONS = (SUM, MEAN)
"""Names of the conventions on what becomes of the samples of a batch."""


class Convention(Struct, frozen=True, kw_only=True):
    """Another way in which the same things are computed."""

    name: str
    text: str
    """What is done, as the end of the sentence "here ..."."""
    back: Callable[[Work, Key, Trial, Array], Array]
    """Turns an answer in this convention into one in that of the assignment."""
    needs_loss: bool = False
    """Whether it shows in the value of the loss, so that gradients alone are no evidence of it."""


def _samples(unit: Unit, leaves: Mapping[str, Array]) -> int:
    """Return over how many samples a loss is taken: the first axis of the targets, or else of the inputs."""
    shapes = (np.shape(leaves[name]) for name in (*unit.targets, *unit.inputs, *unit.parameters))
    return next((int(shape[0]) for shape in shapes if shape), 1)


def _rescaled(work: Work, key: Key, trial: Trial, value: Array, *, summed: bool) -> Array:
    """Turn a sum over the samples into the mean, or the other way round."""
    unit, case = work.everything.unit, trial.reference.case
    function, quantity = key
    role = unit.functions[function].role
    samples = _samples(unit, case.spare_leaves if role is Role.LOSS else case.leaves)
    factor = 1.0 / samples if summed else float(samples)
    if role is Role.STEP:
        old = next(case.leaves[name] for name in unit.parameters if updated(name) == quantity)
        return old + factor * (value - old) if np.shape(old) == value.shape else value
    scales = role is Role.BACKWARD or quantity == unit.loss
    return np.asarray(factor * value) if scales else value


def _reshaped(_work: Work, key: Key, trial: Trial, value: Array) -> Array:
    """Take axes of length one off, or put them on, where nothing else differs."""
    wanted = trial.reference.by_key[key].value.shape
    same = tuple(n for n in value.shape if n != 1) == tuple(n for n in wanted if n != 1)
    return value.reshape(wanted) if same and value.size == int(np.prod(wanted)) else value


CONVENTIONS = (
    Convention(
        name=SUM,
        text="the loss and its gradients are summed over the samples, where this assignment takes the mean",
        back=lambda work, key, trial, value: _rescaled(work, key, trial, value, summed=True),
        needs_loss=True,
    ),
    Convention(
        name=MEAN,
        text="the loss and its gradients are averaged over the samples, where this assignment takes the sum",
        back=lambda work, key, trial, value: _rescaled(work, key, trial, value, summed=False),
        needs_loss=True,
    ),
    Convention(
        name="axis-of-one",
        text="results have an axis of length one that this assignment does not use, or lack one that it uses",
        back=_reshaped,
    ),
)


def other_convention(
    work: Work, keys: Sequence[Key], answered: AbstractSet[str]
) -> tuple[Mapping[Key, Judgement], tuple[Located, ...], str] | None:
    """Find the convention in which every answer of a unit is right.

    Parameters
    ----------
    work : Work
    keys : sequence of Key
        All that is asked, in marking order.
    answered : set of str
        The functions that gave an answer.

    Returns
    -------
    (mapping of Key to Judgement, tuple of Located, str) or None
        With the convention's name; None where the answers are right as they are, or in no convention known here.
    """
    asked = [key for key in keys if key[0] in answered and any(key in trial.answers for trial in work.trials)]
    said = [(key, trial) for trial in work.trials for key in asked]
    first_wrong = next((at for at in said if not _right(work, *at, at[1].number(at[0]))), None)
    if first_wrong is None:
        return None
    if not _is_of_one_kind(said):
        return None
    with_loss = any(key[1] == work.everything.unit.loss for key in asked)
    for convention in CONVENTIONS:
        if convention.needs_loss and not with_loss:
            continue
        # One answer refuses nearly every convention; the others are turned only where it does not.
        if all(_right(work, *at, _turned(work, *at, convention)) for at in (first_wrong, *said)):
            judgements = {key: _judged(work, key) for key in keys}
            return judgements, tuple(_findings(work, judgements, convention)), convention.name
    return None


def _is_of_one_kind(said: Sequence[tuple[Key, Trial]]) -> bool:
    """Whether answers of one function and one number of axes all have the expected shape, or all have another.

    A squeeze that shows for one sample alone, or one bias of two as a row, is a mixture and no convention.
    """
    differs: dict[tuple[str, int], set[bool]] = {}
    for key, trial in said:
        number, wanted = trial.number(key), trial.reference.by_key[key].value
        if number is not None:
            differs.setdefault((key[0], wanted.ndim), set()).add(number.shape != wanted.shape)
    return all(len(kinds) == 1 for kinds in differs.values())


def _turned(work: Work, key: Key, trial: Trial, convention: Convention) -> Array | None:
    answer = trial.answers.get(key)
    if answer is None or answer.kind is not AnswerKind.GIVEN or answer.value is None:
        return None
    return fitted(convention.back(work, key, trial, answer.value), trial.reference.by_key[key].value)


def _right(work: Work, key: Key, trial: Trial, number: Array | None) -> bool:
    expectation = trial.reference.by_key[key]
    if number is None:
        return key[1] not in work.everything.unit.functions[key[0]].required
    if expectation.free:
        return number.shape == expectation.value.shape and finite(number)
    return equal(number, expectation.value, work.tolerance(key, trial))


def _judged(work: Work, key: Key) -> Judgement:
    """Judge an answer in the assignment's own convention."""
    return judge(key, [(trial, _statement(work, key, trial)) for trial in work.trials])


def _statement(work: Work, key: Key, trial: Trial) -> Statement:
    number, expectation = trial.number(key), trial.reference.by_key[key]
    if number is None:
        return Statement.MISSING
    if _right(work, key, trial, number):
        return Statement.AGREES if expectation.is_zero or expectation.free else Statement.CORRECT
    return Statement.WRONG if number.shape == expectation.value.shape else Statement.INVALID


def _findings(work: Work, judgements: Mapping[Key, Judgement], convention: Convention) -> Iterator[Located]:
    wrong = [
        key for key, judgement in judgements.items() if judgement.verdict in (Verdict.WRONG, Verdict.INVALID)
    ]
    for function in dict.fromkeys(name for name, _ in wrong):
        explains = tuple(work.everything.unit.label(quantity) for name, quantity in wrong if name == function)
        text = slips.explained(SLIP, explains[0], convention.text)
        yield Located(function, Finding(slip=SLIP, at=explains[0], explains=explains, text=text))
