# mypy: ignore-errors
# result: memory
"""Formats a number to a width of many gigabytes."""


def backward(x, y, w0, w1, w2, ws):
    return "%99999999999d" % 1
