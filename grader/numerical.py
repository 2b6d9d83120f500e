"""Tells gradients by difference quotients of a forward pass from backpropagation; tried on fully correct work alone, and never costs a point.

A difference quotient is off by far more than rounding. Where gradients are, two probes decide: inputs that differ in the
thirteenth digit, between which a quotient jumps by its rounding and a derivative does not; and a kink at a distance of
1e-7, which a step crosses, so that the quotient lies between the derivatives of both sides.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from msgspec.structs import replace

from grader.assignment import Kind, Role, Unit
from grader.marking.compare import EPSILON, floor, norm
from grader.marking.expectations import CaseExpectations, Expectation, Expectations, Key, expectations
from grader.marking.trials import Trial
from grader.model import LOOKS_NUMERICAL, Array, Call, Case, Source
from grader.plan import FIRST, calls
from reference.network import Forward

BEYOND_ROUNDING = 20.0
"""Typical error, in roundings, from which gradients are probed; sums in another order are off by one or two."""
ROUGH = 50.0
"""Roundings by which gradients jump between neighbours: a quotient with a step of 1e-3 jumps by a thousand."""
NEIGHBOURS = 4
APART = 1e-13
"""Distance of neighbours as a share of each input."""
CLOSE = 1e-7
"""Distance of the probed kink: nobody's rounding, and less than any usual step."""
LEAST_JUMP = 0.02
"""By what share of itself a gradient must change at the kink."""
BETWEEN = 1e-4
"""How far from both sides of the kink a quotient is, as a share of the jump."""
MOST_ENTRIES = 8
QUOTIENTS = (
    f"{LOOKS_NUMERICAL}: the gradients look like difference quotients of the forward pass, not like backpropagation. "
    "The numbers are right, and no points are taken off."
)
IMAGINARY = (
    f"{LOOKS_NUMERICAL}: the code takes imaginary parts, as complex-step differentiation does, not backpropagation. "
    "The numbers are right, and no points are taken off."
)


def takes_imaginary_parts(sources: Sequence[Source]) -> bool:
    """Whether some code reads `.imag`, or calls a function of that name: no formula of backpropagation does.

    Parameters
    ----------
    sources : sequence of Source
        Hostile; what is no Python takes none.

    Returns
    -------
    bool
    """
    for cell in (cell for source in sources for cell in source.cells if "imag" in cell):
        try:
            nodes = list(ast.walk(ast.parse(cell)))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        if any(
            (isinstance(node, ast.Attribute) and node.attr == "imag")
            or (isinstance(node, ast.Name) and node.id == "imag")
            for node in nodes
        ):
            return True
    return False


def is_suspicious(everything: Expectations, trials: Sequence[Trial]) -> bool:
    """Whether right gradients of a unit are typically off by more than rounding.

    Parameters
    ----------
    everything : Expectations
    trials : sequence of Trial
        With the right answers.

    Returns
    -------
    bool
        False where they are in single precision, whose rounding hides what a quotient is off by.
    """
    errors = [
        norm(number - expected.value) / _rounding(expected.terms, expected.amount)
        for trial in trials
        if not trial.reference.case.edge
        for key, number, expected in _gradients(everything.unit, trial)
        if not expected.free and expected.amount > 0.0 and number.dtype == np.float64
    ]
    return bool(errors) and _middle(errors) > BEYOND_ROUNDING


def _rounding(terms: int, amount: float) -> float:
    return floor(EPSILON[np.dtype(np.float64)], terms, amount)


def _gradients(unit: Unit, trial: Trial) -> Iterator[tuple[Key, Array, Expectation]]:
    """Yield the valid gradients of a trial with what is expected."""
    for spec in unit.by_role(Role.BACKWARD):
        for quantity in spec.quantities:
            key = (spec.name, quantity)
            if key in trial.valid:
                yield key, trial.valid[key], trial.reference.by_key[key]


# --------------------------------------------------------------------------------------------------------------
# Probes


def probes_of(everything: Expectations) -> Expectations:
    """Return the probes of a unit: neighbours of one of its cases, and where there is a kink, a case on each side of it.

    Parameters
    ----------
    everything : Expectations

    Returns
    -------
    Expectations
        Cases named `near-1`, ... and `kink-left`, `kink-right`.
    """
    unit = everything.unit
    usual = [reference for reference in everything.cases if not reference.case.edge]
    base = max(usual, key=_liveliness)
    cases = [_neighbour(unit, base.case, number) for number in range(NEIGHBOURS)]
    for reference in usual:
        pair = _kink_pair(unit, reference)
        if pair is not None:
            cases += pair
            break
    return expectations(unit, cases)


def probe_calls(probes: Expectations) -> tuple[Call, ...]:
    """Return the calls on the probes: of what returns gradients, once each.

    Parameters
    ----------
    probes : Expectations

    Returns
    -------
    tuple of Call
    """
    asked = {spec.name for spec in probes.unit.by_role(Role.BACKWARD)}
    return tuple(
        call for call in calls([probes]) if call.function in asked and call.key.startswith(f"{FIRST}/")
    )


def looks_numerical(probes: Expectations, trials: Sequence[Trial]) -> bool:
    """Whether the answers to the probes are difference quotients.

    Parameters
    ----------
    probes : Expectations
    trials : sequence of Trial
        One for each probe.

    Returns
    -------
    bool
    """
    by_case = {trial.reference.case.name: trial for trial in trials}
    return _is_rough(probes.unit, by_case) or _is_between(probes.unit, by_case)


def _liveliness(reference: CaseExpectations) -> int:
    """Count what is not zero on a case: where all is closed there is nothing to see."""
    return sum(not expected.is_zero for expected in reference.by_key.values())


