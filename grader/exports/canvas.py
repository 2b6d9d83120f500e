"""Canvas' gradebook as CSV, and feedback files under names that its upload of submissions takes apart.

Source: github.com/instructure/canvas-lms, lib/gradebook_exporter.rb and lib/gradebook_importer.rb for the table;
app/models/assignment.rb, `infer_comment_context_from_filename`, for the files: the first two numbers between underscores are the user
and an attachment of the submission. Canvas shows such a file under the attachment's own name, so that feedback is plain text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.errors import UsageError
from grader.exports.cells import Sheet, spliced
from grader.exports.filled import Filled, is_plain
from grader.exports.matching import Keys, Line, place, squeezed
from grader.exports.numbers import cell, checked_maximum, has_decimal_comma, number
from grader.exports.returned import Returned
from grader.model import Platform
from grader.spelling import folded

FEEDBACK_FILE = "feedback.md"
_ASSIGNMENT = re.compile(r"(?P<title>.*)\s\((?P<id>\d+)\)", re.DOTALL)
_READ_ONLY = "(read only)"
_POSSIBLE = "points possible"
_EXCUSED = "EX"
_MOST_SHOWN = 12
_IDS = frozenset({"sis user id", "sis login id", "integration id"})


def fill_gradebook(
    sheet: Sheet,
    grades: Sequence[Returned],
    *,
    titles: Sequence[str],
    grade_column: str | None = None,
    scale: bool = False,
) -> Filled:
    """Fill in the grades of one assignment.

    Parameters
    ----------
    sheet : Sheet
        The gradebook as it was exported.
    grades : sequence of Returned
        Those that may go back.
    titles : sequence of str
        What the assignment is called here; one of them is its title in Canvas, unless a column is named.
    grade_column : str, optional
        The heading of the column, its title without the number, or its number.
    scale : bool
        Whether points are converted to those that Canvas has.

    Returns
    -------
    Filled
        With a feedback file for each submission that has an attachment.

    Raises
    ------
    UsageError
        Where it is no gradebook, the column is not found or must not be changed, or the maxima differ.
    """
    ids = _id_columns(sheet)
    column = _column(sheet, titles, grade_column)
    students, possible = _rows(sheet, ids)
    told = [sheet.at(row, column) for row in possible]
    if any(folded(text) == _READ_ONLY for text in (*told, sheet.headings[column])):
        raise UsageError(
            f"{sheet.name}: the column `{sheet.headings[column]}` is read only",
            remedy="name the column of the assignment with --grade-column",
        )
    maximum = checked_maximum(told, grades, sheet.name, scale=scale)
    comma = has_decimal_comma([*told, *(sheet.at(row, column) for row in students)])
    placed = place([(one, _own_keys(one)) for one in grades], [_line(sheet, ids, row) for row in students])
    changes: dict[tuple[int, int], str] = {}
    locked, replaced = [], []
    for row, one in sorted(placed.by_row.items()):
        points, there = cell(one, maximum, comma=comma), sheet.at(row, column)
        if there.upper() == _EXCUSED:
            locked.append(one.shown)
            continue
        if number(there) == number(points):
            continue
        if there:
            replaced.append(one.shown)
        changes[row, column] = points
    without_upload = [one.shown for one in placed.by_row.values() if _prefix(one) is None]
    return Filled(
        content=spliced(sheet, changes),
        files={f"{prefix}{FEEDBACK_FILE}": one for one in placed.by_row.values() if (prefix := _prefix(one))},
        by_row=placed.by_row,
        empty=len(students) - len(placed.by_row),
        locked=tuple(locked),
        replaced=tuple(replaced),
        problems=placed.problems,
        notes=_notes(without_upload),
    )


def _notes(without_upload: Sequence[str]) -> tuple[str, ...]:
    if not without_upload:
        return ()
    shown = ", ".join(without_upload[:_MOST_SHOWN])
    more = len(without_upload) - _MOST_SHOWN
    who = f"{shown} and {more} more" if more > 0 else shown
    return (f"no feedback file for {who}: Canvas attaches files to an upload, and no name of one is known",)


# --------------------------------------------------------------------------------------------------------------
# Columns


def _id_columns(sheet: Sheet) -> dict[str, int]:
    """Return the columns that say who a line is about, as the importer looks for them."""
    names = [folded(heading) for heading in sheet.headings]
    is_split = names[:3] == ["lastname", "firstname", "id"]
    if not (is_split or names[:2] == ["student", "id"]) or "section" not in names:
        raise UsageError(
            f"{sheet.name} is no gradebook of Canvas: it begins with {', '.join(sheet.headings[:3])}",
            remedy="export the entire gradebook in Canvas, and leave the file as it is",
        )
    before = names.index("section")
    own = {name: place for place, name in enumerate(names[:before]) if name in _IDS}
    return {"first": 0, "id": names.index("id"), "end": before, **own}


def _column(sheet: Sheet, titles: Sequence[str], asked: str | None) -> int:
    """Return the column of the assignment; a heading that is made up would be a new assignment to Canvas."""
    wanted = {folded(text) for text in ([asked] if asked is not None else titles)}
    start = _id_columns(sheet)["end"] + 1
    found = [
        place
        for place, heading in enumerate(sheet.headings)
        if place >= start and wanted & _names_of(heading, by_number=asked is not None)
    ]
    if len(found) == 1:
        return found[0]
    there = [heading for heading in sheet.headings[start:] if _ASSIGNMENT.fullmatch(heading)]
    shown = "; ".join(there[:_MOST_SHOWN]) or "none"
    what = f"`{asked}`" if asked is not None else f"`{titles[0]}`"
    raise UsageError(
        f"{sheet.name} has {len(found) or 'no'} columns {what}; its assignments: {shown}",
        remedy="name the column of the assignment with --grade-column: its heading, or the number in it",
    )


def _names_of(heading: str, *, by_number: bool) -> set[str]:
    match = _ASSIGNMENT.fullmatch(heading)
    if match is None:
        return {folded(heading)}
    return {folded(heading), folded(match["title"]), *([match["id"]] if by_number else [])}


def _rows(sheet: Sheet, ids: dict[str, int]) -> tuple[list[int], list[int]]:
    """Return the rows of students, and those that tell the points that can be had."""
    rows = range(1, len(sheet.rows))
    possible = [row for row in rows if _POSSIBLE in folded(sheet.at(row, ids["first"]))]
    students = [row for row in rows if row not in possible and sheet.at(row, ids["id"])]
    return students, possible


# --------------------------------------------------------------------------------------------------------------
# Who a line is about


def _line(sheet: Sheet, ids: dict[str, int], row: int) -> Line:
    user = sheet.at(row, ids["id"])
    names = [sheet.at(row, column) for column in range(ids["id"])]
    others = tuple(sheet.at(row, column) for name, column in ids.items() if name in _IDS)
    name = ", ".join(name for name in names if name)
    return Line(
        row=row,
        keys={
            "participant": (f"{user} {squeezed(name)}",),
            "email": tuple(text for text in others if "@" in text),
            "id": (user, *(text for text in others if "@" not in text)),
            "name": (name, squeezed(name)),
        },
    )


def _own_keys(one: Returned) -> Keys:
    origin = one.origin
    is_here = origin.platform is Platform.CANVAS
    numbered = f"{origin.participant} {squeezed(origin.name)}"
    return {
        "participant": (numbered,) if is_here and origin.participant else (),
        "email": (origin.email,),
        "id": (origin.id, one.student),
        "name": (one.student,)
        if origin.team
        else (one.student, squeezed(origin.name) if is_here else origin.name),
    }


def _prefix(one: Returned) -> str | None:
    """Return what the name of a feedback file begins with, so that Canvas finds user and upload; None where there is no upload."""
    if one.origin.platform is not Platform.CANVAS or not is_plain(one.origin.folder):
        return None
    begins = re.compile(rf"{re.escape(one.origin.folder)}_\d+_")
    return next((match[0] for name in one.origin.files if (match := begins.match(name)) is not None), None)
