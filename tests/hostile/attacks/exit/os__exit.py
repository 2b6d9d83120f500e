# mypy: ignore-errors
# result: killed
"""Ends the process in the middle of a call, as if all went well."""
import os


def backward(x, y, w0, w1, w2, ws):
    os._exit(0)
