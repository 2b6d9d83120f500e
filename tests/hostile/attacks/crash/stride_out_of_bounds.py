# mypy: ignore-errors
# result: killed failed graded
# points: at most 6
"""Returns an array that reaches far out of its memory."""
import numpy as np


def backward(x, y, w0, w1, w2, ws):
    far = np.lib.stride_tricks.as_strided(np.ones(1), shape=(1 << 18,), strides=(1 << 20,))
    return {name: far for name in ("w0", "w1", "w2", "ws")}
