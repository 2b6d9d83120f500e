"""What a test says of a question, by its result: passed, failed, waiting for a person, or no result at all."""

from __future__ import annotations

from enum import Enum

from grader.model import LineVerdict, QuestionResult, Status, Verdict

_ROUNDING = 1e-9


class Outcome(Enum):
    """How a question's test ends."""

    PASSED = "passed"
    FAILED = "failed"
    WAITS = "waits"
    """Skipped: a person reads it, and nothing is lost so far."""
    ERROR = "error"
    """It was not graded: the file cannot be read, or the grader is at fault."""


def outcome_of(question: QuestionResult) -> Outcome:
    """Say how the test of a question ends.

    Parameters
    ----------
    question : QuestionResult

    Returns
    -------
    Outcome
        Passed where all of it is correct, and nothing else: a value that follows from a mistake is not the task's.
    """
    if question.status in (Status.FAULT, Status.UNREADABLE):
        return Outcome.ERROR
    if question.status is Status.AWAITING:
        return Outcome.FAILED if _has_mistake(question) else Outcome.WAITS
    return Outcome.PASSED if question.is_all_correct else Outcome.FAILED


def _has_mistake(question: QuestionResult) -> bool:
    """Say whether something is not right already, whatever a person finds in what waits."""
    lost = question.max_points - question.points - question.pending_points
    return (
        lost > _ROUNDING
        or any(entry.verdict not in (Verdict.CORRECT, Verdict.MISSING) for entry in question.quantities)
        or any(line.verdict is LineVerdict.WRONG for line in question.lines)
    )
