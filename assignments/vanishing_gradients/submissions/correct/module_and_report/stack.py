import math

import matplotlib.pyplot as plt
import numpy as np


def activate(Z, activation):
    return np.maximum(Z, 0.0) if activation == "relu" else 1.0 / (1.0 + np.exp(-Z))


def layers(X, weights, activation, residual):
    """All Z and all H, in float32 to save memory."""
    H, Zs, Hs = X.astype(np.float32), [], []
    for W in weights:
        Zs.append(H @ W.astype(np.float32))
        H = activate(Zs[-1], activation) + (H if residual else np.float32(0))
        Hs.append(H)
    return Zs, Hs


def forward(X, weights, activation, residual):
    return tuple(layers(X, weights, activation, residual)[1])


def gradients(X, weights, G, activation, residual):
    Zs, Hs = layers(X, weights, activation, residual)
    inputs = [X.astype(np.float32)] + Hs[:-1]
    d = G.astype(np.float32)
    result = []
    for Z, H, W in reversed(list(zip(Zs, inputs, weights))):
        if activation == "relu":
            dZ = np.where(Z >= 0, d, 0)
        else:
            dZ = d * np.exp(-np.abs(Z)) / (1 + np.exp(-np.abs(Z))) ** 2
        result.insert(0, H.T @ dZ)
        d = dZ @ W.astype(np.float32).T + (d if residual else 0)
    return tuple(result)


def norms_by_depth(X, weights, G, activation, residual):
    return [
        math.sqrt((gradients(X, weights[: m + 1], G, activation, residual)[0].astype(float) ** 2).sum())
        for m in range(len(weights))
    ]


if __name__ == "__main__":
    rng = np.random.default_rng(7)
    X, G = rng.normal(size=(6, 10)), rng.normal(size=(6, 10))
    weights = list(rng.normal(0, math.sqrt(0.2), (20, 10, 10)))
    for activation in ("sigmoid", "relu"):
        for residual in (False, True):
            plt.semilogy(range(1, 21), norms_by_depth(X, weights, G, activation, residual))
    plt.savefig("curves.png")
