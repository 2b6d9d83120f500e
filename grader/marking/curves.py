"""Comparing curves of long computations: step by step before rounding is amplified, then by how they behave.

Two right programs that sum in another order part after some hundred steps of training at a high rate; whether the loss falls,
oscillates, stays or diverges does not depend on rounding.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from msgspec import Struct

from grader.model import Array

STEP_RTOL = 1e-3
"""Allowed relative error of each step before rounding is amplified; wrong work is off by more within a few steps."""
TAIL = 0.1
"""Share of a curve's end that tells its level."""
SAME_LEVEL = 2.0
"""Factor between the final levels of curves that behave alike."""
NEGLIGIBLE = 0.02
"""A difference of levels below this share of the first value is none."""
RISES = 0.15
"""By how much the share of rising steps may differ between curves that behave alike."""


LEAST_RISE = 0.5
"""A first step up the gradient raises a loss by at least this share of what the step down lowers it by."""


class Behaviour(StrEnum):
    """What a curve does, in a word for the reader."""

    FALLS = "falls"
    OSCILLATES = "oscillates"
    STAYS = "stays where it is"
    DIVERGES = "diverges"


class CurveComparison(Struct, frozen=True, kw_only=True):
    """How a curve compares with the expected one."""

    agrees: bool
    reason: str = ""
    """What differs, as a sentence without capital and full stop, in the student's own numbers; empty where nothing does."""
    wanted: str = ""
    """What it should be, in the same form."""
    index: int = 0
    """The first step that differs, else the one that differs most."""
    factor: float | None = None
    """The constant that makes the curve the expected one; None where there is none."""
    behaviour: Behaviour | None = None


def compare_curves(actual: Array, expected: Array, steps: int) -> CurveComparison:
    """Compare a curve with the expected one.

    Parameters
    ----------
    actual : ndarray of shape (n,)
        Possibly without the value before the first step, or without that after the last.
    expected : ndarray of shape (n,)
        Finite up to `steps`.
    steps : int
        How many leading values rounding cannot have changed much.

    Returns
    -------
    CurveComparison
    """
    actual = np.ravel(actual) if actual.ndim == 2 and 1 in actual.shape else actual  # noqa: PLR2004  (a column)
    if actual.ndim != 1 or abs(actual.size - expected.size) > 1 or not actual.size:
        return CurveComparison(
            agrees=False, reason=f"its shape is {actual.shape}, expected is {expected.shape}"
        )
    aligned = _aligned(actual, expected, steps)
    steps = min(steps, aligned.size)
    head, wanted = actual[:steps], aligned[:steps]
    off = ~(np.abs(head - wanted) <= STEP_RTOL * np.abs(wanted))  # NaN is off
    if off.any():
        index = int(np.argmax(off))
        return CurveComparison(
            agrees=False,
            reason=f"the first step that is off is step {index}: it is {actual[index]:.6g}",
            wanted=f"it should be {wanted[index]:.6g} at step {index}",
            index=index,
            factor=_factor(head, wanted),
            behaviour=behaviour(actual),
        )
    return _compare_ends(actual, aligned)


def _aligned(actual: Array, expected: Array, steps: int) -> Array:
    """Return the part of the expected curve that an actual one is about: a loss may be noted before or after each step."""
    if actual.size >= expected.size:
        return expected
    parts = (expected[: actual.size], expected[-actual.size :])
    count = min(steps, actual.size)
    with np.errstate(all="ignore"):
        return min(
            parts,
            key=lambda part: float(np.nan_to_num(np.sum(np.abs(actual[:count] - part[:count])), nan=np.inf)),
        )


def _compare_ends(actual: Array, expected: Array) -> CurveComparison:
    mine, wanted = behaviour(actual), behaviour(expected)
    alike = mine is wanted if Behaviour.DIVERGES in (mine, wanted) else _alike(actual, expected)
    if alike:
        return CurveComparison(agrees=True, index=_worst(actual, expected), behaviour=mine)
    if mine is wanted:
        own, right = f"ends near {level(actual):.4g}", f"ends near {level(expected):.4g}"
    else:
        own, right = mine.value, wanted.value
    return CurveComparison(
        agrees=False,
        reason=f"its first steps are right, but then it {own}",
        wanted=f"right is one that {right}",
        index=_worst(actual, expected),
        behaviour=mine,
    )


def _alike(actual: Array, expected: Array) -> bool:
    mine, wanted = level(actual), level(expected)
    if not np.isfinite(mine):
        return False
    near = abs(mine - wanted) <= NEGLIGIBLE * abs(float(expected[0]))
    ratio = max(abs(mine), abs(wanted)) <= SAME_LEVEL * min(abs(mine), abs(wanted))
    return (near or ratio) and abs(_rising(actual) - _rising(expected)) <= RISES


def _worst(actual: Array, expected: Array) -> int:
    length = min(actual.size, expected.size)
    with np.errstate(all="ignore"):
        return int(np.argmax(np.nan_to_num(np.abs(actual[:length] - expected[:length]), nan=np.inf)))


def goes_up(actual: Array, expected: Array) -> bool:
    """Whether a curve of losses is that of steps up the gradient, as far as its first step tells.

    Parameters
    ----------
    actual : ndarray of shape (n,)
        Possibly without the value before the first step.
    expected : ndarray of shape (m,)

    Returns
    -------
    bool
        A step up brings about what the step down would have taken, and more where the loss is convex. What rises by less, or
        falls before it rises, has another cause.
    """
    start = float(expected[0])
    starts = abs(float(actual[0]) - start) <= STEP_RTOL * abs(start)
    after = actual[1:] if starts else actual[: max(0, expected.size - actual.size)]
    if not after.size or expected.size == 1:
        return False
    fall = start - float(expected[1])
    return fall > 0.0 and float(after[0]) - start >= LEAST_RISE * fall


def _factor(actual: Array, expected: Array) -> float | None:
    """Return the constant factor between two curves, where there is one."""
    with np.errstate(all="ignore"):
        ratios = actual / expected
    middle = float(np.median(ratios))
    if not np.isfinite(ratios).all() or middle == 0.0:
        return None
    return middle if bool((np.abs(ratios - middle) <= STEP_RTOL * abs(middle)).all()) else None


def level(curve: Array) -> float:
    """Return where a curve ends: the mean of its last tenth."""
    return float(np.mean(curve[-max(1, int(TAIL * curve.size)) :]))


def _rising(curve: Array) -> float:
    """Return the share of steps that rise by more than rounding."""
    steps = np.diff(curve)
    return float(np.mean(steps > STEP_RTOL * np.abs(curve[:-1]))) if steps.size else 0.0


def behaviour(curve: Array) -> Behaviour:
    """Say what a curve does.

    Parameters
    ----------
    curve : ndarray of shape (n,)

    Returns
    -------
    Behaviour
    """
    end, start = level(curve), float(curve[0])
    begin = float(np.max(np.abs(curve[: max(1, int(TAIL * curve.size))])))
    if not np.isfinite(curve).all() or abs(end) > 2.0 * begin:
        return Behaviour.DIVERGES
    if _rising(curve) > 2.0 * RISES:
        return Behaviour.OSCILLATES
    return Behaviour.FALLS if end < 0.9 * start else Behaviour.STAYS
