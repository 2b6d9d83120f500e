# mypy: ignore-errors
# result: failed
"""Raises what looks like Ctrl-C."""


def backward(x, y, w0, w1, w2, ws):
    raise KeyboardInterrupt
