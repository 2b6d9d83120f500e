# mypy: ignore-errors
# result: failed
"""Leaves a call with `sys.exit`."""
import sys


def backward(x, y, w0, w1, w2, ws):
    sys.exit(0)
