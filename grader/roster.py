"""Reads who is in a class, and tells whose a submission is, who handed in nothing, and with whom somebody handed in."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.errors import UsageError
from grader.model import Origin
from grader.submissions import Found, Member
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Roster:
    """Who is in a class."""

    path: Path
    people: tuple[Person, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Enrolled:
    """What a roster makes of the submissions of a class."""

    found: tuple[Found, ...]
    """All submissions, under the names of the roster."""
    absent: tuple[Found, ...]
    """Those who handed in nothing."""
    unknown: tuple[str, ...] = ()
    """Students of submissions of whom the roster knows nothing."""
    unclear: tuple[str, ...] = ()
    """Students of submissions that may be several people's; none of these counts as absent."""


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
        raise UsageError(
            f"the roster cannot be read: {error}", remedy="give a CSV file with a column `student`"
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
    given = {_folded(heading): index for index, heading in reversed(list(enumerate(headings)))}
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


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().replace("_", " ").split())


def _person(columns: Mapping[str, int], row: Sequence[str]) -> Person | None:
    """Return the student of a row; None where it names nobody."""
    cells = {kind: shown(row[index].strip()) for kind, index in columns.items() if index < len(row)}
    if row and _folded(row[0]) in _NOT_STUDENTS:
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


# --------------------------------------------------------------------------------------------------------------
# Whose a submission is


def enrolled(found: Sequence[Found], roster: Roster, graded: Collection[str] = ()) -> Enrolled:
    """Give submissions to the students of a roster.

    A number that a platform gave counts first, then an id, a login or an e-mail address in the name, then the name in any order,
    and the name of a team. Where several fit, nothing is guessed.

    Parameters
    ----------
    found : sequence of Found
        As `grader.submissions.told_apart` returns it.
    roster : Roster
    graded : collection of str
        Students with a grade already: somebody graded before the roster was there keeps the name.

    Returns
    -------
    Enrolled
    """
    index = _Index.of(roster.people)
    matches = [index.people_of(one) for one in found]
    namesakes = _claimed_twice(found, matches)
    given: list[Found] = []
    present: set[str] = set()
    unknown: list[str] = []
    unclear: list[str] = []
    for number, (one, match) in enumerate(zip(found, matches, strict=True)):
        present.update(person.student for person in match.people)
        if match.is_unclear or number in namesakes:
            unclear.append(one.student)
            given.append(one)
        elif not match.people and not one.members:
            unknown.append(one.student)
            given.append(one)
        else:
            given.append(_given(one, match, index, graded))
            present.update(given[-1].students)
    absent = tuple(_absent(person, roster.path) for person in roster.people if person.student not in present)
    return Enrolled(found=tuple(given), absent=absent, unknown=tuple(unknown), unclear=tuple(unclear))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Match:
    """Who a submission may be from."""

    people: tuple[Person, ...] = ()
    is_team: bool = False
    by_name: bool = False
    """Whether nothing but a name says so."""

    @property
    def is_unclear(self) -> bool:
        return len(self.people) > 1 and not self.is_team


