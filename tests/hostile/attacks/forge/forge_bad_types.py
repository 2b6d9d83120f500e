# mypy: ignore-errors
# result: killed output graded
# points: at most 6
"""Sends messages in which every field is of another type than expected."""
import os

ODD = (None, True, -1, 1e308, "x", [], {}, [[]], {"error": 5}, "\ud800", 10**300)
backward = wrong_backward
for kind in ("ready", "surveyed", "note", "loading", "stopped", "loaded", "calling", "returned", "raised", "overflow"):
    for odd in ODD:
        fields = dict.fromkeys(("text", "found", "source", "cell", "error", "unreadable", "functions", "memory"), odd)
        more = dict.fromkeys(("index", "value", "changed", "printed", "cut"), odd)
        write_everywhere(frame({"kind": kind, **fields, **more}))
os._exit(0)
