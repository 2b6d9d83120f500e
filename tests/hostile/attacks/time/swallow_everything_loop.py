# mypy: ignore-errors
# result: timeout
"""Swallows whatever is raised to stop it."""


def backward(x, y, w0, w1, w2, ws):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
