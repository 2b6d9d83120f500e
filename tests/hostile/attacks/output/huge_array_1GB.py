# mypy: ignore-errors
# result: memory graded
# points: at most 6
"""Returns a gigabyte."""
import numpy as np


def backward(x, y, w0, w1, w2, ws):
    return {"w0": np.ones((1 << 27,)), "w1": 0.0, "w2": 0.0, "ws": 0.0}
