"""What every module is built on: a parameter with its gradient, and the interface of a module. Nothing to write here."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Parameter:
    """An array that is learned, and the gradient of the loss by it.

    Parameters
    ----------
    data : ndarray of any shape
    grad : ndarray of the shape of `data`, optional
        None until `zero_grad` was called.
    name : str, optional
        For people: "W" or "b".
    """

    def __init__(self, data: Array, grad: Array | None = None, name: str | None = None) -> None:
        self.data = data
        self.grad = grad
        self.name = name


class Module:
    """A step of a network that knows its forward pass and its backward pass.

    `forward` keeps what `backward` will need in `input_cache`, so `backward` belongs to the last call of `forward`.
    """

    def __init__(self) -> None:
        self.input_cache: Array | None = None

    def __call__(self, x: Array) -> Array:
        """Run the forward pass: `module(x)` is `module.forward(x)`."""
        return self.forward(x)

    def forward(self, x: Array) -> Array:
        """Compute the output for a batch `x` and keep what `backward` needs."""
        raise NotImplementedError("a module has a forward pass of its own")

    def backward(self, grad: Array) -> Array:
        """Take dL/d(output), add to the gradients of the parameters, return dL/d(input)."""
        raise NotImplementedError("a module has a backward pass of its own")

    def parameters(self) -> list[Parameter]:
        """List the parameters, each once; a module that learns nothing has none."""
        return []
