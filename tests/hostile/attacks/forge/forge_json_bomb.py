# mypy: ignore-errors
# result: killed output
# points: at most 6
"""Sends messages that are small to send and large to read."""
import os

backward = wrong_backward
write_everywhere(frame(b"[" * 3_000_000))
write_everywhere(frame(b'{"kind":' + b"9" * 3_000_000 + b"}"))
os._exit(0)
