"""Sums, products and extremes over indices: how far they count, and within which bounds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import product as combinations

import numpy as np

from grader.formulas.conditions import holds
from grader.formulas.extents import extents
from grader.formulas.scope import Scope, UnevaluableError, Value
from grader.formulas.shapes import fitted
from grader.formulas.tree import Extreme, Over, Tree


def over(node: Over, scope: Scope) -> Value:
    """Evaluate a sum, product or extreme over indices.

    Raises
    ------
    UnevaluableError
        How far an index counts is not told, a term has no value, or there are too many.
    """
    ranges = [_range(letter, node, scope) for letter in node.indices]
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


def _range(letter: str, node: Over, scope: Scope) -> range:
    """Return the positions that an index goes over, from 0."""
    first = scope.readings.first_index
    begin = 0 if node.lower is None else _whole_number(node.lower, scope) - first
    if node.upper is not None:
        end = _upper(node.upper, scope)
        if end is not None:
            return _bounded(begin, end - first + 1, node, scope)
        scope.note("The upper bound is not known; the index goes as far as what it counts.")
    size = _extents(node, scope).get(letter)
    if size is None:
        raise scope.failure(f"How far `{letter[:20]}` counts cannot be told.", node)
    return _bounded(begin, size, node, scope)


def _bounded(begin: int, end: int, node: Over, scope: Scope) -> range:
    if end - begin > scope.caps.evaluations:
        raise scope.failure(f"A sum of {end - begin:,} terms is too long.", node, "work")
    return range(begin, end)


def _upper(tree: Tree, scope: Scope) -> int | None:
    """Return an upper bound; None where it is a name that is not known."""
    depth = scope.depth
    try:
        return _whole_number(tree, scope)
    except UnevaluableError as error:
        if error.kind != "unknown":
            raise
        scope.depth = depth
        return None


def _whole_number(tree: Tree, scope: Scope) -> int:
    number = scope.number(tree)
    if not float(number).is_integer():
        raise scope.failure("A bound of a sum is no whole number.", tree)
    return int(number)


def _extents(node: Over, scope: Scope) -> Mapping[str, int]:
    """Return how far the indices count; told once for each sum, whatever the indices around it stand for."""
    known = scope.extents.get(id(node))
    if known is None:
        known = extents(node.indices, (node.body,), scope)
        scope.extents[id(node)] = known
    return known
