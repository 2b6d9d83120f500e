"""What a check on practice cases says first and last, behind every door in the same words."""

from __future__ import annotations

from grader.model import Grade, Status
from grader.reports.view import StudentView

NO_MISTAKE = "No mistake was found on the worked case and the practice cases."
USED = "Practice cases were used; marking uses others."


def opening_of(grade: Grade, view: StudentView) -> str:
    """Say the first mistake, or that there is none.

    Parameters
    ----------
    grade : Grade
        On the worked case and the practice cases.
    view : StudentView
        What its author may see of it.

    Returns
    -------
    str
    """
    return NO_MISTAKE if grade.is_all_correct else view.explanation or view.opening


def closing_of(grade: Grade) -> str:
    """Say what a check is worth, and how many questions wait for a person; never that all is correct.

    Parameters
    ----------
    grade : Grade

    Returns
    -------
    str
    """
    if not grade.is_all_correct:
        return USED
    waiting = sum(question.status is Status.AWAITING for question in grade.questions)
    read = {0: "", 1: ", and 1 question is read by a person"}.get(
        waiting, f", and {waiting} questions are read by a person"
    )
    return f"Practice cases pass; marking uses other cases{read}."