_Keys = Callable[[Person], Collection[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Index:
    """The roster by everything that a submission may be called."""

    teams: Mapping[str, tuple[Person, ...]]
    numbers: Mapping[str, tuple[Person, ...]]
    ids: Mapping[str, tuple[Person, ...]]
    names: Mapping[str, tuple[Person, ...]]
    """In any order of their words."""
    exact: Mapping[str, tuple[Person, ...]]
    """As they stand on the roster: Li Wei is not Wei Li where both are there."""

    @classmethod
    def of(cls, people: Sequence[Person]) -> _Index:
        """Return the index of a roster."""
        return cls(
            teams=_by(people, lambda person: {_squeezed(person.team)}),
            numbers=_by(people, lambda person: {person.participant}),
            ids=_by(people, _ids),
            names=_by(people, _name_keys),
            exact=_by(people, lambda person: {same_name_key(person.name), same_name_key(person.student)}),
        )

    def people_of(self, one: Found) -> _Match:
        """Return who a submission may be from."""
        if one.members:
            people = [self.person_of(member.student, member.origin) for member in one.members]
            return _Match(people=tuple(person for person in people if person is not None), is_team=True)
        origin = one.origin or Origin()
        name = origin.name or one.student
        team = self.teams.get(_squeezed(name), ())
        if team:
            return _Match(people=team, is_team=True)
        certain = (
            _of_name(self.numbers.get(origin.participant, ()), name)
            or (_of_name(self.ids.get(origin.participant, ()), name) if origin.participant else ())
            or self._by_id(origin)
            or self.ids.get(_folded(one.student), ())
        )
        if certain:
            return self._with_team(certain)
        return replace(self._with_team(self._by_name(name)), by_name=True)

    def person_of(self, student: str, origin: Origin) -> Person | None:
        """Return who somebody is that handed in with others."""
        people = self._by_id(origin) or self._by_name(student)
        return people[0] if len(people) == 1 else None

    def _by_name(self, name: str) -> tuple[Person, ...]:
        exact = self.exact.get(same_name_key(name), ())
        return exact if len(exact) == 1 else self.names.get(_squeezed(name), ())

    def _by_id(self, origin: Origin) -> tuple[Person, ...]:
        for key in (origin.id, origin.email):
            if key and (people := self.ids.get(_folded(key))):
                return people
        return ()

    def _with_team(self, people: tuple[Person, ...]) -> _Match:
        team = self.teams.get(_squeezed(people[0].team), ()) if len(people) == 1 else ()
        return _Match(people=team, is_team=True) if len(team) > 1 else _Match(people=people)


def _of_name(people: Sequence[Person], name: str) -> tuple[Person, ...]:
    """Keep those who may be called so: a platform's number of a submission, or of a team, may be another person's elsewhere."""
    return tuple(person for person in people if not person.name or _squeezed(name) in _name_keys(person))


def _by(people: Sequence[Person], keys: _Keys) -> Mapping[str, tuple[Person, ...]]:
    index: dict[str, tuple[Person, ...]] = {}
    for person in people:
        for key in keys(person):
            if key:
                index[key] = (*index.get(key, ()), person)
    return index


def _ids(person: Person) -> set[str]:
    email = _folded(person.email)
    return {_folded(person.id), _folded(person.login), email, email.partition("@")[0]}


def _squeezed(text: str) -> str:
    """Return letters and digits alone: what `Doe, Jane`, `doe_jane` and Canvas' `doejane` share."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFC", text).casefold())


def _name_keys(person: Person) -> set[str]:
    """Return what a name may look like in the name of a file: its words in every turn."""
    words = person.name.replace(",", " ").split()
    turns = (words[start:] + words[:start] for start in range(len(words)))
    return {_squeezed(person.student), *(_squeezed("".join(turn)) for turn in turns)}


def _claimed_twice(found: Sequence[Found], matches: Sequence[_Match]) -> set[int]:
    """Return which submissions fit one student by name alone, while a platform says that they are several people's."""
    claims: dict[str, list[int]] = {}
    for number, match in enumerate(matches):
        if match.by_name and len(match.people) == 1:
            claims.setdefault(match.people[0].student, []).append(number)
    twice = set()
    for numbers in claims.values():
        origins = [found[number].origin for number in numbers]
        if len({(one.platform, one.participant) for one in origins if one and one.participant}) > 1:
            twice.update(numbers)
    return twice


def _given(one: Found, match: _Match, index: _Index, graded: Collection[str]) -> Found:
    """Return a submission under the names of the roster."""
    if one.members:
        return _with_members(one, [_known(member, index) for member in one.members])
    origin = one.origin or Origin()
    if match.is_team:
        members = [
            Member(student=person.student, origin=_enrolled(origin, person)) for person in match.people
        ]
        return _with_members(one, members)
    (person,) = match.people
    keeps_name = one.student in graded and person.student not in graded
    return replace(
        one, student=one.student if keeps_name else person.student, origin=_enrolled(origin, person)
    )


def _known(member: Member, index: _Index) -> Member:
    person = index.person_of(member.student, member.origin)
    if person is None:
        return member
    team = member.origin.team or person.team
    return Member(student=person.student, origin=replace(_enrolled(member.origin, person), team=team))


def _with_members(one: Found, members: Sequence[Member]) -> Found:
    first = members[0]
    return replace(
        one, student=first.student, origin=first.origin, members=tuple(members) if len(members) > 1 else ()
    )


def _enrolled(origin: Origin, person: Person) -> Origin:
    return replace(
        origin,
        participant=origin.participant or person.participant,
        id=person.id or origin.id,
        email=person.email or origin.email,
        team=person.team,
    )


def _absent(person: Person, roster: Path) -> Found:
    return Found(
        student=person.student,
        path=roster,
        modified=0.0,
        origin=_enrolled(Origin(name=person.name), person),
        is_absent=True,
    )
