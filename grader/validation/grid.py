"""The dense grid: many more cases than a class gets, from ranges a little wider, so that it shows what cases hide."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from msgspec.structs import replace

from grader.assignment import CaseRules, Kind, LeafRule, Unit
from grader.cases import drawn_cases
from grader.errors import AssignmentError
from grader.marking.expectations import Expectations, expectations
from grader.model import Case

POINTS = 48
"""Cases of single numbers; a mistake that shows on fewer than one in thirty hardly is one."""
POINTS_OF_ARRAYS = 12
"""Cases of arrays, each of which has many entries."""
WIDER = 0.25
"""By what share of its width a range is widened, without going over zero."""
NARROWEST = 0.5
"""A range narrower than this share of its largest number hides factors; so far it is opened."""


def grid_of(unit: Unit, generator: np.random.Generator) -> Expectations:
    """Draw the grid of a unit and compute what the reference gives there.

    Parameters
    ----------
    unit : Unit
    generator : numpy.random.Generator

    Returns
    -------
    Expectations
        Of cases away from kinks, named `grid-1`, `grid-2`, ... From the author's own ranges where wider ones do not do.

    Raises
    ------
    AssignmentError
        Where the ranges admit too few cases.
    """
    for rules in (_opened(unit.cases), unit.cases):
        wide = replace(unit, cases=replace(rules, drawn=_count(unit), worked=None, edges=()))
        try:
            with np.errstate(all="ignore"):
                cases = drawn_cases(wide, generator)
                everything = expectations(unit, [_named(case, place) for place, case in enumerate(cases, 1)])
        except (AssignmentError, ValueError, IndexError, FloatingPointError):
            continue  # shapes that fit only the sizes of the author, or too few draws
        if _is_finite(everything):
            return everything
    cases = drawn_cases(unit, generator)  # says what is wrong with the ranges, or gives what there is
    return expectations(unit, [_named(case, place) for place, case in enumerate(cases, 1)])


def _count(unit: Unit) -> int:
    return POINTS_OF_ARRAYS if any(rule.shape for rule in unit.cases.leaves.values()) else POINTS


def _named(case: Case, place: int) -> Case:
    return replace(case, name=f"grid-{place}")


def _is_finite(everything: Expectations) -> bool:
    return all(
        np.all(np.isfinite(expectation.value))
        for reference in everything.cases
        for expectation in reference.by_key.values()
    )


def _opened(rules: CaseRules) -> CaseRules:
    """Widen every range, and add sizes: a single size, or one sample, hides means and transposes."""
    return replace(
        rules,
        leaves={name: _opened_leaf(rule) for name, rule in rules.leaves.items()},
        sizes=_opened_sizes(rules.sizes),
        rate=None if rules.rate is None else _opened_range(rules.rate),
    )


def _opened_leaf(rule: LeafRule) -> LeafRule:
    if rule.kind is not Kind.UNIFORM or rule.range is None:
        return rule
    return replace(rule, range=_opened_range(rule.range))


def _opened_range(bounds: tuple[float, float]) -> tuple[float, float]:
    low, high = bounds
    largest = max(abs(low), abs(high))
    more = max(WIDER * (high - low), (NARROWEST * largest - (high - low)) / 2.0)
    wide = (low - more, high + more)
    if low > 0.0:
        return (max(wide[0], low / 2.0), wide[1])
    return (wide[0], min(wide[1], high / 2.0)) if high < 0.0 else wide


def _opened_sizes(sizes: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """Give each named size options of its own beside its own ones, as far as it has a single one."""
    taken = {option for options in sizes.values() for option in options}
    found: dict[str, tuple[int, ...]] = {}
    for name, options in sizes.items():
        if len(options) > 1:
            found[name] = options
            continue
        fresh = next(size for size in range(2, len(taken) + 3) if size not in taken)
        taken.add(fresh)
        found[name] = (*options, fresh)
    return found
