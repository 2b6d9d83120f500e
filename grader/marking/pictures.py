"""Small pictures of large answers: where an array differs from what is expected, and curves thinned out; as values, drawn elsewhere."""

from __future__ import annotations

import numpy as np

from grader.marking.compare import Tolerance, norm
from grader.model import Array, Curve, ErrorMap
from grader.serialize import json_number

MOST_CELLS = 24
"""Rows and columns of a picture at most."""
CLASSES = (0.01, 0.1, 1.0)
"""Limits between the sizes of differences, as shares of the array's size."""
NOT_FINITE = len(CLASSES) + 2
_LETTERS = "01234x"
_STRETCHES = 60
"""A long curve keeps at most three points of each, its ends, and so no more than 182."""
_MOST_POINTS = 3 * _STRETCHES


def error_map(actual: Array, expected: Array, tolerance: Tolerance) -> ErrorMap | None:
    """Say where an answer differs from what is expected.

    Parameters
    ----------
    actual : ndarray
        The answer, of any shape, possibly not finite.
    expected : ndarray
        The expectation, finite.
    tolerance : Tolerance
        That of the comparison.

    Returns
    -------
    ErrorMap or None
        None where there is no picture: of a single number, of arrays of different shapes, and where no entry is off. One
        is wherever `grader.marking.compare.equal` says that arrays of one shape are not equal.
    """
    if actual.shape != expected.shape or actual.size <= 1:
        return None
    a, e = (np.asarray(value, np.float64).reshape(-1, actual.shape[-1]) for value in (actual, expected))
    with np.errstate(over="ignore", invalid="ignore"):  # the difference of two huge numbers may be infinite
        difference = np.abs(a - e)
    levels = _levels(difference, e, tolerance)
    levels[~np.isfinite(a)] = NOT_FINITE
    differing = int(np.count_nonzero(levels))
    if not differing:
        return None
    # What is not finite is worse than any difference; a large one may be allowed where the tolerance is each entry's.
    sizes = np.where(levels == NOT_FINITE, np.inf, difference)
    flat = int(np.argmax(np.where(levels == 0, -1.0, sizes)))
    down, across = (_edges(length) for length in levels.shape)
    pooled = np.maximum.reduceat(np.maximum.reduceat(levels, down, axis=0), across, axis=1)
    row, column = divmod(flat, levels.shape[1])
    worst = (_cell(down, row), _cell(across, column))
    return ErrorMap(
        shape=tuple(actual.shape),
        dtype=str(actual.dtype),
        rows=tuple("".join(_LETTERS[level] for level in line) for line in pooled.tolist()),
        worst=worst,
        differing=differing,
    )


def _levels(difference: Array, expected: Array, tolerance: Tolerance) -> Array:
    """Return the class of size of each difference, 0 within the tolerance to 4, as uint8."""
    size = norm(expected) / float(np.sqrt(expected.size))
    if tolerance.elementwise:
        allowed: Array | float = tolerance.rtol * np.abs(expected) + tolerance.atol
    else:
        # Where every entry keeps within its share of the norm, the norm is kept, too.
        allowed = tolerance.rtol * size + tolerance.atol / float(np.sqrt(expected.size))
    levels = np.digitize(difference, [share * size for share in CLASSES]).astype(np.uint8)
    levels += 1
    levels[difference <= allowed] = 0
    return levels


def _edges(length: int) -> Array:
    """Return where the cells of an axis begin: as many as it has entries, else equal parts of it."""
    cells = min(length, MOST_CELLS)
    return np.arange(cells) * length // cells


def _cell(edges: Array, index: int) -> int:
    return int(np.searchsorted(edges, index, side="right")) - 1


def thinned(values: Array) -> Curve | None:
    """Thin a curve out to what a small picture can show.

    Parameters
    ----------
    values : ndarray of shape (n,), (n, 1) or (1, n)
        Possibly not finite.

    Returns
    -------
    Curve or None
        With all points of a short curve; of a long one with the ends, and with the lowest, the highest and the first one
        that is not finite of each of 60 stretches. None where it is no curve, or has no point.
    """
    if values.ndim not in (1, 2) or values.size != max(values.shape) or not values.size:
        return None
    flat = np.asarray(values, np.float64).ravel()
    kept = np.arange(flat.size) if flat.size <= _MOST_POINTS else _telling(flat)
    return Curve(
        length=int(flat.size),
        steps=tuple(kept.tolist()),
        values=tuple(_short(value) for value in flat[kept].tolist()),
    )


def _telling(flat: Array) -> Array:
    """Return which points of a long curve tell what it does, rising."""
    length = -(-flat.size // _STRETCHES)
    padded = np.pad(flat, (0, length * _STRETCHES - flat.size), mode="edge").reshape(_STRETCHES, length)
    is_finite = np.isfinite(padded)
    lowest = np.argmin(np.where(is_finite, padded, np.inf), axis=1)
    highest = np.argmax(np.where(is_finite, padded, -np.inf), axis=1)
    first_lost = np.argmin(is_finite, axis=1)
    begins = np.arange(_STRETCHES) * length
    found = np.concatenate([begins + lowest, begins + highest, (begins + first_lost)[~is_finite.all(axis=1)]])
    ends = np.array([0, flat.size - 1])
    return np.unique(np.minimum(np.concatenate([found, ends]), flat.size - 1))


def _short(value: float) -> float | str:
    return json_number(float(f"{value:.5g}"))
