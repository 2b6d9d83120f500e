# mypy: ignore-errors
# result: killed failed memory timeout
"""Overflows the stack of C with calls back into Python."""
import sys


def backward(x, y, w0, w1, w2, ws):
    import ctypes

    sys.setrecursionlimit(10**8)
    kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)

    def down(number):
        return wrapped(number + 1)

    wrapped = kind(down)
    return wrapped(0)
