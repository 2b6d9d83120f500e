"""Conditions: comparisons of numbers, indices and arrays, what is 1 where they hold, and cases."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from grader.formulas.tree import (
    Cases,
    Condition,
    Index,
    Indicator,
    Kronecker,
    Negative,
    Node,
    Number,
    Sum,
    Symbol,
    Tree,
    Unknown,
)
from grader.formulas.values.lookup import hot_position
from grader.formulas.values.scope import Scope, Value
from grader.formulas.values.shapes import fitted
from grader.model import Array

COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}
Truth = bool | Array
"""Of a condition on numbers, or entry by entry."""


def indicator(node: Indicator, scope: Scope) -> Value:
    """Evaluate what is 1 where a condition holds, else 0.

    Raises
    ------
    UnevaluableError
        The condition cannot be told.
    """
    truth = _truth(node.condition, scope)
    return float(truth) if isinstance(truth, bool) else truth.astype(np.float64)


def kronecker(node: Kronecker, scope: Scope) -> Value:
    """Evaluate Kronecker's delta."""
    return float(scope.position(node.left) == scope.position(node.right))


def cases(node: Cases, scope: Scope) -> Value:
    """Evaluate the first branch whose condition holds, of arrays entry by entry.

    Raises
    ------
    UnevaluableError
        No branch is meant, or a branch has no value.
    """
    result: Array | None = None
    left: Array = np.asarray(True)
    for branch in node.branches:
        truth: Truth = True if branch.condition is None else _truth(branch.condition, scope)
        if isinstance(truth, bool) and result is None:
            if truth:
                return scope.value(branch.value)
            continue
        value = scope.value(branch.value)
        if not isinstance(truth, bool) and result is None:
            result, left = np.zeros(truth.shape), np.ones(truth.shape, dtype=bool)
        assert result is not None
        shapes = {np.shape(value), np.shape(truth)} - {()}
        if shapes - {result.shape}:
            raise scope.failure("The cases have values of several shapes.", node, "shape")
        chosen = left & truth
        result, left = np.where(chosen, value, result), left & ~chosen
    if result is None or left.any():
        raise scope.failure("None of the cases is meant here.", node, "domain")
    return result


def holds(node: Tree, scope: Scope) -> bool:
    """Whether a condition on numbers holds.

    Raises
    ------
    UnevaluableError
        It is one on arrays, or cannot be told.
    """
    truth = _truth(node, scope)
    if not isinstance(truth, bool):
        raise scope.failure("The condition is not one on numbers.", node, "shape")
    return truth


def _truth(node: Tree, scope: Scope) -> Truth:
    if isinstance(node, Indicator):
        return _truth(node.condition, scope)
    if not isinstance(node, Condition) or len(node.operands) != len(node.comparisons) + 1:
        raise scope.failure("This is no condition.", node)
    counts = any(_counts(one, scope) for one in node.operands)
    values = [_compared(one, scope, counts=counts) for one in node.operands]
    result: Truth = True
    for sign, left, right in zip(node.comparisons, values, values[1:], strict=False):
        compare = COMPARISONS.get(sign)
        if compare is None:
            raise scope.failure(f"`{sign[:20]}` is not evaluated.", node)
        a, b = fitted(left, right, node, scope, what="a comparison")
        found = compare(a, b)
        one: Truth = found if isinstance(found, np.ndarray) else bool(found)
        result = _both(result, one, node, scope)
    return result


def _both(a: Truth, b: Truth, node: Node, scope: Scope) -> Truth:
    if isinstance(a, bool):
        return b if a else (False if isinstance(b, bool) else np.zeros_like(b))
    if isinstance(b, bool):
        return a if b else np.zeros_like(a)
    if a.shape != b.shape:
        raise scope.failure("Shapes do not fit in a comparison.", node, "shape")
    return np.asarray(a & b)


def _counts(node: Node, scope: Scope) -> bool:
    """Whether an operand is an index, so that others beside it are, too."""
    if isinstance(node, Sum | Negative):
        parts = node.terms if isinstance(node, Sum) else (node.operand,)
        return any(_counts(one, scope) for one in parts) and all(
            isinstance(one, Number) or _counts(one, scope) for one in parts
        )
    if isinstance(node, Index):
        return True
    if not isinstance(node, Unknown) or node.index or node.name in scope.definitions:
        return False
    return node.name in scope.indices or node.name in scope.world.hot


def _compared(node: Tree, scope: Scope, *, counts: bool) -> Value:
    """Evaluate an operand; beside an index, a one-hot value is the class that it tells."""
    if counts and isinstance(node, Symbol) and not node.index and node.name in scope.world.hot.values():
        return float(hot_position(node.name, node, scope) + scope.readings.first_index)
    return scope.value(node)
