"""Gradients: what follows from the student's own numbers, and what a slip of the backward pass makes of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property

import numpy as np
from msgspec import Struct, field

from grader.assignment import Role
from grader.marking.compare import Tolerance, equal, identical
from grader.marking.expectations import Expectations, Key
from grader.marking.explain import Candidate
from grader.marking.gradients import (
    EdgeChange,
    Place,
    backward_under,
    places,
    reached_from,
    rules_by_arguments,
    rules_of,
    scaled_slip,
)
from grader.marking.trials import Trial, put_in
from grader.marking.values import Rewrite, rewritten
from grader.marking.variants import GradientChange, Variant, variant_slips, wrong_gradients
from grader.model import Array
from reference.network import Backward, Edge, Forward, Graph, Side
from reference.operations import Rule

LAST_DIGITS = Tolerance(rtol=1e-12, atol=0.0, elementwise=True)
"""As far as sums in another order differ: nothing that tolerances or slips could see."""
NOWHERE: frozenset[str] = frozenset()
"""What the gradient on an edge from a constant reaches."""


class Base(Struct, frozen=True, kw_only=True, eq=False):
    """Forward values that gradients are taken at."""

    everything: Expectations
    graph: Graph
    own: bool
    """Whether the student's forward values are put in."""
    _runs: dict[Trial, Forward] = field(default_factory=dict)

    def run(self, trial: Trial) -> Forward:
        """Return the forward pass of a trial, made when it is first asked for; the reference's own where they are one."""
        if trial not in self._runs:
            given = put_in(trial, self.everything, (Role.FORWARD,)) if self.own else {}
            reference = trial.reference.forward
            if self.graph is self.everything.unit.graph and _same_values(self.graph, reference, given):
                self._runs[trial] = reference
            else:
                self._runs[trial] = self.graph.forward(trial.reference.case.leaves, given=given)
        return self._runs[trial]


def _same_values(graph: Graph, run: Forward, given: Mapping[str, Array]) -> bool:
    """Whether putting values in changes nothing in a pass but the last digits: neither a side of a kink nor a dtype."""
    return all(_same_value(value, run.used[graph.index[name]]) for name, value in given.items())


def _same_value(value: Array, right: Array) -> bool:
    if value.dtype != right.dtype:
        return False
    return identical(value, right) or (
        np.array_equal(np.sign(value), np.sign(right)) and equal(value, right, LAST_DIGITS)
    )


def own_values(everything: Expectations, rewrites: Sequence[Rewrite] = ()) -> Base:
    """Return the base with the student's forward values put in, on the network or a variant of it."""
    return Base(everything=everything, graph=rewritten(everything.unit.graph, rewrites), own=True)


def reference_values(everything: Expectations) -> Base:
    """Return the base with no forward value of the student."""
    return Base(everything=everything, graph=everything.unit.graph, own=False)


