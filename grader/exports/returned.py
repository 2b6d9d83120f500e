"""What goes back to a student: the grade that holds, and what may be said of it; and which grades may go back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from grader.errors import UsageError
from grader.model import Grade, Late, Origin, Status
from grader.reports.text import clean_line
from grader.reports.view import StudentView

_UNDECIDED = (Status.FAULT, Status.AWAITING, Status.UNREADABLE)
_NAME = 120
_MOST_SHOWN = 20


class ReturnedQuestion(Struct, frozen=True, kw_only=True):
    """The points of a question."""

    id: str
    title: str
    points: float
    max_points: float
    pending_points: float


class Returned(Struct, frozen=True, kw_only=True):
    """One student's grade on its way back."""

    student: str
    file_name: str
    """Of the student's files in the output folder, without a suffix."""
    origin: Origin
    points: float
    """Those that hold: with the marks of people, and less what lateness costs."""
    max_points: float
    pending_points: float
    status: Status
    final: bool
    """Whether nothing waits for a person or for us."""
    questions: tuple[ReturnedQuestion, ...]
    said: tuple[str, ...]
    """What the student is told in short, a sentence or a few in each line; clean, from the public view alone."""
    late: Late | None = None
    """What lateness costs; None where it costs nothing."""

    @property
    def shown(self) -> str:
        """The student's name, fit for a message."""
        return clean_line(self.student, _NAME)

    @property
    def is_absent(self) -> bool:
        """Whether nothing was handed in."""
        return self.status is Status.MISSING

    @property
    def is_decided(self) -> bool:
        """Whether some of the points are decided; where none are, a 0 would be read as a grade."""
        return self.final or self.pending_points < self.max_points


def returned(grade: Grade, view: StudentView, *, file_name: str, origin: Origin) -> Returned:
    """Take from a grade what goes back.

    Parameters
    ----------
    grade : Grade
        The one that holds.
    view : StudentView
        What its student may see of it; every text comes from it.
    file_name : str
        Of the student's files, without a suffix.
    origin : Origin
        Where the submission is from.

    Returns
    -------
    Returned
    """
    return Returned(
        student=grade.student,
        file_name=file_name,
        origin=origin,
        points=grade.points,
        max_points=grade.max_points,
        pending_points=grade.pending_points,
        status=grade.status,
        final=is_final(grade),
        questions=tuple(
            ReturnedQuestion(
                id=one.id,
                title=clean_line(one.title, _NAME),
                points=one.points,
                max_points=one.max_points,
                pending_points=one.pending_points,
            )
            for one in grade.questions
        ),
        said=tuple(_said(view)),
        late=grade.late if grade.total is None else None,
    )


def is_final(grade: Grade) -> bool:
    """Say whether a grade may go back: nothing in it waits for a person or for us.

    Parameters
    ----------
    grade : Grade

    Returns
    -------
    bool
        False too where there is not even a question to decide on.
    """
    return grade.final and (bool(grade.questions) or grade.status not in _UNDECIDED)


def _said(view: StudentView) -> Iterator[str]:
    """Say the points and the first mistake, what it is, the points of each question, and what people said."""
    yield view.opening
    finding = view.first_finding
    if finding is not None and finding.text:
        yield finding.text
    if len(view.questions) > 1:
        yield "; ".join(f"{one.title}: {one.points} of {one.max_points}" for one in view.questions) + "."
    by_people = [(mark, one.title) for one in view.questions for mark in one.marks]
    for mark, title in [*((mark, "") for mark in view.marks), *by_people]:
        if mark.comment:
            where = ", ".join(text for text in (title, mark.what) if text)
            yield f"{where}: {mark.comment}" if where else mark.comment


def chosen(grades: Sequence[Returned], *, provisional: bool, only_final: bool) -> tuple[Returned, ...]:
    """Choose the grades that go back.

    Parameters
    ----------
    grades : sequence of Returned
        Of the whole class.
    provisional : bool
        Whether points that are decided so far go back, too.
    only_final : bool
        Whether grades that are not final are left out.

    Returns
    -------
    tuple of Returned

    Raises
    ------
    UsageError
        Where some are not final and neither was asked for; names them.
    """
    waiting = [one for one in grades if not one.final]
    if only_final:
        return tuple(one for one in grades if one.final)
    if waiting and not provisional:
        shown = "".join(f"\n  {_waits(one)}" for one in waiting[:_MOST_SHOWN])
        more = len(waiting) - _MOST_SHOWN
        raise UsageError(
            f"{len(waiting)} of {len(grades)} grades are not final:{shown}{f'{chr(10)}  and {more} more' if more > 0 else ''}",
            remedy="decide them with `grader mark`, or leave them out with --only-final, or give back what is decided so far "
            "with --provisional",
        )
    return tuple(grades)


def _waits(one: Returned) -> str:
    where = ", ".join(question.id for question in one.questions if question.pending_points)
    return f"{one.shown}: {one.status.value}{f', waits: {where}' if where else ''}"
