"""Activations: functions that are applied to every entry, and the softmax over the classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .network_base import Module

Array = NDArray[np.float64]


class Sigmoid(Module):
    """a = 1 / (1 + exp(-z)), entry by entry."""

    def forward(self, x: Array) -> Array:
        self.input_cache = x
        return _sigmoid(x)

    def backward(self, grad: Array) -> Array:
        """Return dL/dz = dL/da a (1 - a)."""
        assert self.input_cache is not None, "call forward before backward"
        a = _sigmoid(self.input_cache)
        return grad * a * (1.0 - a)


class ReLU(Module):
    """a = max(z, 0), entry by entry."""

    def forward(self, x: Array) -> Array:
        self.input_cache = x
        return np.maximum(x, 0.0)

    def backward(self, grad: Array) -> Array:
        """Turn the gradient by the output into the gradient by the input of the last forward pass.

        Parameters
        ----------
        grad : ndarray of shape (N, D)
            dL/da, the gradient by the output; D units.

        Returns
        -------
        ndarray of shape (N, D)
            dL/dz, the gradient by the input. At z = 0 any value between 0 and the gradient that arrives is right.
        """
        return grad * (grad > 0)


class Softmax(Module):
    """p_k = exp(s_k) / sum_c exp(s_c) in each row; its backward pass is part of `CrossEntropyLoss`."""

    def forward(self, x: Array) -> Array:
        self.input_cache = x
        # p(s + d) = p(s): without the largest score in it, no exp overflows.
        e = np.exp(x - x.max(axis=1, keepdims=True))
        p: Array = e / e.sum(axis=1, keepdims=True)
        return p


def _sigmoid(z: Array) -> Array:
    # exp(-z) overflows for large negative z, exp(-|z|) never does.
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, e) / (1.0 + e)
