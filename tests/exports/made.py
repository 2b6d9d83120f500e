"""Outcomes of checks made by hand, for the tests of the formats."""

from __future__ import annotations

from functools import cache
from typing import Any

from msgspec.structs import replace

from grader.assignment import Assignment
from grader.assignment_file import load
from grader.exports.outcomes import SubmissionOutcome, outcome_of
from grader.model import (
    Environment,
    Finding,
    Grade,
    QuantityResult,
    QuestionResult,
    Source,
    Status,
    Submission,
    Verdict,
)
from grader.reports.view import public_view

CODE = """import numpy as np


def forward(x, w0, w1, w2, ws):
    return {}


def backward(x, y, w0, w1, w2, ws):
    return {}
"""
ENVIRONMENT = Environment(grader="0.1.0", numpy="2.4.6", isolation="jail", seed_sha256="9f" * 32)
TITLES = {"forward": "Forward", "gradients": "Gradients", "update": "Update"}
MOST = {"forward": 3.0, "gradients": 4.0, "update": 3.0}


@cache
def _assignment() -> Assignment:
    return load("skip_network")


def question(name: str, points: float | None = None, **more: Any) -> QuestionResult:
    """Make a question of the skip network, all correct where nothing else is said."""
    given = {
        "id": name,
        "title": TITLES[name],
        "points": MOST[name] if points is None else points,
        "max_points": MOST[name],
        "status": Status.GRADED,
        **more,
    }
    return QuestionResult(**given)


def quantity(name: str, verdict: Verdict, **more: Any) -> QuantityResult:
    """Make a required quantity."""
    given = {
        "name": name,
        "verdict": verdict,
        "required": True,
        "case": "worked",
        "function": "backward",
        **more,
    }
    return QuantityResult(**given)


def flipped(text: str = "At dL/dw0: the sign is flipped.") -> QuestionResult:
    """Make the gradients of a student who flipped a sign, and lost a point by it."""
    return question(
        "gradients",
        3.0,
        quantities=(quantity("dL/dw0", Verdict.WRONG, expected=0.75, actual=-0.75),),
        findings=(Finding(slip="sign-flipped", at="dL/dw0", explains=("dL/dw0",), text=text),),
    )


def grade(*questions: QuestionResult, **more: Any) -> Grade:
    """Make a grade of the skip network; questions that are left out are all correct."""
    given = {one.id: one for one in questions}
    return Grade(
        **{
            "assignment": "skip_network",
            "student": "alice",
            "files": ("alice.py",),
            "sha256": "0" * 64,
            "status": Status.GRADED,
            "first_mistake": "dL/dw0" if "gradients" in given else None,
            "questions": tuple(given.get(name, question(name)) for name in TITLES),
            "environment": ENVIRONMENT,
            **more,
        }
    )


def outcome(of: Grade, *, name: str = "work/alice.py", code: str = CODE) -> SubmissionOutcome:
    """Say what came of the check of a submission of one file, in a folder of its repository."""
    source = Source(name=of.files[0], cells=(code,))
    submission = Submission(
        student=of.student, path=of.files[0], files=of.files, sha256=of.sha256, sources=(source,)
    )
    return outcome_of(
        _assignment(),
        submission,
        of,
        told=of,
        view=public_view(of, "hints"),
        name=name,
        in_repository=lambda file: f"work/{file}",
    )


def renamed(of: SubmissionOutcome, number: int) -> SubmissionOutcome:
    """Return the same outcome of another file."""
    return replace(of, name=f"work/student{number}.py")
