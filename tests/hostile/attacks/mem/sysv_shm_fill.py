# mypy: ignore-errors
# result: graded
"""Makes System V shared memory, which outlives its process."""


@attempt
def fill():
    segment = system_call(29, 0x5EED, 16 << 20, 0o1666)
    return f"made segment {segment}" if segment >= 0 else None
