"""Decisions of people, checked against what was graded and stored in the gradebook; the files follow where nobody is grading."""

from __future__ import annotations

import difflib
import math
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from grader.errors import UsageError
from grader.gradebook import Conflict, Decision, Gradebook, StoredMark
from grader.model import TOTAL, Grade
from grader.outfolder import GRADEBOOK, chosen_look, refresh_marked, stored_facts
from grader.outlock import InUseError, locked
from grader.overrides import SEPARATOR, Place, basis, place

MOST_COMMENT = 4_000
"""Characters of a comment."""
_MOST_NAMED = 12
_DUST = 1e-9
_PATIENCE_S = 1.0
"""For who ends just now, and will not see what was decided; a grader that goes on writes it."""


class Request(Struct, frozen=True, kw_only=True):
    """What a person asks for, as given."""

    student: str
    target: str
    points: str | None
    """None takes an earlier mark back."""
    comment: str = ""
    by: str
    force: bool = False
    """Whether it replaces what another person decided."""


def open_gradebook(out: Path) -> Gradebook:
    """Return the gradebook of an output folder, to be opened.

    Parameters
    ----------
    out : Path

    Returns
    -------
    Gradebook

    Raises
    ------
    UsageError
        Where there is none.
    """
    if not (out / GRADEBOOK).is_file():
        raise UsageError(f"{out} holds no gradebook", remedy="name the output folder of `grader grade`")
    return Gradebook(out / GRADEBOOK)


def decide(book: Gradebook, request: Request) -> Place:
    """Store one decision.

    Parameters
    ----------
    book : Gradebook
    request : Request

    Returns
    -------
    Place
        What it is about, with the automatic points.

    Raises
    ------
    UsageError
        Where there is no such student or place, the points are no points there, or another person has decided
        otherwise.
    """
    grade = graded(book, request.student)
    where = f"`{request.target}` of {request.student}"
    last = book.marks.latest().get((request.student, request.target))
    if request.points is None:
        if last is None or last.points is None:
            raise UsageError(f"nobody has marked {where}", remedy="see what there is with `grader log`")
        at = place(grade, request.target) or _gone(request.target)
        points = None
    else:
        at = place_of(grade, request.target)
        points = points_of(request.points, at)
    decision = Decision(
        student=request.student,
        target=request.target,
        points=points,
        comment=checked_comment(request.comment),
        by=checked_name(request.by),
        basis=basis(grade, request.target),
        seen=None if request.force else _seen_by(request.by, last),
    )
    conflicts = book.marks.put((decision,), now=datetime.now(tz=UTC))
    if conflicts:
        raise UsageError(conflict_text(conflicts[0]), remedy="replace it with --force; the log keeps both")
    return at


def _gone(target: str) -> Place:
    return Place(target=target, question=None, points=0.0, max_points=0.0, pending_points=0.0)


def _seen_by(by: str, last: StoredMark | None) -> int:
    """Return up to which row a person may decide without asking: their own, and where nothing holds."""
    return last.number if last is not None and (last.by == by or last.points is None) else 0


def conflict_text(conflict: Conflict) -> str:
    """Say which decision of another person stands against one.

    Parameters
    ----------
    conflict : Conflict

    Returns
    -------
    str
    """
    other = conflict.stored
    said = "took the mark back" if other.points is None else f"gave {other.points:g} points"
    comment = f' ("{other.comment}")' if other.comment else ""
    return f"{other.by} {said} for `{other.target}` of {other.student} at {time_text(other.at)}{comment}"


def time_text(at: datetime) -> str:
    """Write a time for people, in the time zone of this machine."""
    return at.astimezone().strftime("%Y-%m-%d %H:%M")


# --------------------------------------------------------------------------------------------------------------
# Checks


