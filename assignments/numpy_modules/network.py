"""The networks behind the questions: gradients that start anew or are added to, modules in a row, and a gradient check."""

# ruff: noqa: ARG005  a rule names all its symbols whether it uses them or not
from __future__ import annotations

from typing import Any

import numpy as np

from reference.operations import ForwardSlip, Operation, Slip, add, relu, sigmoid, total

# --------------------------------------------------------------------------------------------------------------
# zero_grad: what a gradient is after it was set to zero and a new one was added

restarted = Operation(
    name="start from zero, then add",
    forward=lambda old, new: new + 0.0 * old,
    rules=(lambda g, y, old, new: np.zeros_like(old), lambda g, y, old, new: g),
    written="0 + {1}",
    derivatives=("0", "{g}"),
    forward_slips=(
        ForwardSlip(name="gradients-kept", operation=add, text="the gradient from before is still in it"),
    ),
    linear=True,
)


def one_new_parameter(n: Any) -> None:
    """Set the gradient of one parameter that had none before: `W_grad` = dW, of any one shape."""
    n.W_grad = n.dW
    n.L = total(n.W_grad)


def two_used_parameters(n: Any) -> None:
    """Set the gradients of one layer that was trained before; dW and W_old have one shape, db and b_old another."""
    n.W_grad = restarted(n.W_old, n.dW)
    n.b_grad = restarted(n.b_old, n.db)
    n.L = total(n.W_grad) + total(n.b_grad)


def four_parameters(n: Any) -> None:
    """Set the gradients of two layers: the first is new, the second was trained before."""
    n.W1_grad = n.dW1
    n.b1_grad = n.db1
    n.W2_grad = restarted(n.W2_old, n.dW2)
    n.b2_grad = restarted(n.b2_old, n.db2)
    n.L = total(n.W1_grad) + total(n.b1_grad) + total(n.W2_grad) + total(n.b2_grad)


# --------------------------------------------------------------------------------------------------------------
# Modules: the upstream gradient G is dL/dY of L = sum(Y G)

old_gradient = Operation(
    name="the gradient from before",
    forward=lambda w, old: np.sum(w * old),
    rules=(lambda g, y, w, old: g * old, lambda g, y, w, old: g * w),
    written="sum({0} * {1})",
    derivatives=("{g} * {1}", "{g} * {0}"),
    slips=(
        (
            Slip(
                name="path-dropped",
                rule=lambda g, y, w, old: np.zeros_like(old),
                written="0",
                text="the gradient from before is overwritten, not added to",
            ),
        ),
        (),
    ),
    linear=True,
)
"""A sum of products whose derivative by `w` is `old`: that is how a gradient comes into a loss that was there before."""


def accumulating_linear(n: Any) -> None:
    """Set Y = X W + b, and L so that dL/dW is W_old plus the gradient by Y = X W + b; the same for b.

    Shapes: X (N, D), W and W_old (D, M), b and b_old (M,), G (N, M).
    """
    n.Y = n.X @ n.W + n.b
    n.L = total(n.Y * n.G) + old_gradient(n.W, n.W_old) + old_gradient(n.b, n.b_old)


def sigmoid_stack(n: Any) -> None:
    """Set Linear - Sigmoid - Linear; X (N, D), W1 (D, H), b1 (H,), W2 (H, M), b2 (M,), G (N, M)."""
    n.Z1 = n.X @ n.W1 + n.b1
    n.A1 = sigmoid(n.Z1)
    n.Y = n.A1 @ n.W2 + n.b2
    n.L = total(n.Y * n.G)


def relu_stack(n: Any) -> None:
    """Set Linear - ReLU - Linear - ReLU - Linear; X (N, D), W1 (D, H), W2 (H, J), W3 (J, M), G (N, M)."""
    n.Z1 = n.X @ n.W1 + n.b1
    n.A1 = relu(n.Z1)
    n.Z2 = n.A1 @ n.W2 + n.b2
    n.A2 = relu(n.Z2)
    n.Y = n.A2 @ n.W3 + n.b3
    n.L = total(n.Y * n.G)


# --------------------------------------------------------------------------------------------------------------
# check_gradients: |a - n| / (|a| + |n|) where every gradient a is c times the right one n, c > 1

_of_the_larger = Operation(
    name="difference relative to the larger",
    forward=lambda c: (c - 1.0) / c,
    rules=(lambda g, y, c: g / c**2,),
    written="({0} - 1) / {0}",
    derivatives=("{g} / {0}^2",),
)

_of_the_smaller = Operation(
    name="difference relative to the smaller",
    forward=lambda c: c - 1.0,
    rules=(lambda g, y, c: g,),
    written="{0} - 1",
    derivatives=("{g}",),
)

_of_the_mean = Operation(
    name="difference relative to the mean",
    forward=lambda c: 2.0 * (c - 1.0) / (c + 1.0),
    rules=(lambda g, y, c: g * 4.0 / (c + 1.0) ** 2,),
    written="2 ({0} - 1) / ({0} + 1)",
    derivatives=("{g} * 4 / ({0} + 1)^2",),
)

relative_difference = Operation(
    name="relative difference",
    forward=lambda c: (c - 1.0) / (c + 1.0),
    rules=(lambda g, y, c: g * 2.0 / (c + 1.0) ** 2,),
    written="({0} - 1) / ({0} + 1)",
    derivatives=("{g} * 2 / ({0} + 1)^2",),
    forward_slips=(
        ForwardSlip(
            name="other-convention",
            operation=_of_the_larger,
            text="the difference is divided by the norm of the gradients of backpropagation alone",
        ),
        ForwardSlip(
            name="other-convention",
            operation=_of_the_smaller,
            text="the difference is divided by the norm of the central differences alone",
        ),
        ForwardSlip(
            name="other-convention",
            operation=_of_the_mean,
            text="the difference is divided by the mean of both norms, not by their sum",
        ),
    ),
)


def checked_gradients(n: Any) -> None:
    """Set the error that a gradient check finds when all gradients by parameters are c times too large."""
    n.error = relative_difference(n.c)
    n.L = n.error
