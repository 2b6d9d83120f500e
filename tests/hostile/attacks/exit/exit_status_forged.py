# mypy: ignore-errors
# result: killed
# points: at most 6
"""Kills itself with the signals that the grader uses and understands."""
import os
import signal


def backward(x, y, w0, w1, w2, ws):
    os.kill(os.getpid(), signal.SIGKILL)
    os._exit(0)
