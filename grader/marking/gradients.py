"""The slips of the backward pass: where a derivative can go wrong, and in which ways."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Any

import numpy as np
from msgspec import Struct

from grader.marking.explain import Candidate
from grader.model import Array
from reference.forms import negated, times
from reference.network import Backward, Edge, Forward, Graph
from reference.operations import Operation, Rule, unbroadcast
from reference.written import Written

BY_OUTPUT = ("sigmoid", "tanh")
"""Activations whose derivative is usually written by their value, so that another value may stand for it."""


class EdgeChange(Struct, frozen=True, kw_only=True, eq=False):
    """A wrong rule where an operation reads an input; it may look at other values and gradients of the passes."""

    edge: Edge
    rule: Callable[[Forward, Backward], Rule]
    written: Written
    """The wrong rule as it is written."""


def rules_of(changes: Sequence[EdgeChange], run: Forward, back: Backward) -> dict[Edge, Rule]:
    """Return the rules that stand in for right ones; a later change wins over an earlier one on its edge."""
    return {change.edge: change.rule(run, back) for change in changes}


def backward_under(
    graph: Graph,
    run: Forward,
    changes: Sequence[EdgeChange],
    *,
    given: Mapping[str, Array] | None = None,
) -> Backward:
    """Run backward under wrong rules; each may look at the pass that was made under those before it.

    Parameters
    ----------
    graph : Graph
    run : Forward
    changes : sequence of EdgeChange
    given : mapping of str to ndarray, optional
        Gradients that are put in.

    Returns
    -------
    Backward
    """
    back = graph.backward(run, given=given)
    for i in range(1, len(changes) + 1):
        back = graph.backward(run, given=given, rules=rules_of(changes[:i], run, back))
    return back


def rules_by_arguments(graph: Graph, run: Forward) -> Mapping[Edge, Rule]:
    """Return the derivatives of steps whose values were put in, taken at what the step gives by itself.

    Parameters
    ----------
    graph : Graph
    run : Forward

    Returns
    -------
    mapping of Edge to Rule
        Empty where every value is the step's own.
    """
    return {
        edge: _with_output(operation.rules[edge.position], run.computed[edge.node])
        for edge in graph.edges
        if run.used[edge.node] is not run.computed[edge.node]
        and (operation := graph.nodes[edge.node].operation) is not None
        and not operation.one_sided
    }


def _with_output(rule: Rule, out: Any) -> Rule:
    return lambda g, _out, *inputs: rule(g, out, *inputs)


# --------------------------------------------------------------------------------------------------------------
# Places


class Place(Struct, frozen=True, kw_only=True, eq=False):
    """An edge of the network with all slips of the derivative there."""

    edge: Edge
    at: str
    """The gradient at which a mistake shows first: of the input that is read there, or of the first named node that an
    unnamed input's gradient flows on to."""
    reached: frozenset[str]
    """Names of all nodes that the gradient on this edge flows to."""
    slips: tuple[Candidate[EdgeChange], ...]


