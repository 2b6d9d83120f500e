"""Which mistakes a class made, how often, where and by whom; and where in each network they came first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from grader.reports.class_rows import ClassRow
from grader.reports.outline import Outline
from grader.reports.phrases import slip_phrase
from grader.reports.text import clean_line

UNEXPLAINED = "unexplained"
_NAME = 80


class Place(Struct, frozen=True, kw_only=True):
    """One kind of mistake at one quantity."""

    at: str
    students: tuple[ClassRow, ...]


class SlipSummary(Struct, frozen=True, kw_only=True):
    """One kind of mistake over the class."""

    slip: str
    phrase: str
    places: tuple[Place, ...]
    """Where it happened most, first."""
    count: int
    """Submissions that have it, wherever it is."""
    percent: str
    """Of all submissions."""


class Topic(Struct, frozen=True, kw_only=True):
    """A mistake that is worth a word in class."""

    number: int
    """Of its slip in the table, from 1."""
    at: str
    phrase: str
    count: int
    percent: str


class FirstMistakes(Struct, frozen=True, kw_only=True):
    """Where in one network the first mistakes of a class are. The same counts of one network are drawn alike."""

    outline: Outline
    counts: tuple[tuple[str, int], ...]
    """Quantities, without the unit, with how many submissions have their first mistake there; never 0."""
    total: int
    """Submissions with a first mistake, in any network or none."""

    @property
    def here(self) -> int:
        """How many of them are in this network."""
        return sum(count for _, count in self.counts)


def percent_text(count: int, total: int) -> str:
    """Write a share in percent; what is not nobody is not called 0 %, nor what is not everybody 100 %.

    Parameters
    ----------
    count, total : int

    Returns
    -------
    str
        `12 %`, `under 1 %`, `over 99 %`.
    """
    if not 0 < count < total:
        return "100 %" if count and total else "0 %"
    rounded = round(100 * count / total)
    if rounded == 0:
        return "under 1 %"
    return "over 99 %" if rounded == 100 else f"{rounded} %"  # noqa: PLR2004


def slips(students: Sequence[ClassRow]) -> tuple[SlipSummary, ...]:
    """Sort the mistakes of a class by kind and place.

    Parameters
    ----------
    students : sequence of ClassRow

    Returns
    -------
    tuple of SlipSummary
        The most frequent first; but what nobody can name stands last, however often it is: it tells a class least.
    """
    found: dict[str, dict[str, list[ClassRow]]] = {}
    for row in students:
        for mistake in row.mistakes:
            found.setdefault(mistake.slip, {}).setdefault(mistake.at, []).append(row)
    summaries = [_slip(slip, places, len(students)) for slip, places in found.items()]
    return tuple(sorted(summaries, key=lambda one: (one.slip == UNEXPLAINED, -one.count, one.slip)))


def _slip(slip: str, places: Mapping[str, Sequence[ClassRow]], total: int) -> SlipSummary:
    who = {id(row) for among in places.values() for row in among}
    often_first = sorted(places.items(), key=lambda item: (-len(item[1]), item[0]))
    return SlipSummary(
        slip=slip,
        phrase=clean_line(slip_phrase(slip), _NAME),
        places=tuple(Place(at=at, students=tuple(among)) for at, among in often_first),
        count=len(who),
        percent=percent_text(len(who), total),
    )


def topics(summaries: Sequence[SlipSummary], total: int, most: int) -> tuple[Topic, ...]:
    """Pick the mistakes, each with its place, that most submissions have.

    Parameters
    ----------
    summaries : sequence of SlipSummary
    total : int
        Submissions.
    most : int
        How many to pick.

    Returns
    -------
    tuple of Topic
        The most frequent first; none that nobody can name.
    """
    found = [
        Topic(
            number=number,
            at=place.at,
            phrase=one.phrase,
            count=len(place.students),
            percent=percent_text(len(place.students), total),
        )
        for number, one in enumerate(summaries, start=1)
        if one.slip != UNEXPLAINED
        for place in one.places
    ]
    return tuple(sorted(found, key=lambda topic: (-topic.count, topic.number))[:most])


def first_mistakes(students: Iterable[ClassRow], outlines: Iterable[Outline]) -> tuple[FirstMistakes, ...]:
    """Count where in each network the first mistakes are.

    Parameters
    ----------
    students : iterable of ClassRow
    outlines : iterable of Outline
        The networks of the assignment.

    Returns
    -------
    tuple of FirstMistakes
        Those networks that have any, the one with most first.
    """
    counts = Counter(row.first_at for row in students if row.first_at)
    total = counts.total()
    found = []
    for outline in outlines:
        here = tuple((name, counts[label]) for name, label in outline.labels if counts[label])
        if here:
            found.append(FirstMistakes(outline=outline, counts=here, total=total))
    return tuple(sorted(found, key=lambda one: -one.here))
