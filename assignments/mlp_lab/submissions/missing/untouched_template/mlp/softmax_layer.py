"""The softmax layer: scores become probabilities."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class SoftmaxLayer:
    """Softmax over the units of each sample.

    Parameters
    ----------
    name : str
        Different for each layer of a network.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def has_params(self) -> bool:
        """Say that there is nothing to learn."""
        return False

    def forward(self, X: Array) -> Array:
        """Compute the probabilities Y_k = exp(X_k) / sum_c exp(X_c), for logits of any size.

        Parameters
        ----------
        X : ndarray of shape (N, K)
            Logits, one sample per row.

        Returns
        -------
        Y : ndarray of shape (N, K)
            Probabilities; each row sums to 1.
        """
        raise NotImplementedError("not yet written")

    def delta(self, Y: Array, delta_next: Array) -> Array:
        """Pass the error signal back through the layer.

        Parameters
        ----------
        Y : ndarray of shape (N, K)
            What `forward` returned.
        delta_next : ndarray of shape (N, K)
            dL/dY.

        Returns
        -------
        ndarray of shape (N, K)
            dL/dX.
        """
        raise NotImplementedError("not yet written")
