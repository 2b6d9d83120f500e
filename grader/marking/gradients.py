"""Gradients: what follows from the student's own numbers, and the slips of the backward pass."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, TypeAlias

import numpy as np

from grader.assignment import Role
from grader.marking.compare import identical
from grader.marking.expectations import CaseExpectations, Expectations, Key
from grader.marking.explain import Candidate
from grader.marking.trials import Trial, put_in
from grader.marking.values import Rewrite, forward_slips, rewritten
from grader.model import Array
from reference.network import Backward, Edge, Forward, Graph, Side
from reference.operations import Rule, unbroadcast


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class EdgeChange:
    """A wrong rule where an operation reads an input; it may look at other values and gradients of the passes."""

    edge: Edge
    rule: Callable[[Forward, Backward], Rule]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Variant:
    """Another network behind the gradient: a forward slip inside `backward`."""

    rewrite: Rewrite
    graph: Graph
    runs: Mapping[str, Forward]
    """Its forward pass on each case: no student's value is in it, so it is made once for all students."""


GradientChange: TypeAlias = EdgeChange | Variant


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Base:
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
            if self.graph is self.everything.assignment.graph and _same_values(self.graph, reference, given):
                self._runs[trial] = reference
            else:
                self._runs[trial] = self.graph.forward(trial.reference.case.leaves, given=given)
        return self._runs[trial]


def _same_values(graph: Graph, run: Forward, given: Mapping[str, Array]) -> bool:
    """Whether putting values in changes nothing in a pass, not even the last bit or a dtype."""
    return all(
        value.dtype == run.used[graph.index[name]].dtype and identical(value, run.used[graph.index[name]])
        for name, value in given.items()
    )


def own_values(everything: Expectations, rewrites: Sequence[Rewrite] = ()) -> Base:
    """Return the base with the student's forward values put in, on the network or a variant of it."""
    return Base(everything=everything, graph=rewritten(everything.assignment.graph, rewrites), own=True)


def reference_values(everything: Expectations) -> Base:
    """Return the base with no forward value of the student."""
    return Base(everything=everything, graph=everything.assignment.graph, own=False)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Pass:
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


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class GradientDomain:
    """The stage of gradients, on one base."""

    everything: Expectations
    keys: Sequence[Key]
    base: Base
    variants: bool = False
    """Whether slips of the forward pass inside the backward function are tried too."""
    _made: dict[tuple[Trial, tuple[GradientChange, ...]], _Pass] = field(default_factory=dict)

    def predict(
        self, trial: Trial, accepted: tuple[GradientChange, ...], side: Side | None = None
    ) -> Mapping[Key, Array]:
        """Return each gradient as it follows from the student's gradients before it."""
        made = self._pass(trial, accepted)
        back = made.back
        if side is not None:
            back = made.graph.backward(made.run, given=made.given, rules=made.rules, side=side)
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
        nodes = {key: self.everything.gradient_nodes[key] for key in keys}
        changed = self._changed(trial, accepted, change, nodes.values())
        return {key: changed[node] for key, node in nodes.items() if node in changed}

    def _changed(
        self,
        trial: Trial,
        accepted: tuple[GradientChange, ...],
        change: GradientChange,
        nodes: Collection[str],
    ) -> Mapping[str, Array]:
        made = self._pass(trial, accepted)
        if isinstance(change, EdgeChange) and made.reached[change.edge].isdisjoint(nodes):
            return {}
        if made.is_reference and (known := wrong_gradients(self.everything).get(change)):
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
        variants = [change for change in changes if isinstance(change, Variant)]
        if not variants:
            graph, run = self.base.graph, self.base.run(trial)
        elif len(variants) == 1:
            graph, run = variants[0].graph, variants[0].runs[trial.reference.case.name]
        else:
            graph = rewritten(self.base.graph, [variant.rewrite for variant in variants])
            run = graph.forward(trial.reference.case.leaves)
        is_reference = (
            not changes and run is trial.reference.forward and given.keys().isdisjoint(graph.computed)
        )
        back = trial.reference.backward if is_reference else backward_under(graph, run, changes, given=given)
        return _Pass(
            graph=graph,
            run=run,
            back=back,
            rules=_rules(changes, run, back),
            given=given,
            is_reference=is_reference,
        )

    def candidates(self, open_keys: AbstractSet[Key]) -> Iterator[Candidate[GradientChange]]:
        """Yield every slip whose place an open gradient is computed through."""
        wanted = self._nodes(open_keys)
        for place in self._places():
            if wanted & place.reached:
                yield from place.slips
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
                    yield _scaled(self.base.graph, place.edge, place.at, factor)

    def _nodes(self, keys: AbstractSet[Key]) -> set[str]:
        return {self.everything.gradient_nodes[key] for key in keys}

    def _places(self) -> tuple[Place, ...]:
        assignment = self.everything.assignment
        return places(self.base.graph, assignment.parameters, (*assignment.inputs, *assignment.targets))


