"""What people decided, as reports tell it: points and comment for the student, and everything for the class page."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from grader.model import TOTAL, Automatic, Grade, Mark, QuestionResult
from grader.reports.text import clean, clean_line, earned_text, points_text

COMMENT = 4_000
_NAME = 80
_LINE = 300
_DASH = "\N{EN DASH}"


class MarkView(Struct, frozen=True, kw_only=True):
    """What a person decided, for the student; who it was is for the instructor."""

    what: str
    """The quantity; empty where it is the question or the submission as a whole."""
    points: str
    comment: str
    """May have several lines; empty where nothing was said."""


class MarkRow(Struct, frozen=True, kw_only=True):
    """What a person decided, for the class page; clean texts."""

    what: str
    """The title of a question, with a quantity where it is of one; "Total" of the whole."""
    points: str
    automatic: str
    """What the grader gives there; a dash where it leaves that to a person."""
    comment: str
    by: str
    at: str
    """Date and time."""
    in_force: bool
    look_again: str
    """What has changed since; empty where nothing has."""


def mark_views(marks: tuple[Mark, ...]) -> tuple[MarkView, ...]:
    """Take what the student may see of marks: those that the points come from.

    Parameters
    ----------
    marks : tuple of Mark
        Of a question or of the whole.

    Returns
    -------
    tuple of MarkView
        Clean texts, not escaped.
    """
    return tuple(
        MarkView(
            what=clean_line(mark.target.partition(":")[2], _NAME),
            points=points_text(mark.points),
            comment=clean(mark.comment, COMMENT),
        )
        for mark in marks
        if mark.in_force
    )


def automatic_points(automatic: Automatic | None, max_points: float) -> str | None:
    """Write what the grader decided where a person decided otherwise.

    Parameters
    ----------
    automatic : Automatic or None
    max_points : float

    Returns
    -------
    str or None
        Empty where it left that to a person; None where no person decided.
    """
    if automatic is None:
        return None
    if automatic.pending_points > 0.0 and automatic.points == 0.0:
        return ""
    return earned_text(automatic.points, max_points)


def decided_by_people(grade: Grade) -> tuple[str, ...]:
    """Say in a sentence which points people decided.

    Parameters
    ----------
    grade : Grade

    Returns
    -------
    tuple of str
        A sentence; none where the grader decided everything.
    """
    if grade.total is not None:
        return ("A person decided the points.",)
    titles = [
        clean_line(question.title, _NAME) for question in grade.questions if question.automatic is not None
    ]
    if not titles:
        return ()
    quoted = [f"\N{LEFT DOUBLE QUOTATION MARK}{title}\N{RIGHT DOUBLE QUOTATION MARK}" for title in titles]
    listed = f"{', '.join(quoted[:-1])} and {quoted[-1]}" if len(quoted) > 1 else quoted[0]
    return (f"A person decided the points of {listed}.",)


def mark_rows(grade: Grade) -> Iterator[MarkRow]:
    """Take what the class page tells of the marks on a grade.

    Parameters
    ----------
    grade : Grade
        With its marks.

    Yields
    ------
    MarkRow
        Clean texts, not escaped.
    """
    for mark in grade.marks:
        name = "Total" if mark.target == TOTAL else mark.target
        yield _row(mark, name, automatic_points(grade.automatic, grade.max_points) or _DASH)
    for question in grade.questions:
        title = question.title or question.id
        for mark in question.marks:
            quantity = mark.target.partition(":")[2]
            yield _row(mark, f"{title}: {quantity}" if quantity else title, _automatic(mark, question))


def _automatic(mark: Mark, question: QuestionResult) -> str:
    """Write what the grader gives for a question; of a quantity it stands in the report."""
    if mark.target != question.id:
        return ""
    told = question.automatic or Automatic(
        points=question.points, pending_points=question.pending_points, status=question.status
    )
    return automatic_points(told, question.max_points) or _DASH


def _row(mark: Mark, what: str, automatic: str) -> MarkRow:
    return MarkRow(
        what=clean_line(what, 2 * _NAME),
        points=points_text(mark.points),
        automatic=automatic,
        comment=clean_line(mark.comment, _LINE),
        by=clean_line(mark.by, _NAME),
        at=clean_line(mark.at, _NAME)[:16].replace("T", " "),
        in_force=mark.in_force,
        look_again=clean_line(" ".join(mark.look_again), _LINE),
    )
