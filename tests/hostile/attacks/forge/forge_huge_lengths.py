# mypy: ignore-errors
# result: killed output
# points: at most 6
"""Announces messages of four gigabytes."""
import os
import struct

write_everywhere(struct.pack("<4sII", b"BPG1", 0xFFFFFFFF, 0xFFFFFFFF) * 10)
os._exit(0)
