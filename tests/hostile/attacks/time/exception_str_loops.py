# mypy: ignore-errors
# result: timeout
"""Raises an exception that takes for ever to write out."""


class Endless(Exception):
    def __str__(self):
        while True:
            pass


def backward(x, y, w0, w1, w2, ws):
    raise Endless
