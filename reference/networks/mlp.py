"""Multi-layer perceptrons for classification, samples in rows.

References
----------
Goodfellow, Bengio and Courville (2016), "Deep Learning", chapter 6, and algorithms 6.3 and 6.4 (its two passes).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reference.operations import (
    Operation,
    cross_entropy_rows,
    mean,
    relu,
    sigmoid,
    softmax,
    softmax_cross_entropy,
    tanh,
)


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
        _set_logits(n, layers, activation)
        n.L = softmax_cross_entropy(n.logits, n.T)

    return network


def mlp_with_softmax_layer(layers: int, activation: Operation = relu) -> Callable[[Any], None]:
    """Make the network function of an MLP whose last layer is a softmax, with the cross-entropy of its probabilities.

    Parameters
    ----------
    layers : int
        Number of linear layers, at least 1.
    activation : Operation
        Between the linear layers.

    Returns
    -------
    callable
        Sets Zk, Ak and logits as `mlp` does, then p = softmax(logits), losses = -sum_k T log p (N,) and L, their mean. The gradient
        flows through p: where a probability is rounded to 0 nothing comes back for its sample.
    """

    def network(n: Any) -> None:
        _set_logits(n, layers, activation)
        n.p = softmax(n.logits)
        n.losses = cross_entropy_rows(n.p, n.T)
        n.L = mean(n.losses)

    return network


def _set_logits(n: Any, layers: int, activation: Operation) -> None:
    values = n.X
    for k in range(1, layers):
        setattr(n, f"Z{k}", values @ getattr(n, f"W{k}") + getattr(n, f"b{k}"))
        setattr(n, f"A{k}", activation(getattr(n, f"Z{k}")))
        values = getattr(n, f"A{k}")
    n.logits = values @ getattr(n, f"W{layers}") + getattr(n, f"b{layers}")


two_layer_mlp = mlp(2)
three_layer_mlp = mlp(3)
sigmoid_mlp = mlp(2, sigmoid)
"""Linear, sigmoid, linear, softmax cross-entropy."""
tanh_mlp = mlp(2, tanh)
softmax_mlp = mlp_with_softmax_layer(2)
"""Linear, ReLU, linear, softmax, cross-entropy."""
