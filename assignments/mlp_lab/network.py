"""The networks of the compositions: three linear layers on logits, and two with a softmax layer, losses by sample."""

from __future__ import annotations

from typing import Any

from reference.operations import cross_entropy_rows, mean, relu, softmax, softmax_cross_entropy_rows


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


def softmax_mlp(n: Any) -> None:
    """Set the nodes of a network of two linear layers with a softmax layer before its loss.

    Shapes: X (N, D), W1 (D, H), b1 (H,), W2 (H, K), b2 (K,), T one-hot (N, K).
    """
    n.Z1 = n.X @ n.W1 + n.b1
    n.A1 = relu(n.Z1)
    n.logits = n.A1 @ n.W2 + n.b2
    n.p = softmax(n.logits)
    n.losses = cross_entropy_rows(n.p, n.T)
    n.L = mean(n.losses)
