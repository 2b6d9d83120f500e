"""What training does with gradients: start them from zero, take a step along them, check them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from activations import Sigmoid
from losses import CrossEntropyLoss
from network import Linear, Sequential
from network_base import Module, Parameter

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
    model.backward(loss_fn.backward())
    for p in model.parameters():
        p.data -= lr * p.grad


def check_gradients() -> float:
    """Compare backpropagation with central differences on a network Linear - Sigmoid - Linear.

    Returns
    -------
    float
        |a - n| / (|a| + |n|), where the vector a holds the gradients of all parameters by backpropagation, n the same
        by central differences, and |v| is the square root of the sum of squares. It is 0 for equal vectors (here about
        1e-10, from rounding) and 1/3 if one is twice the other.
    """
    np.random.seed(0)
    model = Sequential([Linear(3, 4), Sigmoid(), Linear(4, 3)])
    loss_fn = CrossEntropyLoss()
    x = np.random.randn(6, 3)
    y = np.eye(3)[np.random.randint(0, 3, 6)]
    params = model.parameters()
    zero_grad(params)
    loss_fn(model(x), y)
    model.backward(loss_fn.backward())
    eps = 1e-6
    backprop, numerical = [], []
    for p in params:
        num = np.zeros_like(p.data)
        it = np.nditer(p.data, flags=["multi_index"])
        while not it.finished:
            ix = it.multi_index
            p.data[ix] += eps
            up = loss_fn(model(x), y)
            p.data[ix] -= 2 * eps
            down = loss_fn(model(x), y)
            p.data[ix] += eps
            num[ix] = (up - down) / (2 * eps)
            it.iternext()
        backprop.append(p.grad.flatten())
        numerical.append(num.flatten())
    a = np.concatenate(backprop)
    n = np.concatenate(numerical)
    return np.sqrt(np.sum((a - n) ** 2)) / (np.sqrt(np.sum(a**2)) + np.sqrt(np.sum(n**2)))
