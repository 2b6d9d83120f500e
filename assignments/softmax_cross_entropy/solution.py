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
    # BEGIN SOLUTION
    # Softmax is invariant to a shift of its row; with the largest logit at 0, exp cannot overflow.
    e = np.exp(s - s.max(axis=1, keepdims=True))
    p: Array = e / e.sum(axis=1, keepdims=True)
    return p
    # END SOLUTION


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
    # BEGIN SOLUTION
    return float(-np.sum(t * np.log(p)) / len(p))
    # END SOLUTION


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
    # BEGIN SOLUTION
    # log p directly, never the log of p: a probability may underflow to 0 while its logarithm is an ordinary number.
    shifted = s - s.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-np.sum(t * log_p) / len(s))
    # END SOLUTION


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
    # BEGIN SOLUTION
    return (softmax(s) - t) / len(s)
    # END SOLUTION