@lru_cache(maxsize=64)
def places(graph: Graph, parameters: tuple[str, ...], silent: tuple[str, ...]) -> tuple[Place, ...]:
    """Return every place of a network where a derivative can go wrong.

    Parameters
    ----------
    graph : Graph
    parameters : tuple of str
    silent : tuple of str
        Leaves whose gradients nobody is asked for.

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


def edge_slips(graph: Graph, edge: Edge, at: str) -> Iterator[Candidate[EdgeChange]]:
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
    right, form = operation.rules[edge.position], operation.derivatives[edge.position]
    if operation.slips:
        for slip in operation.slips[edge.position]:
            yield _candidate(edge, at, slip.name, slip.text, slip.rule, Written(slip.written, slip.is_summed))
    source = node.inputs[edge.position]
    if len(graph.consumers[source]) > 1:
        via = graph.nodes[edge.node].name or named_reader(graph, edge.node)
        text = f"the path through {via} is left out"
        yield _candidate(edge, at, "path-dropped", text, _times(right, 0.0), Written("0"))
    flipped = Written(negated(form))
    yield _candidate(edge, at, "sign-flipped", "the sign is flipped", _times(right, -1.0), flipped)
    yield from _gradient_missing(graph, edge, at)
    yield from _other_factors(graph, edge, at)
    yield from _gradient_for_factor(graph, edge, at)
    yield from _other_arguments(graph, edge, at)
    yield from _other_outputs(graph, edge, at)
    yield from _other_gradients(graph, edge, at)
    for factor in (2.0, 0.5):
        yield scaled_slip(graph, edge, at, factor)


def named_reader(graph: Graph, index: int) -> str:
    """Return the first named node computed from an unnamed one."""
    while graph.nodes[index].name is None:
        index = graph.consumers[index][0].node
    return graph.nodes[index].name or ""


def _candidate(
    edge: Edge, at: str, slip: str, text: str, rule: Rule, written: Written
) -> Candidate[EdgeChange]:
    change = EdgeChange(edge=edge, rule=lambda _run, _back: rule, written=written)
    return Candidate(slip=slip, at=at, text=text, change=change)


def _times(rule: Rule, factor: float) -> Rule:
    return lambda g, out, *inputs: factor * rule(g, out, *inputs)


def scaled_slip(graph: Graph, edge: Edge, at: str, factor: float) -> Candidate[EdgeChange]:
    """Return the derivative times a constant factor."""
    operation = graph.nodes[edge.node].operation
    assert operation is not None
    rule = _times(operation.rules[edge.position], factor)
    written = Written(times(factor, operation.derivatives[edge.position]))
    return _candidate(edge, at, "scaled", f"it is {factor:.4g} times what it should be", rule, written)


def _gradient_missing(graph: Graph, edge: Edge, at: str) -> Iterator[Candidate[EdgeChange]]:
    """Yield the local derivative alone, without the gradient that arrives: `dZ = A (1 - A)`."""
    node = graph.nodes[edge.node]
    assert node.operation is not None
    if edge.node == graph.index[graph.loss] or (node.operation.linear and node.operation.name != "multiply"):
        return
    right, form = node.operation.rules[edge.position], node.operation.derivatives[edge.position]
    text = f"d{graph.loss}/d{named_reader(graph, edge.node)}, the gradient that arrives, is left out"
    change = EdgeChange(
        edge=edge,
        rule=lambda _run, _back: _without_gradient(right),
        written=Written(form.replace("{g}", "1")),
    )
    # Where an earlier gradient is 1 by mistake, that is plainer.
    yield Candidate(slip="derivative-missing", at=at, text=text, roundabout=True, change=change)


def _without_gradient(rule: Rule) -> Rule:
    return lambda _g, out, *inputs: rule(np.ones_like(out), out, *inputs)


def _other_factors(graph: Graph, edge: Edge, at: str) -> Iterator[Candidate[EdgeChange]]:
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
            written = _exchanged(node.operation, edge.position, {f"{{{partner}}}": name})
            change = EdgeChange(edge=edge, rule=rule, written=written)
            yield Candidate(slip="wrong-factor", at=at, text=text, change=change)


def _gradient_for_factor(graph: Graph, edge: Edge, at: str) -> Iterator[Candidate[EdgeChange]]:
    """Yield the product's derivative with the gradient of the other factor for its value: `W.grad` for `W.data`."""
    node = graph.nodes[edge.node]
    assert node.operation is not None
    if not node.operation.linear or node.operation.name not in ("multiply", "matmul"):
        return
    partner = 1 - edge.position
    other = node.inputs[partner]
    name = graph.nodes[other].name
    if name is None or other == node.inputs[edge.position]:
        return
    gradient = f"d{graph.loss}/d{name}"
    yield Candidate(
        slip="wrong-factor",
        at=at,
        text=f"{gradient} stands where {name} itself belongs",
        roundabout=True,
        change=EdgeChange(
            edge=edge,
            rule=_with_gradient(node.operation.rules[edge.position], partner, other),
            written=_exchanged(node.operation, edge.position, {f"{{{partner}}}": gradient}),
        ),
    )


def _with_gradient(rule: Rule, partner: int, other: int) -> Callable[[Forward, Backward], Rule]:
    def at_run(_run: Forward, back: Backward) -> Rule:
        gradient = back.used[other]
        if gradient is None:
            raise ValueError("nothing flows to this factor, so that it has no gradient")

        def wrong(g: Any, out: Any, *inputs: Any) -> Any:
            return rule(g, out, *((inputs[0], gradient) if partner == 1 else (gradient, inputs[1])))

        return wrong

    return at_run


def _exchanged(operation: Operation, position: int, texts: Mapping[str, str]) -> Written:
    """Write a rule with other values in some of its places."""
    form = operation.derivatives[position]
    for place, text in texts.items():
        form = form.replace(place, text)
    return Written(form)


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


def _other_arguments(graph: Graph, edge: Edge, at: str) -> Iterator[Candidate[EdgeChange]]:
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
            value = operation.written.replace("{0}", name)
            written = _exchanged(operation, 0, {"{0}": name, "{out}": value})
            change = EdgeChange(edge=edge, rule=rule, written=written)
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


def _other_outputs(graph: Graph, edge: Edge, at: str) -> Iterator[Candidate[EdgeChange]]:
    """Yield a derivative that is written by the activation, a (1 - a), with another named value in its place."""
    node = graph.nodes[edge.node]
    assert node.operation is not None
    if node.operation.name not in BY_OUTPUT:
        return
    for name, other in graph.index.items():
        if other != edge.node and name != graph.loss:
            text = f"{name} stands where the activation belongs in its derivative"
            rule = _at_output(node.operation.rules[0], other)
            written = _exchanged(node.operation, 0, {"{out}": name})
            change = EdgeChange(edge=edge, rule=rule, written=written)
            yield Candidate(slip="derivative-misplaced", at=at, text=text, change=change)


def _at_output(rule: Rule, other: int) -> Callable[[Forward, Backward], Rule]:
    def at_run(run: Forward, _back: Backward) -> Rule:
        def wrong(g: Any, out: Any, argument: Any) -> Any:
            value = run.used[other]
            if np.shape(value) != np.shape(out):
                raise ValueError("a value of another shape cannot be confused with this one")
            return rule(g, value, argument)

        return wrong

    return at_run


def _other_gradients(graph: Graph, edge: Edge, at: str) -> Iterator[Candidate[EdgeChange]]:
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
                edge=edge,
                rule=_from_gradient(node.operation.rules[edge.position], edge.node, other),
                written=_exchanged(node.operation, edge.position, {"{g}": gradient}),
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
