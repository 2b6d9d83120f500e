"""The grades of a class for other programs: CSV that a spreadsheet can open without harm, and JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence

from grader.exports.cells import harmless, quoted
from grader.exports.returned import Returned

_ONE_LINE = str.maketrans("\r\n\t", "   ")


def csv_text(grades: Sequence[Returned]) -> str:
    r"""Write a line for each student.

    Parameters
    ----------
    grades : sequence of Returned

    Returns
    -------
    str
        `student`, `id`, `email`, `team`, `points`, `max_points`, a column for each question, `late_points`
        (taken off), `status`, `final`, `comment`; lines end
        with `\n`. What is not decided is an empty cell. Texts that a spreadsheet would run as formulas begin with an apostrophe.
    """
    questions = list(dict.fromkeys(one.id for grade in grades for one in grade.questions))
    head = ["student", "id", "email", "team", "points", "max_points"]
    lines = [[*head, *map(_text, questions), "late_points", "status", "final", "comment"]]
    for grade in grades:
        by_question = {one.id: "" if one.pending_points else _number(one.points) for one in grade.questions}
        origin = grade.origin
        lines.append(
            [
                *map(_text, (grade.student, origin.id, origin.email, origin.team)),
                _number(grade.points) if grade.is_decided else "",
                _number(grade.max_points),
                *(by_question.get(question, "") for question in questions),
                _number(grade.late.points) if grade.late is not None else "",
                grade.status.value,
                "yes" if grade.final else "no",
                _text(" ".join(grade.said)),
            ]
        )
    return "".join(f"{','.join(map(quoted, line))}\n" for line in lines)


def _text(text: str) -> str:
    return harmless(text.translate(_ONE_LINE))


def _number(points: float) -> str:
    """Write points without the dust of binary fractions: 0.3, not 0.30000000000000004."""
    return f"{points:.12g}"


def json_text(grades: Sequence[Returned], assignment: str) -> str:
    """Write one document with every student.

    Parameters
    ----------
    grades : sequence of Returned
    assignment : str
        Its name.

    Returns
    -------
    str
        JSON in ASCII; points of what is not decided are null.
    """
    document = {"schema": 1, "assignment": assignment, "students": [_document(one) for one in grades]}
    return f"{json.dumps(document, allow_nan=False, indent=1)}\n"


def _document(one: Returned) -> dict[str, object]:
    return {
        "student": one.student,
        "id": one.origin.id,
        "email": one.origin.email,
        "team": one.origin.team,
        "points": one.points if one.is_decided else None,
        "max_points": one.max_points,
        "pending_points": one.pending_points,
        "final": one.final,
        "status": one.status.value,
        "late": _late(one),
        "questions": [
            {
                "id": question.id,
                "title": question.title,
                "points": None if question.pending_points else question.points,
                "max_points": question.max_points,
                "pending_points": question.pending_points,
            }
            for question in one.questions
        ],
        "comment": list(one.said),
    }


def _late(one: Returned) -> dict[str, object] | None:
    if one.late is None:
        return None
    return {"days": one.late.days, "points": one.late.points, "why": one.late.why}
