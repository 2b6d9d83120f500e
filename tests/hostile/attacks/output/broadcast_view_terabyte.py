# mypy: ignore-errors
# result: graded failed memory
# points: at most 6
"""Returns an array that says it has eight terabytes and takes none."""
import numpy as np


def backward(x, y, w0, w1, w2, ws):
    return {name: np.broadcast_to(0.0, (10**6, 10**6)) for name in ("w0", "w1", "w2", "ws")}
