"""The grades of a class as CSV that a spreadsheet can open without harm."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from functools import lru_cache

from msgspec import Struct

from grader.model import Grade

_NUMBERS = 1_024
"""How many points are remembered as texts: a class has few that differ."""
_FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""With those of full width, which some spreadsheets take for the same."""
_BLANK_STARTS = ("\t", "\r", "\n")


class _Row(Struct, frozen=True, kw_only=True):
    """One line, before the columns of all lines are known."""

    student: str
    points: str
    max_points: str
    by_question: Mapping[str, str]
    status: str


def grades_csv(grades: Iterable[Grade]) -> str:
    r"""Write one line per grade.

    Parameters
    ----------
    grades : iterable of Grade
        In the order of the lines; may be a generator, no grade is kept.

    Returns
    -------
    str
        `student`, `points`, `max_points`, a column for each question's id in order of appearance, `status`; lines
        end with `\n`. What is not decided is an empty cell, for a 0 would be read as a grade. Texts that a
        spreadsheet would run as a formula start with an apostrophe.
    """
    rows = [_row(grade) for grade in grades]
    questions = list(dict.fromkeys(question for row in rows for question in row.by_question))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ["student", "points", "max_points", *(_harmless(question) for question in questions), "status"]
    )
    for row in rows:
        cells = [row.by_question.get(question, "") for question in questions]
        writer.writerow([_harmless(row.student), row.points, row.max_points, *cells, row.status])
    return text.getvalue()


def _row(grade: Grade) -> _Row:
    return _Row(
        student=grade.student,
        points=_number(grade.points) if grade.final else "",
        max_points=_number(grade.max_points),
        by_question={
            question.id: _number(question.points) if question.pending_points == 0.0 else ""
            for question in grade.questions
        },
        status=grade.status.value,
    )


@lru_cache(_NUMBERS)
def _number(points: float) -> str:
    """Write points without the dust of binary fractions: 0.3, not 0.30000000000000004."""
    return f"{points:.12g}"


def _harmless(text: str) -> str:
    # The csv module leaves a lone carriage return outside quotes, where readers take it for the end of the line.
    line = text.replace("\r", " ")
    is_formula = text.startswith(_BLANK_STARTS) or _without_blanks(text).startswith(_FORMULA_STARTS)
    return f"'{line}" if is_formula else line


def _without_blanks(text: str) -> str:
    """Leave out what stands before the first character that is seen: an import may leave it out, too."""
    for place, character in enumerate(text):
        if character.isprintable() and not character.isspace():
            return text[place:]
    return ""
