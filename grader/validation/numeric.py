"""The reference's gradients against central differences of its own forward pass, entry by entry, in double precision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from msgspec import Struct

from grader.assignment import Kind, Role, Unit
from grader.marking.expectations import CaseExpectations, Expectations
from grader.model import Array
from grader.validation.proof import Proof, counted, fails, holds, not_here
from reference.network import Forward, Graph

NAME = "gradients"
STEPS = (1e-5, 1e-6, 1e-7, 1e-8)
"""Tried one after the other, as shares of the entry or of 1, until two that cross no kink agree."""
AGREEMENT = 1e-5
"""How far two steps may be apart: what is left of the error of the longer one is a hundredth of that in the shorter."""
RTOL = 1e-4
"""Allowed error as a share of the gradient's norm, and of the size of the loss in one step's rounding."""
MOST_ENTRIES = 24
"""Of one array, spread evenly."""
MOST_CASES = 4


class _Tally(Struct, frozen=True):
    entries: int
    undecided: int
    wrong: tuple[str, ...]


def proof_of(tables: Sequence[Expectations]) -> Proof:
    """Hold every gradient of every unit against differences.

    Parameters
    ----------
    tables : sequence of Expectations

    Returns
    -------
    Proof

    Notes
    -----
    (L(v + h) - L(v - h)) / 2h is off by h^2 L'''/6 and by eps |L| / h (Nocedal and Wright 2006, "Numerical Optimization",
    section 8.1). A step after which a kink's input has another sign says nothing, and is made shorter.
    """
    tallies = [tally for everything in tables for tally in _of_unit(everything)]
    entries, undecided = (sum(getattr(one, name) for one in tallies) for name in ("entries", "undecided"))
    if not entries:
        return not_here(NAME, "no gradient is asked for")
    wrong = [text for one in tallies for text in one.wrong]
    found = f"{counted(entries, 'entry', 'entries')} in {counted(len(tallies), 'gradient')}, central differences in float64, steps {STEPS[0]:g} to {STEPS[-1]:g} of an entry"
    if undecided:
        found += f"; {undecided} too close to a kink or too steep"
    if not wrong:
        return holds(NAME, found)
    remedy = "correct the derivative rule of the operation next to the first of them, or report it where it is one of ours"
    return fails(NAME, found, wrong, remedy=remedy)


def _of_unit(everything: Expectations) -> Iterator[_Tally]:
    unit = everything.unit
    names = compared(unit)
    cases = [reference for reference in everything.cases if not reference.case.edge][:MOST_CASES]
    for name in names:
        yield _tally(unit, name, cases)


def compared(unit: Unit) -> tuple[str, ...]:
    """Return the nodes whose gradients are looked at: all that can change a little, where any gradient is used."""
    if not unit.by_role(Role.BACKWARD, Role.STEP):
        return ()
    fixed = {name for name, rule in unit.cases.leaves.items() if rule.kind in (Kind.LABELS, Kind.ONE_HOT)}
    return tuple(
        name
        for name in unit.graph.gradient_order(unit.parameters)
        if name not in fixed and name not in unit.silent
    )


def _tally(unit: Unit, name: str, cases: Sequence[CaseExpectations]) -> _Tally:
    entries = undecided = 0
    wrong: list[str] = []
    for reference in cases:
        gradient = unit.graph.gradient(reference.backward, name)
        size = float(np.linalg.norm(gradient))
        for index in _indices(gradient.shape):
            found = _difference(unit.graph, reference, name, index)
            entries += 1
            if found is None:
                undecided += 1
                continue
            numeric, noise = found
            if not abs(numeric - gradient[index]) <= RTOL * max(size, 1e-3 * noise) + noise:
                place = f"[{', '.join(map(str, index))}]" if index else ""
                wrong.append(
                    f"{unit.label(unit.gradient(name))}{place} on {reference.case.name}: "
                    f"{float(gradient[index]):.6g} by the rules, {numeric:.6g} by differences"
                )
    return _Tally(entries, undecided, tuple(wrong[:3]))


def _indices(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    size = int(np.prod(shape))
    places = (
        dict.fromkeys(np.linspace(0, size - 1, min(size, MOST_ENTRIES)).astype(int).tolist()) if size else {}
    )
    return [tuple(int(i) for i in np.unravel_index(place, shape)) for place in places]


def _difference(
    graph: Graph, reference: CaseExpectations, name: str, index: tuple[int, ...]
) -> tuple[float, float] | None:
    """Return the central difference by one entry and how far rounding may put it off; None where no two steps agree."""
    value = np.array(graph.value(reference.forward, name), np.float64)
    before: float | None = None
    scale = max(abs(float(value[index])), 1.0)
    sides = _sides(graph, reference.forward)
    for share in STEPS:
        step = share * scale
        runs = []
        for signed in (step, -step):
            moved = value.copy()
            moved[index] += signed
            runs.append(_run(graph, reference.case.leaves, name, moved))
        if all(_sides(graph, run) == sides for run in runs):
            ahead, behind = (float(graph.value(run, graph.loss)) for run in runs)
            rounding = 32.0 * np.finfo(np.float64).eps * max(_size(graph, run) for run in runs) / step
            quotient = (ahead - behind) / (2.0 * step)
            if before is not None and abs(quotient - before) <= AGREEMENT * abs(quotient) + rounding:
                return quotient, float(rounding)
            before = quotient
    return None


def _size(graph: Graph, run: Forward) -> float:
    """Return the size of what the loss sums: where it cancels, the rounding of its terms is left."""
    amount, terms = graph.forward_magnitudes(run)[graph.loss]
    return float(amount * np.sqrt(terms))


def _run(graph: Graph, leaves: Mapping[str, Array], name: str, value: Array) -> Forward:
    if name in graph.leaves:
        return graph.forward({**leaves, name: value})
    return graph.forward(leaves, given={name: value})


def _sides(graph: Graph, run: Forward) -> tuple[bytes, ...]:
    """Return on which side of its kink each entry is."""
    return tuple(
        np.sign(run.used[node.inputs[0]]).tobytes()
        for node in graph.nodes
        if node.operation is not None and node.operation.one_sided
    )
