from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]


def softmax(s: Array) -> Array:
    z = s - s.max(axis=1, keepdims=True)
    return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)


def cross_entropy(p: Array, t: Array) -> float:
    raise NotImplementedError("not yet written")


def loss(s: Array, t: Array) -> float:
    raise NotImplementedError("not yet written")


def backward(s: Array, t: Array) -> Array:
    raise NotImplementedError("not yet written")
