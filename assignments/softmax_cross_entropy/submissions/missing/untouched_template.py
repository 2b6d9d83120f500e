"""Softmax with cross-entropy: probabilities, the mean loss computed without overflow, and its gradient by the logits.

Samples stand in rows: logits `s`, probabilities `p` and one-hot targets `t` all have shape (N, K).
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]


def softmax(s: Array) -> Array:
    """Turn logits into probabilities, row by row.

    Parameters
    ----------
    s : ndarray of shape (N, K), float64
        Logits, of any size.

    Returns
    -------
    ndarray of shape (N, K), float64
        Rows are positive, up to underflow, and sum to 1.
    """
    raise NotImplementedError("not yet written")


def cross_entropy(p: Array, t: Array) -> float:
    """Compute the cross-entropy of probabilities, averaged over the samples.

    Parameters
    ----------
    p : ndarray of shape (N, K), float64
        Probabilities, all above 0.
    t : ndarray of shape (N, K), float64
        One-hot targets.

    Returns
    -------
    float
    """
    raise NotImplementedError("not yet written")


def loss(s: Array, t: Array) -> float:
    """Compute the cross-entropy of the softmax of logits, averaged over the samples.

    Parameters
    ----------
    s : ndarray of shape (N, K), float64
        Logits, of any size.
    t : ndarray of shape (N, K), float64
        One-hot targets.

    Returns
    -------
    float
        Finite for finite logits.
    """
    raise NotImplementedError("not yet written")


def backward(s: Array, t: Array) -> Array:
    """Compute the gradient of the mean loss by the logits.

    Parameters
    ----------
    s : ndarray of shape (N, K), float64
        Logits, of any size.
    t : ndarray of shape (N, K), float64
        One-hot targets.

    Returns
    -------
    ndarray of shape (N, K), float64
        dL/ds.
    """
    raise NotImplementedError("not yet written")
