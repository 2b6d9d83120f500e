"""The ReLU layer: Y = max(X, 0)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class ReLULayer:
    """Rectified linear units, as many as there are inputs.

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
        """Compute the output of the layer.

        Parameters
        ----------
        X : ndarray of shape (N, n_units)
            One sample per row.

        Returns
        -------
        Y : ndarray of shape (N, n_units)
        """
        raise NotImplementedError("not yet written")

    def delta(self, Y: Array, delta_next: Array) -> Array:
        """Pass the error signal back through the layer; the derivative at 0 is 0.

        Parameters
        ----------
        Y : ndarray of shape (N, n_units)
            What `forward` returned.
        delta_next : ndarray of shape (N, n_units)
            dL/dY.

        Returns
        -------
        ndarray of shape (N, n_units)
            dL/dX.
        """
        raise NotImplementedError("not yet written")
