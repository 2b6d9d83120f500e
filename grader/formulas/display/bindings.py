"""How strongly the parts of a tree hold together, which says where brackets must stand."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from grader.formulas.tree import (
    Condition,
    Derivative,
    Fraction,
    Kronecker,
    Negative,
    Node,
    Over,
    Power,
    Primed,
    Product,
    Sum,
    Transpose,
)


class Binding(IntEnum):
    """How strongly the parts of a node hold together."""

    RELATION = 0
    SUM = 1
    NEGATIVE = 2
    OVER = 3
    """A sum over an index takes all factors behind it."""
    PRODUCT = 4
    RAISED = 5
    """A fraction, or what has scripts already."""
    ATOM = 6


BINDINGS: Mapping[type[Node], Binding] = {
    Condition: Binding.RELATION,
    Sum: Binding.SUM,
    Negative: Binding.NEGATIVE,
    Over: Binding.OVER,
    Product: Binding.PRODUCT,
    Fraction: Binding.RAISED,
    Derivative: Binding.RAISED,
    Kronecker: Binding.RAISED,
    Power: Binding.RAISED,
    Transpose: Binding.RAISED,
    Primed: Binding.RAISED,
}


def ends_open(node: Node) -> bool:
    """Whether it ends in a sum over an index, which would take what is written behind it."""
    while isinstance(node, Product | Negative):
        node = node.factors[-1] if isinstance(node, Product) else node.operand
    return isinstance(node, Over)


def begins_with(node: Node) -> Node:
    """Return what a node begins with, where nothing stands around it."""
    while isinstance(node, Product | Power):
        node = node.factors[0] if isinstance(node, Product) else node.base
    return node
