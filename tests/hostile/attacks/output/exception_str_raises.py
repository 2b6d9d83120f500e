# mypy: ignore-errors
# result: failed
"""Raises an exception that cannot be written out."""


class Mute(Exception):
    def __str__(self):
        raise SystemExit("no text")

    __repr__ = __str__


def backward(x, y, w0, w1, w2, ws):
    raise Mute
