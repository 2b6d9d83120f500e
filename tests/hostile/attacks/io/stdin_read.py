# mypy: ignore-errors
# result: graded
"""Reads from the standard input, and from a terminal."""
import os
import sys


@attempt
def read():
    said = []
    for ask in (input, lambda: sys.stdin.read(), lambda: os.read(0, 100), lambda: open("/dev/tty").read(1)):
        try:
            said.append(ask())
        except (EOFError, OSError, AttributeError):
            continue
    return f"read {said}" if any(said) else None
