"""The two ends of a grade: the solution earns every point, and the hand-out none."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from grader.assignment import Assignment
from grader.errors import AssignmentError
from grader.handout import HandOut, hand_out
from grader.model import Grade, Status, Submission
from grader.validation.ground import Ground, shortfalls
from grader.validation.proof import Proof, counted, fails, holds, not_here

SOLUTION, HAND_OUT = "solution", "hand-out"


def solution_proof(ground: Ground) -> tuple[Proof, Grade | None]:
    """Grade the solution.

    Parameters
    ----------
    ground : Ground

    Returns
    -------
    (Proof, Grade or None)
        None where there is no solution.
    """
    if ground.solution is None:
        if not ground.assignment.has_code:
            why = "nothing is asked as code, and there is no solution.md: the right hand-ins of the corpus stand for it"
            return not_here(SOLUTION, why), None
        remedy = "add solution.py, or a folder `solution`, with the right work"
        return fails(SOLUTION, "there is none", remedy=remedy), None
    ground.tell("solution")
    result = ground.graded(ground.solution)
    read = sum(question.points for question in ground.assignment.questions if question.headings)
    found = f"{result.points:g} of {result.max_points - read:g} points"
    if read:
        found += f"; {read:g} more are for a person"
    details = shortfalls(ground.assignment, result)
    if not details:
        return holds(SOLUTION, found), result
    remedy = "compare the solution with the network: one of the two computes another thing than the task says"
    return fails(SOLUTION, found, details, remedy=remedy), result


def hand_out_of(assignment: Assignment) -> HandOut | AssignmentError:
    """Make the hand-out, or say why there is none."""
    try:
        return hand_out(assignment)
    except AssignmentError as error:
        return error


def hand_out_proof(ground: Ground, made: HandOut | AssignmentError) -> tuple[Proof, list[Grade]]:
    """Grade the hand-out as if it were handed in as it is.

    Parameters
    ----------
    ground : Ground
    made : HandOut or AssignmentError

    Returns
    -------
    (Proof, list of Grade)
        The grades of its modules, and of its notebook where it has one.
    """
    if isinstance(made, AssignmentError):
        return fails(HAND_OUT, made.message, remedy=made.remedy), []
    ground.tell("hand-out")
    grades = [ground.graded(submission) for submission in _submissions(made)]
    details = [f"{one.student}: {text}" for one in grades for text in _earnings(one)]
    kinds = " and ".join(one.student for one in grades)
    found = f"{kinds}: {max((one.points for one in grades), default=0.0):g} points"
    if not details:
        return holds(HAND_OUT, f"{found}, and every question is not yet written"), grades
    remedy = "take out what is left of the solution: enclose it in `# BEGIN SOLUTION` and `# END SOLUTION`"
    return fails(HAND_OUT, found, details, remedy=remedy), grades


def _submissions(made: HandOut) -> Iterator[Submission]:
    empty = Submission(student="", path="", files=(), sha256="")
    modules = tuple(source for source in made.sources if not source.is_notebook)
    notebooks = tuple(source for source in made.sources if source.is_notebook)
    texts = tuple(document for document in made.documents if document.cell is None)
    cells = tuple(document for document in made.documents if document.cell is not None)
    if modules or texts:
        names = (*(one.name for one in modules), *(one.name for one in texts))
        student = "modules" if modules else "texts"
        yield replace(empty, student=student, files=names, sources=modules, documents=texts)
    if notebooks:
        yield replace(
            empty,
            student="notebook",
            files=tuple(one.name for one in notebooks),
            sources=notebooks,
            documents=cells,
        )


def _earnings(result: Grade) -> Iterator[str]:
    """Say what a hand-out earns, or what is not told to be unwritten."""
    if result.status is not Status.GRADED:
        yield f"it cannot be graded: {result.message}"
        return
    for question in result.questions:
        if question.points > 0.0:
            yield f"{question.id} earns {question.points:g} of {counted_points(question.max_points)}"
        elif question.pending_points > 0.0:
            yield f"{question.id}: {counted_points(question.pending_points)} wait for a person, with nothing to read"
        elif question.status is not Status.MISSING:
            yield f"{question.id} is {question.status.value}: {question.message or 'no reason is given'}"


def counted_points(points: float) -> str:
    """Return points with their noun."""
    return counted(int(points), "point") if points == int(points) else f"{points:g} points"
