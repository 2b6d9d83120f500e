# mypy: ignore-errors
# result: graded killed failed timeout
# points: at most 6
"""Changes what it returned while it is written: sizes, entries, keys."""
import threading

import numpy as np

HELD = []
backward = wrong_backward


def change():
    number = 0
    while True:
        for held in list(HELD):
            number += 1
            for name in list(held):
                array = held[name]
                try:
                    array.resize(1 + number % 50000, refcheck=False)
                except ValueError:
                    pass
            held[f"w{number % 100}"] = np.ones(3)
            if len(held) > 50:
                held.clear()


threading.Thread(target=change, daemon=True).start()


def backward(x, y, w0, w1, w2, ws):
    answer = {name: np.ones(1000) for name in ("w0", "w1", "w2", "ws")}
    HELD[:] = [answer]
    return answer
