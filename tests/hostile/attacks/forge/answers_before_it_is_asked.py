# mypy: ignore-errors
# result: graded killed failed missing output timeout
# points: at most 6
"""Answers every call while the file is still loaded."""
backward = wrong_backward
for number in range(200):
    for kind in ("begin", "call", "result", "returned", "end", "loaded", "done"):
        write_everywhere(frame({"kind": kind, "call": number, "index": number, "value": ["p", "ffff", ["w0", "w1", "w2", "ws"]], "functions": {}}, bytes(32)))
