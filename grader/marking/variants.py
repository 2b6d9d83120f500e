"""Forward slips inside the backward function, and what every slip makes of the gradients where nothing else is off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from msgspec import Struct

from grader.marking.compare import Tolerance, equal
from grader.marking.expectations import CaseExpectations, Expectations
from grader.marking.explain import Candidate
from grader.marking.gradients import EdgeChange, places
from grader.marking.values import Rewrite, forward_slips, rewritten
from grader.model import Array
from reference.network import Forward, Graph

ByCase: TypeAlias = Mapping[str, Mapping[str, Array]]
"""Gradients by case and node."""


class Variant(Struct, frozen=True, kw_only=True, eq=False):
    """Another network behind the gradient: a forward slip inside `backward`."""

    rewrite: Rewrite
    graph: Graph
    """What is differentiated: the network with the slip, or the right one, whose rules meet the slip's values."""
    runs: Mapping[str, Forward]
    """Its forward pass on each case: no student's value is in it, so it is made once for all students."""
    gradients: ByCase
    """Its gradients there, of every named node."""


GradientChange: TypeAlias = EdgeChange | Variant


@lru_cache(maxsize=64)
def variant_slips(everything: Expectations) -> tuple[Candidate[Variant], ...]:
    """Return the slips of a forward pass inside the backward function, placed at the first gradient they change."""
    found: list[Candidate[Variant]] = []
    for slip in forward_slips(everything.unit.graph):
        for variant in _variants(everything, slip):
            at = _first_changed(everything, variant)
            if at is not None:
                text = f"in the forward pass behind the gradient, at {slip.at}, {slip.text}"
                # A slip of a derivative that gives the same numbers is plainer.
                found.append(Candidate(slip=slip.slip, at=at, text=text, change=variant, roundabout=True))
    return tuple(found)


def _variants(everything: Expectations, slip: Candidate[Rewrite]) -> Iterator[Variant]:
    """Yield the networks behind a gradient that a forward slip gives, as far as the shapes allow it.

    Who differentiates what is written, as a library does, takes the slip into the derivatives. Who wrote them for the right
    network, by hand, puts wrong values into right rules: the relu is left out of a value, and its mask stands.
    """
    right = everything.unit.graph
    wrong = rewritten(right, [slip.change])
    with suppress(ValueError, IndexError):
        runs = {r.case.name: wrong.forward(r.case.leaves) for r in everything.cases}
        yield _variant(slip.change, wrong, runs)
        if slip.at != right.loss:
            put_in = {
                r.case.name: right.forward(
                    r.case.leaves, given={slip.at: wrong.value(runs[r.case.name], slip.at)}
                )
                for r in everything.cases
            }
            yield _variant(slip.change, right, put_in)


def _variant(rewrite: Rewrite, graph: Graph, runs: Mapping[str, Forward]) -> Variant:
    gradients = {case: graph.named(graph.backward(run).computed) for case, run in runs.items()}
    return Variant(rewrite=rewrite, graph=graph, runs=runs, gradients=gradients)


def _first_changed(everything: Expectations, variant: Variant) -> str | None:
    """Return the gradient nearest the loss that another network changes on some case."""
    unit = everything.unit
    tolerance = Tolerance(rtol=unit.policy.rtol, atol=0.0, elementwise=True)

    def changes(name: str) -> bool:
        # Where N = 1, another operand may fit by broadcasting, and its gradient has another shape.
        return not all(
            equal(
                np.asarray(variant.gradients[reference.case.name][name]),
                unit.graph.gradient(reference.backward, name),
                tolerance,
            )
            for reference in everything.cases
        )

    # In the order of the search: comparing all of them took half of the time of all that is made once for a class.
    order = unit.graph.gradient_order(unit.parameters)
    first = next((name for name in order if name not in unit.silent and changes(name)), None)
    return None if first is None else unit.gradient(first)


def all_slips(everything: Expectations) -> tuple[Candidate[GradientChange], ...]:
    """Return every slip that changes a gradient: of a derivative first, then of a forward pass behind it."""
    unit = everything.unit
    found = places(unit.graph, unit.parameters, unit.silent)
    return (*(slip for place in found for slip in place.slips), *variant_slips(everything))


def wrong_gradients(everything: Expectations, change: GradientChange) -> ByCase | None:
    """Return the gradients that a slip changes where nothing of a student's is put in.

    Parameters
    ----------
    everything : Expectations
    change : EdgeChange or Variant

    Returns
    -------
    mapping of str to mapping of str to ndarray, or None
        By case and node; None for a slip that the shapes do not allow.
    """
    return change.gradients if isinstance(change, Variant) else _under_wrong_rules(everything).get(change)


@lru_cache(maxsize=64)
def _under_wrong_rules(everything: Expectations) -> Mapping[EdgeChange, ByCase]:
    unit = everything.unit
    table: dict[EdgeChange, ByCase] = {}
    for place in places(unit.graph, unit.parameters, unit.silent):
        for slip in place.slips:
            with suppress(ValueError, IndexError), np.errstate(all="ignore"):
                table[slip.change] = {
                    reference.case.name: _changed_gradients(unit.graph, reference, slip.change)
                    for reference in everything.cases
                }
    return table


def _changed_gradients(graph: Graph, reference: CaseExpectations, change: EdgeChange) -> Mapping[str, Array]:
    run, back = reference.forward, reference.backward
    return graph.backward_with(run, back, change.edge, {change.edge: change.rule(run, back)})
