"""Exercise 6.

Discussion:

Sigmoid layers shrink the gradient, because the derivative is at most 1/4. ReLU layers do not shrink it much. With skip
connections the gradient also goes straight through, so it does not vanish.
"""

import numpy as np


def activate(Z, activation):
    return np.maximum(Z, 0.0) if activation == "relu" else 1.0 / (1.0 + np.exp(-Z))


def derivative(Z, activation):
    if activation == "relu":
        return 1.0 * (Z > 0)
    a = activate(activate(Z, activation), activation)
    return a * (1 - a)


def forward(X, weights, activation, residual):
    outputs = []
    H = X
    for W in weights:
        A = activate(H @ W, activation)
        if residual:
            H = H + A
        else:
            H = A
        outputs.append(H)
    return outputs


def gradients(X, weights, G, activation, residual):
    outputs = forward(X, weights, activation, residual)
    grads = []
    dH = G
    for k in range(len(weights) - 1, -1, -1):
        H_in = outputs[k - 1] if k > 0 else X
        dZ = dH * derivative(H_in @ weights[k], activation)
        grads.append(H_in.T @ dZ)
        if residual:
            dH = dH + dZ @ weights[k].T
        else:
            dH = dZ @ weights[k].T
    grads.reverse()
    return grads


def norms_by_depth(X, weights, G, activation, residual):
    norms = np.zeros(len(weights))
    for m in range(len(weights)):
        dW = gradients(X, weights[: m + 1], G, activation, residual)
        norms[m] = np.sqrt(np.sum(dW[0] ** 2))
    return norms
