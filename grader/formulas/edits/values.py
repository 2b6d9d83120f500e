"""What an edit of a formula is, and what edits may put in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from msgspec import Struct, field

from grader.formulas.tree import Derivative, Symbol, Tree

BATCH_SIZE = "N"
"""The named size that a loss takes its mean over."""


class Edit(Struct, frozen=True, kw_only=True):
    """One change of a formula, and the name of the mistake that it takes back."""

    slip: str
    """A name of the project's table of slips."""
    tree: Tree
    """The formula after the edit."""
    text: str
    """What is wrong, to be read after the name of the quantity and a dash; never the right rule itself."""
    rule: str
    """What belongs there: for the fullest feedback only."""
    start: int
    end: int
    """Offsets of what is wrong; of what is missing, those of the term where it belongs. A bracket at either end may
    be left out, and a sign before a term is taken along."""


class Surroundings(Struct, frozen=True, kw_only=True, dict=True):
    """What edits may put into a formula, and what it is a formula of."""

    names: Mapping[str, tuple[int, ...]]
    """Leaves and nodes that may stand in it, with their shapes; likely ones first. What is computed from a value that
    is asked for is left out, else the advice would go in a circle."""
    steps: tuple[tuple[str, str], ...] = ()
    """(Node, input) of elementwise activation steps: their local derivative may be the missing factor."""
    functions: tuple[str, ...] = ()
    """Functions that may be exchanged: relu, step, sign, sigmoid."""
    sizes: Mapping[str, int] = field(default_factory=dict)
    """Named numbers of entries: `N`, `K`."""
    indices: Mapping[str, int] = field(default_factory=dict)
    """Free index letters of the line with their ranges."""
    spellings: Mapping[str, str] = field(default_factory=dict)
    """How a name is shown; as it is where none is given."""
    is_gradient: bool = False
    """Whether it is a formula of a gradient; else of a value, or of a parameter after the step."""
    consumers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The nodes that read a node directly, for the quantity's own node and those computed from it."""
    quantity: Tree | None = None
    """What is asked for, as the label of the line: no edit leaves it in the formula."""
    loss: str = "L"
    """What gradients are of."""
    rate: str = ""
    """Name of the learning rate; empty where there is none."""
    targets: frozenset[str] = frozenset()
    """Names of the targets."""

    def axes(self, name: str) -> tuple[int, ...]:
        """Return how far each index of a name goes; a column is counted by one index."""
        return tuple(length for length in self.names.get(name, ()) if length != 1)

    def spelled(self, name: str) -> str:
        """Return how a name is shown."""
        return self.spellings.get(name, name)

    @cached_property
    def usable(self) -> tuple[str, ...]:
        """The names that may be put in."""
        own = self.quantity
        asked = own.name if isinstance(own, Symbol) and not own.updated else ""
        return tuple(name for name in self.names if name != asked and name not in self.sizes)

    @property
    def updated(self) -> str:
        """The parameter that is asked for after the step; empty where another quantity is."""
        own = self.quantity
        return own.name if isinstance(own, Symbol) and own.updated else ""

    @property
    def derived_by(self) -> str:
        """What the gradient that is asked for is by; empty where it is not known."""
        own = self.quantity
        return own.by.name if self.is_gradient and isinstance(own, Derivative) else ""

    @cached_property
    def downstream(self) -> tuple[str, ...]:
        """The nodes whose gradients come before the one that is asked for, the nearest first."""
        found: dict[str, None] = {}
        waiting = [self.derived_by] if self.derived_by else []
        while waiting:
            for reader in self.consumers.get(waiting.pop(0), ()):
                if reader not in found and reader != self.loss:
                    found[reader] = None
                    waiting.append(reader)
        return tuple(found)

    def wrong_value(self) -> str:
        """Return the slip of a wrong value: of a factor in a gradient, of an operand elsewhere."""
        return "wrong-factor" if self.is_gradient else "wrong-operand"
