"""Points as GitHub Classroom reads them: the result of a runner, and the two notices that its reporter makes of results.

Source: the reporter of github.com/classroom-resources/autograding-grading-reporter (src/main.js, src/notify-classroom.js) and the
runners whose results it reads (version 3).
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Sequence
from typing import TypedDict

from grader.exports.github import command
from grader.exports.outcomes import Outcome, QuestionOutcome, SubmissionOutcome
from grader.reports.text import earned_text, points_text

VERSION = 3
_STATUS = {
    Outcome.PASSED: "pass",
    Outcome.FOLLOWS: "pass",
    Outcome.WAITS: "pass",
    Outcome.FAILED: "fail",
    Outcome.ERROR: "error",
}
_MOST_MESSAGE = 2_000


class Test(TypedDict):
    """A test of a runner; `score` is in points."""

    name: str
    status: str
    """`pass`, `fail` or `error`."""
    message: str
    test_code: str
    task_id: int
    filename: str
    line_no: int
    duration: float
    score: float


class Result(TypedDict):
    """What a runner puts into its output `result`."""

    version: int
    status: str
    """`pass`, `fail` or `error`."""
    max_score: float
    tests: list[Test]


def result(outcomes: Sequence[SubmissionOutcome]) -> Result:
    """Make the result of a runner: a test for each question whose points can be decided here.

    Parameters
    ----------
    outcomes : sequence of SubmissionOutcome

    Returns
    -------
    Result
        The scores of its tests sum to the points, as the reporter adds them. Where we failed there are no points to be had,
        so that the reporter sends none.
    """
    counted = [(one, question) for one in outcomes for question in one.questions if question.counted]
    statuses = {_STATUS[question.outcome] for _, question in counted}
    return Result(
        version=VERSION,
        status="error" if "error" in statuses else "fail" if "fail" in statuses else "pass",
        max_score=0
        if "error" in statuses
        else _number(math.fsum(question.max_points for _, question in counted)),
        tests=[_test(one, question, number) for number, (one, question) in enumerate(counted, start=1)],
    )


def _test(outcome: SubmissionOutcome, question: QuestionOutcome, number: int) -> Test:
    spot = question.spot
    return Test(
        name=f"{outcome.name}: {question.title}",
        status=_STATUS[question.outcome],
        message="\n".join(question.details)[:_MOST_MESSAGE],
        test_code="",
        task_id=number,
        filename=spot.file if spot is not None else outcome.name,
        line_no=(spot.line or 0) if spot is not None and spot.cell is None else 0,
        duration=0.0,
        score=_score(question),
    )


def _score(question: QuestionOutcome) -> float:
    """Return the points with two decimals; rounding alone never makes them full."""
    return _number(float(earned_text(question.points, question.max_points)))


def _number(points: float) -> float:
    """Return points with two decimals, as a whole number where they are one."""
    rounded = round(points, 2)
    return int(rounded) if rounded == int(rounded) else rounded


def encoded(of: Result) -> str:
    """Write a result as the output `result` has it.

    Parameters
    ----------
    of : Result

    Returns
    -------
    str
        Base64 of JSON.
    """
    return base64.b64encode(json.dumps(of, allow_nan=False).encode()).decode("ascii")


def total(of: Result) -> float:
    """Add the scores of a result as the reporter does.

    Parameters
    ----------
    of : Result

    Returns
    -------
    float
        Points.
    """
    return _number(sum(test["score"] for test in of["tests"]))


def notices(of: Result) -> tuple[str, str] | tuple[()]:
    """Write the two notices by which points reach Classroom.

    Parameters
    ----------
    of : Result

    Returns
    -------
    tuple of str
        Two workflow commands; none where there are no points to be had, as in the reporter.
    """
    if not of["max_score"]:
        return ()
    earned = total(of)
    told = f"Points {points_text(earned)}/{points_text(of['max_score'])}"
    numbers = json.dumps({"totalPoints": earned, "maxPoints": of["max_score"]}, separators=(",", ":"))
    return (
        command("notice", told, title="Autograding complete"),
        command("notice", numbers, title="Autograding report"),
    )
