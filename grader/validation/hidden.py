"""Slips that the cases hide: they change numbers on the dense grid, and none on any case that a class gets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from msgspec.structs import replace

from grader.marking.expectations import CaseExpectations, Expectations, kink_sides
from grader.validation.planting import Plant, changed_keys, plants
from grader.validation.slip_table import indistinguishable
from grader.validation.tasks import HiddenSlips

_Name: TypeAlias = tuple[str, str, str, str, int]
"""Kind, slip, place and text of a planted slip, and how many before it have the same ones."""


def hidden_slips(cases: Expectations, planted: Iterable[Plant], grid: Expectations) -> HiddenSlips:
    """Compare what planted slips change on the cases with what they change on the grid.

    Parameters
    ----------
    cases : Expectations
        Of a unit.
    planted : iterable of Plant
        The slips that are planted there.
    grid : Expectations
        Of the same unit.

    Returns
    -------
    HiddenSlips
    """
    # On a kink no derivative is the right one; that its sides occur is told by `coverage`.
    smooth = tuple(one for one in grid.cases if not _is_on_a_kink(grid, one))
    grid = replace(grid, cases=smooth or grid.cases)
    here = dict(_numbered(planted))
    there = {name: plant for name, plant in _numbered(plants(grid)) if name in here}
    unseen = [
        name
        for name, plant in there.items()
        if changed_keys(plant.trials) and not changed_keys(here[name].trials)
    ]
    shown = [name for name, plant in there.items() if changed_keys(plant.trials)]
    seen = [name for name in shown if name not in unseen]
    pairs = list(_alike(cases, grid, seen, here, there))
    return HiddenSlips(
        unseen=[_text(name) for name in unseen],
        alike=list(dict.fromkeys(f"{_text(one)}; and {_text(other)}" for one, other in pairs)),
        mixed=len({name for pair in pairs for name in pair}),
        planted=len(shown),
    )


def _is_on_a_kink(everything: Expectations, reference: CaseExpectations) -> bool:
    return len(kink_sides(everything.unit.graph, reference.forward)) > 1


def _text(name: _Name) -> str:
    kind, slip, at, text, _ = name
    return f"{slip} at {at} ({kind}): {text}"


def _numbered(planted: Iterable[Plant]) -> Iterator[tuple[_Name, Plant]]:
    """Name planted slips so that they can be found again among those of other cases."""
    count: Counter[tuple[str, str, str, str]] = Counter()
    for plant in planted:
        name = (plant.kind, plant.slip, plant.at, plant.text)
        yield (*name, count[name]), plant
        count[name] += 1


def _alike(
    cases: Expectations,
    grid: Expectations,
    names: Sequence[_Name],
    here: dict[_Name, Plant],
    there: dict[_Name, Plant],
) -> Iterator[tuple[_Name, _Name]]:
    """Yield pairs of slips of different names with the same numbers on all cases, and other ones on the grid."""
    on_cases = indistinguishable(cases, [here[name] for name in names])
    on_grid = indistinguishable(grid, [there[name] for name in names])
    places = {id(here[name]): i for i, name in enumerate(names)}
    for i, same in enumerate(on_cases):
        also = {id(plant) for plant in on_grid[i]}
        for j in sorted(places[id(other)] for other in same):
            if i < j and names[i][1] != names[j][1] and id(there[names[j]]) not in also:
                yield names[i], names[j]
