"""The output folder of a class: its parts, the names of files in it, and its reports from its gradebook."""

from __future__ import annotations

import contextlib
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

from grader.assignment_file import read as read_assignment
from grader.errors import AssignmentError, HostError, UsageError
from grader.gradebook import Gradebook, StoredGrade
from grader.outlock import locked
from grader.reports.conditions import Feedback, MarkingFacts
from grader.reports.write import write_class, write_student
from grader.submissions import file_name
from grader.work import facts

GRADEBOOK = "gradebook.sqlite"
ASSIGNMENT, FEEDBACK, FOLDER = "assignment", "feedback", "assignment-folder"
"""Names of what the gradebook keeps beside the grades."""
_PARTS = ("results", "reports")
_UNFINISHED = ".writing-*"
"""What `grader.reports.write` calls a file until it is whole."""


def prepared(out: Path) -> None:
    """Make an output folder and its parts.

    Parameters
    ----------
    out : Path

    Raises
    ------
    HostError
        Where that is not possible.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name in _PARTS:
            (out / name).mkdir(exist_ok=True)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise HostError(
            f"the output folder {out} cannot be used: {why}", remedy="choose a folder that can be written"
        ) from error


def swept(out: Path) -> None:
    """Remove files that a killed process left half-written.

    Parameters
    ----------
    out : Path
        A folder that nobody else is writing to.
    """
    for folder in (out, *(out / name for name in _PARTS)):
        for path in folder.glob(_UNFINISHED):
            with contextlib.suppress(OSError):
                path.unlink()


class FileNames:
    """Gives every student a file name of their own, and the same one as in the run before.

    Parameters
    ----------
    known : mapping of str to str
        File names by student.
    """

    def __init__(self, known: Mapping[str, str]) -> None:
        self._names = dict(known)
        self._taken = {_folded(name): name for name in self._names.values()}

    def of(self, student: str) -> str:
        """Return the file name of a student.

        Parameters
        ----------
        student : str

        Returns
        -------
        str
            Without a suffix.
        """
        if student not in self._names:
            self._names[student] = self._new(student)
        return self._names[student]

    def _new(self, student: str) -> str:
        # Only rivals are shown to `file_name`, which looks at all it is shown: a class would take quadratic time.
        rivals: list[str] = []
        name = file_name(student, rivals)
        while (rival := self._taken.get(_folded(name))) is not None:
            rivals.append(rival)
            name = file_name(student, rivals)
        self._taken[_folded(name)] = name
        return name


def _folded(name: str) -> str:
    """Return what two names share that `file_name` takes for the same."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def stored_grades(book: Gradebook) -> Iterator[StoredGrade]:
    """Go through all grades; where one cannot be read, say how to make it again.

    Parameters
    ----------
    book : Gradebook

    Yields
    ------
    StoredGrade

    Raises
    ------
    UsageError
        Where a stored text is no grade.
    """
    try:
        yield from book.grades()
    except ValueError as error:
        raise UsageError(
            f"{book.path} holds a grade that cannot be read: {error}",
            remedy="grade the class again with --force",
        ) from error


def rewrite_reports(book: Gradebook, out: Path, feedback: Feedback, told: MarkingFacts | None) -> int:
    """Write every file of an output folder again from its gradebook.

    Parameters
    ----------
    book : Gradebook
    out : Path
    feedback : Feedback
    told : MarkingFacts or None
        What the assignment says about marking; None where it is not at hand.

    Returns
    -------
    int
        How many students there are.
    """
    count = 0
    for stored in stored_grades(book):
        write_student(out, stored.file_name, stored.grade, feedback, facts=told)
        count += 1
    write_class(
        out,
        ((stored.file_name, stored.grade) for stored in stored_grades(book)),
        assignment=book.meta(ASSIGNMENT) or "",
        facts=told,
    )
    return count


def report_again(out: Path, feedback: str | None) -> int:
    """Write the reports of an output folder again from its gradebook alone.

    Parameters
    ----------
    out : Path
        Holds a gradebook.
    feedback : str or None
        Feedback level; None for the one used before.

    Returns
    -------
    int
        How many students there are.

    Raises
    ------
    HostError
        Where the folder cannot be written, or a grader is using it.
    """
    prepared(out)
    with locked(out), Gradebook(out / GRADEBOOK) as book:
        swept(out)
        level_now = Feedback(feedback or book.meta(FEEDBACK) or Feedback.HINTS.value)
        folder = book.meta(FOLDER)
        try:
            told = facts(read_assignment(Path(folder))) if folder else None
        except AssignmentError:
            told = None  # the folder has moved or changed since: reports say less about the marking
        count = rewrite_reports(book, out, level_now, told)
        book.set_meta(FEEDBACK, level_now.value)
    return count


def kept_feedback(out: Path) -> Feedback:
    """Return the feedback level that an output folder was graded with, or the default."""
    if not (out / GRADEBOOK).is_file():
        return Feedback.HINTS
    with Gradebook(out / GRADEBOOK) as book:
        return Feedback(book.meta(FEEDBACK) or Feedback.HINTS.value)