def graded(book: Gradebook, student: str) -> Grade:
    """Return the grade of a student as the grader made it.

    Parameters
    ----------
    book : Gradebook
    student : str

    Returns
    -------
    Grade

    Raises
    ------
    UsageError
        Where there is no such student.
    """
    stored = book.get(student)
    if stored is None:
        known = book.file_names()
        close = difflib.get_close_matches(student, known, n=3)
        remedy = f"the nearest names are: {', '.join(close)}" if close else "see grades.csv for the names"
        raise UsageError(f"{book.path.parent} holds no grade of {student}", remedy=remedy)
    return stored.grade


def place_of(grade: Grade, target: str) -> Place:
    """Find what a target means, where points can be given.

    Parameters
    ----------
    grade : Grade
        As the grader made it.
    target : str

    Returns
    -------
    Place

    Raises
    ------
    UsageError
        Where there is no such place, or it carries no points.
    """
    found = place(grade, target)
    if found is None:
        raise UsageError(f"nothing is called `{target}` in this assignment", remedy=_known(grade, target))
    if found.max_points == 0.0:
        raise UsageError(f"`{target}` carries no points", remedy=_known(grade, target))
    return found


def _known(grade: Grade, target: str) -> str:
    """Name what may be marked: the quantities of the question that was meant, else the questions."""
    asked = target.partition(SEPARATOR)[0]
    for question in grade.questions:
        names = [one.name for one in question.quantities if one.required]
        if question.id == asked and SEPARATOR in target and names:
            listed = ", ".join(f"{asked}{SEPARATOR}{name}" for name in names[:_MOST_NAMED])
            return f"mark `{asked}`, or a quantity with points: {listed}"
    return f"mark one of: {', '.join(question.id for question in grade.questions)}, {TOTAL}"


def points_of(text: str, at: Place) -> float:
    """Read points.

    Parameters
    ----------
    text : str
        With a point or a comma before the decimals.
    at : Place
        What they are for.

    Returns
    -------
    float

    Raises
    ------
    UsageError
        Where the text is no number, or no number of points there.
    """
    most = f"{at.max_points:.4g}"
    try:
        points = float(text.strip().replace(",", "."))
    except ValueError:
        points = math.nan
    if not 0.0 <= points <= at.max_points + _DUST + _rounded(text, at):
        raise UsageError(
            f"{text.strip() or 'nothing'} is no number of points for `{at.target}`",
            remedy=f"give a number from 0 to {most}",
        )
    return min(points, at.max_points)


def _rounded(text: str, at: Place) -> float:
    """Return how far a text may be above what there is: 0.57 is all of 4/7 points, written as we show it."""
    return 0.005 if text.strip().replace(",", ".") == f"{at.max_points:.2f}" else 0.0


def checked_comment(text: str) -> str:
    """Return a comment without space around it.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Raises
    ------
    UsageError
        Where it is too long.
    """
    if len(text.strip()) > MOST_COMMENT:
        raise UsageError(
            f"the comment has {len(text.strip())} characters", remedy=f"say it in {MOST_COMMENT}"
        )
    return text.strip()


def checked_name(text: str) -> str:
    """Return the name of who decides.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Raises
    ------
    UsageError
        Where there is none, or more than a line.
    """
    name = text.strip()
    if not name or not name.isprintable() or len(name) > 100:  # noqa: PLR2004
        raise UsageError(f"{text!r} is no name of a person", remedy="say who decides with --by NAME")
    return name


# --------------------------------------------------------------------------------------------------------------
# Files


def files_follow(out: Path) -> bool:
    """Write what was decided into reports, results and the files of the class.

    Parameters
    ----------
    out : Path

    Returns
    -------
    bool
        False where a grader is at work in the folder: it writes them when it ends.

    Raises
    ------
    HostError
        Where they cannot be written; what was decided is in the gradebook.
    UsageError
        Where the templates that were chosen are gone.
    """
    try:
        with locked(out, wait_s=_PATIENCE_S), open_gradebook(out) as book:
            refresh_marked(book, out, chosen_look(out), stored_facts(book))
    except InUseError:
        return False
    return True
