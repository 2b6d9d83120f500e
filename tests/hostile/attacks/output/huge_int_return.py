# mypy: ignore-errors
# result: graded failed missing
# points: at most 6
"""Returns integers of a million bits."""


def backward(x, y, w0, w1, w2, ws):
    return {name: 1 << 1_000_000 for name in ("w0", "w1", "w2", "ws")}
