"""Tells whose a submission is, who handed in nothing, and with whom somebody handed in; guesses nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from grader.model import Origin
from grader.roster.table import Person, Roster
from grader.spelling import folded
from grader.submissions import Found, Member
from grader.submissions.names import same_name_key


class Enrolled(Struct, frozen=True, kw_only=True):
    """What a roster makes of the submissions of a class."""

    found: tuple[Found, ...]
    """All submissions, under the names of the roster."""
    absent: tuple[Found, ...]
    """Those who handed in nothing."""
    unknown: tuple[str, ...] = ()
    """Students of submissions of whom the roster knows nothing."""
    unclear: tuple[str, ...] = ()
    """Students of submissions that may be several people's; none of these counts as absent."""


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


class _Match(Struct, frozen=True, kw_only=True):
    """Who a submission may be from."""

    people: tuple[Person, ...] = ()
    is_team: bool = False
    by_name: bool = False
    """Whether nothing but a name says so."""

    @property
    def is_unclear(self) -> bool:
        return len(self.people) > 1 and not self.is_team


_Keys = Callable[[Person], Collection[str]]


class _Index(Struct, frozen=True, kw_only=True):
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
            or self.ids.get(folded(one.student), ())
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
            if key and (people := self.ids.get(folded(key))):
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
    email = folded(person.email)
    return {folded(person.id), folded(person.login), email, email.partition("@")[0]}


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
