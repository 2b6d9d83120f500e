# mypy: ignore-errors
# result: graded
# points: at most 6
"""Answers with another number each time it is asked; what cannot be repeated must not be taken for a slip of the pen."""
CALLS = []


def backward(x, y, w0, w1, w2, ws):
    CALLS.append(x)
    return dict.fromkeys(("w0", "w1", "w2", "ws"), float(len(CALLS)))
