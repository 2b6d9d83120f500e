# mypy: ignore-errors
# result: graded
"""Fills the disk."""
import os
import tempfile


@attempt
def fill():
    written = 0
    for folder in dict.fromkeys((".", os.environ.get("HOME", "."), os.environ.get("TMPDIR", "."), "/tmp", "/var/tmp")):
        for number in range(20):
            try:
                with open(f"{folder}/big{number}", "wb") as file:
                    for _ in range(7):
                        written += file.write(bytes(1 << 20))
                        file.flush()
            except OSError:
                break
    return f"wrote {written >> 20} MB" if written > 64 << 20 else None
