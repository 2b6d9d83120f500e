# mypy: ignore-errors
# result: memory
"""Asks for 64 GB at once."""
import numpy as np


def backward(x, y, w0, w1, w2, ws):
    return np.ones(8 << 30)
