# mypy: ignore-errors
# form: folder
# result: graded failed missing awaiting unreadable
# points: at most 10
"""Brings two different answers for one question."""
# ===== file: other.py
def backward(x, y, w0, w1, w2, ws):
    return {"w0": 41.0, "w1": 42.0, "w2": 43.0, "ws": 44.0}
