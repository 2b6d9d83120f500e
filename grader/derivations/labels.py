"""What a line is about: the quantity on its left side, and the letters that its entries are named with."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from grader.assignment import RATE, Unit, updated
from grader.formulas.documents.reading import Line
from grader.formulas.tree import (
    Application,
    Call,
    Constant,
    Derivative,
    Entry,
    Index,
    Symbol,
    Tree,
    Unknown,
    walk,
)
from grader.formulas.values.lookup import numbered


class Kind(StrEnum):
    """What stands on the left."""

    QUANTITY = "quantity"
    STEP = "step"
    """A local derivative: of one node by another."""
    GIVEN = "given"
    """A leaf: an input, or a weight before the step."""
    OWN = "own"
    """A name of the student's own."""
    FUNCTION = "function"
    """A function, the task's or the student's own."""
    SHIFTED = "shifted"
    """A node computed from other inputs: `p_k(s')`."""
    NOTHING = "nothing"
    """An expression."""


class Label(Struct, frozen=True, kw_only=True):
    """What a line is about."""

    kind: Kind
    tree: Tree
    at: int
    """Number of the side that says so."""
    quantity: str = ""
    """Of a quantity: `dL/dw0`; of a name of the student's own that name."""
    letters: tuple[str, ...] = ()
    """Its indices, where all are letters."""
    is_entry: bool = False
    """Whether an index is a number: it is about one entry alone."""


def label_of(line: Line, unit: Unit, hot: Collection[str] = ()) -> Label | None:
    """Say what a line is about.

    Parameters
    ----------
    line : Line
    unit : Unit
    hot : collection of str
        Letters that stand for the true class: with one a line is about one entry.

    Returns
    -------
    Label or None
        None where the first side could not be read, and no later one is a quantity. The quantity where a line gives it a name
        of the student's own first: `g = dL/dz_2 = ...`, and where it stands last: `w_0 x = z_0`.
    """
    first = own_label_of(line, unit)
    if first is not None and not set(hot).isdisjoint(first.letters):
        return replace(first, letters=(), is_entry=True)
    if first is None or first.kind not in (Kind.NOTHING, Kind.OWN):
        return first
    trees = [side.tree for side in line.sides]
    others = (_label(tree, at, trees, unit) for at, tree in enumerate(trees) if tree is not None and at > 0)
    return next((one for one in others if one.kind is Kind.QUANTITY), first)


def own_label_of(line: Line, unit: Unit) -> Label | None:
    """Say what the first side of a line names; None where it could not be read."""
    trees = [side.tree for side in line.sides]
    return None if trees[0] is None else _label(trees[0], 0, trees, unit)


def _label(tree: Tree, at: int, trees: Sequence[Tree | None], unit: Unit) -> Label:
    match tree:
        case Application():
            label = _application(tree, at, trees, unit)
        case Symbol():
            label = _symbol(tree, at, trees, unit)
        case Derivative():
            label = _derivative(tree, at, unit)
        case Entry():
            label = _entry(tree, at, trees, unit)
        case Unknown() | Constant():
            label = _own(tree, at)
        case Call() if _is_definition(tree, trees[at + 1 :]):
            label = Label(kind=Kind.FUNCTION, tree=tree, at=at, quantity=tree.function)
        case _:
            label = Label(kind=Kind.NOTHING, tree=tree, at=at)
    return label


def _entry(tree: Entry, at: int, trees: Sequence[Tree | None], unit: Unit) -> Label:
    """Read `(dL/dz)_k` as the index of what stands in the brackets."""
    inner = _label(tree.operand, at, trees, unit)
    if inner.kind is not Kind.QUANTITY or inner.letters or inner.is_entry:
        return Label(kind=Kind.NOTHING, tree=tree, at=at)
    return _named(Kind.QUANTITY, tree, at, inner.quantity, tree.index)


def _own(tree: Unknown | Constant, at: int) -> Label:
    if isinstance(tree, Constant):  # a lone e is Euler's number unless a line says otherwise
        return Label(kind=Kind.OWN, tree=tree, at=at, quantity=tree.name)
    name = numbered(tree)
    return _named(Kind.OWN, tree, at, name, () if name != tree.name else tree.index)


def _application(tree: Application, at: int, trees: Sequence[Tree | None], unit: Unit) -> Label:
    if isinstance(tree.of, Unknown):
        return Label(kind=Kind.FUNCTION, tree=tree, at=at, quantity=tree.of.name)
    if all(isinstance(one, Symbol) and not one.primes and not one.updated for one in tree.arguments):
        return _symbol(tree.of, at, trees, unit)
    return Label(kind=Kind.SHIFTED, tree=tree, at=at, quantity=tree.of.name)


def _symbol(tree: Symbol, at: int, trees: Sequence[Tree | None], unit: Unit) -> Label:
    graph = unit.graph
    if tree.primes:
        return _named(Kind.OWN, tree, at, tree.name + "'" * tree.primes, tree.index)
    if tree.updated or (tree.name in unit.parameters and at == 0 and _is_step(trees[1:], unit)):
        return _named(Kind.QUANTITY, tree, at, updated(tree.name), tree.index)
    if tree.name in graph.computed:
        return _named(Kind.QUANTITY, tree, at, tree.name, tree.index)
    return _named(Kind.GIVEN, tree, at, tree.name, tree.index)


def _is_step(trees: Sequence[Tree | None], unit: Unit) -> bool:
    r"""Whether sides hold a gradient or the rate: `w_0 = w_0 - \\alpha ...` is meant after the step."""
    nodes = [node for tree in trees if tree is not None for node in walk(tree)]
    return any(
        (isinstance(node, Symbol) and node.name == RATE)
        or (isinstance(node, Derivative) and is_loss(node.of, unit.loss))
        for node in nodes
    )


def _derivative(tree: Derivative, at: int, unit: Unit) -> Label:
    by = tree.by
    if isinstance(by, Unknown):
        return Label(kind=Kind.NOTHING, tree=tree, at=at)
    if is_loss(tree.of, unit.loss):
        return _named(Kind.QUANTITY, tree, at, unit.gradient(by.name), by.index)
    return Label(kind=Kind.STEP, tree=tree, at=at)


def _named(kind: Kind, tree: Tree, at: int, name: str, index: tuple[Tree, ...]) -> Label:
    letters = tuple(one.name for one in index if isinstance(one, Index))
    is_entry = len(letters) != len(index) or len(set(letters)) != len(letters)
    return Label(
        kind=kind, tree=tree, at=at, quantity=name, letters=() if is_entry else letters, is_entry=is_entry
    )


def is_loss(tree: Tree, loss: str) -> bool:
    """Whether a tree is the loss, with or without what it depends on."""
    if isinstance(tree, Application):
        return is_loss(tree.of, loss)
    return isinstance(tree, Symbol) and tree.name == loss


def _is_definition(tree: Call, others: Sequence[Tree | None]) -> bool:
    """Whether a function is applied to a single name that the other sides are written with: `u(x) = ...`."""
    if len(tree.arguments) != 1 or not isinstance(tree.arguments[0], Symbol | Unknown | Index):
        return False
    name = tree.arguments[0].name
    return any(
        isinstance(node, Symbol | Unknown | Index) and node.name == name
        for other in others
        if other is not None
        for node in walk(other)
    )
