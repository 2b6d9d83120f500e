"""Reads who is in a class from a table, whoever wrote it; knows nothing of submissions."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from grader.errors import UsageError
from grader.spelling import folded
from grader.submissions.files import load
from grader.submissions.limits import MIB, UnusableError
from grader.submissions.names import listed, quoted, same_name_key, shown
from grader.submissions.text import decode

_MOST_BYTES = 16 * MIB
_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "student": (
        *(
            "student",
            "name",
            "full name",
            "student name",
            "vollständiger name",
            "studierende",
            "studierender",
        ),
        *("nom complet", "nombre completo"),
    ),
    "first": ("first name", "firstname", "given name", "vorname", "prénom", "nombre", "first"),
    "last": (
        "last name",
        "lastname",
        "surname",
        "family name",
        "nachname",
        "nom",
        "nom de famille",
        "apellido(s)",
        "last",
    ),
    "id": (
        *("id", "student id", "id number", "sid", "sis user id", "matrikelnummer", "matriculation number"),
        *("id-nummer", "numéro d'identification", "número de id"),
    ),
    "login": ("login", "username", "user name", "sis login id", "github username", "github", "anmeldename"),
    "email": (
        *("email", "e-mail", "email address", "e-mail address", "mail", "e-mail-adresse", "e-mailadresse"),
        *("adresse de courriel", "dirección de correo", "dirección email"),
    ),
    "team": ("team", "team name", "group", "group name", "gruppe", "groupe", "grupo"),
    "participant": (
        "identifier",
        "participant",
        "identifiant",
        "identificador",
        "teilnehmer/in",
        "id des teilnehmers",
    ),
}
"""Headings that are understood, in lower case: ours first, then those of Moodle, Canvas, Gradescope and GitHub Classroom."""
_PARTICIPANT = re.compile(r"\D*(\d+)")
"""Moodle's worksheet writes `Participant 1042`, in the language of whoever downloads it."""
_NOT_STUDENTS = ("points possible", "student, test", "test student")
"""First cells of rows in a gradebook of Canvas that are nobody's."""


class Person(Struct, frozen=True, kw_only=True):
    """One student of the roster."""

    student: str
    """Nobody else on the roster is called so."""
    name: str
    """As it stands there."""
    id: str = ""
    login: str = ""
    email: str = ""
    team: str = ""
    participant: str = ""
    """The number that Moodle gives a submission."""


class Roster(Struct, frozen=True, kw_only=True):
    """Who is in a class."""

    path: Path
    people: tuple[Person, ...]


def read_roster(path: Path) -> Roster:
    """Read a roster.

    Parameters
    ----------
    path : Path
        A CSV file with headings: `student` (or first and last name) and, if there are, `id`, `email`, `team`. Commas, semicolons
        or tabs stand between the cells. What Moodle, Canvas, Gradescope and GitHub Classroom call these columns is understood,
        so that their lists and Moodle's grading worksheet are rosters.

    Returns
    -------
    Roster
        With at least one student.

    Raises
    ------
    UsageError
        If it cannot be read, has no column of students, or names two students alike that nothing tells apart.
    """
    try:
        text, _ = decode(path.name, load(path, str(path), limit=_MOST_BYTES), cookie=False)
    except UnusableError as error:
        # What stands behind the semicolon tells a student how to hand in.
        why = str(error).rpartition("; ")[0] or str(error)
        raise UsageError(
            f"the roster cannot be read: {why}", remedy="give a CSV file with a column `student`"
        ) from error
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=_delimiter(text), strict=False))
    except csv.Error as error:
        raise UsageError(
            f"{quoted(str(path))} is no CSV file: {error}", remedy="save the table as CSV in UTF-8"
        ) from error
    columns = _columns(path, rows[0] if rows else [])
    people = [person for row in rows[1:] if (person := _person(columns, row)) is not None]
    if not people:
        raise UsageError(
            f"{quoted(str(path))} holds no student", remedy="write a line for each, below the headings"
        )
    return Roster(path=path, people=_told_apart(path, people))


def _delimiter(text: str) -> str:
    headings = text.partition("\n")[0]
    return max(",;\t", key=headings.count)


def _columns(path: Path, headings: Sequence[str]) -> Mapping[str, int]:
    """Return where each kind of cell stands."""
    given = {folded(heading): index for index, heading in reversed(list(enumerate(headings)))}
    columns = {}
    for kind, names in _HEADINGS.items():
        name = next((name for name in names if name in given), None)
        if name is not None:
            columns[kind] = given[name]
    if not columns.keys() & {"student", "last", "participant", "id", "login", "email"}:
        raise UsageError(
            f"{quoted(str(path))} has no column of students; its headings are {listed(headings) or 'none'}",
            remedy="call the column with the names `student`; `id`, `email` and `team` may stand beside it",
        )
    return columns


def _person(columns: Mapping[str, int], row: Sequence[str]) -> Person | None:
    """Return the student of a row; None where it names nobody."""
    cells = {kind: shown(row[index].strip()) for kind, index in columns.items() if index < len(row)}
    if row and folded(row[0]) in _NOT_STUDENTS:
        return None
    name = cells.get("student") or f"{cells.get('first', '')} {cells.get('last', '')}".strip()
    number = _PARTICIPANT.fullmatch(cells.get("participant", ""))
    student = next(
        (
            cell
            for cell in (name, *(cells.get(kind, "") for kind in ("id", "login", "email", "participant")))
            if cell
        ),
        None,
    )
    if student is None:
        return None
    return Person(
        student=student,
        name=name,
        id=cells.get("id", ""),
        login=cells.get("login", ""),
        email=cells.get("email", ""),
        team=cells.get("team", ""),
        participant=number[1] if number else "",
    )


def _told_apart(path: Path, people: Sequence[Person]) -> tuple[Person, ...]:
    """Leave out what stands twice, and give those of one name a name each."""
    once = list(dict.fromkeys(people))
    count = Counter(same_name_key(person.student) for person in once)
    apart = []
    for person in once:
        if count[same_name_key(person.student)] > 1:
            mark = person.id or person.participant or person.login or person.email
            apart.append(replace(person, student=f"{person.student} ({mark})" if mark else person.student))
        else:
            apart.append(person)
    again = Counter(same_name_key(person.student) for person in apart)
    twice = sorted({person.student for person in apart if again[same_name_key(person.student)] > 1})
    if twice:
        raise UsageError(
            f"{quoted(str(path))} names several students {listed(twice)}, and nothing tells them apart",
            remedy="give each an `id`, or take out the line that is there twice",
        )
    return tuple(apart)
