"""The linear layer: Y = X W + b."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class LinearLayer:
    """A fully connected layer with its weights.

    Parameters
    ----------
    n_inputs, n_units : int
        Numbers of inputs and of units.
    rng : numpy.random.RandomState
        Draws the initial weights.
    name : str
        Different for each layer of a network.

    Attributes
    ----------
    W : ndarray of shape (n_inputs, n_units)
        Weights, at first normal with variance 2 / n_inputs.
    b : ndarray of shape (n_units,)
        Biases, at first 1.

    References
    ----------
    He, Zhang, Ren and Sun (2015), "Delving deep into rectifiers", section 2.2, for the initial weights.
    """

    def __init__(self, n_inputs: int, n_units: int, rng: np.random.RandomState, name: str) -> None:
        self.name = name
        self.W: Array = rng.normal(0.0, np.sqrt(2.0 / n_inputs), (n_inputs, n_units))
        self.b: Array = np.ones(n_units)

    def has_params(self) -> bool:
        """Say that there are parameters to learn."""
        return True

    def forward(self, X: Array) -> Array:
        """Compute the output of the layer.

        Parameters
        ----------
        X : ndarray of shape (N, n_inputs)
            One sample per row.

        Returns
        -------
        Y : ndarray of shape (N, n_units)
        """
        raise NotImplementedError("not yet written")

    def delta(self, Y: Array, delta_next: Array) -> Array:
        """Pass the error signal back through the layer.

        Parameters
        ----------
        Y : ndarray of shape (N, n_units)
            What `forward` returned; this layer does not need it, others do.
        delta_next : ndarray of shape (N, n_units)
            dL/dY.

        Returns
        -------
        ndarray of shape (N, n_inputs)
            dL/dX.
        """
        raise NotImplementedError("not yet written")

    def grad(self, X: Array, delta_next: Array) -> list[Array]:
        """Compute the gradients of the parameters, averaged over the samples.

        Parameters
        ----------
        X : ndarray of shape (N, n_inputs)
            What `forward` was called with.
        delta_next : ndarray of shape (N, n_units)
            dL/dY of each sample's own loss.

        Returns
        -------
        list of ndarray
            [dW, db], in the shapes of W and b.
        """
        raise NotImplementedError("not yet written")

    def update_params(self, dparams: list[Array]) -> None:
        """Add a step to the parameters.

        Parameters
        ----------
        dparams : list of ndarray
            [dW, db], what is added to W and to b; sign and learning rate are already in it.
        """
        raise NotImplementedError("not yet written")
