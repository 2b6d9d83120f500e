"""A multi-layer perceptron for classification, samples in rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reference.operations import Operation, relu, softmax_cross_entropy


def mlp(layers: int, activation: Operation = relu) -> Callable[[Any], None]:
    """Make the network function of an MLP with a softmax cross-entropy loss.

    Parameters
    ----------
    layers : int
        Number of linear layers, at least 1.
    activation : Operation
        Between the layers.

    Returns
    -------
    callable
        Sets Zk = A(k-1) Wk + bk, Ak = activation(Zk) for k = 1 .. layers - 1, with A0 = X, then
        logits = A Wn + bn and L, the mean softmax cross-entropy with the one-hot targets T.
        Shapes: X (N, D0), Wk (D(k-1), Dk), bk (Dk,), T (N, K).
    """

    def network(n: Any) -> None:
        values = n.X
        for k in range(1, layers):
            setattr(n, f"Z{k}", values @ getattr(n, f"W{k}") + getattr(n, f"b{k}"))
            setattr(n, f"A{k}", activation(getattr(n, f"Z{k}")))
            values = getattr(n, f"A{k}")
        n.logits = values @ getattr(n, f"W{layers}") + getattr(n, f"b{layers}")
        n.L = softmax_cross_entropy(n.logits, n.T)

    return network


two_layer_mlp = mlp(2)
three_layer_mlp = mlp(3)
