# mypy: ignore-errors
# result: graded memory failed timeout
# points: at most 6
"""Returns a list of ten million numbers."""


def backward(x, y, w0, w1, w2, ws):
    return [0.0] * 10_000_000
