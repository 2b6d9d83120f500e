# mypy: ignore-errors
# result: memory
"""Asks for 2 GB that it does not touch."""
import numpy as np


def backward(x, y, w0, w1, w2, ws):
    return np.empty(1 << 28)
