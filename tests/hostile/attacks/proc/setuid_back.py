# mypy: ignore-errors
# result: graded
"""Becomes somebody else."""
import os


@attempt
def root():
    before = os.getresuid()
    for attack in (lambda: os.setresuid(0, 0, 0), lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.setgroups([0])):
        try:
            attack()
        except OSError:
            continue
        if 0 not in before or attack.__code__.co_names[-1] == "setgroups":
            return f"from {before} to {os.getresuid()} {os.getgroups()}"
    return None


@attempt
def capabilities():
    import ctypes
    import struct

    header = struct.pack("Ii", 0x20080522, 0)
    held = ctypes.create_string_buffer(24)
    if system_call(125, header, held) == 0 and any(held.raw):
        return f"holds capabilities {held.raw.hex()}"
    full = b"\xff" * 24
    return "took capabilities" if system_call(126, header, full) == 0 else None
