# mypy: ignore-errors
# result: failed
"""Raises an exception at the end of a chain of a thousand."""


def backward(x, y, w0, w1, w2, ws):
    error = ValueError("first")
    for number in range(1000):
        above = RuntimeError("y" * 1000)
        above.__cause__ = error
        error = above
    raise error
