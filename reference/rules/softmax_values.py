"""The softmax as numbers: stable and naive, its derivative, and that of the cross-entropy of it.

References
----------
Goodfellow, Bengio and Courville (2016), "Deep Learning", section 6.2.2.3 (softmax units) and 4.1 (overflow).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def softmax_of(s: Any, axis: int | None = -1) -> Any:
    """Compute the softmax, with the maximum subtracted so that nothing overflows.

    Parameters
    ----------
    s : ndarray
        Logits.
    axis : int or None
        None for all entries together.

    Returns
    -------
    ndarray of the shape of `s`
        Sums to one along the axis.
    """
    e = np.exp(s - np.max(s, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def log_softmax_of(s: Any, axis: int = -1) -> Any:
    """Compute the logarithm of the softmax; no probability is rounded to 0 before its log is taken.

    Parameters
    ----------
    s : ndarray
        Logits.
    axis : int

    Returns
    -------
    ndarray of the shape of `s`
    """
    shifted = s - np.max(s, axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


def softmax_rule(g: Any, p: Any, axis: int | None = -1) -> Any:
    """Compute dL/ds of p = softmax(s): p (g - sum(g p)), the product with the full Jacobian diag(p) - p pᵀ.

    Parameters
    ----------
    g : ndarray
        dL/dp.
    p : ndarray
        Probabilities.
    axis : int or None

    Returns
    -------
    ndarray of the shape of `p`
    """
    return p * (g - np.sum(g * p, axis=axis, keepdims=True))


def naive_softmax_of(s: Any, axis: int = -1) -> Any:
    """Compute the softmax without a shift: exp overflows for float64 logits beyond 709.

    Parameters
    ----------
    s : ndarray
        Logits.
    axis : int

    Returns
    -------
    ndarray of the shape of `s`
    """
    e = np.exp(s)
    return e / np.sum(e, axis=axis, keepdims=True)


def row_count(logits: Any) -> int:
    """Return over how many rows a mean over samples is taken.

    Parameters
    ----------
    logits : ndarray of shape (..., K)

    Returns
    -------
    int
        The product of all axes but the last.
    """
    return math.prod(np.shape(logits)[:-1])


def softmax_minus(s: Any, t: Any) -> Any:
    """Return d(-sum t log softmax(s))/ds: the p - t of the textbook where each row of t sums to one, as one-hot rows do.

    Parameters
    ----------
    s, t : ndarray of shape (..., K)
        Logits and targets.

    Returns
    -------
    ndarray of shape (..., K)
    """
    return softmax_of(s) * np.sum(t, axis=-1, keepdims=True) - t


def softmax_plus(s: Any, t: Any) -> Any:
    """Return the size of what p - t is the difference of: it cancels where the network is sure, and right.

    Parameters
    ----------
    s, t : ndarray of shape (..., K)

    Returns
    -------
    ndarray of shape (..., K)
    """
    return softmax_of(s) * np.sum(np.abs(t), axis=-1, keepdims=True) + np.abs(t)
