"""Slips that the cases hide: they change numbers on the dense grid, and none on any case that a class gets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from grader.marking.expectations import Expectations
from grader.validation.planting import Plant, changed_keys, plants
from grader.validation.slip_table import indistinguishable
from grader.validation.tasks import HiddenSlips

_Name: TypeAlias = tuple[str, str, str, str, int]
"""Kind, slip, place and text of a planted slip, and how many before it have the same ones."""


def hidden_slips(cases: Expectations, grid: Expectations) -> HiddenSlips:
    """Compare what planted slips change on the cases with what they change on the grid.

    Parameters
    ----------
    cases, grid : Expectations
        Of one unit.

    Returns
    -------
    HiddenSlips
    """
    here = dict(_numbered(plants(cases)))
    there = {name: plant for name, plant in _numbered(plants(grid)) if name in here}
    unseen = [
        name
        for name, plant in there.items()
        if changed_keys(plant.trials) and not changed_keys(here[name].trials)
    ]
    return HiddenSlips(
        unseen=[f"{slip} at {at} ({kind}): {text}" for kind, slip, at, text, _ in unseen],
        alike=sorted(set(_alike(cases, grid, [name for name in there if name not in unseen], here, there))),
    )


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
) -> Iterator[str]:
    """Yield pairs of differently named slips with the same numbers on all cases, and other ones on the grid."""
    on_cases = indistinguishable(cases, [here[name] for name in names])
    on_grid = indistinguishable(grid, [there[name] for name in names])
    place = {id(here[name]): i for i, name in enumerate(names)}
    for i, same in enumerate(on_cases):
        also = {id(plant) for plant in on_grid[i]}
        for other in same:
            j = place[id(other)]
            if id(there[names[j]]) not in also and names[i][1:3] < names[j][1:3]:
                yield f"{names[i][1]} at {names[i][2]} and {names[j][1]} at {names[j][2]}"
