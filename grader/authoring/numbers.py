"""Draws other numbers for an assignment: round ones for its worked cases, and ranges close to the old ones."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from msgspec import Struct, field

from grader.assignment import RATE, Assignment, CaseRules, Kind, LeafRule, NearRule, Unit
from grader.errors import AssignmentError
from grader.model import Array

MOST_DRAWS = 400
RESTARTS = 20
NARROWER, WIDER = 0.92, 1.15
"""By how much a bound of a range may move: what was right for the old range stays so for the new one."""
FEW_ENTRIES = 4
WIDE = 1.0
LARGEST = 1e3
SMALLEST = 1e-3
PARTS = 20
"""Probabilities are twentieths."""

Range: TypeAlias = tuple[float, float]
Leaves: TypeAlias = Mapping[str, Array]


class Redrawn(Struct, frozen=True, kw_only=True):
    """Other numbers, by the name of the unit and of the leaf."""

    worked: Mapping[str, Leaves]
    ranges: Mapping[str, Mapping[str, Range]]


def redrawn(assignment: Assignment, generator: np.random.Generator) -> Redrawn:
    """Draw other numbers for the worked cases and the ranges of an assignment.

    What had the same name and value in two units has so again. A worked case shows what the old one shows: what was not zero there is
    not zero in the new one.

    Parameters
    ----------
    assignment : Assignment
    generator : numpy.random.Generator

    Returns
    -------
    Redrawn

    Raises
    ------
    AssignmentError
        Where no draw shows as much.
    """
    units = units_of(assignment)
    ranges = _Ranges(generator=generator)
    new_ranges = {name: ranges.of(unit.cases) for name, unit in units.items()}
    for _ in range(RESTARTS):
        worked = _worked(units, generator)
        if worked is not None:
            return Redrawn(worked=worked, ranges=new_ranges)
    raise AssignmentError(
        f"{assignment.name}: no draw of the worked cases shows what the old ones show",
        remedy="try another --seed, or copy the folder and write the numbers yourself",
    )


def units_of(assignment: Assignment) -> dict[str, Unit]:
    """Return the units of an assignment by name, the one that is derived by hand included."""
    written = [assignment.sheet.unit] if assignment.sheet is not None else []
    return {unit.name: unit for unit in (*written, *assignment.units)}


class _Ranges(Struct, frozen=True, kw_only=True):
    generator: np.random.Generator
    known: dict[Hashable, Range] = field(default_factory=dict)

    def of(self, rules: CaseRules) -> dict[str, Range]:
        found = {name: rule.range for name, rule in rules.leaves.items() if rule.range is not None}
        if rules.rate is not None:
            found[RATE] = rules.rate
        return {name: self._range(name, bounds) for name, bounds in found.items()}

    def _range(self, name: str, bounds: Range) -> Range:
        key = (name, bounds)
        if key not in self.known:
            low, high = (round(bound * self.generator.uniform(NARROWER, WIDER), 2) for bound in bounds)
            self.known[key] = (low, high) if low < high else bounds
        return self.known[key]


# --------------------------------------------------------------------------------------------------------------
# Worked cases


def _worked(units: Mapping[str, Unit], generator: np.random.Generator) -> dict[str, Leaves] | None:
    """Draw one case for each unit that has one; None where what units share stands in the way of one of them."""
    shared: dict[Hashable, Array] = {}
    found: dict[str, Leaves] = {}
    for name, unit in units.items():
        old = unit.cases.worked
        if old is None:
            continue
        keys = {leaf: (leaf, value.shape, value.tobytes()) for leaf, value in old.items()}
        new = _one_case(unit, old, {leaf: shared[k] for leaf, k in keys.items() if k in shared}, generator)
        if new is None:
            return None
        shared |= {keys[leaf]: value for leaf, value in new.items()}
        found[name] = new
    return found


def _one_case(unit: Unit, old: Leaves, fixed: Leaves, generator: np.random.Generator) -> Leaves | None:
    shown = _shown(unit, old)
    for _ in range(MOST_DRAWS):
        drawn = {leaf: _value(unit.cases, leaf, value, generator) for leaf, value in old.items()}
        new = {**drawn, **_targets(unit, drawn, generator), **fixed}
        if shown <= _shown(unit, new) and not _alike(new):
            return {leaf: new[leaf] for leaf in old}
    return None


def _value(rules: CaseRules, leaf: str, old: Array, generator: np.random.Generator) -> Array:
    """Draw a round value of the shape of the old one."""
    rule = rules.leaves.get(leaf, LeafRule())
    if rule.kind is Kind.ONE_HOT:
        return _one_hot(old, generator)
    if rule.kind is Kind.LABELS:
        classes = rule.classes if isinstance(rule.classes, int) else max(rules.sizes[rule.classes])
        return _classes(min(classes, int(old.max(initial=1)) + 1), old.shape, generator).astype(float)
    if rule.kind is Kind.PROBABILITIES:
        kinds = old.shape[-1]
        return (1 + generator.multinomial(PARTS - kinds, [1 / kinds] * kinds, size=old.shape[:-1])) / PARTS
    low, high = rules.rate if leaf == RATE and rules.rate is not None else (rule.range or (-2.0, 2.0))
    return _round_value(low, high, old.shape, generator)


def _one_hot(old: Array, generator: np.random.Generator) -> Array:
    is_column = old.ndim > 1 and old.shape[-1] == 1  # of one sample
    rows = np.eye(old.size if is_column else old.shape[-1])
    if is_column:
        return rows[:, generator.integers(old.size, size=1)]
    return np.asarray(rows[_classes(old.shape[-1], old.shape[:-1], generator)])


def _classes(count: int, shape: tuple[int, ...], generator: np.random.Generator) -> Array:
    """Draw the classes of samples, all different where there are as many: equal ones show less."""
    samples = int(np.prod(shape, dtype=int))
    chosen = generator.choice(count, size=samples, replace=samples > count)
    return np.asarray(chosen).reshape(shape)


def _round_value(low: float, high: float, shape: tuple[int, ...], generator: np.random.Generator) -> Array:
    """Draw numbers that are easy to compute with: halves and quarters, tenths in narrow ranges; none is zero."""
    step = 0.1 if high - low <= WIDE else 0.25 if np.prod(shape, dtype=int) <= FEW_ENTRIES else 0.5
    first, last = int(np.ceil(low / step)), int(np.floor(high / step))
    steps = [k for k in range(first, last + 1) if k != 0]
    if not steps:
        return np.asarray(generator.uniform(low, high, size=shape))
    return np.asarray(np.round(generator.choice(steps, size=shape) * step, 10))


def _targets(unit: Unit, leaves: Leaves, generator: np.random.Generator) -> dict[str, Array]:
    """Draw the targets that have to lie near an output, to one decimal."""
    near = unit.cases.near
    if not near:
        return {}
    given = {name: leaves[name] for name in unit.graph.leaves if name not in near}
    run = unit.graph.forward({**given, **dict.fromkeys(near, np.asarray(0.0))})
    return {
        name: _target(float(unit.graph.value(run, rule.near)), rule, generator) for name, rule in near.items()
    }


def _target(centre: float, rule: NearRule, generator: np.random.Generator) -> Array:
    distance = float(generator.uniform(*rule.otherwise)) * float(generator.choice((-1.0, 1.0)))
    return np.asarray(round(centre + distance, 1))


def _shown(unit: Unit, leaves: Leaves) -> frozenset[str]:
    """Return the values and gradients that are not zero, of a size that people compute with, and the sides of kinks."""
    graph = unit.graph
    with np.errstate(all="ignore"):
        run = graph.forward({name: leaves[name] for name in graph.leaves})
        back = graph.backward(run)
        values = {name: graph.value(run, name) for name in graph.computed}
        values |= {f"dL/d{name}": graph.gradient(back, name) for name in graph.index}
    largest = {name: float(np.max(np.abs(value), initial=0.0)) for name, value in values.items()}
    sizes = (name for name, size in largest.items() if SMALLEST < size < LARGEST)
    return frozenset([*sizes, *_sides(unit, run.used)])


def _sides(unit: Unit, values: Sequence[Array]) -> Iterator[str]:
    """Yield on which sides of its kink each function with one is used."""
    for number, node in enumerate(unit.graph.nodes):
        if node.operation is not None and node.operation.one_sided:
            argument = values[node.inputs[0]]
            if np.any(argument < 0):
                yield f"{number} below"
            if np.any(argument > 0):
                yield f"{number} above"


def _alike(leaves: Leaves) -> bool:
    """Whether two single numbers are the same, signs aside: one could stand for the other unseen."""
    numbers = [abs(float(value)) for value in leaves.values() if value.ndim == 0]
    return len(set(numbers)) < len(numbers)
