"""Exercise 6.

Discussion:

Sigmoid layers shrink the gradient, because the derivative is at most 1/4. ReLU layers do not shrink it much. With skip
connections the gradient also goes straight through, so it does not vanish.
"""

import numpy as np


def activate(Z, activation):
    return np.maximum(Z, 0.0) if activation == "relu" else 1.0 / (1.0 + np.exp(-Z))


def layer(H, W, activation, residual):
    Z = H @ W
    out = activate(Z, activation)
    if residual:
        out = out + H
    return out, (H, out, W)


def layer_back(dout, cache, activation, residual):
    H, out, W = cache
    if activation == "sigmoid":
        dZ = dout * out * (1 - out)
    else:
        dZ = dout * (out > 0)
    dH = dZ @ W.T
    if residual:
        dH += dout
    return dH, H.T @ dZ


def forward(X, weights, activation, residual):
    Hs = []
    for W in weights:
        X, _ = layer(X, W, activation, residual)
        Hs.append(X)
    return Hs


def gradients(X, weights, G, activation, residual):
    caches = []
    for W in weights:
        X, cache = layer(X, W, activation, residual)
        caches.append(cache)
    dWs = []
    while caches:
        G, dW = layer_back(G, caches.pop(), activation, residual)
        dWs.insert(0, dW)
    return dWs


def norms_by_depth(X, weights, G, activation, residual):
    return np.array(
        [np.linalg.norm(gradients(X, weights[: d + 1], G, activation, residual)[0]) for d in range(len(weights))]
    )