def _rules(changes: Sequence[GradientChange], run: Forward, back: Backward) -> dict[Edge, Rule]:
    return {change.edge: change.rule(run, back) for change in changes if isinstance(change, EdgeChange)}


def backward_under(
    graph: Graph,
    run: Forward,
    changes: Sequence[GradientChange],
    *,
    given: Mapping[str, Array] | None = None,
) -> Backward:
    """Run backward under wrong rules; each may look at the pass that was made under those before it.

    Parameters
    ----------
    graph : Graph
        With its rewrites made.
    run : Forward
    changes : sequence of GradientChange
    given : mapping of str to ndarray, optional
        Gradients that are put in.

    Returns
    -------
    Backward
    """
    back = graph.backward(run, given=given)
    for i, change in enumerate(changes, start=1):
        if isinstance(change, EdgeChange):
            back = graph.backward(run, given=given, rules=_rules(changes[:i], run, back))
    return back


# --------------------------------------------------------------------------------------------------------------
# Places


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Place:
    """An edge of the network with all slips of the derivative there."""

    edge: Edge
    at: str
    """The gradient at which a mistake shows first: of the input that is read there, or of the first named node that an
    unnamed input's gradient flows on to."""
    reached: frozenset[str]
    """Names of all nodes that the gradient on this edge flows to."""
    slips: tuple[Candidate[GradientChange], ...]


@lru_cache(maxsize=64)
def places(graph: Graph, parameters: tuple[str, ...], silent: tuple[str, ...]) -> tuple[Place, ...]:
    """Return every place of a network where a derivative can go wrong.

    Parameters
    ----------
    graph : Graph
    parameters : tuple of str
    silent : tuple of str
        Leaves whose gradients nobody needs: inputs and targets.

    Returns
    -------
    tuple of Place
        Made once for a network.
    """
    order = [name for name in graph.gradient_order(parameters) if name not in silent]
    found: list[Place] = []
    for edge in graph.edges:
        source = graph.nodes[edge.node].inputs[edge.position]
        indices = [source] if graph.nodes[source].name else graph.named_sources(source)
        names = {graph.nodes[i].name for i in indices}
        first = next((name for name in order if name in names), None)
        if first is not None:
            at = f"d{graph.loss}/d{first}"
            slips = tuple(edge_slips(graph, edge, at))
            found.append(Place(edge=edge, at=at, reached=_reached(graph, edge, frozenset()), slips=slips))
    return tuple(found)


@lru_cache(maxsize=4)
def variant_slips(everything: Expectations) -> tuple[Candidate[GradientChange], ...]:
    """Return the slips of a forward pass inside the backward function, placed at the first gradient they change."""
    found: list[Candidate[GradientChange]] = []
    for slip in forward_slips(everything.assignment.graph):
        variant = _variant(everything, slip.change)
        at = None if variant is None else _first_changed(everything, variant)
        if variant is not None and at is not None:
            text = f"in the forward pass behind the gradient, {slip.text}"
            found.append(Candidate(slip=slip.slip, at=at, text=text, change=variant))
    return tuple(found)


def _variant(everything: Expectations, rewrite: Rewrite) -> Variant | None:
    """Return another network with its passes; None where the shapes do not allow it."""
    graph = rewritten(everything.assignment.graph, [rewrite])
    try:
        runs = {r.case.name: graph.forward(r.case.leaves) for r in everything.cases}
    except (ValueError, IndexError):
        return None
    return Variant(rewrite=rewrite, graph=graph, runs=runs)


