# mypy: ignore-errors
# result: graded failed missing
# points: at most 6
"""Returns what is nearly a number."""
backward = wrong_backward
from decimal import Decimal
from fractions import Fraction

import numpy as np

KINDS = [
    Decimal("sNaN"),
    Fraction(10**400, 3),
    True,
    np.ma.masked,
    np.ma.array([1.0], mask=[True]),
    np.longdouble("1e4000"),
    np.float16(7e4),
    np.datetime64("NaT"),
    np.rec.array([(1.0,)], dtype=[("w0", "f8")]),
    np.array([(1.0, 2)], dtype=[("\x00\x1b", "f8"), ("<b>", "O")]),
    np.array([object()]),
    np.zeros(3, dtype="V1000000"),
    np.str_("\udcff"),
    np.array(1.0, dtype=np.dtype("f8", metadata={"a": object()})),
    1j,
    range(10**18),
    memoryview(b"x"),
    slice(None),
    Ellipsis,
    NotImplemented,
    -0.0,
    5e-324,
]
CALLS = []


def backward(x, y, w0, w1, w2, ws):
    CALLS.append(x)
    return {name: KINDS[(len(CALLS) * 4 + place) % len(KINDS)] for place, name in enumerate(("w0", "w1", "w2", "ws"))}
