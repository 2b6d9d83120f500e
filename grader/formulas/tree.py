"""What a side of a formula says, as a tree; equal where it says the same in the same order, wherever it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import chain
from typing import get_args

from msgspec import Struct
from msgspec.structs import astuple


class Node(Struct, frozen=True, kw_only=True, eq=False):
    """A part of a formula; its place does not count when two are compared."""

    start: int = 0
    """Offset of its first character in the document."""
    end: int = 0

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._said() == other._said()

    def __ne__(self, other: object) -> bool:
        # Python turns round `__eq__` only where no base has a `__ne__`, and `Struct` has one.
        return not self == other

    def __hash__(self) -> int:
        return hash((type(self), self._said()))

    def _said(self) -> tuple[object, ...]:
        """Return all fields but the place, which come first."""
        return astuple(self)[2:]


class Times(StrEnum):
    """The sign between two factors."""

    ADJACENT = ""
    DOT = "."
    """A dot or a cross: a product, and of two vectors perhaps their inner one."""
    STAR = "*"
    """A product, or one of entries."""
    ENTRYWISE = "o"
    OUTER = "x"
    MATRIX = "@"
    DIVIDE = "/"
    """Divides all that is before it in the product, as in `a / b / c`."""


class Extreme(StrEnum):
    """What is taken over an index."""

    SUM = "sum"
    PRODUCT = "prod"
    MAX = "max"
    MIN = "min"


class Number(Node, frozen=True, kw_only=True, eq=False):
    """A number as written, so that its digits can be counted."""

    text: str


class Constant(Node, frozen=True, kw_only=True, eq=False):
    """`e` or `pi`."""

    name: str


class Symbol(Node, frozen=True, kw_only=True, eq=False):
    """A value of the task, under the task's own name for it."""

    name: str
    index: tuple[Tree, ...] = ()
    updated: bool = False
    """Whether it is meant after the step."""
    sample: str = ""
    """The label of a sample, `(i)`, that was written above it."""
    primes: int = 0
    """Marks that make another value of it: `s'_k` in a proof."""


class Unknown(Node, frozen=True, kw_only=True, eq=False):
    """A name that the task does not know; a student's own, or one that cannot be read."""

    name: str
    index: tuple[Tree, ...] = ()


class Index(Node, frozen=True, kw_only=True, eq=False):
    """A variable that counts."""

    name: str


class Sum(Node, frozen=True, kw_only=True, eq=False):
    """Terms; a subtracted one is negative."""

    terms: tuple[Tree, ...]


class Product(Node, frozen=True, kw_only=True, eq=False):
    """Factors in their order."""

    factors: tuple[Tree, ...]
    signs: tuple[Times, ...]
    """One fewer than factors: what stands between them."""


class Negative(Node, frozen=True, kw_only=True, eq=False):
    """With a minus before it."""

    operand: Tree


class Fraction(Node, frozen=True, kw_only=True, eq=False):
    """One over another."""

    top: Tree
    bottom: Tree


class Power(Node, frozen=True, kw_only=True, eq=False):
    """One to the power of another."""

    base: Tree
    exponent: Tree


class Transpose(Node, frozen=True, kw_only=True, eq=False):
    """Rows for columns."""

    operand: Tree


class Absolute(Node, frozen=True, kw_only=True, eq=False):
    """Between bars."""

    operand: Tree


class Norm(Node, frozen=True, kw_only=True, eq=False):
    """Between double bars."""

    operand: Tree
    order: str = "2"


class Primed(Node, frozen=True, kw_only=True, eq=False):
    """With a prime behind a bracket."""

    operand: Tree


class Entry(Node, frozen=True, kw_only=True, eq=False):
    """An entry of what stands in brackets."""

    operand: Tree
    index: tuple[Tree, ...]


class Derivative(Node, frozen=True, kw_only=True, eq=False):
    """One derived by another."""

    of: Tree
    by: Symbol | Unknown


class Function(Node, frozen=True, kw_only=True, eq=False):
    """A function without what it is applied to."""

    name: str
    primes: int = 0


