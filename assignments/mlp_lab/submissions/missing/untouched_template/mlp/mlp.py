"""The network: layers one after another, and a loss at the end."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class MLP:
    """A multi-layer perceptron.

    Parameters
    ----------
    n_inputs : int
        Number of inputs.
    layers : list of layers
        From the input on. What comes out of the last one goes into the loss.
    loss : loss
        Compares that with the targets.
    output_layers : list of layers
        What follows for prediction only: a softmax behind a loss that takes logits. No error signal passes them.
    """

    def __init__(
        self, n_inputs: int, layers: list[Any], loss: Any, output_layers: list[Any] | None = None
    ) -> None:
        self.n_inputs = n_inputs
        self.layers = list(layers)
        self.loss = loss
        self.output_layers = list(output_layers or [])

    def propagate(self, X: Array, output_layers: bool = True, last_layer: str | None = None) -> Array:
        """Compute the output of the network, or of one of its layers.

        Parameters
        ----------
        X : ndarray of shape (N, n_inputs)
            One sample per row.
        output_layers : bool
            Whether to go on through the output layers.
        last_layer : str, optional
            Name of the layer whose output is wanted; by default the last one.

        Returns
        -------
        ndarray of shape (N, units of that layer)
        """
        raise NotImplementedError("not yet written")

    def evaluate(self, X: Array, T: Array) -> Array:
        """Compute the loss of each sample.

        Parameters
        ----------
        X : ndarray of shape (N, n_inputs)
            One sample per row.
        T : ndarray of shape (N, K)
            One-hot targets.

        Returns
        -------
        ndarray of shape (N,) or (N, 1)
            As the loss returns it.
        """
        raise NotImplementedError("not yet written")

    def gradient(self, X: Array, T: Array) -> dict[str, list[Array]]:
        """Compute the gradients of the mean loss by backpropagation.

        Parameters
        ----------
        X : ndarray of shape (N, n_inputs)
            One sample per row.
        T : ndarray of shape (N, K)
            One-hot targets.

        Returns
        -------
        dict of str to list of ndarray
            [dW, db] by name of the layer, for each layer with parameters.
        """
        raise NotImplementedError("not yet written")
