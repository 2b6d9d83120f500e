"""Puts reports on disk, each file whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.errors import HostError
from grader.model import Grade
from grader.reports.class_view import ClassRow, class_row
from grader.reports.conditions import Feedback, MarkingFacts
from grader.reports.course import class_html
from grader.reports.gradebook_csv import grades_csv
from grader.reports.result import result_text
from grader.reports.student import student_html, student_markdown
from grader.reports.view import public_view

_MODE = 0o644


def write_text(path: Path, text: str, *, durable: bool = True) -> None:
    """Write a file so that a reader, or a rerun after a crash, finds the old text or the new one, never a part.

    Parameters
    ----------
    path : Path
        The file; its folder is made where it is not there.
    text : str
        Written as UTF-8; what has no UTF-8 (lone surrogates) becomes `?`.
    durable : bool
        Whether it is on the disk, and not only with the operating system, when this returns. Matters where the power
        fails, not where the process is killed; costs milliseconds.

    Raises
    ------
    HostError
        Where the folder is not writable or the disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, text.encode("utf-8", errors="replace"), durable=durable)
    except OSError as error:
        raise HostError(
            f"Cannot write {path}: {error.strerror or error}.",
            remedy="Make room on the disk, or choose an output folder that you may write to.",
        ) from error


def _replace(path: Path, content: bytes, *, durable: bool) -> None:
    # Not named after the file: a name of 255 bytes leaves no room for a suffix.
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.chmod(temporary, _MODE)  # noqa: PTH101 - mkstemp names it as text
        os.replace(temporary, path)  # noqa: PTH105
    except BaseException:
        os.unlink(temporary)  # noqa: PTH108
        raise


def write_student(
    out: Path,
    file_name: str,
    grade: Grade,
    level: Feedback | str = Feedback.HINTS,
    *,
    facts: MarkingFacts | None = None,
) -> None:
    """Write the result file and both reports of one student.

    They are not synced to the disk one by one: the gradebook is, and they can be made from it again.

    Parameters
    ----------
    out : Path
        The output folder.
    file_name : str
        Name of the three files without their suffixes: one safe path component.
    grade : Grade
        The grade.
    level : Feedback
        How much the reports show; the result file holds everything.
    facts : MarkingFacts, optional
        What the assignment says about marking.

    Raises
    ------
    HostError
        Where a file cannot be written.
    ValueError
        Where `file_name` is no single path component: it would write outside `out`.
    """
    if file_name in ("", ".", "..") or any(character in file_name for character in "/\\\0"):
        raise ValueError(f"not a file name: {file_name!r}")
    view = public_view(grade, level, facts=facts)
    write_text(out / "results" / f"{file_name}.json", result_text(grade), durable=False)
    write_text(out / "reports" / f"{file_name}.html", student_html(view), durable=False)
    write_text(out / "reports" / f"{file_name}.md", student_markdown(view), durable=False)


def write_class(out: Path, grades: Iterable[tuple[str, Grade]], *, assignment: str) -> None:
    """Write `grades.csv` and `index.html`.

    Parameters
    ----------
    out : Path
        The output folder.
    grades : iterable of (str, Grade)
        File name (as for `write_student`) and grade, in the order of the CSV lines; read once, no grade is kept.
    assignment : str
        Name of the assignment.

    Raises
    ------
    HostError
        Where a file cannot be written.
    """
    rows: list[ClassRow] = []

    def noted() -> Iterator[Grade]:
        for file_name, grade in grades:
            rows.append(class_row(file_name, grade))
            yield grade

    write_text(out / "grades.csv", grades_csv(noted()))
    write_text(out / "index.html", class_html(rows, assignment=assignment))
