"""Tells how far index letters count from what they index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from grader.formulas.tree import Call, Entry, Index, Node, Sum, Symbol, Tree, Unknown, walk
from grader.formulas.values.scope import Scope, UnevaluableError

_LEVELS = 2
"""What a definition within a definition takes of the depth."""


def extents(letters: Iterable[str], trees: Iterable[Tree], scope: Scope) -> Mapping[str, int]:
    """Find how far letters count.

    Parameters
    ----------
    letters : iterable of str
    trees : iterable of Tree
        Where they stand; the first one that tells is right.
    scope : Scope

    Returns
    -------
    mapping of str to int
        Of the letters for which anything tells it.
    """
    wanted = dict.fromkeys(letters)
    found: dict[str, int] = {}
    for tree in trees:
        for node in walk(tree):
            scope.spend(1, node)
            if len(found) == len(wanted):
                return found
            for letter, size in _told(node, wanted, scope).items():
                found.setdefault(letter, size)
    return found


def _told(node: Node, wanted: Iterable[str], scope: Scope) -> Mapping[str, int]:
    """Return what one node tells."""
    if isinstance(node, Symbol):
        shape = np.shape(scope.world.values.get(node.name, 0.0))
        told = _by_shape(shape, node.index, wanted)
        label = node.sample.strip("<>")
        has_samples = label in wanted and len(shape) == scope.axes.get(node.name, len(shape)) + 1
        return {**told, label: shape[0]} if has_samples else told
    if isinstance(node, Unknown) and node.index and any(_letters(node.index, wanted)):
        return _by_definition(node, wanted, scope)
    if isinstance(node, Entry | Call) and node.index and any(_letters(node.index, wanted)):
        operand: Tree = (
            node.operand
            if isinstance(node, Entry)
            else Call(function=node.function, arguments=node.arguments)
        )
        return _by_shape(_shape_of(operand, wanted, scope), node.index, wanted)
    return {}


def _letters(index: tuple[Tree, ...], wanted: Iterable[str]) -> list[str | None]:
    """Return for each place of an index the wanted letter that counts there, also where it is moved: `k + 1`."""
    found: list[str | None] = []
    for one in index:
        parts = one.terms if isinstance(one, Sum) else (one,)
        found.append(
            next((part.name for part in parts if isinstance(part, Index) and part.name in wanted), None)
        )
    return found


def _by_shape(shape: tuple[int, ...], index: tuple[Tree, ...], wanted: Iterable[str]) -> dict[str, int]:
    letters = _letters(index, wanted)
    if len(letters) == 1 and len(shape) > 1 and 1 in shape:
        shape = (max(shape),)
    return {letter: size for letter, size in zip(letters, shape, strict=False) if letter is not None}


def _by_definition(node: Unknown, wanted: Iterable[str], scope: Scope) -> dict[str, int]:
    definition = scope.definitions.get(node.name)
    if definition is None or node.name in scope.active:
        return {}
    letters = _letters(node.index, wanted)
    scope.enter(node, _LEVELS)
    saved, scope.active = scope.active, scope.active | {node.name}
    try:
        if len(definition.indices) == len(letters):
            told = extents(definition.indices, (definition.tree,), scope)
            pairs = zip(letters, definition.indices, strict=True)
            return {one: told[own] for one, own in pairs if one is not None and own in told}
        return _by_shape(_shape_of(definition.tree, wanted, scope), node.index, wanted)
    finally:
        scope.active = saved
        scope.depth -= _LEVELS


def _shape_of(tree: Tree, wanted: Iterable[str], scope: Scope) -> tuple[int, ...]:
    """Evaluate to see the shape, all letters at their first place; nothing where that cannot be."""
    saved, depth = scope.indices, scope.depth
    scope.indices = {**dict.fromkeys(wanted, 0), **scope.indices}
    try:
        return np.shape(scope.value(tree))
    except UnevaluableError as error:
        if error.kind == "work":
            raise
        scope.depth = depth
        return ()
    finally:
        scope.indices = saved
