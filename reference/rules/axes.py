"""What operations along one axis have in common."""

from __future__ import annotations

from typing import Any

import numpy as np


def spread_along(value: Any, a: Any, *, axis: int, keepdims: bool) -> Any:
    """Spread what was computed along an axis back over it.

    Parameters
    ----------
    value : ndarray
        In the shape of the result.
    a : ndarray
        The input.
    axis : int
        Which axis of the input was reduced.
    keepdims : bool
        Whether the result still has it, with length 1.

    Returns
    -------
    ndarray of the shape of `a`
    """
    return np.broadcast_to(value if keepdims else np.expand_dims(value, axis), a.shape)


def mistaken_axis(axis: int) -> int:
    """Return the axis that is taken by mistake: samples for classes, classes for samples.

    Parameters
    ----------
    axis : int
        The right one.

    Returns
    -------
    int
    """
    return 0 if axis in {-1, 1} else -1


def written_along(name: str, axis: int, *, keepdims: bool) -> str:
    """Write an operation along an axis as NumPy has it.

    Parameters
    ----------
    name : str
    axis : int
    keepdims : bool

    Returns
    -------
    str
        With `{0}` for the input.
    """
    return f"{name}({{0}}, axis={axis}{', keepdims=True' if keepdims else ''})"
