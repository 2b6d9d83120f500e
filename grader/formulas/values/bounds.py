"""Bounds of sums: from which position to which one an index goes."""

from __future__ import annotations

from collections.abc import Mapping

from grader.formulas.tree import Over, Tree
from grader.formulas.values.extents import extents
from grader.formulas.values.scope import Scope, UnevaluableError


def bounds(letter: str, node: Over, scope: Scope) -> range:
    """Return the positions that an index of a sum goes over, from 0.

    Parameters
    ----------
    letter : str
    node : Over
        The sum, product or extreme.
    scope : Scope

    Raises
    ------
    UnevaluableError
        Nothing tells how far it counts, or it is too far.
    """
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
        if len(known) == len(set(node.indices)):
            scope.extents[id(node)] = known
    return known
