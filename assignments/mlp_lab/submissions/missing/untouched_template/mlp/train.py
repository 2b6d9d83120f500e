"""Training: gradient descent in batches."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .mlp import MLP

Array = NDArray[np.float64]


def accuracy(Y: Array, T: Array) -> float:
    """Compute the share of samples whose most probable class is the right one.

    Parameters
    ----------
    Y : ndarray of shape (N, K)
        Probabilities or logits.
    T : ndarray of shape (N, K)
        One-hot targets.

    Returns
    -------
    float
        From 0 to 1.
    """
    return float(np.mean(Y.argmax(axis=1) == T.argmax(axis=1)))


def train(
    network: MLP,
    X: Array,
    T: Array,
    rate: float,
    epochs: int,
    batch_size: int,
    rng: np.random.RandomState,
) -> list[float]:
    """Train a network by gradient descent.

    Each epoch draws an order, `rng.permutation(N)`, and visits the samples in it, `batch_size` at a time; the last batch
    may be smaller. Each batch is one step: every layer with parameters changes by -rate times its gradients.

    Parameters
    ----------
    network : MLP
        Is changed.
    X : ndarray of shape (N, n_inputs)
        One sample per row.
    T : ndarray of shape (N, K)
        One-hot targets.
    rate : float
        Learning rate.
    epochs : int
        How often every sample is visited.
    batch_size : int
        Samples per step, 1 to N.
    rng : numpy.random.RandomState
        Draws the orders.

    Returns
    -------
    list of float
        epochs + 1 mean losses over all samples: before the first epoch and after each.
    """
    raise NotImplementedError("not yet written")
