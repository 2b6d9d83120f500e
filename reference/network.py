"""Networks: tracing a plain Python function into a graph, and running it forward and backward with values put in.

Both passes take a student's own values: after a named node is computed (the *prediction*), the student's value takes its
place for everything that comes after. So one pass says for each quantity what follows from the student's earlier numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from reference.operation import Operation, Rule, scaled
from reference.rules.arithmetic import add, divide, identity, multiply, power, subtract
from reference.rules.products import matmul, transpose

Array: TypeAlias = NDArray[Any]
Side: TypeAlias = Literal["left", "right", "middle"]
"""Which derivative is taken where an input is exactly on a kink: a one-sided one, or the mean of the two."""


_NEGATED = scaled(identity, -1.0)
"""Made once, so that equal networks are equal graphs."""


class NetworkError(ValueError):
    """A network function that cannot be traced; the message says what to change in it."""


class Edge(NamedTuple):
    """The place where an operation reads one of its inputs."""

    node: int
    """Index of the operation's node."""
    position: int
    """Which input."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """A value of the network: a leaf (input, target, parameter), a constant, or the result of an operation."""

    name: str | None = None
    operation: Operation | None = None
    inputs: tuple[int, ...] = ()
    """Indices of earlier nodes."""
    constant: float | None = None


# --------------------------------------------------------------------------------------------------------------
# Tracing


@dataclass(slots=True)
class _Trace:
    nodes: list[Node] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)

    def append(self, node: Node) -> Traced:
        self.nodes.append(node)
        if node.name is not None:
            self.names[node.name] = len(self.nodes) - 1
        return Traced(self, len(self.nodes) - 1)

    def index_of(self, value: Any) -> int:
        if isinstance(value, Traced):
            if value.trace is not self:
                raise NetworkError(
                    "a value of another network stands in this one: read it from this one's `n`"
                )
            return value.index
        if isinstance(value, int | float):
            return self.append(Node(constant=float(value))).index
        raise NetworkError(f"a network is made of named values and numbers, not of {type(value).__name__}")


class Traced:
    """A value of a network while its function is traced; stands for an array of any shape."""

    __slots__ = ("index", "trace")

    def __init__(self, trace: _Trace, index: int) -> None:
        self.trace = trace
        self.index = index

    def _record(self, operation: Operation, inputs: tuple[Any, ...]) -> Traced:
        if len(inputs) != len(operation.rules):
            raise NetworkError(f"{operation.name} takes {len(operation.rules)} inputs, not {len(inputs)}")
        return self.trace.append(
            Node(operation=operation, inputs=tuple(self.trace.index_of(value) for value in inputs))
        )

    def __add__(self, other: Any) -> Traced:
        return self._record(add, (self, other))

    def __radd__(self, other: Any) -> Traced:
        return self._record(add, (other, self))

    def __sub__(self, other: Any) -> Traced:
        return self._record(subtract, (self, other))

    def __rsub__(self, other: Any) -> Traced:
        return self._record(subtract, (other, self))

    def __mul__(self, other: Any) -> Traced:
        return self._record(multiply, (self, other))

    def __rmul__(self, other: Any) -> Traced:
        return self._record(multiply, (other, self))

    def __truediv__(self, other: Any) -> Traced:
        return self._record(divide, (self, other))

    def __rtruediv__(self, other: Any) -> Traced:
        return self._record(divide, (other, self))

    def __matmul__(self, other: Any) -> Traced:
        return self._record(matmul, (self, other))

    def __rmatmul__(self, other: Any) -> Traced:
        return self._record(matmul, (other, self))

    def __pow__(self, exponent: float) -> Traced:
        if not isinstance(exponent, int | float):
            raise NetworkError("the exponent of a power is a number, not a value of the network")
        return self._record(power(exponent), (self,))

    @property
    def T(self) -> Traced:  # noqa: N802 - the field's name
        """The transpose."""
        return self._record(transpose, (self,))

    def __neg__(self) -> Traced:
        return self._record(_NEGATED, (self,))

    def __bool__(self) -> bool:
        raise NetworkError("a network has no branches: a traced value is neither true nor false")


class _Names:
    """The `n` of a network function: reading an unset name makes a leaf, setting one names a node."""

    __slots__ = ("_trace",)

    def __init__(self, trace: _Trace) -> None:
        object.__setattr__(self, "_trace", trace)

    def __getattr__(self, name: str) -> Traced:
        trace: _Trace = object.__getattribute__(self, "_trace")
        if name not in trace.names:
            return trace.append(Node(name=name))
        return Traced(trace, trace.names[name])

    def __setattr__(self, name: str, value: Any) -> None:
        trace: _Trace = object.__getattribute__(self, "_trace")
        if name in trace.names:
            raise NetworkError(
                f"`{name}` is set after it was read or set: each name is one value, set before its use"
            )
        index = trace.index_of(value)
        if trace.nodes[index].name is not None:
            # A second name for a node is a node of its own, so that a gradient may go wrong between the two.
            index = trace.append(Node(operation=identity, inputs=(index,))).index
        trace.nodes[index] = replace(trace.nodes[index], name=name)
        trace.names[name] = index


def trace(function: Callable[[Any], None], *, loss: str = "L") -> Graph:
    """Trace a network function into a graph.

    Parameters
    ----------
    function : callable
        Takes one argument `n` and sets its nodes: `n.z0 = n.w0 * n.x`. Names that are read and never set are the leaves.
    loss : str
        The node that gradients are of; a single number on every case.

    Returns
    -------
    Graph

    Raises
    ------
    NetworkError
        Where a name is set twice or after its use, a value is no part of the network, or the loss is not set.
    """
    record = _Trace()
    function(_Names(record))
    if loss not in record.names or record.nodes[record.names[loss]].operation is None:
        raise NetworkError(f"the network does not set its loss `{loss}`")
    return Graph(nodes=_leaves_first(record.nodes), loss=loss)


def _leaves_first(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """Put what is not computed before what is: every computed node then stands behind all leaves it could read."""
    order = sorted(range(len(nodes)), key=lambda i: nodes[i].operation is not None)
    place = {old: new for new, old in enumerate(order)}
    return tuple(replace(nodes[i], inputs=tuple(place[j] for j in nodes[i].inputs)) for i in order)


# --------------------------------------------------------------------------------------------------------------
# The graph


@dataclass(frozen=True, kw_only=True, slots=True)
class Forward:
    """Values of one forward pass, by node."""

    computed: tuple[Any, ...]
    """What each node is computed to be from the values before it."""
    used: tuple[Any, ...]
    """What stands for it afterwards: the value put in where there is one, else the computed one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Backward:
    """Gradients of one backward pass, by node; the shape of a gradient is that of the node's value."""

    computed: tuple[Any, ...]
    used: tuple[Any, ...]
    parts: Mapping[Edge, Any]
    """What each edge contributes to the gradient of the node that is read there."""


