"""What evaluation carries along: the point, the readings, the student's own definitions, and what work is left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

from msgspec import Struct

from grader.formulas.limits import Caps
from grader.formulas.tree import Index, Node, Tree
from grader.formulas.world import World
from grader.model import Array

Value: TypeAlias = float | Array
"""A single number as a float, a vector (a column) with one axis, a row or a matrix with two; always float64."""
Kind: TypeAlias = Literal["unknown", "shape", "work", "tensor", "domain", "other"]
Rule: TypeAlias = "Callable[[Node, Scope], Value]"

_DEEPEST = 120
"""Levels in one another, those of definitions included: about five calls of Python each."""


class UnevaluableError(Exception):
    """What has no value at a point, why, and where; a value of the report, never the end of the work.

    Parameters
    ----------
    reason : str
        Reads as a sentence; holds no more than a name of the text.
    kind : str
        `unknown` name, `shape` that does not fit, too much `work`, a `tensor` that is not computed, outside of a function's
        `domain`, or `other`.
    start, end : int
        Offsets in the text of the document.
    """

    def __init__(self, reason: str, *, kind: Kind = "other", start: int = 0, end: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.kind: Kind = kind
        self.start = start
        self.end = end


class Definition(Struct, frozen=True, kw_only=True):
    """A name or function of the student's own."""

    tree: Tree
    indices: tuple[str, ...] = ()
    """Index letters that it was defined with: `g_k = ...`."""
    arguments: tuple[str, ...] = ()
    """Names of a function's arguments: `f(x) = ...`."""


class Readings(Struct, frozen=True, kw_only=True):
    """Notation that can be read in several ways; the default is the usual one."""

    dot_is_inner: bool = False
    r"""`\\cdot` between two vectors of one shape is their inner product."""
    total: bool = False
    """All derivatives d(node)/d(node) are total ones."""
    first_index: int = 1
    """What the first entry is called."""
    gradients_are_rows: bool = False
    """Numerator layout: the loss derived by a vector is a row."""
    gradients_are_transposed: bool = False
    """The same of matrices: the loss derived by one has the shape of its transpose."""
    vectors_are_rows: bool = False
    """As in batches: a value with one axis is a row."""


class Scope:
    """The surroundings of the node that is evaluated; changed in place on the way down and put back on the way up.

    Parameters
    ----------
    world : World
        The point.
    rules : mapping of type to function
        How each kind of node is evaluated.
    readings : Readings
    definitions : mapping of str to Definition
        The student's own, by name.
    axes : mapping of str to int
        How many axes a name has by the table of symbols, without those for samples.
    indices : mapping of str to int
        Positions of index letters, from 0.
    evaluations : int
        How many nodes may be evaluated.
    caps : Caps
    """

    __slots__ = (
        "active",
        "axes",
        "bound",
        "caps",
        "definitions",
        "depth",
        "extents",
        "indices",
        "is_varying",
        "left",
        "loops",
        "memo",
        "notes",
        "readings",
        "rules",
        "world",
    )

    def __init__(
        self,
        world: World,
        rules: Mapping[type, Rule],
        *,
        readings: Readings,
        definitions: Mapping[str, Definition],
        axes: Mapping[str, int],
        indices: Mapping[str, int],
        evaluations: int,
        caps: Caps,
    ) -> None:
        self.world = world
        self.rules = rules
        self.readings = readings
        self.definitions = definitions
        self.axes = axes
        self.indices = indices
        self.left = evaluations
        self.caps = caps
        self.depth = 0
        self.bound: Mapping[str, Value] = {}
        """Values that stand for names in the body of a function, or where a name is varied."""
        self.active: frozenset[str] = frozenset()
        """Definitions that are being evaluated."""
        self.is_varying = False
        """Whether differences are being taken."""
        self.notes: dict[str, None] = {}
        self.extents: dict[int, Mapping[str, int]] = {}
        """By the identity of a sum, which lives as long as its tree."""
        self.loops: set[int] = set()
        """Trees, by identity, that cannot be evaluated for all indices at once."""
        self.memo: dict[tuple[object, ...], object] = {}
        """What was computed once for the whole value, by what it depends on."""

    def value(self, node: Node) -> Value:
        """Evaluate a node.

        Raises
        ------
        UnevaluableError
            It has no value here, or takes too much work.
        """
        self.left -= 1
        self.depth += 1
        if self.left < 0 or self.depth > _DEEPEST:
            raise self.overworked(node)
        result = self.rules[type(node)](node, self)
        self.depth -= 1
        return result

    def enter(self, node: Node, levels: int) -> None:
        """Go deeper by what takes more calls than a node alone; whoever does takes the levels off again.

        Raises
        ------
        UnevaluableError
            It is too deep, or the work is used up.
        """
        self.left -= 1
        self.depth += levels
        if self.left < 0 or self.depth > _DEEPEST:
            raise self.overworked(node)

    def spend(self, work: int, node: Node) -> None:
        """Take work off that is more than a node's own, before it is done."""
        self.left -= work
        if self.left < 0:
            raise self.overworked(node)

    def overworked(self, node: Node) -> UnevaluableError:
        """Return the error for what is too long or too deep."""
        return self.failure("The formula takes too much work to evaluate.", node, "work")

    def failure(self, reason: str, node: Node, kind: Kind = "other") -> UnevaluableError:
        """Return the error that stops the evaluation, at a node."""
        return UnevaluableError(reason, kind=kind, start=node.start, end=node.end)

    def note(self, text: str) -> None:
        """Note once how something was read."""
        self.notes[text] = None

    def number(self, node: Node) -> float:
        """Evaluate a node that must be a single number."""
        value = self.value(node)
        if not isinstance(value, float):
            raise self.failure("A single number is expected here.", node, "shape")
        return value

    def position(self, node: Node) -> int:
        """Evaluate an index to the position that it means, from 0."""
        if isinstance(node, Index) and node.name in self.indices:
            return self.indices[node.name]
        number = self.number(node)
        if not float(number).is_integer() or abs(number) > self.caps.entries:
            raise self.failure("This cannot be an index.", node)
        return int(number) - self.readings.first_index
