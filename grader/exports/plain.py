"""The log of a check, for people who read it without colours: the first mistake first, then a line per question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.exports.outcomes import Outcome, QuestionOutcome, SubmissionOutcome
from grader.reports.conditions import NOTHING_RUN
from grader.reports.text import earned_text, points_text

PRACTICE = (
    "Only the worked case and practice cases were run: whoever can edit this repository can edit its checks. "
    "Marks come from the instructor's own run, on other cases."
)

_WORDS = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "FAILED",
    Outcome.FOLLOWS: "follows",
    Outcome.WAITS: "waits",
    Outcome.ERROR: "ERROR",
}
_WIDTH = max(len(word) for word in _WORDS.values())


def log(outcomes: Sequence[SubmissionOutcome]) -> Iterator[str]:
    """Yield the lines of the log.

    Parameters
    ----------
    outcomes : sequence of SubmissionOutcome

    Yields
    ------
    str
        Without its line end. What a submission wrote never stands at the beginning of one.
    """
    for outcome in outcomes:
        yield from _submission(outcome)
        yield ""
    yield PRACTICE


def points_sentence(outcome: SubmissionOutcome) -> str:
    """Say the points, and what is not in them.

    Parameters
    ----------
    outcome : SubmissionOutcome

    Returns
    -------
    str
        `9 of 10 points on practice cases.`
    """
    if outcome.is_fault:
        return "No points were decided: the grader failed, and not the work."
    earned = earned_text(outcome.points, outcome.max_points)
    text = f"{earned} of {points_text(outcome.max_points)} points on practice cases"
    if not outcome.waiting:
        return f"{text}."
    return f"{text}; {_questions(outcome.waiting)} read by a person."


def _questions(count: int) -> str:
    return "1 question is" if count == 1 else f"{count} questions are"


def _submission(outcome: SubmissionOutcome) -> Iterator[str]:
    yield f"{outcome.title}: {outcome.name}"
    yield outcome.sentence
    yield ""
    for question in outcome.questions:
        yield f"  {_WORDS[question.outcome]:<{_WIDTH}}  {_points(question)}  {question.title}"
    for remark in outcome.remarks:
        yield ""
        yield f"{remark.title}{f' ({remark.spot})' if remark.spot is not None else ''}"
        yield from (f"  {line}" for line in remark.details)
    for note in outcome.notes:
        yield f"note: {note}"
    yield ""
    yield points_sentence(outcome)
    if outcome.isolation != NOTHING_RUN:
        yield f"Isolation of the code: {outcome.isolation}."


def _points(question: QuestionOutcome) -> str:
    most = points_text(question.max_points)
    if question.outcome in (Outcome.WAITS, Outcome.ERROR) and not question.points:
        return f"{'-':>5} of {most:<4}"
    return f"{earned_text(question.points, question.max_points):>5} of {most:<4}"
