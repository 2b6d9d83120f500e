# mypy: ignore-errors
# result: graded
"""Makes other processes wait for the disk, by a call that has no function in Python."""


@attempt
def idle():
    hit = [pid for pid in others() if system_call(251, 1, pid, 3 << 13) == 0]
    return f"made {hit} wait" if hit else None


@attempt
def core_scheduling_and_attributes():
    import struct

    attributes = struct.pack("=IIQiIQQQ", 48, 5, 0, 0, 0, 0, 0, 0)
    hit = [pid for pid in others() if system_call(314, pid, attributes, 0) == 0]
    return f"made {hit} run last" if hit else None
