"""The output folder of a class: its parts, the names of files in it, and its reports from its gradebook."""

from __future__ import annotations

import contextlib
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from grader.assignment_file import read as read_assignment
from grader.errors import AssignmentError, HostError, UsageError
from grader.gradebook import Gradebook, StoredGrade
from grader.kept_late import kept_policy
from grader.late.rule import with_late
from grader.outlock import locked
from grader.overrides import with_marks
from grader.reports.conditions import Feedback, MarkingFacts
from grader.reports.overrides import check_templates, digest_of
from grader.reports.write import WrittenClass, write_class, write_student
from grader.submissions import file_name
from grader.work import facts

GRADEBOOK = "gradebook.sqlite"
ASSIGNMENT, FEEDBACK, FOLDER = "assignment", "feedback", "assignment-folder"
TEMPLATES, TEMPLATES_DIGEST = "templates", "templates-sha256"
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
        # A file, or a link to nothing: for a folder that is there nothing is raised.
        is_other = isinstance(error, FileExistsError)
        why = "it is no folder" if is_other else error.strerror or type(error).__name__
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
    """Go through all grades with the marks of people and what lateness costs; where one cannot be read, say how to make it again.

    Parameters
    ----------
    book : Gradebook

    Yields
    ------
    StoredGrade
        Its points are those that hold; the automatic ones stand beside.

    Raises
    ------
    UsageError
        Where a stored text is no grade.
    """
    standing = book.marks.standing()
    policy, origins = kept_policy(book), book.origins()
    try:
        for stored in book.grades():
            student = stored.grade.student
            marks = standing.get(student, ())
            marked = with_marks(stored.grade, marks) if marks else stored.grade
            yield replace(stored, grade=with_late(marked, policy, origins.get(student)))
    except ValueError as error:
        raise UsageError(
            f"{book.path} holds a grade that cannot be read: {error}",
            remedy="grade the class again with --force",
        ) from error


def stored_grade(book: Gradebook, student: str) -> StoredGrade | None:
    """Look up one grade with the marks of people and what lateness costs.

    Parameters
    ----------
    book : Gradebook
    student : str

    Returns
    -------
    StoredGrade or None
        Its points are those that hold; None where there is no grade.
    """
    stored = book.get(student)
    if stored is None:
        return None
    marked = with_marks(stored.grade, book.marks.of(student))
    return replace(stored, grade=with_late(marked, kept_policy(book), book.origin(student)))


def students_to_look_at_again(book: Gradebook) -> Iterator[str]:
    """Go through the students with marks of people that rest on what has changed since.

    Parameters
    ----------
    book : Gradebook

    Yields
    ------
    str
    """
    for student in book.marks.standing():
        stored = stored_grade(book, student)
        if stored is not None and any(mark.look_again for mark in stored.grade.all_marks):
            yield student


class Look(Struct, frozen=True, kw_only=True):
    """What reports look like, beside what is in the grades."""

    feedback: Feedback
    templates: Path | None = None
    """The folder whose templates stand for ours; None for ours."""

    def noted(self) -> dict[str, str]:
        """Return what a gradebook keeps of it; the content of the templates too, so that a change is seen."""
        folder = "" if self.templates is None else str(self.templates)
        digest = "" if self.templates is None else digest_of(self.templates)
        return {FEEDBACK: self.feedback.value, TEMPLATES: folder, TEMPLATES_DIGEST: digest}


class Rewritten(Struct, frozen=True, kw_only=True):
    """What came of writing reports again."""

    students: int
    template_errors: tuple[str, ...] = ()
    """What failed in an instructor's templates, each once; such reports were written with ours."""
    waiting: Mapping[str, int] = {}
    """How many submissions wait for a person, by the title of their group on the class page; only where the files of the
    class were written last."""


def rewrite_reports(book: Gradebook, out: Path, look: Look, told: MarkingFacts | None) -> Rewritten:
    """Write every file of an output folder again from its gradebook.

    Parameters
    ----------
    book : Gradebook
    out : Path
    look : Look
    told : MarkingFacts or None
        What the assignment says about marking; None where it is not at hand.

    Returns
    -------
    Rewritten
    """
    count = 0
    failed: dict[str | None, None] = {}
    notes = book.marks.outdated()
    for stored in stored_grades(book):
        failed[_write_student(out, stored, look, told)] = None
        count += 1
    failed[_write_class(book, out, look, told).template_error] = None
    book.marks.forget_outdated(notes)
    late = refresh_marked(book, out, look, told)
    errors = dict.fromkeys((*(error for error in failed if error is not None), *late.template_errors))
    return Rewritten(students=count, template_errors=tuple(errors))


