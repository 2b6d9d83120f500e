r"""Tells a mixed number, `3\tfrac38`, from the product that it is written like: by the other numbers of its line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import cast

from msgspec.structs import replace

from grader.formulas.documents.results import PlacedNote, Side
from grader.formulas.edits.places import rebuilt
from grader.formulas.tokens import NoteKind
from grader.formulas.tree import (
    Absolute,
    Application,
    Derivative,
    Fraction,
    Function,
    Index,
    Negative,
    Node,
    Number,
    Ones,
    Product,
    Sum,
    Symbol,
    Times,
    Tree,
    Unknown,
    walk,
)

_MIXED = "A whole number beside a fraction is read as a mixed number."
_UNCLEAR = "A whole number beside a fraction can be their product, or a mixed number."
_NAMES = (Symbol, Unknown, Index, Application, Derivative, Function, Ones)
_NEAR = 0.005
"""Share of a number that rounding to three figures may take."""


def with_mixed(sides: Sequence[Side]) -> list[Side]:
    """Read what may be mixed numbers on the sides of a line in the way that its other sides bear out.

    Parameters
    ----------
    sides : sequence of Side

    Returns
    -------
    list of Side
        Where nothing tells, a side is unread.
    """
    read = list(sides)
    for at, side in enumerate(sides):
        if side.tree is None or not is_mixed(side.tree):
            continue
        others = [one.tree for one in sides if one.tree is not None and one is not side]
        tree = settled(side.tree, others)
        if tree is None:
            problem = PlacedNote(kind=NoteKind.UNREAD, text=_UNCLEAR, position=side.position)
            read[at] = replace(side, tree=None, problem=problem)
        elif tree != side.tree:
            note = PlacedNote(kind=NoteKind.READING, text=_MIXED, position=side.position)
            read[at] = replace(side, tree=tree, notes=(*side.notes, note))
    return read


def is_mixed(tree: Tree) -> bool:
    r"""Whether a formula is one of numbers alone, in which a whole one stands before a fraction below 1.

    Parameters
    ----------
    tree : Tree

    Returns
    -------
    bool
        Beside a name, as in `2 \frac{1}{2} x`, nobody means a mixed number.
    """
    nodes = list(walk(tree))
    return any(_pairs(node) for node in nodes) and not any(isinstance(node, _NAMES) for node in nodes)


def settled(tree: Tree, others: Sequence[Tree]) -> Tree | None:
    """Read a formula with what may be mixed numbers in the way that the other sides of its line bear out.

    Parameters
    ----------
    tree : Tree
        One that `is_mixed`.
    others : sequence of Tree
        The other sides.

    Returns
    -------
    Tree or None
        The formula itself where it is a product; None where nothing tells.
    """
    mixed = rebuilt(tree, _with_sums)
    values = [value for one in others if not is_mixed(one) and (value := _value(one)) is not None]
    told = [one for one in (tree, mixed) if any(_is_near(_value(one), value) for value in values)]
    return told[0] if len(told) == 1 else None


def _is_near(found: float | None, value: float) -> bool:
    return found is not None and abs(found - value) <= _NEAR * abs(value)


def _pairs(node: Node) -> list[int]:
    """Return the places in a product at which a whole number stands before a fraction below 1."""
    if not isinstance(node, Product):
        return []
    return [
        at
        for at, (sign, left, right) in enumerate(
            zip(node.signs, node.factors, node.factors[1:], strict=False)
        )
        if sign is Times.ADJACENT and _is_whole(left) and _is_below_one(right)
    ]


def _is_whole(tree: Tree) -> bool:
    return isinstance(tree, Number) and tree.text.isdigit() and bool(tree.text.strip("0"))


def _is_below_one(tree: Tree) -> bool:
    if not isinstance(tree, Fraction) or not (_is_whole(tree.top) and _is_whole(tree.bottom)):
        return False
    return int(cast("Number", tree.top).text) < int(cast("Number", tree.bottom).text)


def _with_sums(node: Node) -> Node:
    pairs = _pairs(node)
    if not pairs or not isinstance(node, Product):
        return node
    factors, signs = list(node.factors), list(node.signs)
    for at in reversed(pairs):
        left, right = factors[at], factors[at + 1]
        factors[at : at + 2] = [Sum(terms=(left, right), start=left.start, end=right.end)]
        del signs[at]
    return replace(node, factors=tuple(factors), signs=tuple(signs)) if signs else factors[0]


def _value(tree: Tree) -> float | None:
    """Return what numbers come to; None where anything else stands among them."""
    try:
        value = _evaluated(tree)
    except (ArithmeticError, ValueError):
        return None
    return value if math.isfinite(value) else None


def _evaluated(tree: Tree) -> float:
    result = math.nan
    match tree:
        case Number():
            result = float(tree.text)
        case Negative():
            result = -_evaluated(tree.operand)
        case Absolute():
            result = abs(_evaluated(tree.operand))
        case Sum():
            result = sum(map(_evaluated, tree.terms))
        case Fraction():
            result = _evaluated(tree.top) / _evaluated(tree.bottom)
        case Product():
            result = _multiplied(tree)
    return result


def _multiplied(tree: Product) -> float:
    result = _evaluated(tree.factors[0])
    for sign, part in zip(tree.signs, tree.factors[1:], strict=True):
        value = _evaluated(part)
        result = result / value if sign is Times.DIVIDE else result * value
    return result
