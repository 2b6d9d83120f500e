# mypy: ignore-errors
# result: killed output
# points: at most 6
"""Sends an integer of millions of digits, which takes long to read."""
import os

write_everywhere(frame(b'{"kind":"surveyed","found":[' + b"1" * 4_000_000 + b"]}"))
os._exit(0)
