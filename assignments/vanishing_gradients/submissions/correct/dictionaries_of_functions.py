"""Vanishing gradients

Depth and skip connections
--------------------------
Plain sigmoid: every layer multiplies the gradient by sigma' <= 1/4 and by W, so the norm falls by a constant factor
per layer, a straight line on the log axis. Plain ReLU: the factor is near 1 with variance 2/D, no trend for long, but it
wanders. With the skip connection the Jacobian is I + (...), so the identity path carries the gradient to the first layer
whatever the weights do: the sigmoid curve is flat. For ReLU both paths add up and the norm grows exponentially,
that is the price: it can explode and would need a smaller initialisation or normalisation.
"""

import numpy as np


def activate(Z, activation):
    return np.maximum(Z, 0.0) if activation == "relu" else 1.0 / (1.0 + np.exp(-Z))


DERIVATIVE = {
    "relu": lambda Z: (Z > 0).astype(float),
    "sigmoid": lambda Z: activate(Z, "sigmoid") * (1 - activate(Z, "sigmoid")),
}


def forward(X, weights, activation, residual):
    Hs = [X]
    for W in weights:
        A = activate(np.dot(Hs[-1], W), activation)
        if residual:
            A = A + Hs[-1]
        Hs.append(A)
    return Hs[1:]


def gradients(X, weights, G, activation, residual):
    Hs = [X] + forward(X, weights, activation, residual)
    grads = [None] * len(weights)
    for k in range(len(weights) - 1, -1, -1):
        Z = np.dot(Hs[k], weights[k])
        dZ = G * DERIVATIVE[activation](Z)
        grads[k] = np.dot(Hs[k].T, dZ)
        dH = np.dot(dZ, weights[k].T)
        if residual:
            dH = dH + G
        G = dH
    return grads


def norms_by_depth(X, weights, G, activation, residual):
    norms = []
    for d in range(1, len(weights) + 1):
        norms.append(np.linalg.norm(gradients(X, weights[:d], G, activation, residual)[0]))
    return np.array(norms)
