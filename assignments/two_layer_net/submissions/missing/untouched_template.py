"""A two-layer classifier, built of layers that each know their forward and their backward pass.

    scores = relu(X W1 + b1) W2 + b2
    L      = -1/N sum_n log softmax(scores[n])[y[n]] + reg (sum W1^2 + sum W2^2)

Samples stand in rows; `y` holds the number of the right class of each. A forward pass returns its output and a cache with
what the backward pass of the same layer needs; a backward pass takes the gradient by the output and that cache.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Labels: TypeAlias = NDArray[np.int64]
AffineCache: TypeAlias = tuple[Array, Array, Array]
"""`(x, w, b)` as `affine_forward` got them."""


def affine_forward(x: Array, w: Array, b: Array) -> tuple[Array, AffineCache]:
    """Compute out = x w + b, each sample flattened to a row.

    Parameters
    ----------
    x : ndarray of shape (N, d1, .., dk), float64
        Samples, of D = d1 * .. * dk numbers each.
    w : ndarray of shape (D, M), float64
        Weights.
    b : ndarray of shape (M,), float64
        Bias.

    Returns
    -------
    out : ndarray of shape (N, M), float64
    cache : tuple
        `(x, w, b)`.
    """
    raise NotImplementedError("not yet written")


def affine_backward(dout: Array, cache: AffineCache) -> tuple[Array, Array, Array]:
    """Pass the gradient back through an affine layer.

    Parameters
    ----------
    dout : ndarray of shape (N, M), float64
        dL/d(out).
    cache : tuple
        From `affine_forward`.

    Returns
    -------
    dx : ndarray of shape (N, d1, .., dk), float64
        dL/dx, in the shape of x.
    dw : ndarray of shape (D, M), float64
        dL/dw, summed over the samples.
    db : ndarray of shape (M,), float64
        dL/db, summed over the samples.
    """
    raise NotImplementedError("not yet written")


def relu_forward(x: Array) -> tuple[Array, Array]:
    """Compute out = max(x, 0), entry by entry.

    Parameters
    ----------
    x : ndarray of any shape, float64

    Returns
    -------
    out : ndarray of the shape of x, float64
    cache : ndarray
        x.
    """
    raise NotImplementedError("not yet written")


def relu_backward(dout: Array, cache: Array) -> Array:
    """Pass the gradient back through a ReLU.

    Parameters
    ----------
    dout : ndarray of the shape of x, float64
        dL/d(out).
    cache : ndarray
        From `relu_forward`.

    Returns
    -------
    ndarray of the shape of x, float64
        dL/dx.
    """
    raise NotImplementedError("not yet written")


def softmax_loss(x: Array, y: Labels) -> tuple[float, Array]:
    """Compute the mean softmax cross-entropy, and its gradient by the logits.

    Parameters
    ----------
    x : ndarray of shape (N, K), float64
        Logits, of any size.
    y : ndarray of shape (N,), int64
        The right class of each sample, 0 .. K - 1.

    Returns
    -------
    loss : float
        The mean over the samples.
    dx : ndarray of shape (N, K), float64
        d(loss)/dx.
    """
    raise NotImplementedError("not yet written")


class TwoLayerNet:
    """Affine - ReLU - affine, with a softmax loss.

    Parameters
    ----------
    W1 : ndarray of shape (D, H), float64
    b1 : ndarray of shape (H,), float64
    W2 : ndarray of shape (H, K), float64
    b2 : ndarray of shape (K,), float64
    """

    def __init__(self, W1: Array, b1: Array, W2: Array, b2: Array) -> None:
        self.params = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}

    def scores(self, X: Array) -> Array:
        """Compute the logits.

        Parameters
        ----------
        X : ndarray of shape (N, D), float64
            A batch of samples.

        Returns
        -------
        ndarray of shape (N, K), float64
        """
        raise NotImplementedError("not yet written")

    def loss(self, X: Array, y: Labels, reg: float) -> tuple[float, dict[str, Array]]:
        """Compute the regularised loss of a batch, and its gradient by every parameter.

        Parameters
        ----------
        X : ndarray of shape (N, D), float64
            A batch of samples.
        y : ndarray of shape (N,), int64
            The right class of each sample.
        reg : float
            Factor of the squared weights; biases are not regularised.

        Returns
        -------
        loss : float
        grads : dict of str to ndarray
            dL/d(parameter), keys and shapes as those of `params`.
        """
        raise NotImplementedError("not yet written")
