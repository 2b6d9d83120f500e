"""A classifier of two layers as it is written on paper: one sample, and every vector a column."""

from __future__ import annotations

from typing import Any

from reference.operations import log, sigmoid, softmax_over, total


def two_layer_softmax(n: Any) -> None:
    """Set z1 = W1 x + b1, h = sigmoid(z1), z2 = W2 h + b2, y_hat = softmax(z2) and L = -sum_k y_k log y_hat_k.

    Shapes: x (D, 1), W1 (H, D), b1, z1 and h (H, 1), W2 (K, H), b2, z2, y_hat and y (K, 1), y one-hot; L is a single number.
    Softmax and cross-entropy are separate steps, as in a derivation: dL/dz2 = y_hat - y comes out, and is not put in.

    References
    ----------
    Bishop (2006), "Pattern Recognition and Machine Learning", sections 5.1 (the network) and 5.3 (its derivatives).
    """
    n.z1 = n.W1 @ n.x + n.b1
    n.h = sigmoid(n.z1)
    n.z2 = n.W2 @ n.h + n.b2
    n.y_hat = softmax_over(0)(n.z2)
    n.L = -total(n.y * log(n.y_hat))
