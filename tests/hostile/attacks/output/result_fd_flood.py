# mypy: ignore-errors
# result: output killed
"""Writes without end to whatever is open, so that the results drown."""
import os

while True:
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, bytes(65536))
        except OSError:
            pass
