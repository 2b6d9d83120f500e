# mypy: ignore-errors
# result: graded failed missing timeout
# points: at most 6
"""Returns an object whose conversion to an array never ends, grows and lies."""


class Bomb:
    def __array__(self, *rest, **options):
        while True:
            pass

    def __len__(self):
        return 1 << 62

    def __getitem__(self, index):
        return Bomb()

    @property
    def __array_interface__(self):
        return {"version": 3, "shape": (1 << 40,), "typestr": "<f8", "data": (1, False)}


def backward(x, y, w0, w1, w2, ws):
    return {name: Bomb() for name in ("w0", "w1", "w2", "ws")}
