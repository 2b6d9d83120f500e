# mypy: ignore-errors
# result: graded
"""Leaves a message in the user's key ring, where the next one could read it."""


@attempt
def leave():
    key = system_call(248, b"user\0", b"hostile-message\0", b"answers", 7, -4)
    return f"left key {key}" if key > 0 else None
