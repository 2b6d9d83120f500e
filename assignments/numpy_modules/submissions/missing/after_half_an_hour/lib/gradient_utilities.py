"""What training does with gradients: start them from zero, take a step along them, check them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from .activations import Sigmoid
from .losses import CrossEntropyLoss
from .network import Linear, Sequential
from .network_base import Module, Parameter

Array = NDArray[np.float64]


def zero_grad(params: Iterable[Parameter]) -> None:
    """Set the gradient of each parameter to zeros.

    Parameters
    ----------
    params : iterable of Parameter
        Any number of them. `grad` is None where there never was a gradient; afterwards it is an array of zeros in the
        shape of `data`.
    """
    for p in params:
        p.grad = np.zeros_like(p.data)


def backward_pass(model: Module, loss_fn: CrossEntropyLoss, lr: float) -> None:
    """Run the backward passes of the loss and of the model, then take one step of gradient descent.

    Parameters
    ----------
    model : Module
        Its forward pass was just run, and its gradients were set to zero.
    loss_fn : CrossEntropyLoss
        Its forward pass was just run on the output of the model.
    lr : float
        Learning rate: each parameter moves by lr times its gradient, against it.
    """
    raise NotImplementedError("not yet written")


def check_gradients() -> float:
    """Compare backpropagation with central differences on a network Linear - Sigmoid - Linear.

    Returns
    -------
    float
        |a - n| / (|a| + |n|), where the vector a holds the gradients of all parameters by backpropagation, n the same
        by central differences, and |v| is the square root of the sum of squares. It is 0 for equal vectors (here about
        1e-10, from rounding) and 1/3 if one is twice the other.
    """
    raise NotImplementedError("not yet written")
