"""A student's own check of a submission: the worked case and practice cases, behind every door the same.

It shows nothing and writes nothing: the command, the notebook, pytest and CI each say what came of it in their own way.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext, suppress
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from grader.assignment import Assignment
    from grader.gradient_check import GradientCheck
    from grader.model import Finding, Grade, Job, RunOutcome, Submission
    from grader.reports.view import StudentView
    from grader.sandbox import Runner
    from grader.session import Session


class Checked(Struct, frozen=True, kw_only=True):
    """What came of a check."""

    assignment: Assignment
    submission: Submission
    grade: Grade
    """On the worked case and the practice cases."""
    gradients: tuple[GradientCheck, ...] = ()
    """What differences of the student's own forward pass say on the gradients; empty where there are none."""

    def step(self, hint: int | None = None) -> int:
        """Return how much is told: the step that is asked for, or the usual one, and no more than the author allows."""
        from grader.hints import step_for

        return step_for(hint, self.assignment.policy.max_hint)

    def view(self, hint: int | None = None) -> StudentView:
        """Return what the student sees at a step of the ladder of hints; every door shows this."""
        from grader.hints import view_at

        return view_at(self.grade, self.step(hint))


def check(
    submission: Submission,
    assignment: Assignment | None = None,
    *,
    hidden: str | None = None,
    tell: Callable[[str], None] | None = None,
    running: Runner | None = None,
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
    running : Runner, optional
        From `own_runner`, for several submissions or to have it start before they are read; without it this one has its own.

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
    return look(asked, submission, drawn, tell, running)


def own_runner(*, notebooks: bool, assignment: Assignment | None = None) -> Runner:
    """Begin to start what runs a student's own code; much else can be done before it is there.

    Parameters
    ----------
    notebooks : bool
        Whether it will probably run some.
    assignment : Assignment, optional
        What the code answers, where that is known already.

    Returns
    -------
    Runner
        A context manager.
    """
    from grader.model import Limits
    from grader.sandbox import Runner
    from grader.sandbox.launch import Flavour

    limits = Limits() if assignment is None else assignment.limits
    return Runner.for_own_code(Flavour(imports=limits.imports, shell=notebooks))


def check_with(
    drawn: Session,
    submission: Submission,
    run: Callable[[Job], RunOutcome],
    level: str,
    tell: Callable[[str], None] | None = None,
) -> Checked:
    """Check a submission on cases that are drawn already, by whatever runs it.

    Parameters
    ----------
    drawn : Session
    submission : Submission
        The author's own.
    run : callable
        Runs a job: in the sandbox, or on the objects of a notebook.
    level : str
        How it is isolated there.
    tell : callable, optional
        Hears of what takes long, before it begins.

    Returns
    -------
    Checked
    """
    from grader.gradient_check import check_gradients
    from grader.pipeline import grade, own_work

    found = grade(drawn, submission, run, level, tell)
    gradients = check_gradients(drawn, own_work(drawn, submission), found, run) if submission.sources else ()
    return Checked(
        assignment=drawn.assignment,
        submission=submission,
        grade=_with_rules(found, drawn),
        gradients=gradients,
    )


def _recognised(submission: Submission) -> Assignment:
    from grader.recognition import recognised

    return recognised(submission)


def _in_code(
    asked: Assignment,
    submission: Submission,
    drawn: Callable[[], Session],
    tell: Callable[[str], None] | None,
    running: Runner | None,
) -> Checked:
    shell = any(source.is_notebook for source in submission.sources)
    # What runs the code takes as long to start as the cases take to draw: both at once.
    with own_runner(notebooks=shell, assignment=asked) if running is None else nullcontext(running) as runner:
        _begin(runner, drawn(), submission)
        # What is needed only once there are answers loads while the code runs.
        import grader.gradient_check
        import grader.hints  # noqa: F401  (the same)

        return check_with(drawn(), submission, runner.run, runner.isolation.level, tell)


def _begin(runner: Runner, drawn: Session, submission: Submission) -> None:
    """Have the code run before its answers are asked for."""
    from grader.pipeline import own_work
    from grader.session import job_of

    job = job_of(drawn, own_work(drawn, submission))
    runner.settle(job)
    if job.sources and submission.problem is None and submission.conflict is None:
        with suppress(OSError):  # `run` says why
            runner.prepare(job)


def _on_paper(
    _asked: Assignment,
    submission: Submission,
    drawn: Callable[[], Session],
    tell: Callable[[str], None] | None,
    _running: Runner | None,
) -> Checked:
    """Mark what is written, where no code is asked for: there is nothing to run, and no process for it."""
    from grader.reuse import NOTHING_RUN
    from grader.work import run_nothing

    return check_with(drawn(), submission, run_nothing, NOTHING_RUN, tell)


def _with_rules(grade: Grade, drawn: Session) -> Grade:
    """Return a grade whose findings have the rule of their quantity, where it has one: those on paper come without."""
    from grader.marking.rules import rule

    on_paper = drawn.assignment.part_of
    tables = (*drawn.tables, *(() if drawn.points is None else (drawn.points.everything,)))
    named = {table.unit.label(name): (table, name) for table in tables for name in table.unit.order}

    def complete(finding: Finding, question: str) -> Finding:
        if finding.at not in named or (finding.rule and question not in on_paper):
            return finding
        # On paper a finding says what is to be changed in the student's own formula.
        here = f"; here {finding.rule}" if finding.rule else ""
        return replace(finding, rule=f"{rule(*named[finding.at])}{here}")

    return replace(
        grade,
        questions=tuple(
            replace(question, findings=tuple(complete(one, question.id) for one in question.findings))
            if question.findings
            else question
            for question in grade.questions
        ),
    )
