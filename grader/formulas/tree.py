"""What a side of a formula says, as a tree; equal where it says the same in the same order, wherever it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from itertools import chain
from typing import get_args


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """A part of a formula; its place does not count when two are compared."""

    start: int = field(default=0, compare=False)
    """Offset of its first character in the document."""
    end: int = field(default=0, compare=False)


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Number(Node):
    """A number as written, so that its digits can be counted."""

    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Constant(Node):
    """`e` or `pi`."""

    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Symbol(Node):
    """A value of the task, under the task's own name for it."""

    name: str
    index: tuple[Tree, ...] = ()
    updated: bool = False
    """Whether it is meant after the step."""
    sample: str = ""
    """The label of a sample, `(i)`, that was written above it."""
    primes: int = 0
    """Marks that make another value of it: `s'_k` in a proof."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unknown(Node):
    """A name that the task does not know; a student's own, or one that cannot be read."""

    name: str
    index: tuple[Tree, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Index(Node):
    """A variable that counts."""

    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Sum(Node):
    """Terms; a subtracted one is negative."""

    terms: tuple[Tree, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Product(Node):
    """Factors in their order."""

    factors: tuple[Tree, ...]
    signs: tuple[Times, ...]
    """One fewer than factors: what stands between them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Negative(Node):
    """With a minus before it."""

    operand: Tree


@dataclass(frozen=True, kw_only=True, slots=True)
class Fraction(Node):
    """One over another."""

    top: Tree
    bottom: Tree


@dataclass(frozen=True, kw_only=True, slots=True)
class Power(Node):
    """One to the power of another."""

    base: Tree
    exponent: Tree


@dataclass(frozen=True, kw_only=True, slots=True)
class Transpose(Node):
    """Rows for columns."""

    operand: Tree


@dataclass(frozen=True, kw_only=True, slots=True)
class Absolute(Node):
    """Between bars."""

    operand: Tree


@dataclass(frozen=True, kw_only=True, slots=True)
class Norm(Node):
    """Between double bars."""

    operand: Tree
    order: str = "2"


@dataclass(frozen=True, kw_only=True, slots=True)
class Primed(Node):
    """With a prime behind a bracket."""

    operand: Tree


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry(Node):
    """An entry of what stands in brackets."""

    operand: Tree
    index: tuple[Tree, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Derivative(Node):
    """One derived by another."""

    of: Tree
    by: Symbol | Unknown


@dataclass(frozen=True, kw_only=True, slots=True)
class Function(Node):
    """A function without what it is applied to."""

    name: str
    primes: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Call(Node):
    """A function of the task, applied."""

    function: str
    arguments: tuple[Tree, ...]
    index: tuple[Tree, ...] = ()
    """Of the entry that is meant, where its value is a vector."""
    primes: int = 0
    """How often the function is derived."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Application(Node):
    """A value, or an unknown function, written with what it depends on: `L(y_hat, y)`, `f(x)`."""

    of: Symbol | Unknown
    arguments: tuple[Tree, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Over(Node):
    """A sum, product or extreme over indices."""

    kind: Extreme
    indices: tuple[str, ...]
    body: Tree
    lower: Tree | None = None
    upper: Tree | None = None
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition(Node):
    """A chain of comparisons."""

    operands: tuple[Tree, ...]
    comparisons: tuple[str, ...]
    """One fewer than operands: `<`, `<=`, `=`, `!=`, `>=`, `>`, `in`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Indicator(Node):
    """1 where a condition holds, else 0."""

    condition: Tree


@dataclass(frozen=True, kw_only=True, slots=True)
class Kronecker(Node):
    """1 where two indices are equal, else 0."""

    left: Tree
    right: Tree


@dataclass(frozen=True, kw_only=True, slots=True)
class Branch(Node):
    """A value, and when it is meant."""

    value: Tree
    condition: Tree | None
    """None for all that is left."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cases(Node):
    """The first branch whose condition holds."""

    branches: tuple[Branch, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Matrix(Node):
    """Entries, row by row."""

    rows: tuple[tuple[Tree, ...], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing(Node):
    """Several in brackets, with commas between them."""

    items: tuple[Tree, ...]
    has_dots: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Ones(Node):
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
    return tuple(one.name for one in fields(kind) if one.type not in plain)


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
