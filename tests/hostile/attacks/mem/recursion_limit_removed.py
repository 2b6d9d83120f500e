# mypy: ignore-errors
# result: killed memory timeout failed
"""Calls itself without end, and without Python's limit."""
import sys

sys.setrecursionlimit(10**9)


class Deep:
    def __getattr__(self, name):
        return getattr(self, name + "x")


def backward(x, y, w0, w1, w2, ws):
    return Deep().x
