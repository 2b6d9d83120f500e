# mypy: ignore-errors
# result: graded failed missing
# points: at most 6
"""Returns, prints and raises text that no file can hold."""
BAD = "\ud800\x00\u202e\x1b[2J<script>alert(1)</script>"
print(BAD)


def backward(x, y, w0, w1, w2, ws):
    print(BAD)
    return {BAD: BAD, "w0": BAD}


def step(x, y, w0, w1, w2, ws, lr):
    raise ValueError(BAD)
