"""A network as reports know it: names, what each is computed from, and what is asked; plain data, made once per assignment."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from msgspec import Struct, field


class Outline(Struct, frozen=True, kw_only=True, eq=False, dict=True):
    """The named nodes of one network. Two outlines are never equal: what is made for one is remembered for it alone."""

    unit: str
    """Stands before its quantities, with a dot; empty where it is the assignment's only network."""
    loss: str
    leaves: tuple[str, ...]
    """Inputs, targets and parameters."""
    sources: Mapping[str, tuple[str, ...]]
    """The computed nodes in forward order, each with the named nodes that it reads."""
    asked: frozenset[str]
    """The quantities, without the unit, that students are asked for or may give: `z0`, `dL/dz0`, `w0_new`."""
    given: Mapping[str, str] = field(default_factory=dict)
    """Leaves of the worked case as short texts: `0.5`, `2x3` for an array. They are printed in the task."""

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """All names, leaves first."""
        return (*self.leaves, *self.sources)

    @cached_property
    def labels(self) -> tuple[tuple[str, str], ...]:
        """The quantities that are asked for, node by node, each with its name among those of all units."""
        prefix = f"{self.unit}." if self.unit else ""
        return tuple(
            (quantity, prefix + quantity)
            for node in self.nodes
            for quantity in self.quantities(node)
            if quantity in self.asked
        )

    def quantities(self, node: str) -> tuple[str, ...]:
        """Return what can be asked of a node: its value, its gradient, and its value after the step."""
        return (node, f"d{self.loss}/d{node}", f"{node}_new")
