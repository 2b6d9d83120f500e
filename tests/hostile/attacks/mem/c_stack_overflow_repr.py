# mypy: ignore-errors
# result: failed killed graded
# points: at most 10
"""Overflows the stack of C in writing out a list."""


def backward(x, y, w0, w1, w2, ws):
    deep = []
    for _ in range(200_000):
        deep = [deep]
    return {"w0": float(len(repr(deep)))}
