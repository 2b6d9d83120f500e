"""Grades texts as if they were handed in: written to a file, read, and sent through the whole pipeline."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from grader.assignment_file import load
from grader.model import Grade, Job, LineResult, LineVerdict, QuestionResult, RunOutcome, Status
from grader.pipeline import grade
from grader.session import Session, session
from grader.submissions import Found, read

SKIP = "skip_network_by_hand"
REPORT = "mlp_lab_report"
SHEET = "softmax_sheet"
SEED = "seed of the tests"

Mark = tuple[str, float]
"""A verdict, and the share of the weight that was earned."""


@cache
def shared(assignment: str = SKIP, seed: str = SEED) -> Session:
    """Return what all submissions of an assignment share."""
    return session(load(assignment), seed)


def no_process(job: Job) -> RunOutcome:
    """Stand in for the sandbox: written work runs nothing."""
    raise AssertionError(f"nothing is to be run, but {job.functions} is")


def graded_file(path: Path, under: Session) -> Grade:
    """Grade what lies at a path; an exception of ours is an error of the test, not a grade."""
    submission = read(Found(student="alice", path=path, modified=0.0))
    result = grade(under, submission, no_process, "none")
    assert result.status is not Status.FAULT, result.message
    return result


def graded(
    text: str | bytes, assignment: str = SKIP, *, name: str = "alice.md", under: Session | None = None
) -> Grade:
    """Grade a text as a file of that name."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
        return graded_file(path, under or shared(assignment))


def question(result: Grade, name: str) -> QuestionResult:
    """Return the result of one question."""
    return next(one for one in result.questions if one.id == name)


def points(result: Grade) -> dict[str, float]:
    """Return the points of every question, to ten digits."""
    return {one.id: round(one.points, 10) for one in result.questions}


def verdicts(result: Grade, name: str) -> dict[str, str]:
    """Return the verdict on each quantity of a question."""
    return {entry.name: entry.verdict.value for entry in question(result, name).quantities}


def not_correct(result: Grade, name: str) -> dict[str, str]:
    """Return the verdicts of a question that are anything but correct."""
    return {quantity: verdict for quantity, verdict in verdicts(result, name).items() if verdict != "correct"}


def marks(result: Grade, name: str) -> dict[str, Mark]:
    """Return verdict and share of each quantity of a question."""
    return {
        entry.name: (entry.verdict.value, round(entry.share, 6))
        for entry in question(result, name).quantities
    }


def findings(result: Grade) -> list[tuple[str, str, str]]:
    """Return all findings: question, slip and place."""
    return [(one.id, finding.slip, finding.at) for one in result.questions for finding in one.findings]


def names_at(result: Grade, name: str, quantity: str) -> set[str]:
    """Return the slips that a question's findings blame for a quantity."""
    return {
        slip
        for finding in question(result, name).findings
        if quantity == finding.at or quantity in finding.explains
        for slip in (finding.slip, *finding.also)
    }


def lines(result: Grade, name: str) -> tuple[LineResult, ...]:
    """Return the lines of a question."""
    return question(result, name).lines


def read_as(result: Grade, name: str) -> list[tuple[str | None, str | None, LineVerdict]]:
    """Return of each line of a question its label, what it counts as, and what is said of it."""
    return [(line.label, line.quantity, line.verdict) for line in lines(result, name)]
