# mypy: ignore-errors
# result: output
"""Writes without end to the standard output, past Python."""
import os

while True:
    os.write(1, b"all tests passed " * 4000)
