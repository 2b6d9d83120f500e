"""Exercise 6.

Discussion:

Sigmoid layers shrink the gradient, because the derivative is at most 1/4. ReLU layers do not shrink it much. With skip
connections the gradient also goes straight through, so it does not vanish.
"""

import numpy as np


def activate(Z, activation):
    return np.maximum(Z, 0.0) if activation == "relu" else 1.0 / (1.0 + np.exp(-Z))


def d(Z, activation):
    a = activate(Z, activation)
    return (Z > 0) * 1.0 if activation == "relu" else a * (1 - a)


def forward(X, weights, activation, residual):
    W1, W2, W3 = weights
    r = 1 if residual else 0
    H1 = activate(X @ W1, activation) + r * X
    H2 = activate(H1 @ W2, activation) + r * H1
    H3 = activate(H2 @ W3, activation) + r * H2
    return [H1, H2, H3]


def gradients(X, weights, G, activation, residual):
    W1, W2, W3 = weights
    r = 1 if residual else 0
    H1, H2, H3 = forward(X, weights, activation, residual)
    dZ3 = G * d(H2 @ W3, activation)
    dH2 = dZ3 @ W3.T + r * G
    dZ2 = dH2 * d(H1 @ W2, activation)
    dH1 = dZ2 @ W2.T + r * dH2
    dZ1 = dH1 * d(X @ W1, activation)
    return [X.T @ dZ1, H1.T @ dZ2, H2.T @ dZ3]


def norms_by_depth(X, weights, G, activation, residual):
    norms = []
    for m in range(1, len(weights) + 1):
        norms.append(np.linalg.norm(gradients(X, weights[:m], G, activation, residual)[0]))
    return np.array(norms)
