"""The value of a side at points, in the shape of what the line is about; other readings where the usual one does not fit."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TypedDict

from msgspec import Struct, field

from grader.derivations.compare import are_close
from grader.formulas.limits import Budget
from grader.formulas.tree import Tree, free_indices
from grader.formulas.values.evaluate import (
    Definition,
    Readings,
    UnevaluableError,
    evaluate,
    evaluate_over,
    ranges,
)
from grader.formulas.world import World
from grader.model import Array

USUAL = Readings()
OTHER_READINGS: tuple[tuple[Readings, str], ...] = (
    (Readings(dot_is_inner=True), "a dot between two vectors is read as their inner product"),
    (Readings(total=True), "all derivatives are read as total ones"),
    (Readings(first_index=0), "indices are read from 0"),
    (Readings(gradients_are_rows=True), "gradients of vectors are read as rows"),
    (Readings(vectors_are_rows=True), "all vectors are read as rows"),
)
"""Tried in this order where the usual reading does not give what is asked, with what the reader is told."""
NEVER_A_VALUE = ("shape", "domain")
"""Kinds of failure that are the formula's own: its shapes do not fit, or it divides by zero. All others are ours: unread."""


class Scope(Struct, frozen=True, kw_only=True):
    """What holds for a line beside the names of the task."""

    definitions: Mapping[str, Definition]
    axes: Mapping[str, int]
    budget: Budget
    loss: str = "L"
    letters: tuple[str, ...] = ()
    """Of the label's indices, in the order of the quantity's axes."""


class Values(Struct, frozen=True, kw_only=True):
    """What a side is at each of some points."""

    arrays: tuple[Array | None, ...] = ()
    """In the shape of the quantity; None where the formula has no value: its shapes do not fit."""
    problem: str | None = None
    """Why nothing is known of it; None where its values are, or it is known to have none."""
    misfit: str | None = None
    """Why it has no value, as a sentence."""
    notes: tuple[str, ...] = field(default=())

    @property
    def known(self) -> bool:
        """Whether something can be said of it."""
        return self.problem is None


def values_of(
    tree: Tree, worlds: Sequence[World], targets: Sequence[Array], scope: Scope, *, readings: Readings = USUAL
) -> Values:
    """Evaluate a side at points.

    Parameters
    ----------
    tree : Tree
    worlds : sequence of World
    targets : sequence of ndarray
        What the quantity is there; values are brought to its shape where that cannot be mistaken.
    scope : Scope
    readings : Readings

    Returns
    -------
    Values

    Raises
    ------
    ExhaustedError
        The steps of the document are used up.
    """
    arrays: list[Array | None] = []
    notes: dict[str, None] = {}
    has_letters = bool(scope.letters or free_indices(tree))
    try:
        for world, target in zip(worlds, targets, strict=True):
            if has_letters:
                arrays.append(_value(tree, world, target, scope, readings, notes))
            else:
                found = evaluate(tree, world, **_asked(scope, readings))
                notes.update(dict.fromkeys(found.notes))
                arrays.append(in_shape(found.value, target))
    except UnevaluableError as error:
        if error.kind in NEVER_A_VALUE:
            return Values(arrays=(None,) * len(worlds), misfit=error.reason)
        return Values(problem=error.reason)
    return Values(arrays=tuple(arrays), notes=tuple(notes))


def best_values(
    tree: Tree,
    worlds: Sequence[World],
    targets: Sequence[Array],
    scope: Scope,
    *,
    free: AbstractSet[int] = frozenset(),
) -> tuple[Values, bool]:
    """Evaluate a side, in another reading where that gives what is asked and the usual one does not.

    Parameters
    ----------
    tree, worlds, targets, scope
        As of `values_of`.
    free : set of int
        Points where any derivative is right.

    Returns
    -------
    (Values, bool)
        In the usual reading where none fits; and whether it is what is asked at all points.
    """
    usual = values_of(tree, worlds, targets, scope)
    if are_close_at(usual, targets, free=free):
        return usual, True
    for readings, note in OTHER_READINGS:
        other = values_of(tree, worlds[:1], targets[:1], scope, readings=readings)
        if are_close_at(other, targets[:1], free=free):
            other = values_of(tree, worlds, targets, scope, readings=readings)
            if are_close_at(other, targets, free=free):
                return Values(arrays=other.arrays, notes=(*other.notes, note)), True
    return usual, False


