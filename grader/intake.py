"""From paths and a roster to the submissions of a class, one per student, under the names that a gradebook has already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from grader.errors import UsageError
from grader.gradebook import Gradebook
from grader.model import Origin, Platform, Status
from grader.roster import Enrolled, enrolled, read_roster
from grader.submissions import Found, find, resolve_conflicts, title_of, told_apart
from grader.submissions.names import listed

ROSTER = "roster"
"""Name of what the gradebook keeps of where the roster is."""
_MOST_NAMES = 5
_REPORTS = ("html", "md")


class Intake(Struct, frozen=True, kw_only=True):
    """What is to be graded."""

    found: tuple[Found, ...]
    """Of each student one; those last who handed in nothing."""
    roster: Path | None
    """Which one says so."""
    said: tuple[str, ...]
    """How the paths were read, for the person who gave them; a line each."""


def taken_in(
    paths: Sequence[Path],
    *,
    out: Path,
    gradebook: Path,
    unpacked: Mapping[Path, Path],
    single: bool = False,
    student_from: str | None = None,
    latest: bool = False,
    roster: Path | None = None,
) -> Intake:
    """Return the submissions of a class.

    Parameters
    ----------
    paths : sequence of Path
        As a person gave them.
    out : Path
        The output folder, which holds no submission.
    gradebook : Path
        That of the output folder; it need not be there.
    unpacked : mapping of Path to Path
        Where zips of a whole class were unpacked.
    single, student_from, latest
        As `grader.submissions.find` and `resolve_conflicts` have them.
    roster : Path, optional
        Where left out, the one that was used before.

    Returns
    -------
    Intake

    Raises
    ------
    UsageError
        If paths, expression or roster cannot be used.
    NothingToGradeError
        If there is no submission.
    """
    known, graded, before = _known(gradebook)
    roster = _roster(roster, before, out)
    given = find(paths, single=single, exclude=[out], student_from=student_from, unpacked=unpacked)
    said = [*_platforms(given)]
    apart = told_apart(given, known)
    absent: tuple[Found, ...] = ()
    if roster is not None:
        made = enrolled(apart, read_roster(roster), graded)
        apart, absent = made.found, made.absent
        said.extend(_of_roster(made, roster))
    found = resolve_conflicts(apart, latest=latest)
    said.extend(_of_teams_in_conflict(found))
    return Intake(found=(*found, *absent), roster=roster, said=tuple(said))


def _known(gradebook: Path) -> tuple[Mapping[str, Origin], frozenset[str], str | None]:
    """Return what earlier runs know: origins, students with a grade, and the roster."""
    if not gradebook.is_file():
        return {}, frozenset(), None
    with Gradebook(gradebook) as book:
        return book.origins(), frozenset(book.file_names()), book.meta(ROSTER)


def _roster(given: Path | None, before: str | None, out: Path) -> Path | None:
    if given is not None:
        return given.absolute()
    if not before:
        return None
    if not Path(before).is_file():
        raise UsageError(
            f"the class in {out} was graded with the roster {before}, which is not there",
            remedy="say with --roster where it is",
        )
    return Path(before)


def _platforms(found: Sequence[Found]) -> Iterator[str]:
    by_platform: dict[Platform, list[Found]] = {}
    for one in found:
        if one.origin is not None and one.origin.platform is not None:
            by_platform.setdefault(one.origin.platform, []).append(one)
    for platform, ones in by_platform.items():
        count = len({(one.origin.participant or one.origin.name) for one in ones if one.origin})
        what = "participant" if platform in (Platform.MOODLE, Platform.CANVAS) else "submission"
        noun = what if count == 1 else f"{what}s"
        late = sum(one.origin.late for one in ones if one.origin)
        yield f"read as {title_of(platform)} of {count} {noun}{f', {late} of them late' if late else ''}"
    beside = len(found) - sum(map(len, by_platform.values()))
    if by_platform and beside:
        others = [one.student for one in found if one.origin is None or one.origin.platform is None]
        yield f"beside {'it' if len(by_platform) == 1 else 'them'}, under their own names: {listed(others, most=_MOST_NAMES)}"


def _of_roster(made: Enrolled, roster: Path) -> Iterator[str]:
    teams = Counter(one.origin.team for one in made.found if one.members and one.origin is not None)
    if made.absent:
        names = listed([one.student for one in made.absent], most=_MOST_NAMES)
        yield f"{len(made.absent)} on the roster handed in nothing: {names}"
    if teams:
        one = len(teams) == 1
        yield f"{len(teams)} {'team: its grade' if one else 'teams: the grade of each'} goes to all its members"
    if made.unknown:
        yield f"not on the roster {roster.name}, under their own names: {listed(made.unknown, most=_MOST_NAMES)}"
    if made.unclear:
        yield (
            f"not clear whose on the roster {roster.name}, under their own names: "
            f"{listed(made.unclear, most=_MOST_NAMES)}; Moodle's grading worksheet and Canvas' gradebook are rosters "
            "that tell people of one name apart"
        )


def _of_teams_in_conflict(found: Iterable[Found]) -> Iterator[str]:
    """Say where the submissions lie: the reports of a team do not, since paths name who handed them in."""
    for one in found:
        if one.conflict is not None and one.members:
            places = [one.place, *(other.place for other in one.others)]
            yield f"{len(places)} submissions of one team wait for you: {listed(places, most=_MOST_NAMES)}"


def still_to_do(found: Sequence[Found], book: Gradebook) -> tuple[Found, ...]:
    """Leave out absentees who were graded before: work that is not among the paths of this run was handed in all the same.

    Parameters
    ----------
    found : sequence of Found
    book : Gradebook

    Returns
    -------
    tuple of Found
    """
    return tuple(one for one in found if not one.is_absent or not _has_work(one.student, book))


def _has_work(student: str, book: Gradebook) -> bool:
    stored = book.get(student)
    return stored is not None and stored.grade.status is not Status.MISSING


def forget_absentees(found: Sequence[Found], book: Gradebook, out: Path) -> tuple[str, ...]:
    """Take out who is missing by an earlier roster and no longer on this one, as far as no person has marked them.

    Parameters
    ----------
    found : sequence of Found
        All that is on the roster or was handed in.
    book : Gradebook
    out : Path
        The output folder, whose files of theirs go as well.

    Returns
    -------
    tuple of str
        Whom.
    """
    here = {student for one in found for student in one.students}
    gone = [
        stored
        for stored in book.grades()
        if stored.grade.status is Status.MISSING
        and stored.grade.student not in here
        and not book.marks.of(stored.grade.student)
    ]
    for stored in gone:
        book.forget(stored.grade.student)
        for path in (
            f"results/{stored.file_name}.json",
            *(f"reports/{stored.file_name}.{kind}" for kind in _REPORTS),
        ):
            (out / path).unlink(missing_ok=True)
    return tuple(stored.grade.student for stored in gone)


def note_origins(found: Sequence[Found], book: Gradebook) -> None:
    """Keep where submissions are from; what a roster said before holds where nothing is said now.

    Parameters
    ----------
    found : sequence of Found
    book : Gradebook
    """
    before = book.origins()
    told: dict[str, Origin] = {}
    for one in found:
        for student, origin in _origins(one):
            old = before.get(student, Origin())
            told[student] = replace(
                origin,
                id=origin.id or old.id,
                email=origin.email or old.email,
                participant=origin.participant or old.participant,
            )
    changed = {student: origin for student, origin in told.items() if before.get(student) != origin}
    if changed:
        book.set_origins(changed)


def _origins(one: Found) -> Iterator[tuple[str, Origin]]:
    if one.members:
        yield from ((member.student, member.origin) for member in one.members)
    else:
        yield one.student, one.origin or Origin(newest_at=one.modified or None)
