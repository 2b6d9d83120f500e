# mypy: ignore-errors
# result: killed
"""Aborts."""
import os


def backward(x, y, w0, w1, w2, ws):
    os.abort()
