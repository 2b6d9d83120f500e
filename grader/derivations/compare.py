"""Whether formulas are equal, told by their values at several points; and how far a number written by hand may be off."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal, InvalidOperation

import numpy as np

from grader.model import Array

RTOL = 1e-7
"""Of values of equal formulas: they are off by rounding alone, wrong ones by a hundredth and more."""
FLOOR = 1e-10
"""The same, as a share of the largest value over all points."""
FEWEST_DIGITS = 2
"""Significant digits from which the last one may be rounded; `1` is not 0.75 rounded."""
SHORTENED = 0.005
"""Share of a number that zeros may hide which were left out at its end: `2` for 2.0018."""
MOST_UNITS = 2.0
"""Units of the last place that a number may be off after several rounded steps,"""
MOST_SHARE = 0.01
"""and the share of the value that it may be off then."""


def are_close(
    values: Sequence[Array | None], targets: Sequence[Array], *, free: AbstractSet[int] = frozenset()
) -> bool:
    """Whether values at all points are those of another formula.

    Parameters
    ----------
    values, targets : sequence of ndarray
        One per point; None where there is no value.
    free : set of int
        Numbers of the points on a kink, where any derivative between the one-sided ones is right.

    Returns
    -------
    bool
        False where a shape differs, or a value is not finite.
    """
    scale = max(map(_largest, targets), default=0.0)
    return all(
        value is not None
        and value.shape == target.shape
        and (_is_finite(value) if place in free else _is_close(value, target, FLOOR * scale))
        for place, (value, target) in enumerate(zip(values, targets, strict=True))
    )


def _largest(value: Array) -> float:
    """Return the largest magnitude; of a single number, which most values are, without NumPy."""
    return abs(float(value)) if value.ndim == 0 else float(np.max(np.abs(value), initial=0.0))


def _is_finite(value: Array) -> bool:
    return bool(np.isfinite(value).all())


def _is_close(value: Array, target: Array, floor: float) -> bool:
    if value.ndim == 0:  # the same for a single number, at a fraction of the time
        return abs(float(value) - float(target)) <= RTOL * abs(float(target)) + floor
    return bool(np.all(np.abs(value - target) <= RTOL * np.abs(target).max(initial=0.0) + floor))


def rounding_of(text: str) -> float:
    """Return how far a number may be off from what it stands for, as its digits say.

    Parameters
    ----------
    text : str
        As it was written: `0.0549`.

    Returns
    -------
    float
        Half a unit of the last place, or two units where they are at most a hundredth of the number: rounded numbers were
        computed with. Of a whole number, or one of a single digit, no more than zeros that were left out may hide.
    """
    try:
        number = Decimal(text)
    except InvalidOperation:
        return 0.0
    digits, exponent = number.as_tuple().digits, number.as_tuple().exponent
    if not isinstance(exponent, int):
        return 0.0
    size, unit = abs(float(number)), float(Decimal(1).scaleb(exponent))
    half = 0.5 * unit * (1.0 + 1e-9)
    if len(digits) < FEWEST_DIGITS or exponent >= 0:
        return min(half, SHORTENED * size)
    return max(half, min(MOST_UNITS * unit, MOST_SHARE * size))