@dataclass(frozen=True, kw_only=True)
class Graph:
    """A network as a graph of nodes in the order of their computation.

    Examples
    --------
    >>> from reference.networks.skip_network import skip_network
    >>> graph = trace(skip_network)
    >>> run = graph.forward({"x": 1.0, "y": -3.0, "w0": 0.5, "w1": 0.5, "w2": 0.5, "ws": 0.5})
    >>> float(graph.value(run, "L"))
    3.375
    >>> float(graph.gradient(graph.backward(run), "w0"))
    0.75
    """

    nodes: tuple[Node, ...]
    loss: str

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        # What is known of a network is looked up by it thousands of times; a hash over all nodes each time is dear.
        return hash((self.nodes, self.loss))

    @cached_property
    def index(self) -> dict[str, int]:
        """Index of each named node."""
        return {node.name: i for i, node in enumerate(self.nodes) if node.name is not None}

    @cached_property
    def leaves(self) -> tuple[str, ...]:
        """Names that come from outside, in the order in which they are first read."""
        return tuple(
            node.name
            for node in self.nodes
            if node.name is not None and node.operation is None and node.constant is None
        )

    @cached_property
    def computed(self) -> tuple[str, ...]:
        """Names of the computed nodes, in the order of their computation."""
        return tuple(node.name for node in self.nodes if node.name is not None and node.operation is not None)

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """Every place where an operation reads an input that the gradient flows to."""
        return tuple(
            Edge(i, position)
            for i, node in enumerate(self.nodes)
            for position, source in enumerate(node.inputs)
            if self.nodes[source].constant is None
        )

    @cached_property
    def consumers(self) -> tuple[tuple[Edge, ...], ...]:
        """For each node the places where it is read."""
        readers: list[list[Edge]] = [[] for _ in self.nodes]
        for i, node in enumerate(self.nodes):
            for position, source in enumerate(node.inputs):
                readers[source].append(Edge(i, position))
        return tuple(tuple(edges) for edges in readers)

    @cached_property
    def _readers_as_passed(self) -> tuple[tuple[Edge, ...], ...]:
        """For each node the places where it is read, in the order in which a backward pass comes by them."""
        return tuple(
            tuple(sorted(edges, key=lambda edge: (-edge.node, edge.position))) for edges in self.consumers
        )

    @cached_property
    def inward(self) -> tuple[tuple[Edge, ...], ...]:
        """For each node the places where it reads an input that the gradient flows to."""
        return tuple(tuple(edge for edge in self.edges if edge.node == i) for i in range(len(self.nodes)))

    @cached_property
    def after(self) -> tuple[tuple[int, ...], ...]:
        """For each node itself and all that are computed from it, in the order of their computation."""
        found = []
        for i in range(len(self.nodes)):
            reached = [i]
            for j in range(i + 1, len(self.nodes)):
                if not set(reached).isdisjoint(self.nodes[j].inputs):
                    reached.append(j)
            found.append(tuple(reached))
        return tuple(found)

    def named_sources(self, index: int) -> Iterator[int]:
        """Yield the named nodes that a node is computed from directly, through unnamed ones, in written order."""
        for source in self.nodes[index].inputs:
            if self.nodes[source].name is not None:
                yield source
            else:
                yield from self.named_sources(source)

    def gradient_order(self, parameters: Sequence[str]) -> tuple[str, ...]:
        """Order the nodes from the loss back, a node's parameters before its other inputs.

        Parameters
        ----------
        parameters : sequence of str
            Names of the leaves that are parameters.

        Returns
        -------
        tuple of str
            All named nodes but the loss; a leaf comes once every node that reads it has come.
        """
        order: list[str] = []
        waiting = {name: len(self._named_readers(name)) for name in self.leaves}
        for name in reversed(self.computed):
            if name != self.loss:
                order.append(name)
            read = list(dict.fromkeys(self.named_sources(self.index[name])))
            for wanted in (True, False):
                for source in read:
                    leaf = self.nodes[source].name
                    if leaf in waiting and (leaf in parameters) is wanted:
                        waiting[leaf] -= 1
                        if waiting[leaf] == 0:
                            order.append(leaf)
        return tuple(order)

    def _named_readers(self, name: str) -> set[str]:
        wanted = self.index[name]
        return {reader for reader in self.computed if wanted in self.named_sources(self.index[reader])}

    def replaced(self, index: int, operation: Operation, inputs: tuple[int, ...] | None = None) -> Graph:
        """Return the graph with another operation, or other inputs, at one node: a variant with its own derivative."""
        node = self.nodes[index]
        changed = replace(node, operation=operation, inputs=node.inputs if inputs is None else inputs)
        return Graph(nodes=(*self.nodes[:index], changed, *self.nodes[index + 1 :]), loss=self.loss)

    # ----------------------------------------------------------------------------------------------------------
    # The two passes

    def forward(self, leaves: Mapping[str, Any], *, given: Mapping[str, Any] | None = None) -> Forward:
        """Compute every node, with values put in.

        Parameters
        ----------
        leaves : mapping of str to array_like
            A value for each leaf; float32 stays float32 when all are.
        given : mapping of str to array_like, optional
            Values that take the place of computed nodes for what comes after them.

        Returns
        -------
        Forward

        Raises
        ------
        KeyError
            Where a leaf has no value.
        """
        given = given or {}
        arrays = {name: np.asarray(leaves[name]) for name in self.leaves}
        dtype = np.result_type(np.float32, *(a.dtype for a in arrays.values()))
        computed: list[Any] = []
        used: list[Any] = []
        with np.errstate(all="ignore"):
            for node in self.nodes:
                if node.operation is not None:
                    value = node.operation.forward(*(used[i] for i in node.inputs))
                elif node.constant is not None:
                    value = np.asarray(node.constant, dtype)[()]
                else:
                    assert node.name is not None
                    # `[()]` makes a scalar of a single number: NumPy computes with those several times faster than with
                    # arrays without axes. Arrays stay as they are.
                    value = arrays[node.name].astype(dtype, copy=False)[()]
                computed.append(value)
                put_in = (
                    given.get(node.name) if node.name is not None and node.operation is not None else None
                )
                used.append(value if put_in is None else np.asarray(put_in)[()])
        return Forward(computed=tuple(computed), used=tuple(used))

    def forward_with(
        self,
        run: Forward,
        index: int,
        operation: Operation,
        inputs: Sequence[int],
        *,
        given: Collection[str] = (),
    ) -> dict[str, Any]:
        """Compute only what another operation, or other inputs, at one node change in a forward pass.

        NumPy's warnings of overflow and the like are the caller's to silence: this is called very often.

        Parameters
        ----------
        run : Forward
            The pass to change.
        index : int
            The node that is computed otherwise.
        operation : Operation
        inputs : sequence of int
            What it reads: indices of earlier nodes.
        given : collection of str
            The nodes whose values were put in: a change ends there.

        Returns
        -------
        dict of str to ndarray
            The new value of each named node that is reached.
        """
        new: dict[int, Any] = {}
        changed: dict[str, Any] = {}
        for i in self.after[index]:
            node = self.nodes[i]
            if i == index:
                value = operation.forward(*[run.used[j] for j in inputs])
            elif new.keys().isdisjoint(node.inputs):
                continue  # a value that was put in stands between
            else:
                assert node.operation is not None
                value = node.operation.forward(*[new[j] if j in new else run.used[j] for j in node.inputs])
            if node.name is not None:
                changed[node.name] = value
            if node.name not in given:
                new[i] = value
        return changed

    def backward(
        self,
        run: Forward,
        *,
        given: Mapping[str, Any] | None = None,
        rules: Mapping[Edge, Rule] | None = None,
        side: Side | None = None,
    ) -> Backward:
        """Compute dL/d(node) of every node by reverse accumulation, with gradients put in.

        Parameters
        ----------
        run : Forward
            The forward pass whose used values the derivatives are taken at.
        given : mapping of str to array_like, optional
            Gradients by node name that take the place of computed ones for what comes after them.
        rules : mapping of Edge to Rule, optional
            Rules that stand in for the right ones.
        side : "left", "right" or "middle", optional
            The derivative to take on kinks; by default relu'(0) = 0 and sign(0) = 0.

        Returns
        -------
        Backward
        """
        given, rules = given or {}, rules or {}
        gradients: list[Any] = [None] * len(self.nodes)
        used: list[Any] = [None] * len(self.nodes)
        parts: dict[Edge, Any] = {}
        start = self.index[self.loss]
        gradients[start] = np.ones_like(run.used[start])[()]
        with np.errstate(all="ignore"):
            for i in range(len(self.nodes) - 1, -1, -1):
                node = self.nodes[i]
                computed = np.zeros_like(run.used[i])[()] if gradients[i] is None else gradients[i]
                gradients[i] = computed
                put_in = given.get(node.name) if node.name is not None else None
                used[i] = computed if put_in is None else np.asarray(put_in)[()]
                if node.operation is None:
                    continue
                arguments = [run.used[j] for j in node.inputs]
                for edge in self.inward[i]:
                    rule = rules.get(edge) or _rule(node.operation, edge.position, side)
                    part = parts[edge] = rule(used[i], run.used[i], *arguments)
                    source = node.inputs[edge.position]
                    gradients[source] = part if gradients[source] is None else gradients[source] + part
        return Backward(computed=tuple(gradients), used=tuple(used), parts=parts)

    def backward_with(
        self,
        run: Forward,
        back: Backward,
        edge: Edge,
        rules: Mapping[Edge, Rule],
        *,
        given: Collection[str] = (),
    ) -> dict[str, Any]:
        """Compute only what another rule on one edge changes in a backward pass.

        NumPy's warnings of overflow and the like are the caller's to silence: this is called very often.

        Parameters
        ----------
        run : Forward
        back : Backward
            The pass to change, made with `rules` but for the one on `edge`.
        edge : Edge
            Where the rule is another one.
        rules : mapping of Edge to Rule
            All rules that stand in for right ones, the one on `edge` among them.
        given : collection of str
            The nodes whose gradients were put in: a change ends there.

        Returns
        -------
        dict of str to ndarray
            The new dL/d(node) of each named node that is reached.
        """
        parts = {edge: self._part(edge, rules, run, back.used[edge.node])}
        changed: dict[str, Any] = {}
        waiting = {self.nodes[edge.node].inputs[edge.position]}
        while waiting:
            i = max(waiting)
            waiting.remove(i)
            node = self.nodes[i]
            reading = [parts[e] if e in parts else back.parts[e] for e in self.consumers[i]]
            gradient = reading[0] if len(reading) == 1 else sum(reading)
            if node.name is not None:
                changed[node.name] = gradient
            if node.name not in given:
                for inward in self.inward[i]:
                    parts[inward] = self._part(inward, rules, run, gradient)
                    waiting.add(node.inputs[inward.position])
        return changed

    def _part(self, edge: Edge, rules: Mapping[Edge, Rule], run: Forward, g: Any) -> Any:
        """Return what one edge contributes, given the gradient of the node that reads there."""
        node = self.nodes[edge.node]
        assert node.operation is not None
        rule = rules.get(edge) or node.operation.rules[edge.position]
        return rule(g, run.used[edge.node], *[run.used[j] for j in node.inputs])

    def gradients_at(
        self, run: Forward, names: Collection[str], *, given: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Compute dL/d(node) of some nodes alone: gradients that are put in spare what lies nearer to the loss.

        NumPy's warnings of overflow and the like are the caller's to silence: this is called very often.

        Parameters
        ----------
        run : Forward
        names : collection of str
        given : mapping of str to array_like
            Gradients by node name that take the place of computed ones for what comes after them.

        Returns
        -------
        dict of str to ndarray
            What `backward` computes for these nodes.
        """
        put_in = {self.index[name]: np.asarray(value)[()] for name, value in given.items()}
        needed = {self.index[name] for name in names}
        for i, readers in enumerate(self.consumers):
            if i in needed:
                needed.update(edge.node for edge in readers if edge.node not in put_in)
        computed: dict[int, Any] = {}
        for i in sorted(needed, reverse=True):
            # The last reader first, as in the full pass: sums are the same to the last bit.
            parts = [
                self._part(edge, {}, run, put_in[edge.node] if edge.node in put_in else computed[edge.node])
                for edge in self._readers_as_passed[i]
            ]
            start = np.ones_like if i == self.index[self.loss] else np.zeros_like
            computed[i] = sum(parts[1:], parts[0]) if parts else start(run.used[i])[()]
        return {name: computed[self.index[name]] for name in names}

    def named(self, values: Sequence[Any]) -> dict[str, Any]:
        """Return the values of the named nodes, given those of all nodes."""
        return {name: values[i] for name, i in self.index.items()}

    def value(self, run: Forward, name: str) -> Array:
        """Return the computed value of a named node."""
        return np.asarray(run.computed[self.index[name]])

    def gradient(self, run: Backward, name: str) -> Array:
        """Return the computed dL/d(name), in the shape of the node."""
        return np.asarray(run.computed[self.index[name]])

    # ----------------------------------------------------------------------------------------------------------
    # What an honest rounding error may be

    def forward_magnitudes(self, run: Forward) -> dict[str, tuple[float, int]]:
        """Return for each named node the norm of what was summed from the named values before it, and the reduction length.

        A sum of n terms of size m in floating point of precision eps is off by about eps sqrt(n) m
        (Higham 2002, "Accuracy and Stability of Numerical Algorithms", section 4.2, in the probabilistic form of 4.5).
        """
        sizes: dict[str, tuple[float, int]] = {}
        amounts: list[Any] = []
        counts: list[int] = []
        with np.errstate(all="ignore"):
            for node, out in zip(self.nodes, run.used, strict=True):
                amount, count = np.abs(out), 0
                if node.operation is not None:
                    inputs = [run.used[j] for j in node.inputs]
                    amount = _summed(node.operation, out, [amounts[j] for j in node.inputs])
                    # What unnamed nodes sum counts here: X @ W + b is one sum over the rows of W and the bias.
                    count = max(counts[j] for j in node.inputs)
                    count += max(node.operation.terms(out, *inputs) // max(np.size(out), 1), 1)
                if node.name is not None:
                    sizes[node.name] = (_norm(amount), max(count, 1))
                    amount, count = np.abs(out), 0
                amounts.append(amount)
                counts.append(count)
        return sizes

    def backward_magnitudes(self, run: Forward, gradients: Backward) -> dict[str, tuple[float, int]]:
        """Return the same for dL/d(node) of each named node, summed over the places that read it."""
        sizes: dict[str, tuple[float, int]] = {}
        with np.errstate(all="ignore"):
            for i, node in enumerate(self.nodes):
                if node.name is None:
                    continue
                norm, count = 0.0, 1
                for edge in self.consumers[i]:
                    amount, terms = self._contribution_size(edge, run, gradients)
                    norm += amount
                    count += terms
                sizes[node.name] = (norm or _norm(gradients.computed[i]), count)
        return sizes

    def _contribution_size(self, edge: Edge, run: Forward, gradients: Backward) -> tuple[float, int]:
        operation = self.nodes[edge.node].operation
        assert operation is not None
        inputs = [run.used[j] for j in self.nodes[edge.node].inputs]
        g, out = gradients.used[edge.node], run.used[edge.node]
        if operation.linear:
            g, out, arguments = np.abs(g), np.abs(out), [np.abs(a) for a in inputs]
        else:
            arguments = inputs
        rule = operation.rules[edge.position]
        if operation.rule_magnitudes:
            rule = operation.rule_magnitudes[edge.position] or rule
        part = rule(g, out, *arguments)
        terms = operation.terms(out, *inputs) // max(np.size(inputs[edge.position]), 1)
        return _norm(part), max(terms, 1)


def _norm(value: Any) -> float:
    # NumPy's takes thirty times as long for a single number.
    return abs(float(value)) if np.ndim(value) == 0 else float(np.linalg.norm(value))


def _summed(operation: Operation, out: Any, amounts: Sequence[Any]) -> Any:
    """Return the size of what an operation sums, given that of each input."""
    if operation.magnitude is not None:
        return operation.magnitude(*amounts)
    return np.abs(operation.forward(*amounts)) if operation.linear else np.abs(out)


def _rule(operation: Operation, position: int, side: Side | None) -> Rule:
    if side is None or not operation.one_sided:
        return operation.rules[position]
    left, right = (rules[position] for rules in operation.one_sided)
    if side == "middle":
        return lambda g, *values: 0.5 * (left(g, *values) + right(g, *values))
    return left if side == "left" else right
