"""Moodle's grading worksheet and feedback files: an assignment's own table, filled in, and a zip that its import takes apart.

Source: github.com/moodle/moodle, mod/assign/gradingtable.php for the columns, feedback/offline/importgradeslib.php for what is read
of them, feedback/file/importziplib.php for the names of folders. Headings are in the language of whoever downloads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct

from grader.errors import UsageError
from grader.exports.cells import Sheet, spliced
from grader.exports.comments import comment_html, with_comment
from grader.exports.filled import Filled, is_plain
from grader.exports.matching import Keys, Line, place, squeezed
from grader.exports.numbers import cell, checked_maximum, has_decimal_comma, number
from grader.exports.returned import Returned
from grader.model import Platform
from grader.spelling import folded

FEEDBACK_FILE = "feedback.html"
_ENDS_IN_NUMBER = re.compile(r"(?P<word>\D*?)\s*(?P<number>\d+)")
_NO_FOLDER = re.compile(r"""[\x00-\x1f\x7f&<>"`|':\\/*?]""")
"""What Moodle takes out of a name when it makes a folder of it (`clean_param` with PARAM_FILE in `lib/moodlelib.php`)."""
_HEADINGS: Mapping[str, frozenset[str]] = {
    "identifier": frozenset({"identifier", "id", "identifiant", "identificador"}),
    "name": frozenset({"full name", "vollständiger name", "nom complet", "nombre completo"}),
    "grade": frozenset({"grade", "bewertung", "note", "calificación"}),
    "maximum": frozenset({"maximum grade", "bestwertung", "note maximale", "calificación máxima"}),
    "scale": frozenset({"scale", "skala", "bewertungsskala", "barème", "escala"}),
    "changeable": frozenset(
        {
            *("grade can be changed", "bewertung kann geändert werden", "la note peut être modifiée"),
            *(
                "la note peut être changée",
                "la calificación puede ser cambiada",
                "la calificación puede cambiarse",
            ),
        }
    ),
    "modified": frozenset(
        {
            *("last modified (grade)", "zuletzt geändert (bewertung)", "dernière modification (note)"),
            "última modificación (calificación)",
        }
    ),
    "comments": frozenset(
        {
            *("feedback comments", "feedback als kommentar", "feedback par commentaires"),
            *("commentaires de feedback", "comentarios de retroalimentación"),
        }
    ),
    "team": frozenset({"group", "gruppe", "groupe", "grupo"}),
}
"""Headings in English, German, French and Spanish, as `folded` has them."""
_SPAN = r"(?P<span>\d{1,6} [^\W\d_]+(?: \d{1,6} [^\W\d_]+)?)"
_LATE = (
    re.compile(rf"{_SPAN} (?:late|zu spät|verspätet|de retraso|después)$", re.IGNORECASE),
    re.compile(rf"en retard de {_SPAN}$", re.IGNORECASE),
)
"""`submittedlateshort` of mod/assign/lang, with a span of `format_time`: the two largest units."""
_SECONDS = {
    **dict.fromkeys(
        ("sec", "secs", "second", "seconds", "sekunde", "sekunden", "s", "seconde", "secondes"), 1
    ),
    **dict.fromkeys(("segundo", "segundos"), 1),
    **dict.fromkeys(("min", "mins", "minute", "minutes", "minuten", "minuto", "minutos"), 60),
    **dict.fromkeys(("hour", "hours", "stunde", "stunden", "heure", "heures", "hora", "horas"), 3_600),
    **dict.fromkeys(("day", "days", "tag", "tage", "jour", "jours", "día", "días"), 86_400),
    **dict.fromkeys(
        ("year", "years", "jahr", "jahre", "an", "ans", "année", "années", "año", "años"), 31_536_000
    ),
}
_NO = frozenset({"no", "nein", "non"})


class Columns(Struct, frozen=True, kw_only=True):
    """Where a worksheet has what we need, counted from 0; None where it has no such column."""

    identifier: int
    grade: int
    name: int | None = None
    maximum: int | None = None
    changeable: int | None = None
    comments: int | None = None
    team: int | None = None
    others: tuple[int, ...] = ()
    """Those before the grade that may name a person: e-mail address, user name, id number."""


