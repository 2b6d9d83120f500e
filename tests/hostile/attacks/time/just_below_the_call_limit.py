# mypy: ignore-errors
# result: timeout
# points: 3
"""Stays below the limit of one call, in every call."""
import time


def backward(x, y, w0, w1, w2, ws):
    end = time.process_time() + 0.4
    while time.process_time() < end:
        pass
    return wrong_backward(x, y, w0, w1, w2, ws)
