"""A point at which formulas are evaluated: what every name of the task stands for there, from the reference's passes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from grader.model import Array
from reference.network import Backward, Forward, Graph


@dataclass(frozen=True, kw_only=True, eq=False)
class World:
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

    def is_parent(self, of: str, by: str) -> bool:
        """Whether a node is computed from another one directly."""
        index = self.graph.index
        return index[by] in self.graph.named_sources(index[of])

    def local(self, of: str, by: str) -> Array:
        """Return a node derived by one that it is computed from directly, all other paths left out.

        Returns
        -------
        ndarray
            Of shape `(*shape(of), *shape(by))`; zeros where there is no such step.
        """
        return self._jacobian(of, by, blocked=set(self.graph.index) - {of, by})

    def total(self, of: str, by: str) -> Array:
        """Return a node derived by another over all paths, in the shape that `local` has."""
        later = self.graph.computed[self.graph.computed.index(of) + 1 :] if of in self.graph.computed else ()
        return self._jacobian(of, by, blocked=set(later))

    def _jacobian(self, of: str, by: str, *, blocked: set[str]) -> Array:
        """Run the backward pass from each entry of a node; gradients that would arrive by other ways are zero."""
        value, target = self.value(of), self.value(by)
        jacobian = np.zeros((*value.shape, *target.shape))
        stopped = {name: np.zeros_like(self.value(name)) for name in blocked}
        for entry in np.ndindex(*value.shape):
            seed = np.zeros_like(value)
            seed[entry] = 1.0
            if of == by:
                jacobian[entry] = seed
                continue
            back = self.graph.backward(self.run, given={**stopped, of: seed})
            jacobian[entry] = back.computed[self.graph.index[by]]
        return jacobian

    def rerun(self, values: Mapping[str, Array]) -> World:
        """Return the world in which some leaves and nodes have other values, and all behind them follow."""
        index = self.graph.index
        leaves = {name: values.get(name, self.value(name)) for name in self.graph.leaves}
        given = {name: value for name, value in values.items() if self.graph.nodes[index[name]].operation}
        run = self.graph.forward(leaves, given=given)
        return World(
            graph=self.graph, run=run, extra=self.extra, sizes=self.sizes, hot=self.hot, updates=self.updates
        )
