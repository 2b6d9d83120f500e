"""Comparing an answer with an expectation: type, shape, finiteness, values, and the first reason why not.

The one table of tolerances stands here. Nothing is broadcast, and the expectation is always the second argument.
"""

from __future__ import annotations

import math

import numpy as np
from msgspec import Struct

from grader.model import Array, Comparison

EPSILON = {
    np.dtype(np.float32): float(np.finfo(np.float32).eps),
    np.dtype(np.float64): float(np.finfo(np.float64).eps),
}
"""Precision by dtype. float16 is refused before it comes here: its rounding is as large as real mistakes."""

SAFE_TO_SQUARE = (1e-140, 1e140)
"""Sizes whose squares float64 can hold."""
SAFE_TO_SUM = (1e-280, 1e280)
"""Sums of squares that lost nothing that counts below what float64 can hold, and nothing above it."""


class Tolerance(Struct, frozen=True, kw_only=True):
    """How far an answer may be from its expectation.

    `norm(actual - expected) <= rtol * norm(expected) + atol`, or the same for every entry.
    """

    rtol: float
    atol: float
    elementwise: bool = False


def floor(epsilon: float, terms: int, amount: float) -> float:
    """Return the absolute error that rounding alone may cause.

    Parameters
    ----------
    epsilon : float
        Precision of the lowest dtype that took part.
    terms : int
        Reduction length: how many terms were summed for one entry.
    amount : float
        Norm of what was summed.

    Returns
    -------
    float
        epsilon sqrt(terms) amount: the probabilistic bound of Higham (2002), "Accuracy and Stability of Numerical
        Algorithms", section 4.5. Never a constant: gradients of 1e-17 are compared as strictly as those of 1.
    """
    return epsilon * float(np.sqrt(max(terms, 1))) * amount


def norm(value: Array) -> float:
    """Return the Euclidean norm over all entries, also where squares would underflow or overflow.

    Parameters
    ----------
    value : ndarray

    Returns
    -------
    float
        In float64 whatever the dtype: the squares of float32 gradients of 1e-25 are zero in float32. NaN stays NaN.
    """
    if value.ndim == 0:  # the same for a single number, at a fraction of the time
        size = abs(float(value))
        return math.sqrt(size * size) if SAFE_TO_SQUARE[0] < size < SAFE_TO_SQUARE[1] else size
    flat = np.asarray(value, np.float64).ravel()
    with np.errstate(over="ignore"):  # squares that overflow are seen below
        squares = float(flat @ flat)
    if SAFE_TO_SUM[0] < squares < SAFE_TO_SUM[1]:
        return math.sqrt(squares)
    array = np.abs(flat)
    largest = float(np.max(array, initial=0.0))
    if largest == 0.0 or not np.isfinite(largest):
        return largest
    return largest * float(np.linalg.norm(array / largest))


def finite(value: Array) -> bool:
    """Whether no entry is NaN or infinite."""
    return math.isfinite(value) if value.ndim == 0 else bool(np.isfinite(value).all())


def identical(a: Array, b: Array) -> bool:
    """Whether shapes and entries are the same; NaN is like nothing, itself included."""
    return a.shape == b.shape and (bool(a == b) if a.ndim == 0 else bool((a == b).all()))


def fitted(actual: Array, expected: Array) -> Array:
    """Return a single number as the 0-d array it stands for: (1,) and (1, 1) are as good; nothing else is reshaped."""
    if expected.ndim == 0 and actual.ndim in (1, 2) and actual.size == 1:
        return actual.reshape(())
    return actual


def equal(actual: Array, expected: Array, tolerance: Tolerance) -> bool:
    """Whether the arrays have one shape, are finite, and agree within the tolerance.

    Parameters
    ----------
    actual, expected : ndarray
        Any shapes; different shapes are not equal.
    tolerance : Tolerance

    Returns
    -------
    bool
    """
    actual = fitted(actual, expected)
    if actual.ndim == 0 and expected.ndim == 0:  # the common case of hand-sized networks, kept cheap
        a, e = float(actual), float(expected)
        # Written so that NaN and infinity are never equal to anything.
        return abs(a - e) <= tolerance.rtol * abs(e) + tolerance.atol and abs(e) < math.inf
    if actual.shape != expected.shape:
        return False
    difference = _difference(actual, expected)
    if tolerance.elementwise:
        close = difference <= tolerance.rtol * np.abs(expected) + tolerance.atol
        return bool(close.all()) and finite(expected)
    off = norm(difference)
    # Where it is finite both arrays are; infinity from infinity leaves NaN.
    return off < math.inf and off <= tolerance.rtol * norm(expected) + tolerance.atol


def _difference(actual: Array, expected: Array) -> Array:
    # The difference of two huge numbers may be infinite, and of two infinities NaN: neither agrees with anything.
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(np.abs(np.subtract(actual, expected, dtype=np.float64)))


def compare(actual: Array, expected: Array, tolerance: Tolerance) -> Comparison:
    """Compare an answer with what is expected and report how far it is.

    Parameters
    ----------
    actual : ndarray
        The answer, float32 or float64.
    expected : ndarray
        The expectation, finite.
    tolerance : Tolerance

    Returns
    -------
    Comparison
        With the first reason why they do not agree: shape, not finite, values.
    """
    actual = fitted(actual, expected)
    if actual.shape != expected.shape:
        return _unlike(f"its shape is {actual.shape}, expected is {expected.shape}", tolerance, actual)
    if not finite(actual):
        index = tuple(int(i) for i in np.argwhere(~np.isfinite(actual))[0])
        where = f" at index {index}" if index else ""
        return _unlike(f"it is not finite: {float(actual[index])}{where}", tolerance, actual)
    agrees = equal(actual, expected, tolerance)
    worst, size, index, differing = _worst(actual, expected, tolerance)
    return Comparison(
        agrees=agrees,
        reason=None if agrees else "its value differs",
        values_compared=True,
        abs_error=worst,
        rel_error=worst / size if size else None,
        index=index,
        differing=differing,
        size=int(actual.size),
        rtol=tolerance.rtol,
        atol=tolerance.atol,
    )


def _worst(actual: Array, expected: Array, tolerance: Tolerance) -> tuple[float, float, tuple[int, ...], int]:
    """Return the worst difference, the size of the expected entry there, its index, and how many entries differ."""
    if actual.ndim == 0:
        worst, size = abs(float(actual) - float(expected)), abs(float(expected))
        return worst, size, (), int(worst > tolerance.rtol * size + tolerance.atol)
    if not actual.size:
        return 0.0, 0.0, (), 0
    difference = _difference(actual, expected)
    index = tuple(int(i) for i in np.unravel_index(int(np.argmax(difference)), difference.shape))
    differing = np.count_nonzero(difference > tolerance.rtol * np.abs(expected) + tolerance.atol)
    return float(difference[index]), abs(float(expected[index])), index, int(differing)


def _unlike(reason: str, tolerance: Tolerance, actual: Array) -> Comparison:
    return Comparison(
        agrees=False, reason=reason, size=int(actual.size), rtol=tolerance.rtol, atol=tolerance.atol
    )
