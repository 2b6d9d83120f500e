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
        # BEGIN SOLUTION
        values = X
        for layer in self.layers + (self.output_layers if output_layers else []):
            values = layer.forward(values)
            if layer.name == last_layer:
                break
        return values
        # END SOLUTION

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
        # BEGIN SOLUTION
        losses: Array = self.loss.forward(self.propagate(X, output_layers=False), T)
        return losses
        # END SOLUTION

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
        # BEGIN SOLUTION
        inputs = []
        values = X
        for layer in self.layers:
            inputs.append(values)
            values = layer.forward(values)

        gradients: dict[str, list[Array]] = {}
        delta = self.loss.delta(values, T)
        for layer, layer_input in zip(reversed(self.layers), reversed(inputs), strict=True):
            if layer.has_params():
                gradients[layer.name] = layer.grad(layer_input, delta)
            # `values` is this layer's output: for the layer before, it is this one's input.
            delta = layer.delta(values, delta)
            values = layer_input
        return gradients
        # END SOLUTION
