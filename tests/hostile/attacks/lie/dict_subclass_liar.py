# mypy: ignore-errors
# result: graded failed missing
# points: at most 6
"""Returns a dictionary that says something else each time."""


class Liar(dict):
    def items(self):
        return [("w0", 0.0)]

    def __iter__(self):
        return iter(("w0",))

    def __len__(self):
        return 1 << 40

    def __getitem__(self, key):
        return 0.0

    def __contains__(self, key):
        return True


def backward(x, y, w0, w1, w2, ws):
    return Liar(w0=41.0, w1=42.0, w2=43.0, ws=44.0)
