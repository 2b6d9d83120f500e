"""Losses of a classifier: the cross-entropy of probabilities, and of logits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class LossCrossEntropy:
    """Cross-entropy of probabilities and one-hot targets.

    Parameters
    ----------
    name : str
        For messages.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def forward(self, X: Array, T: Array) -> Array:
        """Compute the loss -sum_k T_k log X_k of each sample.

        Parameters
        ----------
        X : ndarray of shape (N, K)
            Probabilities, one sample per row.
        T : ndarray of shape (N, K)
            One-hot targets.

        Returns
        -------
        ndarray of shape (N,) or (N, 1)
        """
        raise NotImplementedError("not yet written")

    def delta(self, X: Array, T: Array) -> Array:
        """Start the error signal.

        Parameters
        ----------
        X : ndarray of shape (N, K)
            Probabilities.
        T : ndarray of shape (N, K)
            One-hot targets.

        Returns
        -------
        ndarray of shape (N, K)
            The derivative of each sample's own loss by its probabilities.
        """
        raise NotImplementedError("not yet written")


class LossCrossEntropyForSoftmaxLogits:
    """Softmax and cross-entropy in one: takes logits, and never the logarithm of a number near 0.

    Parameters
    ----------
    name : str
        For messages.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def forward(self, X: Array, T: Array) -> Array:
        """Compute the loss -sum_k T_k log softmax(X)_k of each sample, for logits of any size.

        Parameters
        ----------
        X : ndarray of shape (N, K)
            Logits, one sample per row.
        T : ndarray of shape (N, K)
            One-hot targets.

        Returns
        -------
        ndarray of shape (N,) or (N, 1)
        """
        raise NotImplementedError("not yet written")

    def delta(self, X: Array, T: Array) -> Array:
        """Start the error signal.

        Parameters
        ----------
        X : ndarray of shape (N, K)
            Logits.
        T : ndarray of shape (N, K)
            One-hot targets.

        Returns
        -------
        ndarray of shape (N, K)
            The derivative of each sample's own loss by its logits.
        """
        raise NotImplementedError("not yet written")
