"""What the cases show: both sides of every kink, every quantity somewhere other than zero, one sample and several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from grader.assignment import Unit
from grader.marking.expectations import Expectations
from grader.validation.proof import Proof, counted, fails, holds, not_here
from grader.validation.tasks import HiddenSlips

NAME, APART = "cases", "slips apart"
MOST_MIXED = 0.05
"""Share of slips that may go under another name: as many as need not be named."""


def proof_of(tables: Sequence[Expectations]) -> Proof:
    """Look what the cases never show.

    Parameters
    ----------
    tables : sequence of Expectations

    Returns
    -------
    Proof
    """
    if not tables:
        return not_here(NAME, "nothing is asked as code")
    missing = [
        everything.unit.label(text)
        for everything in tables
        for text in unreached(everything)
        if text not in everything.unit.cases.unreachable
    ]
    drawn = sum(everything.unit.cases.drawn for everything in tables)
    worked = sum(everything.unit.cases.worked is not None for everything in tables)
    found = f"{counted(drawn, 'drawn case')}, {counted(worked, 'worked case')}"
    if not missing:
        return holds(NAME, f"{found}: every kink on both sides, every quantity other than zero somewhere")
    remedy = "widen the ranges so that it occurs, or accept it with `unreachable = [...]` in `[cases]`"
    return fails(
        NAME,
        f"{found}: {counted(len(missing), 'thing')} never {'occurs' if len(missing) == 1 else 'occur'}",
        missing,
        remedy=remedy,
    )


def unreached(everything: Expectations) -> Iterator[str]:
    """Yield what never occurs on the cases of a unit.

    Parameters
    ----------
    everything : Expectations

    Yields
    ------
    str
        `z0 < 0`, `z0 > 0` for the input of a kink, `dL/dw0 != 0` for a quantity.
    """
    yield from _sides(everything)
    for (_, quantity), size in sorted(everything.scale.items()):
        if size == 0.0:
            yield f"{quantity} != 0"


def _sides(everything: Expectations) -> Iterator[str]:
    unit = everything.unit
    for node in unit.graph.nodes:
        if node.operation is None or not node.operation.one_sided:
            continue
        inputs = [np.ravel(reference.forward.used[node.inputs[0]]) for reference in everything.cases]
        values = np.concatenate(inputs)
        name = _name(unit, node.inputs[0])
        if not np.any(values < 0.0):
            yield f"{name} < 0"
        if not np.any(values > 0.0):
            yield f"{name} > 0"


def _name(unit: Unit, index: int) -> str:
    """Return the name of a node, or what it is computed from where it has none: `y - y_hat`."""
    node = unit.graph.nodes[index]
    if node.name is not None:
        return node.name
    if node.operation is None:
        return f"{node.constant:g}"
    return node.operation.written.format(*(_name(unit, source) for source in node.inputs))


def apart_proof(hidden: Sequence[tuple[Unit, HiddenSlips]]) -> Proof:
    """Say whether the cases show every slip that shows anywhere, and tell any two apart.

    Parameters
    ----------
    hidden : sequence of (Unit, HiddenSlips)

    Returns
    -------
    Proof
    """
    if not hidden:
        return not_here(APART, "nothing is asked as code")
    unseen = [_of(unit, text) for unit, found in hidden for text in found.unseen]
    alike = [_of(unit, text) for unit, found in hidden for text in found.alike]
    mixed, planted = sum(one.mixed for _, one in hidden), sum(one.planted for _, one in hidden)
    found = (
        f"of {planted} slips that show on a dense grid {len(unseen) or 'none'} {'is' if len(unseen) == 1 else 'are'} hidden by the cases, "
        f"{mixed or 'none'} {'has' if mixed == 1 else 'have'} the numbers of another name on them"
    )
    details = [*(f"hidden: {text}" for text in unseen), *(f"alike: {text}" for text in alike)]
    if not unseen and mixed <= MOST_MIXED * planted:
        return holds(APART, found, details)
    remedy = "widen the ranges and sizes in `[cases]`, or raise `cases.drawn`: on other inputs these show"
    return fails(APART, found, details, remedy=remedy)


def _of(unit: Unit, text: str) -> str:
    return f"{unit.name}: {text}" if unit.name else text
