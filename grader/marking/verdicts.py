"""The verdict of a quantity: a statement per trial by five rules, and the worst of them over all trials."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import chain
from typing import TypeAlias

from msgspec import Struct

from grader.marking.compare import Tolerance, equal, norm
from grader.marking.expectations import Expectation, Key
from grader.marking.trials import Trial, Work
from grader.model import WORST_FIRST, AnswerKind, Array, Verdict


class Statement(StrEnum):
    """What one trial says on one quantity."""

    INVALID = "invalid"
    MISSING = "missing"
    WRONG = "wrong"
    FOLLOWS = "follows"
    CORRECT = "correct"
    AGREES = "agrees"
    """Equal to an expected zero, or finite where a kink leaves the value open: decides nothing alone."""
    NOTHING = "nothing"
    """The student's earlier numbers make this step say nothing."""
    OPEN = "open"
    """The answer is a number by hand, of another case."""


UNDECIDING = (Statement.AGREES, Statement.NOTHING, Statement.OPEN)
RIGHT = {Statement.CORRECT, Statement.AGREES}
VERDICT = {said: Verdict(said.value) for said in Statement if said not in UNDECIDING}


Ways: TypeAlias = Callable[[Trial], Iterable[Mapping[Key, Array]]]
"""What the quantities of a trial follow to be from the student's earlier numbers, worked out one way after the other.

First from all of them, by the reference's own rules. Then what is as good: another derivative on a kink, a consistent
earlier slip, the reference's forward values.
"""


class Judgement(Struct, frozen=True, kw_only=True, eq=False):
    """The verdict of a quantity asked of one function, and the trial that shows it."""

    key: Key
    verdict: Verdict
    trial: Trial | None
    """The first trial with the worst statement; None where no trial says anything."""
    only_edges: bool = False
    """Whether nothing but edge cases is less than correct."""


def state(work: Work, key: Key, trial: Trial, ways: Ways) -> Statement:
    """Make the statement of one trial on one quantity (marking policy, section 2).

    Parameters
    ----------
    work : Work
    key : Key
    trial : Trial
    ways : Ways
        Called only where the answer is not the reference's, and followed no farther than needed.

    Returns
    -------
    Statement
    """
    number = trial.valid.get(key)
    if number is None:
        answer = trial.answers.get(key)
        if answer is not None and answer.kind is AnswerKind.OPEN:
            return Statement.OPEN
        missing = answer is None or answer.kind is AnswerKind.MISSING
        return Statement.MISSING if missing else Statement.INVALID
    expectation = trial.reference.by_key[key]
    if expectation.free:
        return Statement.AGREES
    tolerance = work.tolerance(key, trial)
    if equal(number, expectation.value, tolerance):
        return Statement.AGREES if expectation.is_zero else Statement.CORRECT
    predictions = (way[key] for way in ways(trial))

    def in_range(prediction: Array) -> bool:
        return work.everything.in_range(key, norm(prediction))

    is_rounded = trial.answers[key].rounding > 0.0
    return _beside_reference(number, expectation, predictions, tolerance, in_range, is_rounded=is_rounded)


def _beside_reference(
    number: Array,
    expectation: Expectation,
    predictions: Iterator[Array],
    tolerance: Tolerance,
    in_range: Callable[[Array], bool],
    *,
    is_rounded: bool,
) -> Statement:
    """State what holds for a number that is not the reference's."""
    primary = next(predictions)
    if is_rounded and equal(number, primary, tolerance) and equal(primary, expectation.value, tolerance):
        return Statement.CORRECT  # what numbers that were rounded before give is as good
    matches = False
    for prediction in chain((primary,), predictions):
        if not equal(prediction, expectation.value, tolerance) and equal(number, prediction, tolerance):
            if in_range(prediction):
                return Statement.FOLLOWS
            matches = True
    if matches:
        return Statement.NOTHING
    if equal(primary, expectation.value, tolerance) or in_range(primary):
        return Statement.WRONG
    return Statement.NOTHING


def judge(key: Key, statements: Sequence[tuple[Trial, Statement]]) -> Judgement:
    """Combine the statements of all trials: the worst counts.

    Parameters
    ----------
    key : Key
    statements : sequence of (Trial, Statement)

    Returns
    -------
    Judgement
        `undecided` where there is nothing but agreements with zero and no-statements.
    """
    if any(said is Statement.OPEN for _, said in statements):
        # By hand there is one number for one case: a zero is as good there as any.
        said_at = [(trial, said) for trial, said in statements if said is not Statement.OPEN]
        statements = [(t, Statement.CORRECT if said is Statement.AGREES else said) for t, said in said_at]
    every = {said for _, said in statements}
    if Statement.CORRECT in every and every <= RIGHT:
        return Judgement(key=key, verdict=Verdict.CORRECT, trial=statements[0][0])
    decided = [(trial, VERDICT[said]) for trial, said in statements if said in VERDICT]
    if not decided:
        return Judgement(key=key, verdict=Verdict.UNDECIDED, trial=statements[0][0] if statements else None)
    worst = _worst(verdict for _, verdict in decided)
    # An expected zero decides nothing alone; where all is right it shows as well as any other case.
    shows = (worst, Statement.AGREES) if worst is Verdict.CORRECT else (worst,)
    elsewhere = [verdict for trial, verdict in decided if not trial.reference.case.edge]
    return Judgement(
        key=key,
        verdict=worst,
        trial=next(trial for trial, said in statements if said in shows),
        only_edges=worst is not Verdict.CORRECT and bool(elsewhere) and _worst(elsewhere) is Verdict.CORRECT,
    )


def _worst(verdicts: Iterable[Verdict]) -> Verdict:
    return min(verdicts, key=WORST_FIRST.index)
