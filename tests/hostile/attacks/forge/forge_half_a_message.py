# mypy: ignore-errors
# result: killed timeout
# slow
# points: at most 6
"""Begins a message, and lets the grader wait for the rest."""
import struct
import time

write_everywhere(struct.pack("<4sII", b"BPG1", 1000, 1 << 20) + b"{")
time.sleep(10**6)
