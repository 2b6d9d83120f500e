# mypy: ignore-errors
# result: graded
"""Lets pipes hold memory for it."""
import fcntl
import os


@attempt
def fill():
    held = 0
    try:
        for _ in range(600):
            _, end = os.pipe()
            fcntl.fcntl(end, 1031, 1 << 20)
            os.set_blocking(end, False)
            held += os.write(end, bytes(1 << 20))
    except OSError:
        pass
    return f"pipes hold {held >> 20} MB" if held > 64 << 20 else None
