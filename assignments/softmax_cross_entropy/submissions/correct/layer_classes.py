from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass
class CompoundLayer:
    """Keeps what the backward pass needs."""

    cache: dict = field(default_factory=dict)

    def forward(self, s: np.ndarray, t: np.ndarray) -> float:
        shift = np.max(s, axis=1, keepdims=True)
        e = np.exp(s - shift)
        Z = np.sum(e, axis=1, keepdims=True)
        self.cache = {"p": e / Z, "t": t}
        return float(np.mean(np.log(Z[:, 0]) + shift[:, 0] - np.sum(s * t, axis=1)))

    def backward(self) -> np.ndarray:
        p, t = self.cache["p"], self.cache["t"]
        return (p - t) / p.shape[0]


def softmax(s: np.ndarray) -> np.ndarray:
    layer = CompoundLayer()
    layer.forward(s, np.zeros_like(s))
    return layer.cache["p"]


def cross_entropy(p: np.ndarray, t: np.ndarray) -> float:
    return float(np.average(-np.log(np.sum(p * t, axis=1))))


def loss(s: np.ndarray, t: np.ndarray) -> float:
    return CompoundLayer().forward(s, t)


def backward(s: np.ndarray, t: np.ndarray) -> np.ndarray:
    layer = CompoundLayer()
    layer.forward(s, t)
    return layer.backward()
