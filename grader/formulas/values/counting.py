"""Sums, products and extremes over indices: how far they count, and within which bounds."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product as combinations

import numpy as np

from grader.formulas.tree import Extreme, Over
from grader.formulas.values.bounds import bounds
from grader.formulas.values.conditions import holds
from grader.formulas.values.entrywise import entrywise
from grader.formulas.values.scope import Scope, Value
from grader.formulas.values.shapes import fitted


def over(node: Over, scope: Scope) -> Value:
    """Evaluate a sum, product or extreme over indices.

    Raises
    ------
    UnevaluableError
        How far an index counts is not told, a term has no value, or there are too many.
    """
    at_once = entrywise(node, scope, {})
    if at_once is not None:
        return float(at_once)
    ranges = [bounds(letter, node, scope) for letter in node.indices]
    if not ranges:
        raise scope.failure("Over which index this is taken is not told.", node)
    scope.spend(math.prod(map(len, ranges)), node)
    values = _terms(node, ranges, scope)
    result = next(values, None)
    if result is None:
        return _empty(node, scope)
    for value in values:
        result = _joined(result, value, node, scope)
    return result


def _empty(node: Over, scope: Scope) -> Value:
    if node.kind is Extreme.SUM:
        return 0.0
    if node.kind is Extreme.PRODUCT:
        return 1.0
    raise scope.failure("There is nothing to take the largest or smallest of.", node)


def _terms(node: Over, ranges: list[range], scope: Scope) -> Iterator[Value]:
    around = scope.indices
    try:
        for positions in combinations(*ranges):
            scope.indices = {**around, **dict(zip(node.indices, positions, strict=True))}
            if all(holds(one, scope) for one in node.conditions):
                yield scope.value(node.body)
    finally:
        scope.indices = around


def _joined(a: Value, b: Value, node: Over, scope: Scope) -> Value:
    if node.kind is Extreme.SUM:
        left, right = fitted(a, b, node, scope, what="a sum")
        return left + right
    if not isinstance(a, float) or not isinstance(b, float):
        raise scope.failure("A product or extreme is taken of single numbers.", node, "shape")
    if node.kind is Extreme.PRODUCT:
        return a * b
    return float(np.maximum(a, b) if node.kind is Extreme.MAX else np.minimum(a, b))
