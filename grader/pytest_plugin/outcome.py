"""How the test of a question ends: passed, failed, following from another one's mistake, waiting, or without a result."""

from __future__ import annotations

from enum import Enum

from grader.model import Grade, LineVerdict, QuestionResult, Status, Verdict

_ROUNDING = 1e-9
_MISTAKES = frozenset({Verdict.WRONG, Verdict.INVALID})
_RIGHT_STEPS = frozenset({Verdict.CORRECT, Verdict.FOLLOWS})


class Outcome(Enum):
    """How a question's test ends."""

    PASSED = "passed"
    FAILED = "failed"
    FOLLOWS = "follows"
    """An expected failure: every step in it is right and no point is lost, from a mistake that fails another test."""
    WAITS = "waits"
    """Skipped: a person reads it, and nothing is lost so far."""
    ERROR = "error"
    """It was not graded: the file cannot be read, or the grader is at fault."""


def outcomes(grade: Grade) -> tuple[Outcome, ...]:
    """Say how the test of each question ends.

    Parameters
    ----------
    grade : Grade

    Returns
    -------
    tuple of Outcome
        In the order of the questions. Passed is what is correct throughout. Where anything is not, at least one of the
        tests fails, or has no result.
    """
    found = tuple(_own(question) for question in grade.questions)
    if Outcome.FAILED in found:
        return found
    return tuple(Outcome.FAILED if one is Outcome.FOLLOWS else one for one in found)


def _own(question: QuestionResult) -> Outcome:
    """Say how a question ends, by itself."""
    if question.status in (Status.FAULT, Status.UNREADABLE):
        return Outcome.ERROR
    if question.status is Status.AWAITING:
        return Outcome.FAILED if _has_mistake(question) else Outcome.WAITS
    if question.is_all_correct:
        return Outcome.PASSED
    only_follows = all(entry.verdict in _RIGHT_STEPS for entry in question.quantities)
    graded = question.status is Status.GRADED
    return Outcome.FOLLOWS if graded and only_follows and not _has_mistake(question) else Outcome.FAILED


def _has_mistake(question: QuestionResult) -> bool:
    """Say whether something was lost or done wrong here, whatever a person finds in what waits."""
    lost = question.max_points - question.points - question.pending_points
    return (
        lost > _ROUNDING
        or any(entry.verdict in _MISTAKES for entry in question.quantities)
        or any(line.verdict is LineVerdict.WRONG for line in question.lines)
        or any(finding.explains for finding in question.findings)
    )
