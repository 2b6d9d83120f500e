# mypy: ignore-errors
# result: graded failed killed
# points: at most 10
# says: nothing
"""Closes and replaces the standard streams."""
import sys

sys.stdout.close()
sys.stderr.close()
sys.stdout = sys.stderr = sys.stdin = sys.__stdout__ = sys.__stderr__ = None


def forward(x, w0, w1, w2, ws):
    sys.stdout = object()
    z0 = w0 * x
    h0 = relu(z0)
    z1 = w1 * h0
    h1 = relu(z1)
    z2 = ws * h0 + w2 * h1
    return {"z0": z0, "h0": h0, "z1": z1, "h1": h1, "z2": z2, "y_hat": z2}