def are_close_at(values: Values, targets: Sequence[Array], *, free: AbstractSet[int] = frozenset()) -> bool:
    """Whether values are known and are those of the quantity."""
    return values.known and are_close(values.arrays, targets, free=free)


def _value(
    tree: Tree, world: World, target: Array, scope: Scope, readings: Readings, notes: dict[str, None]
) -> Array:
    more = _asked(scope, readings)
    free = ranges([tree], world, scope.definitions)
    letters = {letter: free.get(letter, _size(target, axis)) for axis, letter in enumerate(scope.letters)}
    stray = [letter for letter in free if letter not in letters]
    if not letters and not stray:
        found = evaluate(tree, world, **more)
        notes.update(dict.fromkeys(found.notes))
        return in_shape(found.value, target)
    if stray and letters:
        raise UnevaluableError(
            f"nothing says what `{stray[0]}` counts on the other side", start=tree.start, end=tree.end
        )
    if stray:
        return _over_stray(tree, world, target, free, more, notes)
    if letters.keys().isdisjoint(free) and target.size > 1:
        # `dL/ds_k = p - t`: the letter stands on one side alone.
        whole = evaluate(tree, world, **more)
        if whole.value.size == target.size:
            notes["an index stands on one side alone: the other is read as the whole array"] = None
            return in_shape(whole.value, target)
    found = evaluate_over(tree, world, letters, **more)
    notes.update(dict.fromkeys(found.notes))
    return in_shape(found.value, target)


class _Asked(TypedDict):
    definitions: Mapping[str, Definition]
    axes: Mapping[str, int]
    budget: Budget
    readings: Readings


def _asked(scope: Scope, readings: Readings) -> _Asked:
    return {
        "definitions": scope.definitions,
        "axes": scope.axes,
        "budget": scope.budget,
        "readings": readings,
    }


def _over_stray(
    tree: Tree,
    world: World,
    target: Array,
    free: Mapping[str, int],
    more: _Asked,
    notes: dict[str, None],
) -> Array:
    """Evaluate a side with indices that stand on it alone: entry by entry, in the order of the axes that they fit."""
    shape = [size for size in target.shape if size > 1] or list(target.shape)
    for order in itertools.permutations(free):
        if [free[letter] for letter in order] == shape:
            found = evaluate_over(tree, world, {letter: free[letter] for letter in order}, **more)
            notes["an index stands on one side alone: it is read as the quantity's own"] = None
            return in_shape(found.value, target)
    letter = next(iter(free))
    raise UnevaluableError(
        f"nothing says what `{letter}` counts on the other side", start=tree.start, end=tree.end
    )


def _size(target: Array, axis: int) -> int:
    sizes = [size for size in target.shape if size > 1] or list(target.shape)
    return sizes[axis] if axis < len(sizes) else 1


def in_shape(value: Array, target: Array) -> Array:
    """Return a value in the shape of a quantity: columns, vectors and single numbers stand for each other.

    Parameters
    ----------
    value, target : ndarray

    Returns
    -------
    ndarray
        Of the target's shape where nothing but axes of length 1 at the end differ; else as it is: a row is no column.
    """
    if value.shape == target.shape:
        return value
    if value.size == target.size == 1 or _without_tail(value.shape) == _without_tail(target.shape):
        return value.reshape(target.shape)
    return value


def _without_tail(shape: tuple[int, ...]) -> tuple[int, ...]:
    while shape and shape[-1] == 1:
        shape = shape[:-1]
    return shape
