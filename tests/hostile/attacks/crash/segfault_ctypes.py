# mypy: ignore-errors
# result: killed failed
"""Reads at address zero."""


def backward(x, y, w0, w1, w2, ws):
    import ctypes

    return ctypes.string_at(0)
