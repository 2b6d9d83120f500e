"""A point at which formulas are evaluated: what every name of the task stands for there, from the reference's passes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
from msgspec import Struct, field

from grader.model import Array
from reference.network import Backward, Forward, Graph


class World(Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """Values and gradients of a network at one point: the reference's own, or those that follow from a student's."""

    graph: Graph
    run: Forward
    """Forward values; a student's own stand in it where they were put in."""
    gradients: Mapping[str, Array] = field(default_factory=dict)
    """A student's own gradients by node, which take the reference's place for all behind them."""
    extra: Mapping[str, Array] = field(default_factory=dict)
    """Values that are no part of the network: the learning rate, a shift."""
    sizes: Mapping[str, int] = field(default_factory=dict)
    """Numbers of entries by name: `K`, `N`."""
    hot: Mapping[str, str] = field(default_factory=dict)
    """Letters that name the true class, with the one-hot leaf that says which it is."""
    updates: Mapping[str, Array] = field(default_factory=dict)
    """Parameters after the step."""

    @cached_property
    def backward(self) -> Backward:
        """The backward pass at these values."""
        return self.graph.backward(self.run, given=self.gradients)

    @cached_property
    def values(self) -> Mapping[str, float | Array]:
        """Values of all names, single numbers as floats: they are looked up thousands of times."""
        names = [*self.graph.index, *self.sizes, *self.extra]
        return {name: _ready(self.value(name)) for name in names}

    @cached_property
    def slopes(self) -> Mapping[str, float | Array]:
        """Gradients of all nodes and leaves, single numbers as floats."""
        return {name: _ready(self.gradient(name)) for name in self.graph.index}

    @cached_property
    def parents(self) -> Mapping[str, frozenset[str]]:
        """The names that each one is computed from directly."""
        graph = self.graph
        return {
            name: frozenset(str(graph.nodes[source].name) for source in graph.named_sources(number))
            for name, number in graph.index.items()
        }

    @cached_property
    def _jacobians(self) -> dict[tuple[str, str, bool], Array]:
        """Those that were asked for, by what is derived, by what, and whether by the direct step alone."""
        return {}

    def value(self, name: str) -> Array:
        """Return the value of a leaf, a node or a further name.

        Raises
        ------
        KeyError
            There is none of that name.
        """
        if name in self.extra:
            return np.asarray(self.extra[name])
        if name in self.sizes and name not in self.graph.index:
            return np.asarray(float(self.sizes[name]))
        return np.asarray(self.run.used[self.graph.index[name]])

    def gradient(self, name: str) -> Array:
        """Return the loss derived by a node or leaf, in its shape.

        Raises
        ------
        KeyError
            There is no node or leaf of that name.
        """
        return np.asarray(self.backward.used[self.graph.index[name]])

    def behind(self, name: str) -> frozenset[str]:
        """Return the names of all that is computed from a node or leaf, directly or not."""
        graph = self.graph
        reached = graph.after[graph.index[name]][1:]
        return frozenset(found for found in (graph.nodes[one].name for one in reached) if found is not None)

    def is_parent(self, of: str, by: str) -> bool:
        """Whether a node is computed from another one directly."""
        return by in self.parents[of]

    def local(self, of: str, by: str) -> Array:
        """Return a node derived by one that it is computed from directly, all other paths left out.

        Returns
        -------
        ndarray
            Of shape `(*shape(of), *shape(by))`; zeros where there is no such step.
        """
        return self._jacobian(of, by, is_local=True)

    def total(self, of: str, by: str) -> Array:
        """Return a node derived by another over all paths, in the shape that `local` has."""
        return self._jacobian(of, by, is_local=False)

    def _jacobian(self, of: str, by: str, *, is_local: bool) -> Array:
        """Pass back from each entry of a node, once for each pair of names."""
        key = of, by, is_local
        if key not in self._jacobians:
            value, target = self.value(of), self.value(by)
            jacobian = np.zeros((*value.shape, *target.shape))
            for entry in np.ndindex(*value.shape):
                seed = np.zeros_like(value, dtype=np.float64)
                seed[entry] = 1.0
                jacobian[entry] = self._passed_back(of, by, seed, is_local=is_local)
            self._jacobians[key] = jacobian
        return self._jacobians[key]

    def _passed_back(self, of: str, by: str, seed: Array, *, is_local: bool) -> Array | float:
        """Pass a gradient back from one node to another by the reference's rules; a local one ends at every other name."""
        graph, used = self.graph, self.run.used
        last = graph.index[by]
        arriving = {graph.index[of]: seed[()]}
        with np.errstate(all="ignore"):
            for number in range(graph.index[of], last, -1):
                node = graph.nodes[number]
                ends = is_local and node.name is not None and node.name != of
                if number not in arriving or node.operation is None or ends:
                    continue
                arguments = [used[one] for one in node.inputs]
                for edge in graph.inward[number]:
                    rule = node.operation.rules[edge.position]
                    part = rule(arriving[number], used[number], *arguments)
                    source = node.inputs[edge.position]
                    arriving[source] = arriving[source] + part if source in arriving else part
        return arriving.get(last, 0.0)

    def rerun(self, values: Mapping[str, Array]) -> World:
        """Return the world in which some leaves and nodes have other values, and all behind them follow."""
        index = self.graph.index
        leaves = {name: values.get(name, self.value(name)) for name in self.graph.leaves}
        given = {name: value for name, value in values.items() if self.graph.nodes[index[name]].operation}
        run = self.graph.forward(leaves, given=given)
        return World(
            graph=self.graph, run=run, extra=self.extra, sizes=self.sizes, hot=self.hot, updates=self.updates
        )


def _ready(value: Array) -> float | Array:
    return float(value) if value.ndim == 0 else np.asarray(value, dtype=np.float64)
