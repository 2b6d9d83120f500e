"""What the proofs stand on: the assignment, the cases of a class, the solution, and what runs code."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from grader.assignment import Assignment
from grader.assignment_file.code import solution_place
from grader.model import Grade, Job, RunOutcome, Status, Submission
from grader.pipeline import grade
from grader.session import Session, session
from grader.submissions import find, read

SECRET = "validation"  # noqa: S105  no password: everybody may know it
"""What the cases are drawn from: the same ones each time, so that a proof can be repeated."""
OTHER_SECRETS = ("validation 2", "validation 3", "validation 4")
"""For what a single set of cases might miss by chance."""
FULL = 1e-9


class Ground(Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """What the proofs stand on."""

    assignment: Assignment
    session: Session
    run: Callable[[Job], RunOutcome]
    isolation: str
    tell: Callable[[str], None]

    def graded(self, submission: Submission, on: Session | None = None) -> Grade:
        """Grade a submission as any is graded."""
        return grade(on or self.session, submission, self.run, self.isolation, self.tell)

    @cached_property
    def solution(self) -> Submission | None:
        """The solution, as a student would hand it in; None where there is none."""
        return solution_of(self.assignment)


def solution_of(assignment: Assignment) -> Submission | None:
    """Read the solution of an assignment as a submission.

    Parameters
    ----------
    assignment : Assignment

    Returns
    -------
    Submission or None
        None where it has none.
    """
    place = solution_place("", assignment.folder)
    written = (assignment.folder / f"solution{ending}" for ending in (".md", ".tex"))
    place = place or next((path for path in written if path.is_file()), None)
    if place is not None:
        found = find([place], single=True)
        return replace(read(found[0]), student="solution") if found else None
    if not assignment.solution:
        return None
    files = tuple(source.name for source in assignment.solution)
    return Submission(student="solution", path="", files=files, sha256="", sources=assignment.solution)


def without_experiments(assignment: Assignment) -> Assignment:
    """Return an assignment that asks for its units alone: experiments take seconds each.

    Parameters
    ----------
    assignment : Assignment

    Returns
    -------
    Assignment
        Without questions that nothing is left of, and without texts that a person reads.
    """
    gone = assignment.experiment_of.keys()
    left = [
        replace(question, functions=tuple(name for name in question.functions if name not in gone))
        for question in assignment.questions
    ]
    return replace(
        assignment, experiments=(), questions=tuple(question for question in left if question.functions)
    )


def is_full(result: Grade) -> bool:
    """Whether every point is earned that no person decides on."""
    decided = result.max_points - result.pending_points
    return result.status is Status.GRADED and result.points > decided - FULL


def shortfalls(assignment: Assignment, result: Grade) -> list[str]:
    """Say what keeps the grade of right work from being full, question by question.

    Parameters
    ----------
    assignment : Assignment
    result : Grade
        What a person reads is left out: a solution need not hold it.

    Returns
    -------
    list of str
        Empty where it is full.
    """
    if result.status is not Status.GRADED:
        return [f"{result.status.value}: {result.message or 'no reason is given'}"]
    found = []
    read = {question.id for question in assignment.questions if question.headings}
    for question in result.questions:
        if question.id in read or question.points > question.max_points - question.pending_points - FULL:
            continue
        said = [f"{finding.slip} at {finding.at}" for finding in question.findings if finding.explains] or [
            f"{entry.name} is {entry.verdict.value}" for entry in question.quantities if entry.share < 1.0
        ]
        reason = question.message or ", ".join(said[:4]) or question.status.value
        found.append(f"{question.id}: {question.points:g} of {question.max_points:g} points: {reason}")
    return found


def drawn(assignment: Assignment, secret: str = SECRET) -> Session:
    """Draw cases as for a class; see `grader.session.session`."""
    return session(assignment, secret)
