# mypy: ignore-errors
# result: graded failed missing
# points: at most 6
"""Returns a generator without end."""


def backward(x, y, w0, w1, w2, ws):
    while True:
        yield 0.0
