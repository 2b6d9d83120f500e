"""Gradients of deep stacks: plain and residual layers, sigmoid and ReLU, and the first layer's gradient against depth.

    H0 = X
    Hk = f(H(k-1) Wk)               plain
    Hk = f(H(k-1) Wk) + H(k-1)      residual
    L  = sum(Hd * G)

There are no biases and all layers have the same width D. Samples stand in rows: X, G and every Hk have shape (N, D), every
Wk has shape (D, D). G is the gradient that arrives at the top, dL/dHd.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Activation: TypeAlias = Literal["sigmoid", "relu"]


def activate(Z: Array, activation: Activation) -> Array:
    """Compute f(Z), entry by entry.

    Parameters
    ----------
    Z : ndarray of any shape, float64
    activation : {"sigmoid", "relu"}

    Returns
    -------
    ndarray of the shape of Z, float64
    """
    return np.maximum(Z, 0.0) if activation == "relu" else 1.0 / (1.0 + np.exp(-Z))


def forward(X: Array, weights: Sequence[Array], activation: Activation, residual: bool) -> list[Array]:
    """Compute the output of every layer.

    Parameters
    ----------
    X : ndarray of shape (N, D), float64
        Input of the first layer.
    weights : sequence of d ndarrays of shape (D, D), float64
        W1 to Wd.
    activation : {"sigmoid", "relu"}
        The same in every layer.
    residual : bool
        Whether a layer adds its input to its output.

    Returns
    -------
    list of d ndarrays of shape (N, D), float64
        H1 to Hd.
    """
    raise NotImplementedError("not yet written")


def gradients(
    X: Array, weights: Sequence[Array], G: Array, activation: Activation, residual: bool
) -> list[Array]:
    """Compute the gradient of L = sum(Hd * G) by every layer's weights.

    Parameters
    ----------
    X : ndarray of shape (N, D), float64
        Input of the first layer.
    weights : sequence of d ndarrays of shape (D, D), float64
        W1 to Wd.
    G : ndarray of shape (N, D), float64
        dL/dHd.
    activation : {"sigmoid", "relu"}
        The same in every layer.
    residual : bool
        Whether a layer adds its input to its output.

    Returns
    -------
    list of d ndarrays of shape (D, D), float64
        dL/dW1 to dL/dWd.
    """
    raise NotImplementedError("not yet written")


def norms_by_depth(
    X: Array, weights: Sequence[Array], G: Array, activation: Activation, residual: bool
) -> Array:
    """Compute the norm of the first layer's gradient in stacks of 1, 2, .., d layers.

    Parameters
    ----------
    X : ndarray of shape (N, D), float64
        Input of the first layer.
    weights : sequence of d ndarrays of shape (D, D), float64
        W1 to Wd. The stack of m layers has the first m of them.
    G : ndarray of shape (N, D), float64
        The gradient that arrives at the top of each stack.
    activation : {"sigmoid", "relu"}
        The same in every layer.
    residual : bool
        Whether a layer adds its input to its output.

    Returns
    -------
    ndarray of shape (d,), float64
        Entry m - 1 is the Frobenius norm of dL/dW1 in the stack of m layers: the root of the sum of its squared entries.
    """
    raise NotImplementedError("not yet written")
