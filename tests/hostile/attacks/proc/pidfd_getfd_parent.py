# mypy: ignore-errors
# result: graded
"""Takes open files out of other processes."""


@attempt
def take():
    hit = []
    for pid in others():
        handle = system_call(434, pid, 0)
        if handle >= 0 and system_call(438, handle, 3, 0) >= 0:
            hit.append(pid)
    return f"took a file of {hit}" if hit else None


@attempt
def signal_through_a_handle():
    hit = []
    for pid in others():
        handle = system_call(434, pid, 0)
        if handle >= 0 and system_call(424, handle, 19, 0, 0) == 0:
            hit.append(pid)
    return f"stopped {hit}" if hit else None
