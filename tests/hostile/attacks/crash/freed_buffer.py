# mypy: ignore-errors
# result: killed failed graded
# points: at most 6
"""Returns an array over memory at a wild address."""
import numpy as np


class Interface:
    __array_interface__ = {"shape": (1 << 16,), "typestr": "<f8", "data": (4096, False), "version": 3}


def backward(x, y, w0, w1, w2, ws):
    return {name: np.asarray(Interface()) for name in ("w0", "w1", "w2", "ws")}
