"""What the reference gives for every quantity on every case; computed once for all students."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from msgspec import Struct

from grader.assignment import FunctionSpec, Role, Unit, updated
from grader.marking.compare import EPSILON, Tolerance, floor, norm
from grader.memo import Memo
from grader.model import Array, Case
from reference.network import Backward, Forward, Graph, Side
from reference.training import descend

LEAST_SHARE = 1e-3
MOST_TIMES = 1e3
"""A value is in range when its norm is within these of the quantity's largest norm over the cases: a base of 1e-12
followed by zeros must not make the zeros right."""

Key: TypeAlias = tuple[str, str]
"""A function and a quantity it gives: the same quantity may be asked of two functions."""


class Expectation(Struct, frozen=True, kw_only=True, dict=True):
    """The reference's value of one quantity on one case."""

    value: Array
    amount: float
    """Norm of what was summed to get it."""
    terms: int
    """Reduction length."""
    free: bool = False
    """Whether it depends on the derivative chosen on a kink: then an answer is only checked for being finite."""

    @cached_property
    def is_zero(self) -> bool:
        """Whether it is exactly zero, so that agreeing with it says nothing alone."""
        return not np.any(self.value)


class CaseExpectations(Struct, frozen=True, kw_only=True, eq=False):
    """All expectations of one case, with the passes they come from."""

    case: Case
    forward: Forward
    backward: Backward
    spare_forward: Forward
    by_key: Mapping[Key, Expectation]


