"""The network of the composition that ends in a loss on logits: three linear layers, and a loss for each sample."""

from __future__ import annotations

from typing import Any

from reference.operations import mean, relu, softmax, softmax_cross_entropy_rows


def logits_mlp(n: Any) -> None:
    """Set the nodes of a network of three linear layers whose loss takes logits.

    Shapes: X (N, D), W1 (D, H), b1 (H,), W2 (H, M), b2 (M,), W3 (M, K), b3 (K,), T one-hot (N, K). `p` is the
    prediction, which no error signal passes; `losses` (N,) has one entry per sample, L is their mean.
    """
    n.Z1 = n.X @ n.W1 + n.b1
    n.A1 = relu(n.Z1)
    n.Z2 = n.A1 @ n.W2 + n.b2
    n.A2 = relu(n.Z2)
    n.logits = n.A2 @ n.W3 + n.b3
    n.p = softmax(n.logits)
    n.losses = softmax_cross_entropy_rows(n.logits, n.T)
    n.L = mean(n.losses)
