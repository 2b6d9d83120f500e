"""The points at which written work is judged: the cases of a sheet, and what every name stands for at each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from grader.assignment import Sheet, Unit, WrittenPart, updated
from grader.cases import cases_of
from grader.derivations.compare import are_close
from grader.formulas.world import World
from grader.marking.expectations import CaseExpectations, Expectations, expectations, kink_dependent
from grader.memo import Memo
from grader.model import WORKED, Array, Case
from reference.network import Forward

MOST_JUDGED = 1_024
"""Formulas whose values are kept: a class writes far fewer right ones."""
SHIFTS = (0.4, 1.6)
"""Where further values of formulas are drawn from."""


class Group(Struct, frozen=True, kw_only=True, eq=False):
    """Questions that are marked together, so that a mistake in one is followed into the next."""

    parts: tuple[WrittenPart, ...]
    """All for formulas, or all for numbers; no two ask for one quantity."""
    everything: Expectations
    """Of what they ask, on their own cases."""


class Points(Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """A sheet at its cases; made once for all students."""

    sheet: Sheet
    cases: tuple[Case, ...]
    everything: Expectations
    """Of all that is asked in any part."""
    groups: tuple[Group, ...]
    """The questions that are marked together."""
    shifts: Mapping[str, Mapping[str, Array]]
    """Further values by case."""

    @cached_property
    def judged(self) -> Memo[Any]:
        """What formulas met last are worth: most students write the same ones."""
        return Memo(most=MOST_JUDGED)

    @cached_property
    def explained(self) -> Memo[Any]:
        """What was found wrong in formulas met last."""
        return Memo()

    @cached_property
    def worlds(self) -> Mapping[str, World]:
        """The reference's values at every case, by its name."""
        return {one.case.name: self.world(one, one.forward) for one in self.everything.cases}

    @cached_property
    def drawn(self) -> tuple[World, ...]:
        """The worlds of the drawn cases, at which formulas are compared."""
        return tuple(world for name, world in self.worlds.items() if name != WORKED)

    @property
    def worked(self) -> World | None:
        """The world of the case that is printed in the task; None where there is none."""
        return self.worlds.get(WORKED)

    def world(
        self, reference: CaseExpectations, run: Forward, gradients: Mapping[str, Array] | None = None
    ) -> World:
        """Return what names stand for at a case, with values and gradients of a student's own put in.

        Parameters
        ----------
        reference : CaseExpectations
        run : Forward
        gradients : mapping of str to ndarray, optional
            By node, in its shape.

        Returns
        -------
        World
        """
        unit, case = self.sheet.unit, reference.case
        gradients = gradients or {}
        back = unit.graph.backward(run, given=gradients)
        return World(
            graph=unit.graph,
            run=run,
            gradients=gradients,
            extra={"lr": np.asarray(case.rate), **self.shifts[case.name]},
            sizes=sizes_of(unit, case),
            hot=self.sheet.hot,
            updates={
                name: np.asarray(case.leaves[name] - case.rate * back.used[unit.graph.index[name]])
                for name in unit.parameters
            },
        )

    @cached_property
    def targets(self) -> Mapping[str, tuple[Array, ...]]:
        """What every quantity is at the drawn points: of values, gradients and updates, whether asked or not."""
        found: dict[str, tuple[Array, ...]] = {}
        unit, graph = self.sheet.unit, self.sheet.unit.graph
        for name in graph.computed:
            found[name] = tuple(world.value(name) for world in self.drawn)
        for name in (*graph.computed, *graph.leaves):
            if name != graph.loss:
                found[unit.gradient(name)] = tuple(world.gradient(name) for world in self.drawn)
        for name in unit.parameters:
            found[updated(name)] = tuple(world.updates[name] for world in self.drawn)
        return found

    @cached_property
    def free(self) -> Mapping[str, frozenset[int]]:
        """Numbers of the drawn points at which a quantity depends on the derivative chosen on a kink: any is right there."""
        unit = self.sheet.unit
        places: dict[str, set[int]] = {name: set() for name in self.targets}
        for place, world in enumerate(self.drawn):
            for node in kink_dependent(unit.graph, world.run, world.backward):
                for name in (unit.gradient(node), updated(node)):
                    if name in places:
                        places[name].add(place)
        return {name: frozenset(found) for name, found in places.items()}

    def is_quantity(self, quantity: str, values: Sequence[Array | None]) -> bool:
        """Whether values at the drawn points are those of a quantity."""
        return are_close(values, self.targets[quantity], free=self.free[quantity])

    def worked_target(self, quantity: str) -> Array | None:
        """Return what a quantity is on the worked case; None where there is no such case or quantity."""
        world = self.worked
        if world is None or quantity not in self.targets:
            return None
        node = self.nodes[quantity]
        if quantity == updated(node):
            return world.updates[node]
        return world.value(node) if quantity == node else world.gradient(node)

    @cached_property
    def after_step(self) -> Mapping[str, Array]:
        """The values of the worked case after the step, by node."""
        if self.worked is None:
            return {}
        world = self.worked.rerun(self.worked.updates)
        return {name: world.value(name) for name in self.sheet.unit.graph.computed}

    @cached_property
    def known_figures(self) -> frozenset[float]:
        """Single numbers of the worked case, exact as they stand: its data and what follows from them."""
        if self.worked is None:
            return frozenset()
        case = next(case for case in self.cases if case.name == WORKED)
        quantities = (self.worked_target(name) for name in self.targets)
        values = (
            *case.leaves.values(),
            np.asarray(case.rate),
            *(one for one in quantities if one is not None),
        )
        return frozenset(abs(float(value)) for value in values if np.size(value) == 1)

    @cached_property
    def nodes(self) -> Mapping[str, str]:
        """The node that each quantity is about."""
        unit, graph = self.sheet.unit, self.sheet.unit.graph
        return {
            **{name: name for name in graph.computed},
            **{unit.gradient(name): name for name in (*graph.computed, *graph.leaves) if name != graph.loss},
            **{updated(name): name for name in unit.parameters},
        }

    @cached_property
    def classes(self) -> Mapping[str, frozenset[str]]:
        """For each quantity those that equal it at every point, itself included: dL/dy_hat and dL/dz2 where y_hat is z2."""
        return {
            name: frozenset(other for other, there in self.targets.items() if are_close(there, here))
            for name, here in self.targets.items()
        }


