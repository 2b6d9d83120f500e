# mypy: ignore-errors
# result: graded failed
# points: at most 6
"""Returns small arrays that pretend to be huge: no strides, negative strides, no size, many dimensions."""
import numpy as np

SHAPES = [
    lambda: np.broadcast_to(np.float64(1.0), (1 << 31, 1 << 31)),
    lambda: np.empty((0, 1 << 40)),
    lambda: np.empty((1 << 31, 0, 1 << 31)),
    lambda: np.ones((1,) * 64),
    lambda: np.ones(4)[::-1],
    lambda: np.lib.stride_tricks.as_strided(np.ones(1), shape=(1 << 40,), strides=(0,)),
]
CALLS = []


def backward(x, y, w0, w1, w2, ws):
    CALLS.append(x)
    shape = SHAPES[len(CALLS) % len(SHAPES)]
    return {name: shape() for name in ("w0", "w1", "w2", "ws")}
