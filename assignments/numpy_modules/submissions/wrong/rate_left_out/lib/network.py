"""Networks: the linear layer, and modules one after the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .network_base import Module, Parameter

Array = NDArray[np.float64]


class Linear(Module):
    """y = x W + b, with one sample per row of x.

    Parameters
    ----------
    n_inputs, n_outputs : int
        W is an (n_inputs, n_outputs) array, b an (n_outputs,) array.
    rng : numpy.random.Generator, optional
        Draws the initial W, evenly between -1/sqrt(n_inputs) and 1/sqrt(n_inputs); b begins at 0.
    """

    def __init__(self, n_inputs: int, n_outputs: int, rng: np.random.Generator | None = None) -> None:
        super().__init__()
        rng = np.random.default_rng() if rng is None else rng
        bound = 1.0 / np.sqrt(n_inputs)
        self.W = Parameter(rng.uniform(-bound, bound, (n_inputs, n_outputs)), name="W")
        self.b = Parameter(np.zeros(n_outputs), name="b")

    def forward(self, x: Array) -> Array:
        self.input_cache = x
        return x @ self.W.data + self.b.data

    def backward(self, grad: Array) -> Array:
        """Add the gradients by W and b to those that are there, and pass the gradient on.

        Parameters
        ----------
        grad : ndarray of shape (N, n_outputs)
            dL/dy, the gradient by the output, one row per sample. Whether L is a sum or a mean over the samples is
            already in it.

        Returns
        -------
        ndarray of shape (N, n_inputs)
            dL/dx, the gradient by the input.

        Notes
        -----
        `W.grad` and `b.grad` are arrays when this is called: `zero_grad` was there before.
        """
        x = self.input_cache
        self.W.grad += np.dot(x.T, grad)
        self.b.grad += grad.sum(axis=0)
        return np.dot(grad, self.W.data.T)

    def parameters(self) -> list[Parameter]:
        return [self.W, self.b]


class Sequential(Module):
    """Modules one after the other: the output of one is the input of the next.

    Parameters
    ----------
    modules : list of Module
        From the input to the output; at least one.
    """

    def __init__(self, modules: list[Module]) -> None:
        super().__init__()
        self.modules = modules

    def forward(self, x: Array) -> Array:
        self.input_cache = x
        for module in self.modules:
            x = module(x)
        return x

    def backward(self, grad: Array) -> Array:
        """Run the backward pass of every module, from the output to the input.

        Parameters
        ----------
        grad : ndarray of the shape of the output
            dL/d(output).

        Returns
        -------
        ndarray of the shape of the input
            dL/d(input). The gradients by the parameters are then in the parameters.
        """
        for m in reversed(self.modules):
            grad = m.backward(grad)
        return grad

    def parameters(self) -> list[Parameter]:
        return [parameter for module in self.modules for parameter in module.parameters()]
