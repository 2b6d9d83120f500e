"""A student's own check of a submission: the worked case and practice cases, behind every door the same.

It shows nothing and writes nothing: the command, the notebook, pytest and CI each say what came of it in their own way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.assignment import Assignment
    from grader.gradient_check import GradientCheck
    from grader.model import Grade, Submission
    from grader.session import Session


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """What came of a check."""

    assignment: Assignment
    submission: Submission
    grade: Grade
    """On the worked case and the practice cases."""
    gradients: tuple[GradientCheck, ...] = ()
    """What differences of the student's own forward pass say on the gradients; empty where there are none."""


def check(
    submission: Submission,
    assignment: Assignment | None = None,
    *,
    hidden: str | None = None,
    tell: Callable[[str], None] | None = None,
) -> Checked:
    """Check a submission as its author may: in the strongest isolation that can be had at once, and in any.

    Parameters
    ----------
    submission : Submission
        The author's own.
    assignment : Assignment, optional
        What it answers; recognised by what it defines or derives where it is left out.
    hidden : str, optional
        What the cases are drawn from; without it they are the practice cases, which are no secret.
    tell : callable, optional
        Hears of what takes long, before it begins.

    Returns
    -------
    Checked

    Raises
    ------
    UsageError
        Where no assignment is recognised.
    """
    asked = assignment or _recognised(submission)

    @cache
    def drawn() -> Session:
        from grader.secret import PRACTICE
        from grader.session import session

        return session(asked, hidden or PRACTICE)

    look = _in_code if asked.has_code else _on_paper
    grade, gradients = look(asked, submission, drawn, tell)
    return Checked(assignment=asked, submission=submission, grade=grade, gradients=gradients)


def _recognised(submission: Submission) -> Assignment:
    from grader.recognition import recognised

    return recognised(submission)


def _in_code(
    asked: Assignment,
    submission: Submission,
    drawn: Callable[[], Session],
    tell: Callable[[str], None] | None,
) -> tuple[Grade, tuple[GradientCheck, ...]]:
    from grader.model import Job
    from grader.sandbox import Runner

    # What kind of process runs it depends on the sources and the limits alone.
    job = Job(sources=submission.sources, functions=(), calls=(), limits=asked.limits)
    # What runs the code takes as long to start as the cases take to draw: both at once.
    with Runner.for_own_code(job, meanwhile=drawn) as runner:
        from grader.gradient_check import check_gradients
        from grader.pipeline import grade

        found = grade(drawn(), submission, runner.run, runner.isolation.level, tell)
        return found, check_gradients(drawn(), submission, found, runner.run)


def _on_paper(
    _asked: Assignment,
    submission: Submission,
    drawn: Callable[[], Session],
    tell: Callable[[str], None] | None,
) -> tuple[Grade, tuple[GradientCheck, ...]]:
    """Mark what is written, where no code is asked for: there is nothing to run, and no process for it."""
    from grader.pipeline import grade
    from grader.reuse import NOTHING_RUN
    from grader.work import run_nothing

    return grade(drawn(), submission, run_nothing, NOTHING_RUN, tell), ()
