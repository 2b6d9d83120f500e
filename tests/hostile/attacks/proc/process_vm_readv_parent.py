# mypy: ignore-errors
# result: graded
"""Reads the memory of other processes by a system call."""


@attempt
def read():
    import ctypes
    import struct

    into = ctypes.create_string_buffer(4096)
    mine = struct.pack("QQ", ctypes.addressof(into), 4096)
    theirs = struct.pack("QQ", id(object), 4096)
    hit = [pid for pid in others() if system_call(310, pid, mine, 1, theirs, 1, 0) > 0]
    return f"read the memory of {hit}" if hit else None
