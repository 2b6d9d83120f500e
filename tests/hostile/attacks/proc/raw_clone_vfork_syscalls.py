# mypy: ignore-errors
# result: graded
"""Starts processes by system calls, past all libraries."""
import os


def _once(number, *arguments):
    pid = system_call(number, *arguments)
    if pid == 0:
        os._exit(0)
    return pid


@attempt
def fork():
    return "fork works" if _once(57) > 0 else None


@attempt
def clone():
    return "clone works" if _once(56, 17, 0, 0, 0, 0) > 0 else None


@attempt
def clone_in_namespaces():
    return "clone makes namespaces" if _once(56, 17 | 0x10000000 | 0x20000000, 0, 0, 0, 0) > 0 else None


@attempt
def clone3():
    import struct

    import ctypes

    arguments = ctypes.create_string_buffer(struct.pack("=8Q", 0, 0, 0, 0, 17, 0, 0, 0))
    return "clone3 works" if _once(435, arguments, 64) > 0 else None
