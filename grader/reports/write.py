"""Puts reports on disk, each file whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from msgspec import Struct

from grader.errors import HostError
from grader.model import Grade
from grader.reports.class_needs import waiting
from grader.reports.class_rows import ClassRow, class_row
from grader.reports.conditions import Feedback, MarkingFacts
from grader.reports.course import class_html, class_pieces
from grader.reports.fallback import with_ours
from grader.reports.files import StudentFiles, render_student
from grader.reports.gradebook_csv import grades_csv

_MODE = 0o644
_UNFINISHED = ".writing-"
"""Starts the name of a file until it is whole: hidden, and known to whoever clears away what a killed run left."""
_FULL = (errno.ENOSPC, errno.EDQUOT)


class WrittenClass(Struct, frozen=True, kw_only=True):
    """What came of writing the files of a class."""

    waiting: Mapping[str, int]
    """How many submissions wait for a person, by the title of their group on the class page."""
    template_error: str | None = None
    """What failed in an instructor's templates, so that ours was taken; None where nothing did."""


def write_text(path: Path, text: str | Iterable[str], *, durable: bool = True) -> None:
    """Write a file so that a reader, or a rerun after a crash, finds the old text or the new one, never a part.

    Parameters
    ----------
    path : Path
        The file; its folder is made where it is not there.
    text : str or iterable of str
        The text, or its pieces. Written as UTF-8; what has no UTF-8 (lone surrogates) becomes `?`.
    durable : bool
        Whether it is on the disk, and not only with the operating system, when this returns. Matters where the power
        fails, not where the process is killed; costs milliseconds.

    Raises
    ------
    HostError
        Where the folder is not writable or the disk is full.
    """
    pieces = (text,) if isinstance(text, str) else text
    _write(path, (piece.encode("utf-8", errors="replace") for piece in pieces), durable=durable)


def write_student(
    out: Path,
    file_name: str,
    grade: Grade,
    level: Feedback | str = Feedback.HINTS,
    *,
    facts: MarkingFacts | None = None,
    templates: Path | None = None,
) -> str | None:
    """Render and write the result file and both reports of one student.

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
    templates : Path, optional
        A folder whose templates stand for ours of the same name.

    Returns
    -------
    str or None
        What failed in one of these templates, so that ours was taken; None where nothing did.

    Raises
    ------
    HostError
        Where a file cannot be written.
    ValueError
        Where `file_name` is no single path component: it would write outside `out`.
    """
    files = render_student(grade, level, facts, templates)
    write_student_files(out, file_name, files)
    return files.template_error


def write_student_files(out: Path, file_name: str, files: StudentFiles) -> None:
    """Write the result file and both reports of one student.

    None of them is synced to the disk, which would take longer than to grade: the gradebook is the truth and is
    synced, and these files are made from it again. After a power failure one may be empty or old.

    Parameters
    ----------
    out : Path
        The output folder.
    file_name : str
        Name of the three files without their suffixes: one safe path component.
    files : StudentFiles
        As `render_student` makes them.

    Raises
    ------
    HostError
        Where a file cannot be written; what stood under its name before still does.
    ValueError
        Where `file_name` is no single path component: it would write outside `out`.
    """
    if file_name in ("", ".", "..") or any(character in file_name for character in "/\\\0"):
        raise ValueError(f"not a file name: {file_name!r}")
    _write(out / "results" / f"{file_name}.json", (files.result,), durable=False)
    write_text(out / "reports" / f"{file_name}.html", files.html, durable=False)
    write_text(out / "reports" / f"{file_name}.md", files.markdown, durable=False)


def write_class(
    out: Path,
    grades: Iterable[tuple[str, Grade]],
    *,
    assignment: str,
    facts: MarkingFacts | None = None,
    templates: Path | None = None,
) -> WrittenClass:
    """Write `grades.csv` and `index.html`.

    Parameters
    ----------
    out : Path
        The output folder.
    grades : iterable of (str, Grade)
        File name (as for `write_student`) and grade, in the order of the CSV lines; read once, no grade is kept.
    assignment : str
        Name of the assignment.
    facts : MarkingFacts, optional
        What the assignment says: its title and its networks stand on the class page.
    templates : Path, optional
        A folder whose templates stand for ours of the same name.

    Returns
    -------
    WrittenClass

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
    if templates is None:
        write_text(out / "index.html", class_pieces(rows, assignment=assignment, facts=facts))
        return WrittenClass(waiting=waiting(rows))
    page = partial(class_html, rows, assignment=assignment, facts=facts)
    text, failed = with_ours(lambda folder: page(templates=folder), templates)
    write_text(out / "index.html", text)
    return WrittenClass(waiting=waiting(rows), template_error=failed)


# --------------------------------------------------------------------------------------------------------------
# One file


def _write(path: Path, content: Iterable[bytes], *, durable: bool) -> None:
    try:
        try:
            _replace(path, content, durable=durable)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path, content, durable=durable)
    except OSError as error:
        raise _host_error(path, error) from error


def _replace(path: Path, content: Iterable[bytes], *, durable: bool) -> None:
    # Not named after the file: a name of 255 bytes leaves no room for a suffix. Not by `tempfile`, which takes longer
    # than the rest. As text: pathlib would, too.
    temporary = f"{path.parent}{os.sep}{_UNFINISHED}{secrets.token_hex(8)}"
    # "x": a new file, never one that was put there or a link out of the folder.
    file = open(temporary, "xb")  # noqa: SIM115, PTH123 - closed below; its name is text
    try:
        with file:
            file.writelines(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.chmod(temporary, _MODE)  # noqa: PTH101
        os.replace(temporary, path)  # noqa: PTH105
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108
        raise


def _host_error(path: Path, error: OSError) -> HostError:
    """Say in one line which file, why, and what to do."""
    remedy = (
        "Make room on the disk and run the same command again: what is in the gradebook is kept."
        if error.errno in _FULL
        else "Choose an output folder that you may write to."
    )
    return HostError(f"Cannot write {path}: {error.strerror or error}.", remedy=remedy)
