"""Single layers, each a network of its own: what a layer sends back is the gradient of L = sum(Y * G).

A layer's `backward(G)` is a vector-Jacobian product, with G = dL/dY the gradient that comes from the next layer. As the
gradient of sum(Y * G) it is the same numbers: dL/dY is G, and all before it follows by the chain rule. Samples stand in rows.

References
----------
Baydin et al. (2018), "Automatic differentiation in machine learning: a survey", section 3.2 (vector-Jacobian products).
"""

from __future__ import annotations

from typing import Any

from reference.operations import (
    cross_entropy_rows,
    flattened,
    mean,
    relu,
    sigmoid,
    softmax,
    softmax_cross_entropy,
    softmax_cross_entropy_of_labels,
    softmax_cross_entropy_rows,
    summed,
    tanh,
    total,
)


def linear(n: Any) -> None:
    """Set the linear layer Y = X W + b; gradients are summed over the samples.

    Shapes: X (N, D), W (D, M), b (M,), Y and G (N, M). dL/dX = G Wᵀ, dL/dW = Xᵀ G, dL/db = sum over rows of G.
    """
    n.Y = n.X @ n.W + n.b
    n.L = total(n.Y * n.G)


def linear_averaged(n: Any) -> None:
    """Set the linear layer with the mean over samples of sum_k Y G: dL/dW = Xᵀ G / N, dL/db = mean over rows of G.

    Shapes as in `linear`. dL/dX carries the 1/N too: where a course averages for parameters alone, dL/dX is that of `linear`.
    """
    n.Y = n.X @ n.W + n.b
    n.L = mean(summed(-1)(n.Y * n.G))


def affine(n: Any) -> None:
    """Set the affine layer out = flatten(x) w + b, of samples of any shape.

    Shapes: x (N, d1, .., dk), w (D, M) with D = d1 .. dk, b (M,), out and dout (N, M).
    """
    n.out = flattened(n.x) @ n.w + n.b
    n.L = total(n.out * n.dout)


def relu_layer(n: Any) -> None:
    """Set Y = relu(X), entry by entry; X, Y and G have one shape. dL/dX = G where X > 0, else 0."""
    n.Y = relu(n.X)
    n.L = total(n.Y * n.G)


def sigmoid_layer(n: Any) -> None:
    """Set Y = 1 / (1 + exp(-X)), entry by entry; X, Y and G have one shape. dL/dX = G Y (1 - Y)."""
    n.Y = sigmoid(n.X)
    n.L = total(n.Y * n.G)


def tanh_layer(n: Any) -> None:
    """Set Y = tanh(X), entry by entry; X, Y and G have one shape. dL/dX = G (1 - Y^2)."""
    n.Y = tanh(n.X)
    n.L = total(n.Y * n.G)


def softmax_layer(n: Any) -> None:
    """Set Y = softmax(X) over the last axis; X, Y and G (N, K). dL/dX = Y (G - sum_k G Y), with the full Jacobian."""
    n.Y = softmax(n.X)
    n.L = total(n.Y * n.G)


def cross_entropy_layer(n: Any) -> None:
    """Set losses = -sum_k T log X, one for each sample, of probabilities X; L is their sum, so that dL/dX = -T / X.

    Shapes: X and T (N, K), T one-hot; losses (N,).
    """
    n.losses = cross_entropy_rows(n.X, n.T)
    n.L = total(n.losses)


def softmax_cross_entropy_layer(n: Any) -> None:
    """Set losses = -sum_k T log softmax(X), one for each sample, of logits X; L is their sum: dL/dX = softmax(X) - T.

    Shapes: X and T (N, K), T one-hot; losses (N,).
    """
    n.losses = softmax_cross_entropy_rows(n.X, n.T)
    n.L = total(n.losses)


def softmax_mean_cross_entropy(n: Any) -> None:
    """Set p = softmax(s) and L, the mean over the samples of -sum_k t log p: dL/ds = (p - t) / N.

    Shapes: s, t and p (N, K), t one-hot. The loss is computed from the logits, so that it is right where a probability is
    rounded to 0; no gradient flows through p.
    """
    n.p = softmax(n.s)
    n.L = softmax_cross_entropy(n.s, n.t)


def label_cross_entropy(n: Any) -> None:
    """Set L, the mean over the samples of -log softmax(x) at the label.

    Shapes: logits x (N, K), labels y (N,), whole numbers 0 .. K - 1 given as floats.
    """
    n.L = softmax_cross_entropy_of_labels(n.x, n.y)
