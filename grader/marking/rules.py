"""Rules written out: how a quantity should be computed, and how it is where a slip gives the student's numbers."""

from __future__ import annotations

from typing import Any

from grader.assignment import RATE, Unit, updated
from grader.marking.expectations import Expectations
from grader.marking.explain import Candidate
from grader.marking.gradients import EdgeChange
from grader.marking.updates import UpdateChange
from grader.marking.values import Rewrite, named_from, rewritten
from grader.marking.variants import Variant
from reference.written import gradient_rule, value_rule


def rule(everything: Expectations, quantity: str) -> str:
    """Write how a quantity should be computed.

    Parameters
    ----------
    everything : Expectations
    quantity : str

    Returns
    -------
    str

    Raises
    ------
    KeyError
        Where the unit has no such quantity.
    """
    unit: Unit = everything.unit
    graph = unit.graph
    if quantity in graph.index:
        return value_rule(graph, quantity)
    for name in graph.index:
        if quantity == unit.gradient(name):
            return gradient_rule(graph, name, everything.cases[-1].forward)
        if quantity == updated(name):
            return f"{quantity} = {name} - {RATE} * {unit.gradient(name)}"
    raise KeyError(quantity)


def rules(everything: Expectations, candidate: Candidate[Any]) -> tuple[str, str]:
    """Write how the quantity at which a slip happens should be computed, and how it is under the slip.

    Parameters
    ----------
    everything : Expectations
    candidate : Candidate
        Of forward values, gradients or updates.

    Returns
    -------
    (str, str)
        The second one is empty where what is written there is no different, or where the slip has no written form.
    """
    change = candidate.change
    right = rule(everything, candidate.at)
    if isinstance(change, Variant):
        right, used = _behind(everything, candidate.at, change)
    elif isinstance(change, UpdateChange) and change.along is not None:
        # The step is right, and what it goes along is not.
        right, used = rules(everything, change.along)
    elif isinstance(change, UpdateChange):
        used = f"{candidate.at} = {change.written}"
    else:
        used = _under(everything, candidate.at, change)
    return right, "" if used == right else used


def _under(everything: Expectations, at: str, change: EdgeChange | Rewrite) -> str:
    """Write a forward value with another operation, or a gradient with another derivative."""
    graph = everything.unit.graph
    if isinstance(change, Rewrite):
        return value_rule(rewritten(graph, [change]), at)
    if not change.written.form:
        return ""
    name = _node(everything.unit, at)
    return gradient_rule(graph, name, everything.cases[-1].forward, {change.edge: change.written})


def _behind(everything: Expectations, at: str, variant: Variant) -> tuple[str, str]:
    """Write a gradient with the forward value behind it: right, and with the slip there."""
    unit, name = everything.unit, _node(everything.unit, at)
    value = named_from(unit.graph, variant.rewrite.index)
    run = variant.runs[everything.cases[-1].case.name]
    right = gradient_rule(unit.graph, name, everything.cases[-1].forward)
    used = gradient_rule(variant.graph, name, run)
    return (
        f"{right}, where {value_rule(unit.graph, value)}",
        f"{used}, where {value_rule(rewritten(unit.graph, [variant.rewrite]), value)}",
    )


def _node(unit: Unit, gradient: str) -> str:
    """Return the node that a gradient is of."""
    return next(name for name in unit.graph.index if unit.gradient(name) == gradient)