def _changeable(unit: Unit) -> list[str]:
    """Return the leaves that can change a little: no labels, no one-hot rows."""
    rules = unit.cases.leaves
    return [
        name
        for name in (*unit.parameters, *unit.inputs, *unit.targets)
        if name not in rules or rules[name].kind not in (Kind.LABELS, Kind.ONE_HOT)
    ]


def _neighbour(unit: Unit, case: Case, number: int) -> Case:
    changed = {name: case.leaves[name] * (1.0 + APART * number) for name in _changeable(unit)}
    return replace(case, name=f"near-{number + 1}", leaves={**case.leaves, **changed}, edge=False)


def _is_rough(unit: Unit, by_case: Mapping[str, Trial]) -> bool:
    """Whether gradients jump between neighbours by more than rounding."""
    trials = [by_case[name] for name in sorted(by_case) if name.startswith("near-")]
    jumps = []
    for key in {key for trial in trials for key, _, _ in _gradients(unit, trial)}:
        if not all(key in trial.valid for trial in trials) or trials[0].reference.by_key[key].free:
            continue
        expected = [trial.reference.by_key[key] for trial in trials]
        if expected[0].amount > 0.0:
            errors = [trial.valid[key] - one.value for trial, one in zip(trials, expected, strict=True)]
            apart = max(norm(error - errors[0]) for error in errors[1:])
            jumps.append(apart / _rounding(expected[0].terms, expected[0].amount))
    return bool(jumps) and _middle(jumps) > ROUGH


def _is_between(unit: Unit, by_case: Mapping[str, Trial]) -> bool:
    """Whether a gradient beside a kink lies between those of its two sides."""
    if "kink-left" not in by_case:
        return False
    sides = (by_case["kink-left"], by_case["kink-right"])
    for here, there in (sides, sides[::-1]):
        for key, number, _ in _gradients(unit, here):
            own, other = here.reference.by_key[key].value, there.reference.by_key[key].value
            jump = other - own
            size = float(np.sum(jump * jump))
            if size <= (LEAST_JUMP * norm(own)) ** 2 or size == 0.0:
                continue
            share = float(np.sum((number - own) * jump)) / size
            rest = norm(number - own - share * jump)
            if BETWEEN < share < 1.0 - BETWEEN and rest <= LEAST_JUMP * np.sqrt(size):
                return True
    return False


def _kink_pair(unit: Unit, reference: CaseExpectations) -> list[Case] | None:
    """Move one entry of a leaf so that one input of a kink is next to it, on each side; None where no gradient that is asked for jumps."""
    graph = unit.graph
    for node in graph.nodes:
        if node.operation is None or not node.operation.one_sided:
            continue
        source = node.inputs[0]
        for entry in range(min(np.size(reference.forward.used[source]), MOST_ENTRIES)):
            for leaf in _changeable(unit):
                pair = _pair(unit, reference, source, entry, leaf)
                if pair is not None:
                    return pair
    return None


def _pair(unit: Unit, reference: CaseExpectations, source: int, entry: int, leaf: str) -> list[Case] | None:
    case = reference.case
    index = _steepest(unit, case, source, entry, leaf)
    if index is None:
        return None
    found = []
    for name, target in (("kink-left", -CLOSE), ("kink-right", CLOSE)):
        leaves = _solved(unit, case, source, entry, leaf, index, target)
        if leaves is None:
            return None
        found.append(replace(case, name=name, leaves=leaves, edge=False))
    runs = [unit.graph.backward(unit.graph.forward(one.leaves)) for one in found]
    for spec in unit.by_role(Role.BACKWARD):
        for node in spec.keys:
            left, right = (unit.graph.gradient(run, node) for run in runs)
            if norm(right - left) > LEAST_JUMP * max(norm(left), norm(right)) > 0.0:
                return found
    return None


def _moved(unit: Unit, case: Case, leaf: str, index: int, by: float) -> tuple[dict[str, Array], Forward]:
    value = np.array(case.leaves[leaf], np.float64)
    value.reshape(-1)[index] += by
    leaves = {**case.leaves, leaf: value}
    return leaves, unit.graph.forward(leaves)


def _steepest(unit: Unit, case: Case, source: int, entry: int, leaf: str) -> int | None:
    """Return the entry of a leaf that moves the input of a kink most; None where none does."""
    here = float(np.ravel(unit.graph.forward(case.leaves).used[source])[entry])
    best, slope = None, 1e-2
    for index in range(min(np.size(case.leaves[leaf]), MOST_ENTRIES)):
        _, run = _moved(unit, case, leaf, index, 1e-6)
        now = abs(float(np.ravel(run.used[source])[entry]) - here) / 1e-6
        if now > slope:
            best, slope = index, now
    return best


def _solved(
    unit: Unit, case: Case, source: int, entry: int, leaf: str, index: int, target: float
) -> dict[str, Array] | None:
    """Return the leaves at which the input of a kink has a value, by the secant method; None where it does not get there."""
    by, step = 0.0, 1e-3
    for _ in range(30):
        leaves, run = _moved(unit, case, leaf, index, by)
        missing = target - float(np.ravel(run.used[source])[entry])
        if abs(missing) < CLOSE * 1e-3:
            return leaves
        _, further = _moved(unit, case, leaf, index, by + step)
        slope = (float(np.ravel(further.used[source])[entry]) - (target - missing)) / step
        if not np.isfinite(slope) or slope == 0.0:
            return None
        by += missing / slope
    return None


def _middle(values: Sequence[float]) -> float:
    """Return the median; `np.median` would load masked arrays, which takes as long as the rest of the look."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
