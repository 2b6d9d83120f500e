"""The networks of an assignment as reports draw them; made once per assignment, so that reports know no network."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache

from grader.assignment import Assignment, Unit
from grader.model import Array
from grader.reports.networks import short_text
from grader.reports.outline import Outline
from grader.serialize import json_numbers
from reference.network import Graph

_ASSIGNMENTS = 16
"""How many assignments are remembered: a process grades few."""


@lru_cache(_ASSIGNMENTS)
def outlines(assignment: Assignment) -> tuple[Outline, ...]:
    """Return the networks of an assignment in the order of its units.

    Parameters
    ----------
    assignment : Assignment

    Returns
    -------
    tuple of Outline
        One for each unit of code, and one for all that is asked in writing.
    """
    written = [assignment.sheet.unit] if assignment.sheet is not None else []
    return tuple(_outline_of_unit(unit) for unit in (*assignment.units, *written))


def outline_of(
    graph: Graph,
    *,
    unit: str = "",
    asked: Collection[str] | None = None,
    worked: Mapping[str, Array] | None = None,
) -> Outline:
    """Return the outline of a network.

    Parameters
    ----------
    graph : Graph
    unit : str
        What stands before its quantities.
    asked : collection of str, optional
        The quantities that are asked for; None for every value and gradient.
    worked : mapping of str to ndarray, optional
        Leaves of the worked case.

    Returns
    -------
    Outline
    """
    names = {index: name for name, index in graph.index.items()}
    sources = {
        name: tuple(dict.fromkeys(names[index] for index in graph.named_sources(graph.index[name])))
        for name in graph.computed
    }
    every = (*graph.leaves, *graph.computed)
    if asked is None:
        asked = (*every, *(f"d{graph.loss}/d{name}" for name in every))
    given = {name: worked[name] for name in graph.leaves if name in worked} if worked is not None else {}
    return Outline(
        unit=unit,
        loss=graph.loss,
        leaves=tuple(graph.leaves),
        sources=sources,
        asked=frozenset(asked),
        given={name: short_text(json_numbers(value)) for name, value in given.items()},
    )


def _outline_of_unit(unit: Unit) -> Outline:
    asked = [quantity for spec in unit.functions.values() for quantity in spec.quantities]
    return outline_of(unit.graph, unit=unit.name, asked=asked, worked=unit.cases.worked)