def _first_changed(everything: Expectations, variant: Variant) -> str | None:
    """Return the gradient nearest the loss that another network changes on some case."""
    assignment = everything.assignment
    changed: set[str] = set()
    for reference in everything.cases:
        try:
            back = variant.graph.backward(variant.runs[reference.case.name])
        except (ValueError, IndexError):
            return None
        changed.update(
            name
            for name, i in variant.graph.index.items()
            if not np.allclose(
                back.computed[i], reference.backward.computed[i], rtol=assignment.policy.rtol, atol=0
            )
        )
    silent = (*assignment.inputs, *assignment.targets)
    order = assignment.graph.gradient_order(assignment.parameters)
    first = next((name for name in order if name in changed and name not in silent), None)
    return None if first is None else assignment.gradient(first)


@lru_cache(maxsize=4)
def wrong_gradients(
    everything: Expectations,
) -> Mapping[GradientChange, Mapping[str, Mapping[str, Array]]]:
    """Return the gradients that each slip changes where nothing of a student's is put in, by slip, case and node.

    A slip that the shapes do not allow has no entry.
    """
    assignment = everything.assignment
    silent = (*assignment.inputs, *assignment.targets)
    slips = [
        slip for place in places(assignment.graph, assignment.parameters, silent) for slip in place.slips
    ]
    table = {}
    for slip in (*slips, *variant_slips(everything)):
        with suppress(ValueError, IndexError), np.errstate(all="ignore"):
            table[slip.change] = {
                reference.case.name: _wrong_gradients(assignment.graph, reference, slip.change)
                for reference in everything.cases
            }
    return table


def _wrong_gradients(
    graph: Graph, reference: CaseExpectations, change: GradientChange
) -> Mapping[str, Array]:
    run, back = reference.forward, reference.backward
    if isinstance(change, EdgeChange):
        return graph.backward_with(run, back, change.edge, {change.edge: change.rule(run, back)})
    return change.graph.named(change.graph.backward(change.runs[reference.case.name]).computed)


@lru_cache(maxsize=64)
def reached_from(graph: Graph, given: frozenset[str]) -> Mapping[Edge, frozenset[str]]:
    """Return for each edge the names of all nodes that its gradient flows to, up to those where another is put in."""
    return {edge: _reached(graph, edge, given) for edge in graph.edges}


def _reached(graph: Graph, edge: Edge, given: AbstractSet[str]) -> frozenset[str]:
    reached = {graph.nodes[edge.node].inputs[edge.position]}
    for i in range(len(graph.nodes) - 1, -1, -1):
        if i in reached and graph.nodes[i].name not in given:
            reached.update(graph.nodes[i].inputs)
    return frozenset(name for i in reached if (name := graph.nodes[i].name) is not None)


# --------------------------------------------------------------------------------------------------------------
# Slips


def edge_slips(graph: Graph, edge: Edge, at: str) -> Iterator[Candidate[GradientChange]]:
    """Yield every known slip of the derivative on one edge.

    Parameters
    ----------
    graph : Graph
    edge : Edge
    at : str
        The quantity where it shows.

    Yields
    ------
    Candidate
    """
    node = graph.nodes[edge.node]
    operation = node.operation
    assert operation is not None
    right = operation.rules[edge.position]
    if operation.slips:
        for slip in operation.slips[edge.position]:
            yield _candidate(edge, at, slip.name, slip.text, slip.rule)
    source = node.inputs[edge.position]
    if len(graph.consumers[source]) > 1:
        via = graph.nodes[edge.node].name or named_reader(graph, edge.node)
        text = f"the path through {via} is left out"
        yield _candidate(edge, at, "path-dropped", text, _times(right, 0.0))
    yield _candidate(edge, at, "sign-flipped", "the sign is flipped", _times(right, -1.0))
    yield from _other_factors(graph, edge, at)
    yield from _other_arguments(graph, edge, at)
    yield from _other_gradients(graph, edge, at)
    for factor in (2.0, 0.5):
        yield _scaled(graph, edge, at, factor)


def named_reader(graph: Graph, index: int) -> str:
    """Return the first named node computed from an unnamed one."""
    while graph.nodes[index].name is None:
        index = graph.consumers[index][0].node
    return graph.nodes[index].name or ""


def _candidate(edge: Edge, at: str, slip: str, text: str, rule: Rule) -> Candidate[GradientChange]:
    return Candidate(slip=slip, at=at, text=text, change=EdgeChange(edge=edge, rule=lambda _run, _back: rule))


def _times(rule: Rule, factor: float) -> Rule:
    return lambda g, out, *inputs: factor * rule(g, out, *inputs)


