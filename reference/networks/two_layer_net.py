"""The classic two-layer classifier: integer labels, and a penalty on the weights."""

from __future__ import annotations

from typing import Any

from reference.operations import (
    not_penalised,
    relu,
    softmax_cross_entropy_of_labels,
    sum_of_squares,
    with_penalty,
)


def two_layer_net(n: Any) -> None:
    """Set scores = relu(X W1 + b1) W2 + b2 and L, the mean softmax loss plus reg (sum W1^2 + sum W2^2).

    Shapes: X (N, D), W1 (D, H), b1 (H,), W2 (H, K), b2 (K,), scores (N, K), labels y (N,) whole numbers given as floats; reg is a
    single number. The penalty has no factor 1/2, so that dL/dW has 2 reg W; biases carry none: theirs stands in
    the graph as `not_penalised`, so that the mistake has a place.

    References
    ----------
    Goodfellow, Bengio and Courville (2016), "Deep Learning", section 7.1.1 (weight decay, there with 1/2).
    """
    n.Z1 = n.X @ n.W1 + n.b1
    n.A1 = relu(n.Z1)
    n.scores = n.A1 @ n.W2 + n.b2
    weights = sum_of_squares(n.W1) + sum_of_squares(n.W2)
    biases = sum_of_squares(n.b1) + sum_of_squares(n.b2)
    penalty = n.reg * (weights + not_penalised(biases))
    n.L = with_penalty(softmax_cross_entropy_of_labels(n.scores, n.y), penalty)
