# mypy: ignore-errors
# result: timeout
"""Returns an object of a type whose name takes for ever."""


class Meta(type):
    @property
    def __name__(cls):
        while True:
            pass


class Thing(metaclass=Meta):
    pass


def backward(x, y, w0, w1, w2, ws):
    return Thing()
