"""A table of one question for people to mark in a spreadsheet: written, and read back row by row with what is wrong in each."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from grader.errors import UsageError
from grader.exports.cells import harmless
from grader.reports.text import clean

COLUMNS = (
    "code",
    "student",
    "question",
    "max_points",
    "points",
    "comment",
    "found",
    "marked",
    "text",
    "state",
)
_NEEDED = ("code", "question", "points")
MOST_BYTES = 64 * 1024 * 1024
_CELL = 32_000
"""Characters that a spreadsheet takes into a cell."""
_BOM = "\ufeff"
"""Without it a spreadsheet on Windows takes UTF-8 for something else."""


class SheetRow(Struct, frozen=True, kw_only=True):
    """One answer to be marked."""

    code: str
    """Letters that stand for the student in this class, and say nothing to others."""
    student: str
    target: str
    max_points: float
    found: float | None
    """What the grader gives; None where it leaves that to a person."""
    marked: str
    """What somebody gave already."""
    text: str
    state: str
    """What the row was written from, so that what has changed meanwhile is seen."""


class GivenRow(Struct, frozen=True, kw_only=True):
    """One row as it came back, with points in it."""

    number: int
    """As a spreadsheet counts; the headings are row 1."""
    code: str
    student: str
    """Empty where the column is not there."""
    target: str
    points: str
    comment: str
    state: str


def sheet_text(rows: Iterable[SheetRow], *, anonymous: bool) -> str:
    r"""Write the table.

    Parameters
    ----------
    rows : iterable of SheetRow
    anonymous : bool
        Whether the names are left out; the rows are then in the order of their codes.

    Returns
    -------
    str
        CSV with a byte order mark; lines end with `\r\n`. `points` and `comment` are empty.
    """
    columns = [name for name in COLUMNS if not (anonymous and name == "student")]
    text = io.StringIO()
    text.write(_BOM)
    writer = csv.DictWriter(text, columns, extrasaction="ignore")
    writer.writeheader()
    for row in sorted(rows, key=lambda one: one.code) if anonymous else rows:
        writer.writerow(_cells(row))
    return text.getvalue()


def _cells(row: SheetRow) -> Mapping[str, str]:
    return {
        "code": row.code,
        "student": shown(row.student),
        "question": shown(row.target),
        "max_points": f"{row.max_points:.12g}",
        "found": "" if row.found is None else f"{row.found:.12g}",
        "marked": shown(row.marked),
        "text": shown(row.text),
        "state": row.state,
    }


def shown(text: str) -> str:
    """Return a text as the table has it: clean, cut where it is too long, and never a formula.

    Parameters
    ----------
    text : str
        Hostile.

    Returns
    -------
    str
    """
    return harmless(clean(text, _CELL))


# --------------------------------------------------------------------------------------------------------------
# What comes back


def read_given(content: bytes, name: str) -> tuple[GivenRow, ...]:
    """Read a table that people have filled in.

    Parameters
    ----------
    content : bytes
        UTF-8, UTF-16 or Windows-1252, separated by commas, semicolons or tabs, as spreadsheets save it.
    name : str
        Of the file, for messages.

    Returns
    -------
    tuple of GivenRow
        Those with points in them. Columns may stand in another order, and others beside them.

    Raises
    ------
    UsageError
        Where it is no such table, or a row has a comment without points.
    """
    remedy = "give the file that `grader mark OUT --csv QUESTION -o FILE` wrote, with points in it"
    if len(content) > MOST_BYTES:
        raise UsageError(f"{name} has more than {MOST_BYTES // 2**20} MiB", remedy=remedy)
    text = _decoded(content)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        table = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise UsageError(f"{name} is no CSV: {error}", remedy=remedy) from error
    headings = [cell.strip().lower() for cell in table[0]] if table else []
    lacking = [column for column in _NEEDED if headings.count(column) != 1]
    if lacking:
        raise UsageError(f"{name} has no column `{lacking[0]}`, or has it twice", remedy=remedy)
    rows = tuple(_given(headings, table))
    lost = [str(row.number) for row in rows if row.comment and not row.points]
    if lost:
        raise UsageError(
            f"{name}: nothing was taken in; a comment without points in row {', '.join(lost[:20])}",
            remedy="give points there, or empty the comment",
        )
    return tuple(row for row in rows if row.points)


def is_filled_in(content: bytes) -> bool:
    """Say whether a file holds what would be lost if a table was written in its place.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    bool
        False for a table of ours without points and comments, and for nothing; True for all else.
    """
    try:
        return bool(content.strip()) and bool(read_given(content, ""))
    except UsageError:
        return True  # a comment without points, or another file


def _given(headings: list[str], table: list[list[str]]) -> Iterator[GivenRow]:
    """Yield the rows that say something, with their numbers."""
    for number, cells in enumerate(table[1:], start=2):
        told = {heading: cell.strip() for heading, cell in zip(headings, cells, strict=False)}
        if any(told.values()):
            yield GivenRow(
                number=number,
                code=told.get("code", ""),
                student=told.get("student", ""),
                target=told.get("question", ""),
                points=told.get("points", ""),
                comment=told.get("comment", ""),
                state=told.get("state", ""),
            )


def _decoded(content: bytes) -> str:
    """Read a text as spreadsheets save it; what is no UTF-8 is Windows-1252, where every byte is a letter or is replaced."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def is_same_student(shown_then: str, now: str) -> bool:
    """Say whether the name in a row is that of the student whose code stands there.

    A table sorted by some of its columns alone has codes beside the names of others. A spreadsheet that takes a number for a
    number leaves out its zeros.

    Parameters
    ----------
    shown_then : str
        As the row has it; empty where the table has no names.
    now : str
        The student's name as the table was given it.

    Returns
    -------
    bool
    """
    if not shown_then:
        return True
    wanted = " ".join(shown(now).split())
    given = " ".join(shown_then.split())
    return given == wanted or (wanted.isdecimal() and given == (wanted.lstrip("0") or "0"))
