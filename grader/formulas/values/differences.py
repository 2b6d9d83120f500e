"""Derivatives by differences that check themselves: they are exact to nine digits, or refused."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from grader.model import Array

_STEPS = (1e-2, 1e-3, 1e-4)
"""Of a variable of size 1; a smaller one is taken where a kink is near."""
_AGREEMENT = 1e-9
_TINY = 1e-9
"""Smaller slopes are not told from 0."""
_BEND = 0.5
"""The bend of a smooth function falls to a quarter with a quarter of the step; that of a kink stays."""


class NoDerivativeError(Exception):
    """The differences do not agree: a kink, a pole, or a value that is not finite."""


def derivative(along: Callable[[float], Array], *, scale: float) -> Array:
    """Derive a function of one variable at 0.

    Central differences over three steps, each half of the one before, are extrapolated twice to a step of 0; what the two last
    extrapolations differ by bounds the error.

    Parameters
    ----------
    along : function of float
        Its value some way off; of any shape, the same one everywhere.
    scale : float
        Size of the variable.

    Returns
    -------
    ndarray
        Of the shape of the function's value.

    Raises
    ------
    NoDerivativeError
        No step gives nine digits.

    References
    ----------
    Press et al. (2007), "Numerical Recipes", section 5.7 (Ridders' method).
    """
    centre = along(0.0)
    for size in _STEPS:
        found = _extrapolated(along, centre, size * max(1.0, scale))
        if found is not None:
            return found
    raise NoDerivativeError


def _extrapolated(along: Callable[[float], Array], centre: Array, step: float) -> Array | None:
    steps = (step, step / 2, step / 4)
    pairs = [(along(one), along(-one)) for one in steps]
    slopes = [(above - below) / (2 * one) for (above, below), one in zip(pairs, steps, strict=True)]
    bends = [
        np.abs(above + below - 2 * centre) / one for (above, below), one in zip(pairs, steps, strict=True)
    ]
    coarse, fine = (4 * slopes[1] - slopes[0]) / 3, (4 * slopes[2] - slopes[1]) / 3
    best = (16 * fine - coarse) / 15
    size = max(_largest(best), 1e-3 * _largest(centre), _TINY)
    is_finite = bool(np.isfinite(best).all() and np.isfinite(centre).all())
    is_smooth = bool(np.all(bends[2] <= _BEND * bends[0] + 1e-8 * size))
    if is_finite and is_smooth and _largest(best - fine) <= _AGREEMENT * size:
        return best
    return None


def _largest(values: Array) -> float:
    return float(np.max(np.abs(values), initial=0.0))