def refresh_marked(
    book: Gradebook, out: Path, look: Look, told: MarkingFacts | None, *, class_page: bool = False
) -> Rewritten:
    """Write the files of those again of whom people decided something since they were written, and those of the class.

    Until nothing is left: what is decided while files are written is written, too. Whoever is killed leaves the notes of it, and
    the next one writes.

    Parameters
    ----------
    book : Gradebook
    out : Path
        Locked by the caller.
    look : Look
    told : MarkingFacts or None
    class_page : bool
        Whether the files of the class are written in any case.

    Returns
    -------
    Rewritten
    """
    count = 0
    failed: dict[str | None, None] = {}
    waiting: Mapping[str, int] = {}
    while (notes := book.marks.outdated()) or class_page:
        for student in notes.values():
            stored = stored_grade(book, student)
            if stored is not None:
                count += 1
                failed[_write_student(out, stored, look, told)] = None
        written = _write_class(book, out, look, told)
        failed[written.template_error] = None
        waiting = written.waiting
        book.marks.forget_outdated(notes)
        class_page = False
    errors = tuple(error for error in failed if error is not None)
    return Rewritten(students=count, template_errors=errors, waiting=waiting)


def _write_student(out: Path, stored: StoredGrade, look: Look, told: MarkingFacts | None) -> str | None:
    return write_student(
        out, stored.file_name, stored.grade, look.feedback, facts=told, templates=look.templates
    )


def _write_class(book: Gradebook, out: Path, look: Look, told: MarkingFacts | None) -> WrittenClass:
    return write_class(
        out,
        ((stored.file_name, stored.grade) for stored in stored_grades(book)),
        assignment=book.meta(ASSIGNMENT) or "",
        facts=told,
        templates=look.templates,
    )


def report_again(out: Path, look: Look) -> Rewritten:
    """Write the reports of an output folder again from its gradebook alone.

    Parameters
    ----------
    out : Path
        Holds a gradebook.
    look : Look

    Returns
    -------
    Rewritten

    Raises
    ------
    HostError
        Where the folder cannot be written, or a grader is using it.
    """
    prepared(out)
    with locked(out), Gradebook(out / GRADEBOOK) as book:
        swept(out)
        rewritten = rewrite_reports(book, out, look, stored_facts(book))
        note_look(book, look)
    return rewritten


def stored_facts(book: Gradebook) -> MarkingFacts | None:
    """Return what the assignment of a gradebook says about marking.

    Parameters
    ----------
    book : Gradebook

    Returns
    -------
    MarkingFacts or None
        None where the folder has moved or changed since: reports then say less about the marking.
    """
    folder = book.meta(FOLDER)
    try:
        return facts(read_assignment(Path(folder))) if folder else None
    except AssignmentError:
        return None


def note_look(book: Gradebook, look: Look) -> None:
    """Keep what reports look like, once all that there are do.

    Parameters
    ----------
    book : Gradebook
    look : Look
    """
    for name, value in look.noted().items():
        if book.meta(name) != value:
            book.set_meta(name, value)


def looked_otherwise(book: Gradebook, look: Look) -> bool:
    """Say whether the reports that there are were written in another way.

    Parameters
    ----------
    book : Gradebook
    look : Look

    Returns
    -------
    bool
        False too where there are none.
    """
    # Before there were templates to choose, ours were taken.
    return book.meta(FEEDBACK) is not None and any(
        (book.meta(name) or "") != value for name, value in look.noted().items()
    )


def chosen_look(
    out: Path, feedback: str | None = None, templates: Path | None = None, *, shipped: bool = False
) -> Look:
    """Return what reports shall look like: as asked, and else as an output folder has them.

    Parameters
    ----------
    out : Path
    feedback : str or None
        Feedback level; None for the one used before, `hints` where there is none.
    templates : Path or None
        A folder of templates; None for the one used before.
    shipped : bool
        Whether to go back to our templates.

    Returns
    -------
    Look
        Its templates have been tried.

    Raises
    ------
    UsageError
        Where the templates cannot be used, or those used before are gone.
    """
    kept: dict[str, str | None] = {}
    if (out / GRADEBOOK).is_file():
        with Gradebook(out / GRADEBOOK) as book:
            kept = {name: book.meta(name) for name in (FEEDBACK, TEMPLATES)}
    folder = templates.absolute() if templates is not None else None
    if folder is None and kept.get(TEMPLATES) and not shipped:
        folder = Path(kept[TEMPLATES] or "")
        if not folder.is_dir():
            raise UsageError(
                f"the reports of {out} were written with the templates of {folder}, which is not there",
                remedy="name them with --templates, or go back to ours with --no-templates",
            )
    if folder is not None:
        check_templates(folder)
    return Look(feedback=Feedback(feedback or kept.get(FEEDBACK) or Feedback.HINTS.value), templates=folder)
