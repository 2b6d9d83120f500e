"""Cases: the worked one of the task, and drawn ones that together leave no mistake a place to hide.

The guards hold for the set, not for each case: over the set every quantity is non-zero somewhere and every ReLU and
absolute value is on both sides, with arriving gradients of both signs. Pure: randomness comes in as a generator.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from grader.assignment import RATE, Unit
from grader.cases.cover import Draw, choose, pool_of
from grader.cases.features import WISHED, Feature, features
from grader.cases.leaves import away_from_zero
from grader.model import WORKED, Array, Case

__all__ = ["cases_of", "drawn_cases", "worked_case"]


def cases_of(unit: Unit, generator: np.random.Generator) -> tuple[Case, ...]:
    """Return all cases of a unit: the worked one where there is one, drawn ones, and those at the edge.

    Parameters
    ----------
    unit : Unit
    generator : numpy.random.Generator

    Returns
    -------
    tuple of Case

    Raises
    ------
    AssignmentError
        See `drawn_cases`.
    """
    worked = worked_case(unit)
    drawn = drawn_cases(unit, generator)
    edges = (
        _written(unit, f"drawn-{number}", leaves, edge=True)
        for number, leaves in enumerate(unit.cases.edges, start=len(drawn) + 1)
    )
    return (*((worked,) if worked is not None else ()), *drawn, *edges)


def worked_case(unit: Unit) -> Case | None:
    """Return the case that is printed in the task.

    Parameters
    ----------
    unit : Unit

    Returns
    -------
    Case or None
        Named `worked`; its loss is asked for the network's own output, its update for the network's own gradients:
        all of these numbers are known to students. None where the task prints none.
    """
    return None if unit.cases.worked is None else _written(unit, WORKED, unit.cases.worked, edge=False)


def _written(unit: Unit, name: str, entry: Mapping[str, Array], *, edge: bool) -> Case:
    """Return a case whose leaves are written out."""
    leaves = {leaf: entry[leaf] for leaf in unit.graph.leaves}
    graph = unit.graph
    gradients = graph.backward(graph.forward(leaves))
    return Case(
        name=name,
        leaves=leaves,
        rate=float(entry.get(RATE, np.asarray(1.0))),
        spare_leaves=leaves,
        given_gradients={name: graph.gradient(gradients, name) for name in unit.parameters},
        edge=edge,
    )


def drawn_cases(unit: Unit, generator: np.random.Generator) -> tuple[Case, ...]:
    """Draw the hidden cases (or, from another seed, the practice cases).

    Parameters
    ----------
    unit : Unit
    generator : numpy.random.Generator

    Returns
    -------
    tuple of Case
        As many as the unit says, named `drawn-1`, `drawn-2`, ...

    Raises
    ------
    AssignmentError
        Where the ranges admit too few draws, or more cases are needed to cover what can occur.
    """
    pool = pool_of(unit, generator)
    chosen = choose(pool, unit, generator, shown=_worked_features(unit))
    rest = [draw for draw in pool if draw not in chosen]
    while len(asked := _leaves(chosen)) < unit.cases.drawn:
        chosen.append(rest.pop(0))
    spare = _leaves(sorted(rest, key=lambda draw: len(draw.sides), reverse=True))
    return tuple(
        Case(
            name=f"drawn-{number}",
            leaves=leaves,
            rate=1.0 if unit.cases.rate is None else float(generator.uniform(*unit.cases.rate)),
            spare_leaves=other,
            given_gradients={
                name: away_from_zero(generator, -2.0, 2.0, np.shape(leaves[name])) for name in unit.parameters
            },
        )
        for number, (leaves, other) in enumerate(zip(asked[: unit.cases.drawn], spare, strict=False), start=1)
    )


def _leaves(draws: Iterable[Draw]) -> list[Mapping[str, Array]]:
    return [leaves for draw in draws for leaves in draw.sides]


def _worked_features(unit: Unit) -> frozenset[Feature]:
    """Return what the worked case shows already, of the features that are wished for."""
    worked = worked_case(unit)
    if worked is None:
        return frozenset()
    run = unit.graph.forward(worked.leaves)
    shown = features(unit, worked.leaves, run, unit.graph.backward(run))
    return frozenset(feature for feature in shown if feature[0] == WISHED)