def fill_worksheet(
    sheet: Sheet,
    grades: Sequence[Returned],
    *,
    grade_column: str | None = None,
    comment_column: str | None = None,
    scale: bool = False,
) -> Filled:
    """Fill in grades and comments.

    Parameters
    ----------
    sheet : Sheet
        The worksheet as it was downloaded.
    grades : sequence of Returned
        Those that may go back.
    grade_column, comment_column : str, optional
        Headings, where they are in none of the languages that are known.
    scale : bool
        Whether points are converted to the maximum of the worksheet.

    Returns
    -------
    Filled
        With a feedback file for each line.

    Raises
    ------
    UsageError
        Where a column is not found, or the maxima differ.
    """
    columns = find_columns(sheet, grade_column=grade_column, comment_column=comment_column)
    placed = place([(one, _own_keys(one)) for one in grades], _lines(sheet, columns))
    rows = range(1, len(sheet.rows))
    told = [sheet.at(row, columns.maximum) for row in rows] if columns.maximum is not None else []
    maximum = checked_maximum(told, grades, sheet.name, scale=scale)
    comma = has_decimal_comma([*told, *(sheet.at(row, columns.grade) for row in rows)])
    changes: dict[tuple[int, int], str] = {}
    locked, replaced = [], []
    files: dict[str, Returned] = {}
    for row, one in sorted(placed.by_row.items()):
        if columns.changeable is not None and folded(sheet.at(row, columns.changeable)) in _NO:
            locked.append(one.shown)
            continue
        points = cell(one, maximum, comma=comma)
        there = sheet.at(row, columns.grade)
        if there and number(there) != number(points):
            replaced.append(one.shown)
        if not there or number(there) != number(points):
            changes[row, columns.grade] = points
        if columns.comments is not None:
            raw = sheet.rows[row][columns.comments].text
            changes[row, columns.comments] = with_comment(raw, comment_html(one))
        files[f"{_folder(sheet, columns, row, one)}/{FEEDBACK_FILE}"] = one
    return Filled(
        content=spliced(sheet, changes),
        files=files,
        by_row=placed.by_row,
        empty=len(sheet.rows) - 1 - len(placed.by_row),
        locked=tuple(locked),
        replaced=tuple(replaced),
        problems=placed.problems,
        notes=() if columns.comments is not None else ("it has no column for feedback comments",),
    )


def late_by(sheet: Sheet, grades: Sequence[Returned]) -> dict[str, float]:
    """Read how late submissions were: `1 day 3 hours late` in the column of their status.

    Parameters
    ----------
    sheet : Sheet
        The worksheet in English, German, French or Spanish.
    grades : sequence of Returned

    Returns
    -------
    dict of str to float
        Seconds by student, 0 for who was not late; without those who are on no line.
    """
    columns = find_columns(sheet, grade_column=None, comment_column=None)
    placed = place([(one, _own_keys(one)) for one in grades], _lines(sheet, columns))
    return {
        one.student: max(
            _late_seconds(sheet.at(row, column)) for column in (*columns.others, columns.identifier)
        )
        for row, one in placed.by_row.items()
    }


def _late_seconds(status: str) -> float:
    """Read by how much a status says that it was late; 0 where it says nothing of it."""
    match = next((found for form in _LATE if (found := form.search(status)) is not None), None)
    if match is None:
        return 0.0
    parts = re.findall(r"(\d+) (\w+)", match["span"])
    if not all(unit.casefold() in _SECONDS for _, unit in parts):
        return 0.0
    return float(sum(int(count) * _SECONDS[unit.casefold()] for count, unit in parts))


# --------------------------------------------------------------------------------------------------------------
# Columns


def find_columns(sheet: Sheet, *, grade_column: str | None, comment_column: str | None) -> Columns:
    """Find the columns of a worksheet by their headings, and by what is in them.

    Parameters
    ----------
    sheet : Sheet
    grade_column, comment_column : str or None
        Headings that stand for those that are known.

    Returns
    -------
    Columns

    Raises
    ------
    UsageError
        Where there is no identifier or no grade, or grades are of a scale.
    """
    found = {kind: _by_heading(sheet, names) for kind, names in _HEADINGS.items()}
    grade = found["grade"] if grade_column is None else _named(sheet, grade_column)
    identifier = found["identifier"] if found["identifier"] is not None else _by_numbers(sheet)
    if identifier is None:
        raise UsageError(
            f"{sheet.name} has no column with participants' numbers, as `Participant 123`",
            remedy="download the grading worksheet of the assignment; other tables of Moodle have no such numbers",
        )
    if grade is None:
        raise UsageError(
            f"{sheet.name} has no heading for grades that is known here: {', '.join(sheet.headings)}",
            remedy="name it with --grade-column",
        )
    if found["scale"] is not None:
        raise UsageError(
            f"{sheet.name} grades by a scale, `{sheet.headings[found['scale']]}`, and not in points",
            remedy="set the assignment's grade to points in Moodle, and download the worksheet again",
        )
    comments = found["comments"] if comment_column is None else _named(sheet, comment_column)
    if comments is None and found["modified"] == len(sheet.headings) - 2:
        comments = len(sheet.headings) - 1
    known = {identifier, found["name"], found["team"]}
    return Columns(
        identifier=identifier,
        grade=grade,
        name=found["name"],
        maximum=found["maximum"] if found["maximum"] is not None else _maximum_after(sheet, grade),
        changeable=found["changeable"],
        comments=comments,
        team=found["team"],
        others=tuple(column for column in range(grade) if column not in known),
    )


