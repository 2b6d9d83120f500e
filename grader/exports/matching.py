"""Finds whose line of a platform's table is whose: by the platform's number, e-mail, id or name, and never by likeness.

A grade on the wrong line is worse than one that a person has to enter: what fits several lines, or a line that another grade fits
as well, is placed nowhere and told.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from msgspec import Struct, field

from grader.exports.returned import Returned
from grader.spelling import folded

Keys: TypeAlias = Mapping[str, tuple[str, ...]]
"""By kind the texts that may name a person."""
_WORDS = {"participant": "number", "email": "e-mail address", "id": "id", "name": "name"}
"""Kinds of texts that name a person, the surest first, and what they are called."""
TEAM = "team"
"""The kind that names several persons."""


class Line(Struct, frozen=True, kw_only=True):
    """Who a line of a table is about."""

    row: int
    """In the table, the headings being 0."""
    keys: Keys


class Placed(Struct, frozen=True, kw_only=True):
    """Which grade goes where."""

    by_row: Mapping[int, Returned]
    problems: tuple[str, ...] = ()
    """Sentences on grades that are on no line."""


class _Placing(Struct, kw_only=True):
    """A placing under way."""

    lines: Sequence[Line]
    by_row: dict[int, Returned] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def place(grades: Sequence[tuple[Returned, Keys]], lines: Sequence[Line]) -> Placed:
    """Find the line of each grade.

    Parameters
    ----------
    grades : sequence of (Returned, mapping)
        Each with the texts that may name its student in this table.
    lines : sequence of Line

    Returns
    -------
    Placed
        A grade that only the name of a team fits is on the lines of all its members.
    """
    placing = _Placing(lines=lines)
    left = list(grades)
    for kind in _WORDS:
        left = _by_kind(placing, left, kind)
    teams = _index(lines, TEAM)
    for one, keys in left:
        rows = [row for row in _rows(teams, keys.get(TEAM, ())) if row not in placing.by_row]
        placing.by_row.update(dict.fromkeys(rows, one))
        if not rows:
            placing.problems.append(f"{one.shown}: there is no line for it")
    return Placed(by_row=placing.by_row, problems=tuple(placing.problems))


def _by_kind(
    placing: _Placing, grades: Sequence[tuple[Returned, Keys]], kind: str
) -> list[tuple[Returned, Keys]]:
    """Place the grades whose line a kind of texts tells; return those of which it tells nothing."""
    index = _index(placing.lines, kind)
    left: list[tuple[Returned, Keys]] = []
    claims: dict[int, list[Returned]] = defaultdict(list)
    for one, keys in grades:
        rows = _rows(index, keys.get(kind, ()))
        if len(rows) > 1:
            placing.problems.append(f"{one.shown}: {len(rows)} lines have its {_WORDS[kind]}")
        elif rows:
            claims[rows[0]].append(one)
        else:
            left.append((one, keys))
    for row, claiming in claims.items():
        others = [*claiming, *([placing.by_row[row]] if row in placing.by_row else [])]
        if len(others) == 1:
            placing.by_row[row] = others[0]
            continue
        for one in claiming:
            rivals = ", ".join(sorted(other.shown for other in others if other is not one))
            placing.problems.append(f"{one.shown}: its line would be that of {rivals} as well")
    return left


def _index(lines: Sequence[Line], kind: str) -> Mapping[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for line in lines:
        for text in dict.fromkeys(map(folded, line.keys.get(kind, ()))):
            found[text].append(line.row)
    return found


def _rows(index: Mapping[str, list[int]], texts: Sequence[str]) -> list[int]:
    """Return the rows that have one of the texts; an empty one names nobody."""
    named = [text for text in map(folded, texts) if text]
    return list(dict.fromkeys(row for text in named for row in index.get(text, ())))


def squeezed(name: str) -> str:
    """Return a name as names of files may have it: letters and digits alone.

    Parameters
    ----------
    name : str

    Returns
    -------
    str
        For comparison only; platforms leave out different signs when they make a file's name of a person's.
    """
    return re.sub(r"[\W_]+", "", folded(name))