def _scaled(graph: Graph, edge: Edge, at: str, factor: float) -> Candidate[GradientChange]:
    operation = graph.nodes[edge.node].operation
    assert operation is not None
    rule = _times(operation.rules[edge.position], factor)
    return _candidate(edge, at, "scaled", f"it is {factor:.4g} times what it should be", rule)


def _other_factors(graph: Graph, edge: Edge, at: str) -> Iterator[Candidate[GradientChange]]:
    """Yield the product's derivative with another named value for the other factor."""
    node = graph.nodes[edge.node]
    assert node.operation is not None
    if not node.operation.linear or node.operation.name not in ("multiply", "matmul"):
        return
    partner = 1 - edge.position
    right = graph.nodes[node.inputs[partner]].name
    for name, other in graph.index.items():
        if name not in (right, graph.loss) and other != node.inputs[edge.position]:
            text = f"{name} stands where another factor belongs"
            rule = _with_factor(node.operation.rules[edge.position], partner, other)
            yield Candidate(slip="wrong-factor", at=at, text=text, change=EdgeChange(edge=edge, rule=rule))


def _with_factor(rule: Rule, partner: int, other: int) -> Callable[[Forward, Backward], Rule]:
    def at_run(run: Forward, _back: Backward) -> Rule:
        def wrong(g: Any, out: Any, *inputs: Any) -> Any:
            value = run.used[other]
            if np.shape(value) != np.shape(inputs[partner]):
                raise ValueError("a factor of another shape cannot be confused with this one")
            exchanged = (inputs[0], value) if partner == 1 else (value, inputs[1])
            return rule(g, out, *exchanged)

        return wrong

    return at_run


def _other_arguments(graph: Graph, edge: Edge, at: str) -> Iterator[Candidate[GradientChange]]:
    """Yield an activation's derivative taken at another named value."""
    node = graph.nodes[edge.node]
    operation = node.operation
    assert operation is not None
    if len(node.inputs) != 1 or operation.linear:
        return
    right = graph.nodes[node.inputs[0]].name
    for name, other in graph.index.items():
        if name not in (right, graph.loss):
            text = f"the derivative is taken at {name}, which is not its argument"
            rule = _at_argument(operation.forward, operation.rules[0], other)
            change = EdgeChange(edge=edge, rule=rule)
            yield Candidate(slip="derivative-misplaced", at=at, text=text, change=change)


def _at_argument(forward: Callable[..., Any], rule: Rule, other: int) -> Callable[[Forward, Backward], Rule]:
    def at_run(run: Forward, _back: Backward) -> Rule:
        def wrong(g: Any, _out: Any, argument: Any) -> Any:
            value = run.used[other]
            if np.shape(value) != np.shape(argument):
                raise ValueError("a value of another shape cannot be confused with this one")
            return unbroadcast(rule(g, forward(value), value), np.shape(argument))

        return wrong

    return at_run


def _other_gradients(graph: Graph, edge: Edge, at: str) -> Iterator[Candidate[GradientChange]]:
    """Yield the derivative that starts from another gradient than that of the step: one computed before."""
    node = graph.nodes[edge.node]
    assert node.operation is not None
    own = named_reader(graph, edge.node)
    for name in graph.computed:
        other = graph.index[name]
        if other <= edge.node or name in (own, graph.loss):
            continue
        # One step too far towards the loss, over an activation: its derivative is what is left out.
        skipped = graph.nodes[other].inputs == (graph.index[own],) and not _is_linear(graph, other)
        gradient = f"d{graph.loss}/d{name}"
        yield Candidate(
            slip="derivative-missing" if skipped else "wrong-factor",
            at=at,
            text=f"{gradient} stands where another gradient belongs",
            roundabout=True,
            change=EdgeChange(
                edge=edge, rule=_from_gradient(node.operation.rules[edge.position], edge.node, other)
            ),
        )


def _is_linear(graph: Graph, index: int) -> bool:
    operation = graph.nodes[index].operation
    return operation is not None and operation.linear


def _from_gradient(rule: Rule, own: int, other: int) -> Callable[[Forward, Backward], Rule]:
    def at_run(run: Forward, back: Backward) -> Rule:
        gradient = back.used[other]
        if np.shape(gradient) != np.shape(run.used[own]):
            raise ValueError("a gradient of another shape cannot be confused with this one")
        return lambda _g, out, *inputs: rule(gradient, out, *inputs)

    return at_run