def _by_heading(sheet: Sheet, names: frozenset[str]) -> int | None:
    return next((place for place, heading in enumerate(sheet.headings) if folded(heading) in names), None)


def _named(sheet: Sheet, heading: str) -> int:
    """Return the column with the heading that was asked for."""
    places = [place for place, own in enumerate(sheet.headings) if folded(own) == folded(heading)]
    if len(places) != 1:
        raise UsageError(
            f"{sheet.name} has {len(places) or 'no'} columns `{heading}`",
            remedy=f"name one of its headings: {', '.join(sheet.headings)}",
        )
    return places[0]


def _by_numbers(sheet: Sheet) -> int | None:
    """Return the first column in which every line has the same word and a number of its own."""
    rows = range(1, len(sheet.rows))
    for column in range(len(sheet.headings)):
        found = [_ENDS_IN_NUMBER.fullmatch(sheet.at(row, column)) for row in rows]
        words = {match["word"] for match in found if match is not None}
        numbers = {match["number"] for match in found if match is not None}
        if None not in found and len(words) == 1 and "" not in words and len(numbers) == len(found):
            return column
    return None


def _maximum_after(sheet: Sheet, grade: int) -> int | None:
    """Return the column behind that of the grades, where it has one number for all."""
    if grade + 1 >= len(sheet.headings):
        return None
    values = {number(sheet.at(row, grade + 1)) for row in range(1, len(sheet.rows))}
    return grade + 1 if len(values) == 1 and None not in values else None


# --------------------------------------------------------------------------------------------------------------
# Who a line is about


def _lines(sheet: Sheet, columns: Columns) -> list[Line]:
    return [Line(row=row, keys=_keys(sheet, columns, row)) for row in range(1, len(sheet.rows))]


def _keys(sheet: Sheet, columns: Columns, row: int) -> Keys:
    match = _ENDS_IN_NUMBER.fullmatch(sheet.at(row, columns.identifier))
    name = sheet.at(row, columns.name) if columns.name is not None else ""
    others = tuple(sheet.at(row, column) for column in columns.others)
    team = sheet.at(row, columns.team) if columns.team is not None else ""
    return {
        "participant": _numbered(match, name) if match is not None else (),
        "email": tuple(text for text in others if "@" in text),
        "id": tuple(text for text in others if "@" not in text),
        "name": (name, squeezed(name)),
        "team": (team, squeezed(team)),
    }


def _numbered(match: re.Match[str], name: str) -> tuple[str, ...]:
    """Return what names a participant by number: with a name beside it, since a team may have the same number."""
    blind = f"{match['number']} {match['word']}"
    return (blind, f"{match['number']} {squeezed(name)}") if name else (blind, match["number"])


def _own_keys(one: Returned) -> Keys:
    origin = one.origin
    is_here = origin.platform is Platform.MOODLE
    names = (origin.name, squeezed(origin.name))
    numbered = (*(f"{origin.participant} {name}" for name in names), origin.participant)
    return {
        "participant": numbered if is_here and origin.participant else (),
        "email": (origin.email,),
        "id": (origin.id, one.student),
        "name": (one.student,) if origin.team else (*names, one.student),
        "team": (origin.team, squeezed(origin.team), *names, one.student),
    }


def _folder(sheet: Sheet, columns: Columns, row: int, one: Returned) -> str:
    """Return the folder that Moodle takes for the participant's: that of the download, or one like it.

    Of its name only the number and the two words behind it are read.
    """
    match = _ENDS_IN_NUMBER.fullmatch(sheet.at(row, columns.identifier))
    participant = match["number"] if match is not None else ""
    own = one.origin.folder.rstrip("_")
    is_theirs = one.origin.platform is Platform.MOODLE and one.origin.participant == participant
    if is_theirs and not one.origin.team and own.split("_")[1:2] == [participant] and is_plain(own):
        return own
    name = (
        sheet.at(row, columns.name)
        if columns.name is not None
        else match["word"]
        if match is not None
        else ""
    )
    plain = _NO_FOLDER.sub("", name.replace("_", " ")).strip(" .")
    return f"{plain or 'Participant'}_{participant}_assignsubmission_file"
