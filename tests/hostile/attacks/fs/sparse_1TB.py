# mypy: ignore-errors
# result: graded
"""Makes a file of a terabyte that takes no room."""
import os


@attempt
def sparse():
    made = []
    for path in ("sparse", "/tmp/sparse", "/dev/shm/sparse"):
        try:
            with open(path, "wb") as file:
                os.truncate(file.fileno(), 1 << 40)
        except OSError:
            continue
        made.append(path)
    return f"made {made}" if made else None
