"""The forms that values take: numbers, columns, rows and matrices; their entries, and what fits entry by entry."""

from __future__ import annotations

import numpy as np

from grader.formulas.tree import Node, Tree
from grader.formulas.values.scope import Scope, Value
from grader.model import Array

_MATRIX = 2
"""Axes of a matrix."""


def settled(array: Array) -> Value:
    """Return an array in the one form that its value has here: a float, a vector with one axis, or two axes."""
    if array.size == 1:
        return float(array.item())
    if array.ndim == _MATRIX and array.shape[1] == 1:
        return array[:, 0]
    return array


def shown(value: Value) -> str:
    """Return the shape of a value as a reader knows it: `4 x 1` for a column."""
    if isinstance(value, float):
        return "a number"
    shape = value.shape if value.ndim > 1 else (*value.shape, 1)
    return " x ".join(str(size) for size in shape)


def whole(array: Array, node: Node, scope: Scope, *, is_gradient: bool = False) -> Value:
    """Return a value of the point that is used without an index."""
    if array.ndim > _MATRIX or array.size == 0:
        raise scope.failure(f"A value with {array.ndim} axes needs its indices.", node, "tensor")
    if is_gradient and scope.readings.gradients_are_transposed and array.ndim == _MATRIX:
        array = array.T
    value = settled(array)
    is_row = scope.readings.vectors_are_rows or (is_gradient and scope.readings.gradients_are_rows)
    if is_row and not isinstance(value, float) and array.ndim == 1:
        return array[np.newaxis, :]
    return value


def place(shape: tuple[int, ...], index: tuple[Tree, ...], node: Node, scope: Scope) -> tuple[int, ...]:
    """Return where the entries with an index stand in an array; of a row or column, one index is enough."""
    positions = [scope.position(one) for one in index]
    if len(positions) == 1 and len(shape) == _MATRIX and 1 in shape:
        positions.insert(1 if shape[1] == 1 else 0, 0)
    if len(positions) > len(shape):
        text = f"Here stand {len(index)} indices at a value with {len(shape)} axes."
        raise scope.failure(text, node, "shape")
    for one, size in zip(positions, shape, strict=False):
        if not 0 <= one < size:
            raise scope.failure("An index runs past the end.", node, "shape")
    return tuple(positions)


def entry(array: Array, index: tuple[Tree, ...], node: Node, scope: Scope) -> Value:
    """Return the entry with an index; a row where a matrix has but one."""
    at = place(array.shape, index, node, scope)
    if len(at) == array.ndim:
        return float(array[at])
    found = np.asarray(array[at])
    if found.ndim == 1 and found.size > 1:
        return found[np.newaxis, :]
    return whole(found, node, scope)


def fitted(a: Value, b: Value, node: Node, scope: Scope, *, what: str) -> tuple[Value, Value]:
    """Return two values so that NumPy joins them entry by entry: of one shape, or one of them repeated.

    Raises
    ------
    UnevaluableError
        They do not fit; also where a vector could be repeated in two ways.
    """
    if isinstance(a, float) or isinstance(b, float) or a.shape == b.shape:
        return a, b
    if a.ndim == 1 and b.ndim > 1:
        repeated = _repeated(a, b)
        found = None if repeated is None else (repeated, b)
    elif b.ndim == 1 and a.ndim > 1:
        repeated = _repeated(b, a)
        found = None if repeated is None else (a, repeated)
    elif a.ndim == b.ndim == _MATRIX and a.shape[1] == b.shape[1] and 1 in {a.shape[0], b.shape[0]}:
        found = a, b
    else:
        found = None
    if found is None:
        raise scope.failure(f"Shapes do not fit in {what}: {shown(a)} and {shown(b)}.", node, "shape")
    scope.note("A row or column is repeated along the matrix that it is joined with.")
    return found


def _repeated(vector: Array, matrix: Array) -> Array | None:
    """Return a vector as the row or the column of a matrix; None where it fits as neither or as both."""
    rows, columns = matrix.shape
    is_row, is_column = vector.size == columns, vector.size == rows
    if rows == 1 or is_row == is_column:
        return None
    return vector if is_row else vector[:, np.newaxis]
