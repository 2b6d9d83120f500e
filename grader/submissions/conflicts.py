"""Leaves one submission per student: tells people of one name apart, and several submissions of one person from each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from grader.model import Origin, Platform
from grader.submissions.found import Found, Member
from grader.submissions.names import quoted, same_name_key


def told_apart(found: Sequence[Found], known: Mapping[str, Origin] | None = None) -> tuple[Found, ...]:
    """Give two people of one name two names, as far as a platform tells them apart by their numbers.

    Whoever was graded before keeps the name: somebody who hands in later must not make another person of them.

    Parameters
    ----------
    found : sequence of Found
        As `find` returns it.
    known : mapping of str to Origin, optional
        Where the submissions of earlier runs were from, by student.

    Returns
    -------
    tuple of Found
        `Anna Schmidt (1042)` where there are two of the name.
    """
    before = _students_before(known or {})
    numbers: dict[str, set[tuple[Platform, str]]] = {}
    for student, origin in (known or {}).items():
        if (number := _number(origin)) is not None:
            numbers.setdefault(same_name_key(student), set()).add(number)
    for one in found:
        if (number := _number(one.origin)) is not None:
            numbers.setdefault(same_name_key(one.student), set()).add(number)
    return tuple(_named(one, before, numbers) for one in found)


def _named(
    one: Found,
    before: Mapping[tuple[Platform, str], str],
    numbers: Mapping[str, set[tuple[Platform, str]]],
) -> Found:
    number = _number(one.origin)
    if number is None or one.members or one.problem:
        return one
    if number in before:
        return replace(one, student=before[number])
    if len(numbers[same_name_key(one.student)]) > 1:
        return replace(one, student=f"{one.student} ({number[1]})")
    return one


def _students_before(known: Mapping[str, Origin]) -> Mapping[tuple[Platform, str], str]:
    """Return the student of each number that one student alone has."""
    students: dict[tuple[Platform, str], list[str]] = {}
    for student, origin in known.items():
        if (number := _number(origin)) is not None and not origin.team:
            students.setdefault(number, []).append(student)
    return {number: of[0] for number, of in students.items() if len(of) == 1}


def _number(origin: Origin | None) -> tuple[Platform, str] | None:
    if origin is None or origin.platform is None or not origin.participant:
        return None
    return origin.platform, origin.participant


def resolve_conflicts(found: Sequence[Found], *, latest: bool) -> tuple[Found, ...]:
    """Return one entry per student.

    Parameters
    ----------
    found : sequence of Found
        As `find` returns it.
    latest : bool
        Whether the newest of several submissions counts; the others are named in a note. Where two are equally
        new, or not of the same people, nothing is guessed.

    Returns
    -------
    tuple of Found
        Each with other students, in the order of first appearance. Where a person must choose, `conflict` says
        so and `others` names the rest.
    """
    groups = _by_student(found)
    return tuple(group[0] if len(group) == 1 else _resolved(group, latest=latest) for group in groups)


def _by_student(found: Sequence[Found]) -> tuple[Sequence[Found], ...]:
    """Return what somebody handed in twice together, and with it what others of theirs handed in."""
    group_of: dict[str, list[int]] = {}
    for index, one in enumerate(found):
        keys = [same_name_key(student) for student in one.students]
        group = [index]
        for other in {id(group_of[key]): group_of[key] for key in keys if key in group_of}.values():
            group.extend(other)
        group.sort()
        group_of.update((key, group) for i in group for key in map(same_name_key, found[i].students))
    groups = {id(group): group for group in group_of.values()}.values()
    return tuple([found[index] for index in group] for group in sorted(groups))


def _resolved(group: Sequence[Found], *, latest: bool) -> Found:
    newest = max(group, key=lambda one: one.modified)
    rest = tuple(one for one in group if one is not newest)
    same_people = len({frozenset(map(same_name_key, one.students)) for one in group}) == 1
    if latest and same_people and all(one.modified < newest.modified for one in rest):
        passed_over = _and([one.place for one in rest])
        note = f"The newest of {len(group)} submissions was taken; not read: {passed_over}."
        return replace(newest, notes=(*newest.notes, note))
    number = "two" if len(group) == 2 else str(len(group))  # noqa: PLR2004 -- a pair
    paths = _and([one.place for one in group])
    members = _everybody(group)
    # Every member reads it, and is not told the names of the others, which are in the paths too.
    what = (
        f"{number} submissions of one team"
        if members
        else f"{number} submissions of {quoted(group[0].student)}"
    )
    where = "" if members else f": {paths}"
    remedy = "remove one" if len(group) == 2 else "remove all but one"  # noqa: PLR2004 -- a pair
    if latest:
        why = "are equally new" if same_people else "are not of the same students"
        conflict = f"{what} that {why}{where}; {remedy}"
    else:
        conflict = f"{what}{where}; {remedy} or use --latest"
    return replace(
        group[0], members=members, others=tuple(group[1:]), conflict=conflict, is_of_several=bool(members)
    )


def _everybody(group: Sequence[Found]) -> tuple[Member, ...]:
    """Return all who wait for the choice, each once; none where it is one student."""
    members: dict[str, Member] = {}
    for one in group:
        for member in one.members or (Member(student=one.student, origin=one.origin or Origin()),):
            members.setdefault(same_name_key(member.student), member)
    return tuple(members.values()) if len(members) > 1 else ()


def _and(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