def points_of(sheet: Sheet, generator: np.random.Generator) -> Points:
    """Draw the points of a sheet, and compute what is expected there.

    Parameters
    ----------
    sheet : Sheet
    generator : numpy.random.Generator

    Returns
    -------
    Points

    Raises
    ------
    AssignmentError
        Where the ranges admit too few draws.
    """
    cases = cases_of(sheet.unit, generator)
    return Points(
        sheet=sheet,
        cases=cases,
        everything=expectations(sheet.unit, cases),
        groups=tuple(_group(parts, cases) for parts in _together(sheet.parts)),
        shifts={
            case.name: {name: np.asarray(generator.uniform(*SHIFTS)) for name in sheet.shifts}
            for case in cases
        },
    )


def _together(parts: Sequence[WrittenPart]) -> list[tuple[WrittenPart, ...]]:
    """Put the questions together that ask for different quantities in one way."""
    groups: list[tuple[WrittenPart, ...]] = []
    for part in parts:
        for place, group in enumerate(groups):
            others = {quantity for one in group for quantity in one.asked}
            if group[0].asks_numbers is part.asks_numbers and others.isdisjoint(part.asked):
                groups[place] = (*group, part)
                break
        else:
            groups.append((part,))
    return groups


def _group(parts: tuple[WrittenPart, ...], cases: tuple[Case, ...]) -> Group:
    functions = {name: spec for part in parts for name, spec in part.unit.functions.items()}
    unit = replace(parts[0].unit, functions=functions)
    if not parts[0].asks_numbers:
        cases = tuple(case for case in cases if case.name != WORKED)
    return Group(parts=parts, everything=expectations(unit, cases))


def sizes_of(unit: Unit, case: Case) -> dict[str, int]:
    """Return the sizes that a case was drawn with, by name."""
    return {
        size: np.shape(case.leaves[name])[axis]
        for name, rule in unit.cases.leaves.items()
        for axis, size in enumerate(rule.shape)
        if isinstance(size, str)
    }
