"""Layers one by one.

Depth and skip connections:

Each sigmoid layer multiplies by a slope of at most 1/4, so what reaches the bottom shrinks with depth. The skip passes
dH on unchanged, whatever the slope is. With ReLU the residual stack grows instead.
"""

import numpy as np

def activate(Z, activation):
    return np.maximum(Z, 0.0) if activation == "relu" else 1.0 / (1.0 + np.exp(-Z))

def forward(X, weights, activation, residual):
    H = X
    for W in weights:
        A = activate(H @ W, activation)
        H = A + H if residual else A
        yield H

def slope(Z, activation):
    if activation == "relu":
        return 1.0 * (Z > 0)
    a = activate(Z, activation)
    return a * (1 - a)

def gradients(X, weights, G, activation, residual):
    Hs = [X, *forward(X, weights, activation, residual)]
    grads = [None] * len(weights)
    d = G
    for k in range(len(weights) - 1, -1, -1):
        dZ = d * slope(Hs[k] @ weights[k], activation)
        grads[k] = Hs[k].T @ dZ
        d = dZ @ weights[k].T + (d if residual else 0)
    return grads

def norms_by_depth(X, weights, G, activation, residual):
    out = []
    for m in range(1, len(weights) + 1):
        g = gradients(X, weights[:m], G, activation, residual)[0]
        out.append(np.sqrt(np.sum(g ** 2)))
    return np.array(out)
