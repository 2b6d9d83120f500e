# mypy: ignore-errors
# result: graded
# claimed: jail seal
"""Asks for the size of files that it may not read."""
import os


@attempt
def ask():
    status = os.stat(TARGETS["gradebook"])
    return f"size {status.st_size} of the gradebook"
