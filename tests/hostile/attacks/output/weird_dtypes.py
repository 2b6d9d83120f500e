# mypy: ignore-errors
# result: graded failed missing
# points: at most 6
"""Returns arrays of structures, dates, texts and bytes."""
import numpy as np


def backward(x, y, w0, w1, w2, ws):
    return {
        "w0": np.zeros(2, dtype=[("a", "U10"), ("b", "O")]),
        "w1": np.array(["2020-01-01"], dtype="datetime64[D]"),
        "w2": np.array(["\ud800"]),
        "ws": np.zeros(3, dtype="V8"),
    }
