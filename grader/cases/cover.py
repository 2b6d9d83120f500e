"""Draws many cases, and chooses few of them that show together all that any of them shows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from msgspec import Struct

from grader.assignment import Unit
from grader.cases.features import WISHED, Feature, features, is_admissible
from grader.cases.leaves import SMALLEST_CENTRE, sides
from grader.errors import AssignmentError
from grader.model import Array

POOL = 80
"""Admissible draws to choose the cases from."""
POOL_OF_ARRAYS = 4
"""The same per case where values are arrays: each shows many sides at once."""
MOST_DRAWS = 10_000
MOST_COVERS = 200


class Draw(Struct, frozen=True, kw_only=True, eq=False):
    """Leaves that make one case, or two where targets lie near the output: one on each side of it.

    With the same weights on both sides, an output that is wrong inside `backward` lies on the wrong side of one of the
    targets, whichever way it is off; with other weights it may hide on both. Where all parameters' gradients are zero, they are
    on either side, and one is enough: what makes them anything else shows whatever its sign.
    """

    sides: tuple[Mapping[str, Array], ...]
    features: frozenset[Feature]


def pool_of(unit: Unit, generator: np.random.Generator) -> list[Draw]:
    """Draw as many as there is to choose from.

    Parameters
    ----------
    unit : Unit
    generator : numpy.random.Generator

    Returns
    -------
    list of Draw

    Raises
    ------
    AssignmentError
        Where the ranges admit too few.
    """
    pool: list[Draw] = []
    arrays = any(rule.shape for rule in unit.cases.leaves.values())
    enough = POOL_OF_ARRAYS * unit.cases.drawn if arrays else POOL
    for _ in range(MOST_DRAWS):
        draw = _draw(unit, generator)
        if draw is not None:
            pool.append(draw)
        if len(pool) == enough:
            return pool
    raise AssignmentError(
        f"{unit.where}: cases.ranges: only {len(pool)} of {MOST_DRAWS} draws keep away from kinks and cancellation",
        remedy="widen the ranges",
    )


def _draw(unit: Unit, generator: np.random.Generator) -> Draw | None:
    """Draw leaves; None where rounding would decide a value."""
    drawn: list[Mapping[str, Array]] = []
    shown: set[Feature] = set()
    for leaves in sides(unit, generator):
        run = unit.graph.forward(leaves)
        gradients = unit.graph.backward(run)
        if not is_admissible(unit, run, gradients):
            return None
        drawn.append(leaves)
        shown.update(features(unit, leaves, run, gradients))
        if not any(np.any(unit.graph.gradient(gradients, name)) for name in unit.parameters):
            break
        if any(abs(unit.graph.value(run, rule.near)) <= SMALLEST_CENTRE for rule in unit.cases.near.values()):
            return None  # the targets are far from it, and an output that is a little off shows on no side
    return Draw(sides=tuple(drawn), features=frozenset(shown))


def choose(
    pool: list[Draw], unit: Unit, generator: np.random.Generator, *, shown: frozenset[Feature]
) -> list[Draw]:
    """Choose draws that make no more cases than the unit wants, so that all features of the pool occur (greedy set cover).

    Parameters
    ----------
    pool : list of Draw
    unit : Unit
    generator : numpy.random.Generator
    shown : frozenset of tuple of str
        Features that need not occur once more.

    Returns
    -------
    list of Draw
        Those with the most gradients that are not zero first.

    Raises
    ------
    AssignmentError
        Where more cases are needed.
    """
    wanted = frozenset[Feature]().union(*(draw.features for draw in pool)) - shown
    best: tuple[list[Draw], frozenset[Feature]] = ([], wanted)
    for _ in range(MOST_COVERS):
        order = [pool[i] for i in generator.permutation(len(pool))]
        chosen = _greedy(order, wanted, unit.cases.drawn)
        missing = wanted.difference(*(draw.features for draw in chosen))
        if _lack(missing) < _lack(best[1]):
            best = (chosen, missing)
        if not missing:
            break
    chosen, missing = best
    needed, _ = _lack(missing)
    if not needed:
        # Who looks at the first cases alone, as the check of gradients does, is not to see zeros only.
        return sorted(chosen, key=_non_zero_gradients, reverse=True)
    raise AssignmentError(
        f"{unit.where}: cases.drawn: {unit.cases.drawn} cases do not cover all that can occur "
        f"({needed} combinations of kink sides and gradient signs are left)",
        remedy="raise cases.drawn",
    )


def _greedy(order: list[Draw], wanted: frozenset[Feature], most: int) -> list[Draw]:
    """Take the first draw, and then each time the one that shows most of what is missing, as far as there is room."""
    chosen: list[Draw] = []
    missing, room = wanted, most
    while missing and (fitting := [draw for draw in order if len(draw.sides) <= room]):
        chosen.append(max(fitting, key=lambda draw: len(draw.features & missing)) if chosen else fitting[0])
        missing -= chosen[-1].features
        room -= len(chosen[-1].sides)
    return chosen


def _lack(missing: frozenset[Feature]) -> tuple[int, int]:
    """Count what is missing: first what a set of cases must show, then what is only wished for."""
    needed = sum(feature[0] != WISHED for feature in missing)
    return needed, len(missing) - needed


def _non_zero_gradients(draw: Draw) -> int:
    return sum(feature[0] == "gradient" for feature in draw.features)
