# mypy: ignore-errors
# result: killed failed graded timeout
# points: at most 6
"""Returns an array of a file that is shorter by the time it is read."""
import os

import numpy as np


def backward(x, y, w0, w1, w2, ws):
    mapped = np.memmap("shrinks.bin", dtype="f8", mode="w+", shape=(1 << 16,))
    os.truncate("shrinks.bin", 0)
    return {name: mapped for name in ("w0", "w1", "w2", "ws")}
