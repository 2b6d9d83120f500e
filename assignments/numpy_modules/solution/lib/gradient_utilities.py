"""What training does with gradients: start them from zero, take a step along them, check them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

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
    # BEGIN SOLUTION
    for parameter in params:
        parameter.grad = np.zeros_like(parameter.data)
    # END SOLUTION


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
    # BEGIN SOLUTION
    model.backward(loss_fn.backward())
    # Every gradient is there before the first parameter changes: a layer's backward pass reads its weights.
    for parameter in model.parameters():
        parameter.data = parameter.data - lr * _gradient(parameter)
    # END SOLUTION


def check_gradients() -> float:
    """Compare backpropagation with central differences on a network Linear - Sigmoid - Linear.

    Returns
    -------
    float
        |a - n| / (|a| + |n|), where the vector a holds the gradients of all parameters by backpropagation, n the same
        by central differences, and |v| is the square root of the sum of squares. It is 0 for equal vectors (here about
        1e-10, from rounding) and 1/3 if one is twice the other.
    """
    # BEGIN SOLUTION
    rng = np.random.default_rng(0)
    x = rng.normal(size=(5, 3))
    targets = np.eye(2)[[0, 1, 1, 0, 1]]
    model = Sequential([Linear(3, 4, rng), Sigmoid(), Linear(4, 2, rng)])
    loss_fn = CrossEntropyLoss()

    def loss() -> float:
        return loss_fn(model(x), targets)

    zero_grad(model.parameters())
    loss()
    model.backward(loss_fn.backward())
    a = np.concatenate([_gradient(parameter).ravel() for parameter in model.parameters()])
    n = np.concatenate([_central_differences(loss, parameter).ravel() for parameter in model.parameters()])
    return float(np.linalg.norm(a - n) / (np.linalg.norm(a) + np.linalg.norm(n)))
    # END SOLUTION


# BEGIN SOLUTION
def _gradient(parameter: Parameter) -> Array:
    assert parameter.grad is not None, "call zero_grad before backward"
    return parameter.grad


def _central_differences(loss: Callable[[], float], parameter: Parameter, step: float = 1e-5) -> Array:
    """Estimate dL/d(parameter) entry by entry as (L(w + step) - L(w - step)) / (2 step)."""
    gradient = np.zeros_like(parameter.data)
    for index in np.ndindex(parameter.data.shape):
        kept = parameter.data[index]
        parameter.data[index] = kept + step
        above = loss()
        parameter.data[index] = kept - step
        below = loss()
        parameter.data[index] = kept
        gradient[index] = (above - below) / (2.0 * step)
    return gradient


# END SOLUTION
