# mypy: ignore-errors
# result: graded
"""Traces who started it."""


@attempt
def trace():
    hit = [pid for pid in others() if system_call(101, 16, pid, 0, 0) == 0]
    for pid in hit:
        system_call(101, 17, pid, 0, 0)
    return f"traced {hit}" if hit else None
