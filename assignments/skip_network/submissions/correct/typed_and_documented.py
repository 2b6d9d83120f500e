"""Backpropagation through a network with a skip connection.

All quantities are scalars; see the exercise sheet for the graph.
"""

from __future__ import annotations

from typing import Final, TypedDict

WEIGHTS: Final = ("w0", "w1", "w2", "ws")


class Nodes(TypedDict):
    z0: float
    h0: float
    z1: float
    h1: float
    z2: float
    y_hat: float


def relu(z: float) -> float:
    """Rectified linear unit."""
    return max(z, 0.0)


def forward(x: float, w0: float, w1: float, w2: float, ws: float) -> Nodes:
    """Evaluate the graph from left to right."""
    h0 = relu(z0 := w0 * x)
    h1 = relu(z1 := w1 * h0)
    z2 = ws * h0 + w2 * h1
    return Nodes(z0=z0, h0=h0, z1=z1, h1=h1, z2=z2, y_hat=z2)


def loss(y_hat: float, y: float) -> float:
    """Absolute error."""
    return abs(y - y_hat)


def backward(x: float, y: float, w0: float, w1: float, w2: float, ws: float) -> dict[str, float]:
    """Evaluate the graph from right to left; g[name] is dL/d(name)."""
    n = forward(x, w0, w1, w2, ws)
    g: dict[str, float] = {"y_hat": -1.0 if y > n["y_hat"] else 1.0}
    g["z2"] = g["y_hat"]
    g |= {"ws": g["z2"] * n["h0"], "w2": g["z2"] * n["h1"], "h1": g["z2"] * w2}
    g["z1"] = g["h1"] if n["z1"] > 0 else 0.0
    g |= {"w1": g["z1"] * n["h0"], "h0": g["z2"] * ws + g["z1"] * w1}
    g["z0"] = g["h0"] if n["z0"] > 0 else 0.0
    g["w0"] = g["z0"] * x
    return g


def update(weights: dict[str, float], gradients: dict[str, float], lr: float) -> dict[str, float]:
    """Gradient descent, one step."""
    return {f"{name}_new": weights[name] - lr * gradients[name] for name in WEIGHTS}