class Expectations(Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """The expectations of a unit on its cases, and what follows from them alone, worked out once for all students."""

    unit: Unit
    cases: tuple[CaseExpectations, ...]
    scale: Mapping[Key, float]
    """The largest norm of each quantity over all cases."""
    usual_scale: Mapping[Key, float]
    """The same without edge cases, whose logits of 1000 would make any usual loss look like zero."""

    @cached_property
    def marked(self) -> Memo[Any]:
        """What came of the latest results, by their identity."""
        return Memo()

    @cached_property
    def marks(self) -> Memo[Any]:
        """The marks of the answers met last: who computes in the same order gives the same numbers to the last bit."""
        return Memo()

    def in_range(self, key: Key, size: float) -> bool:
        """Whether a norm is neither vanishing nor huge beside what the quantity usually is; false for NaN and infinity."""
        return LEAST_SHARE * self.usual_scale[key] <= size <= MOST_TIMES * self.scale[key]

    @cached_property
    def gradient_nodes(self) -> Mapping[Key, str]:
        """The node of each gradient that is asked for."""
        return {
            (spec.name, quantity): node
            for spec in self.unit.by_role(Role.BACKWARD)
            for node, quantity in zip(spec.keys, spec.quantities, strict=True)
        }

    @cached_property
    def tolerances(self) -> Mapping[float, Mapping[str, Mapping[Key, Tolerance]]]:
        """How far an answer may be off: by the precision of the submission's lowest dtype, the case and the key."""
        return {
            epsilon: {
                reference.case.name: {
                    key: self._tolerance(key, expectation, epsilon)
                    for key, expectation in reference.by_key.items()
                }
                for reference in self.cases
            }
            for epsilon in EPSILON.values()
        }

    def _tolerance(self, key: Key, expectation: Expectation, epsilon: float) -> Tolerance:
        policy = self.unit.policy
        atol = policy.atol
        if atol is None:
            # A size beyond float64's squares is not known; the quantity's own is the least it can be.
            amount = expectation.amount if np.isfinite(expectation.amount) else 0.0
            atol = floor(epsilon, expectation.terms, max(amount, self.scale[key]))
        return Tolerance(rtol=policy.rtol, atol=atol, elementwise=policy.elementwise)


def expectations(unit: Unit, cases: Sequence[Case]) -> Expectations:
    """Compute what the reference gives.

    Parameters
    ----------
    unit : Unit
    cases : sequence of Case

    Returns
    -------
    Expectations
    """
    computed = tuple(_case_expectations(unit, case) for case in cases)
    scale = _largest(computed)
    usual = _largest([entry for entry in computed if not entry.case.edge])
    return Expectations(unit=unit, cases=computed, scale=scale, usual_scale=scale | usual)


def _largest(cases: Sequence[CaseExpectations]) -> dict[Key, float]:
    """Return the largest norm of each quantity."""
    scale: dict[Key, float] = {}
    for entry in cases:
        for key, expectation in entry.by_key.items():
            scale[key] = max(scale.get(key, 0.0), norm(expectation.value))
    return scale


def _case_expectations(unit: Unit, case: Case) -> CaseExpectations:
    graph = unit.graph
    forward = graph.forward(case.leaves)
    backward = graph.backward(forward)
    spare = graph.forward(case.spare_leaves)
    free = kink_dependent(graph, forward, backward)
    by_key: dict[Key, Expectation] = {}
    for spec in unit.functions.values():
        if spec.role in (Role.FORWARD, Role.LOSS):
            found = _values(spec, graph, spare if spec.role is Role.LOSS else forward)
        elif spec.role is Role.BACKWARD:
            found = _gradients(unit, spec, forward, backward, free)
        elif spec.role is Role.UPDATE:
            found = _updates(unit, spec, case, dict(case.given_gradients), frozenset())
        else:
            gradients = {name: graph.gradient(backward, name) for name in unit.parameters}
            found = _updates(unit, spec, case, gradients, free)
        by_key.update({(spec.name, quantity): expectation for quantity, expectation in found})
    return CaseExpectations(case=case, forward=forward, backward=backward, spare_forward=spare, by_key=by_key)


def _values(spec: FunctionSpec, graph: Graph, run: Forward) -> Iterator[tuple[str, Expectation]]:
    sizes = graph.forward_magnitudes(run)
    for name in spec.quantities:
        amount, terms = sizes[name]
        yield name, Expectation(value=graph.value(run, name), amount=amount, terms=terms)


def _gradients(
    unit: Unit, spec: FunctionSpec, forward: Forward, backward: Backward, free: frozenset[str]
) -> Iterator[tuple[str, Expectation]]:
    sizes = unit.graph.backward_magnitudes(forward, backward)
    for node, quantity in zip(spec.keys, spec.quantities, strict=True):
        amount, terms = sizes[node]
        value = unit.graph.gradient(backward, node)
        yield quantity, Expectation(value=value, amount=amount, terms=terms, free=node in free)


def _updates(
    unit: Unit,
    spec: FunctionSpec,
    case: Case,
    gradients: Mapping[str, Array],
    free: frozenset[str],
) -> Iterator[tuple[str, Expectation]]:
    new = descend({name: case.leaves[name] for name in unit.parameters}, gradients, case.rate)
    for name in unit.parameters:
        if updated(name) in spec.quantities:
            amount = float(np.linalg.norm(np.abs(case.leaves[name]) + np.abs(case.rate * gradients[name])))
            yield updated(name), Expectation(value=new[name], amount=amount, terms=2, free=name in free)


def kink_sides(graph: Graph, run: Forward) -> tuple[Side | None, ...]:
    """Return the derivative choices that make a difference: (None,) where no input is exactly on a kink."""
    for node in graph.nodes:
        if (
            node.operation is not None
            and node.operation.one_sided
            and np.count_nonzero(run.used[node.inputs[0]]) < run.used[node.inputs[0]].size
        ):
            return (None, "left", "right", "middle")
    return (None,)


def kink_dependent(graph: Graph, forward: Forward, backward: Backward) -> frozenset[str]:
    """Return the nodes whose gradient depends on which derivative is taken on a kink.

    Parameters
    ----------
    graph : Graph
    forward : Forward
    backward : Backward
        With the reference's own choice.

    Returns
    -------
    frozenset of str
    """
    dependent: set[str] = set()
    for side in kink_sides(graph, forward)[1:]:
        other = graph.backward(forward, side=side)
        dependent.update(
            name
            for name, i in graph.index.items()
            if not np.array_equal(other.computed[i], backward.computed[i])
        )
    return frozenset(dependent)