class Call(Node, frozen=True, kw_only=True, eq=False):
    """A function of the task, applied."""

    function: str
    arguments: tuple[Tree, ...]
    index: tuple[Tree, ...] = ()
    """Of the entry that is meant, where its value is a vector."""
    primes: int = 0
    """How often the function is derived."""


class Application(Node, frozen=True, kw_only=True, eq=False):
    """A value, or an unknown function, written with what it depends on: `L(y_hat, y)`, `f(x)`."""

    of: Symbol | Unknown
    arguments: tuple[Tree, ...]


class Over(Node, frozen=True, kw_only=True, eq=False):
    """A sum, product or extreme over indices."""

    kind: Extreme
    indices: tuple[str, ...]
    body: Tree
    lower: Tree | None = None
    upper: Tree | None = None
    conditions: tuple[Condition, ...] = ()


class Condition(Node, frozen=True, kw_only=True, eq=False):
    """A chain of comparisons."""

    operands: tuple[Tree, ...]
    comparisons: tuple[str, ...]
    """One fewer than operands: `<`, `<=`, `=`, `!=`, `>=`, `>`, `in`."""


class Indicator(Node, frozen=True, kw_only=True, eq=False):
    """1 where a condition holds, else 0."""

    condition: Tree


class Kronecker(Node, frozen=True, kw_only=True, eq=False):
    """1 where two indices are equal, else 0."""

    left: Tree
    right: Tree


class Branch(Node, frozen=True, kw_only=True, eq=False):
    """A value, and when it is meant."""

    value: Tree
    condition: Tree | None
    """None for all that is left."""


class Cases(Node, frozen=True, kw_only=True, eq=False):
    """The first branch whose condition holds."""

    branches: tuple[Branch, ...]


class Matrix(Node, frozen=True, kw_only=True, eq=False):
    """Entries, row by row."""

    rows: tuple[tuple[Tree, ...], ...]


class Listing(Node, frozen=True, kw_only=True, eq=False):
    """Several in brackets, with commas between them."""

    items: tuple[Tree, ...]
    has_dots: bool = False


class Ones(Node, frozen=True, kw_only=True, eq=False):
    """The vector of ones."""


Tree = (
    Number
    | Constant
    | Symbol
    | Unknown
    | Index
    | Sum
    | Product
    | Negative
    | Fraction
    | Power
    | Transpose
    | Absolute
    | Norm
    | Primed
    | Entry
    | Derivative
    | Function
    | Call
    | Application
    | Over
    | Condition
    | Indicator
    | Kronecker
    | Cases
    | Matrix
    | Listing
    | Ones
)
"""Any of them."""


def _part_names(kind: type[Node]) -> tuple[str, ...]:
    """Return the fields of a kind of node that may hold parts."""
    plain = {"int", "str", "bool", "Times", "Extreme", "tuple[str, ...]", "tuple[Times, ...]"}
    return tuple(name for name, said in kind.__annotations__.items() if said not in plain)


_PART_NAMES: Mapping[type[Node], tuple[str, ...]] = {
    kind: _part_names(kind) for kind in (*get_args(Tree), Branch)
}
"""Asked for every node of every formula."""


def children(node: Node) -> list[Node]:
    """Return the parts of a node, in the order of its fields."""
    found: list[Node] = []
    for name in _PART_NAMES[type(node)]:
        part = getattr(node, name)
        if isinstance(part, tuple):
            is_grid = part and isinstance(part[0], tuple)
            found += chain.from_iterable(part) if is_grid else part
        elif part is not None:
            found.append(part)
    return found


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all in it, each before its parts."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        parts = children(one)
        if parts:
            parts.reverse()
            waiting += parts


def free_indices(node: Node) -> tuple[str, ...]:
    """Return the indices of a tree that nothing in it counts, each once, in their order."""
    found: dict[str, None] = {}
    waiting: list[tuple[Node, frozenset[str]]] = [(node, frozenset())]
    while waiting:
        one, bound = waiting.pop()
        if isinstance(one, Index) and one.name not in bound:
            found[one.name] = None
        if isinstance(one, Over):
            bound |= set(one.indices)
        parts = children(one)
        if parts:
            waiting += [(part, bound) for part in reversed(parts)]
    return tuple(found)