class _Pass(Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """A backward pass under some changes, with what it was made of."""

    graph: Graph
    run: Forward
    back: Backward
    rules: Mapping[Edge, Rule]
    given: Mapping[str, Array]
    is_reference: bool
    """Whether nothing of the student's is in it."""

    @cached_property
    def reached(self) -> Mapping[Edge, frozenset[str]]:
        """For each edge the named nodes that its gradient flows to."""
        return reached_from(self.graph, frozenset(self.given))


class GradientDomain(Struct, frozen=True, kw_only=True, eq=False):
    """The stage of gradients, on one base."""

    everything: Expectations
    keys: Sequence[Key]
    base: Base
    variants: bool = False
    """Whether slips of the forward pass inside the backward function are tried too."""
    _made: dict[tuple[Trial, tuple[GradientChange, ...]], _Pass] = field(default_factory=dict)
    _asked: dict[AbstractSet[Key], Mapping[Key, str]] = field(default_factory=dict)

    def predict(
        self,
        trial: Trial,
        accepted: tuple[GradientChange, ...],
        side: Side | None = None,
        *,
        by_arguments: bool = False,
    ) -> Mapping[Key, Array]:
        """Return each gradient as it follows from the student's gradients before it.

        A derivative that is written by the value of its step, a (1 - a), meets the student's own there; `by_arguments` takes it
        as who computes it from z anew.
        """
        made = self._pass(trial, accepted)
        back = made.back
        if side is not None or by_arguments:
            anew = rules_by_arguments(made.graph, made.run) if by_arguments else {}
            back = made.graph.backward(made.run, given=made.given, rules={**anew, **made.rules}, side=side)
        nodes = self.everything.gradient_nodes
        return {key: made.graph.gradient(back, nodes[key]) for key in self.keys}

    def altered(
        self,
        trial: Trial,
        accepted: tuple[GradientChange, ...],
        change: GradientChange,
        keys: AbstractSet[Key],
    ) -> Mapping[Key, Array]:
        """Return which of some gradients one more slip alters, and to what."""
        if keys not in self._asked:
            self._asked[keys] = {key: self.everything.gradient_nodes[key] for key in keys}
        nodes = self._asked[keys]
        changed = self._changed(trial, accepted, change, nodes.values())
        if not changed:
            return {}
        return {key: changed[node] for key, node in nodes.items() if node in changed}

    def _changed(
        self,
        trial: Trial,
        accepted: tuple[GradientChange, ...],
        change: GradientChange,
        nodes: Collection[str],
    ) -> Mapping[str, Array]:
        made = self._pass(trial, accepted)
        if isinstance(change, EdgeChange) and made.reached.get(change.edge, NOWHERE).isdisjoint(nodes):
            return {}
        if made.is_reference and (known := wrong_gradients(self.everything, change)):
            return known[trial.reference.case.name]
        if isinstance(change, EdgeChange):
            rules = {**made.rules, change.edge: change.rule(made.run, made.back)}
            return made.graph.backward_with(made.run, made.back, change.edge, rules, given=made.given)
        if not accepted:
            return change.graph.gradients_at(change.runs[trial.reference.case.name], nodes, given=made.given)
        other = self._compute(trial, (*accepted, change))
        return other.graph.named(other.back.computed)

    def _pass(self, trial: Trial, accepted: tuple[GradientChange, ...]) -> _Pass:
        if (trial, accepted) not in self._made:
            self._made[trial, accepted] = self._compute(trial, accepted)
        return self._made[trial, accepted]

    def _compute(self, trial: Trial, changes: Sequence[GradientChange]) -> _Pass:
        given = put_in(trial, self.everything, (Role.BACKWARD,))
        # One at most: variants are tried as the first slip alone.
        variant = next((change for change in changes if isinstance(change, Variant)), None)
        if variant is None:
            graph, run = self.base.graph, self.base.run(trial)
        else:
            graph, run = variant.graph, variant.runs[trial.reference.case.name]
        is_reference = (
            not changes and run is trial.reference.forward and given.keys().isdisjoint(graph.computed)
        )
        edges = [change for change in changes if isinstance(change, EdgeChange)]
        back = trial.reference.backward if is_reference else backward_under(graph, run, edges, given=given)
        return _Pass(
            graph=graph,
            run=run,
            back=back,
            rules=rules_of(edges, run, back),
            given=given,
            is_reference=is_reference,
        )

    def candidates(self, open_keys: AbstractSet[Key]) -> Iterator[Candidate[GradientChange]]:
        """Yield every slip whose place an open gradient is computed through."""
        wanted = self._nodes(open_keys)
        for place in self._places():
            if wanted & place.reached:
                yield from place.slips

    def further_candidates(self, open_keys: AbstractSet[Key]) -> Iterator[Candidate[GradientChange]]:
        """Yield the slips of the forward pass inside the backward function."""
        del open_keys
        if self.variants:
            yield from variant_slips(self.everything)

    def scaled_candidates(
        self, open_keys: AbstractSet[Key], factors: Sequence[float]
    ) -> Iterator[Candidate[GradientChange]]:
        """Yield slips by a factor found in the answers."""
        wanted = self._nodes(open_keys)
        for place in self._places():
            if wanted & place.reached:
                for factor in factors:
                    yield scaled_slip(self.base.graph, place.edge, place.at, factor)

    def _nodes(self, keys: AbstractSet[Key]) -> set[str]:
        return {self.everything.gradient_nodes[key] for key in keys}

    def _places(self) -> tuple[Place, ...]:
        unit = self.everything.unit
        return places(self.base.graph, unit.parameters, unit.silent)
