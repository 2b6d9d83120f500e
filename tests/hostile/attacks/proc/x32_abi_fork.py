# mypy: ignore-errors
# result: graded killed
# points: at most 10
"""Makes system calls of the x32 interface, which carry a bit more."""
import os


@attempt
def fork():
    pid = system_call(0x40000000 + 57)
    if pid == 0:
        os._exit(0)
    return "fork works" if pid > 0 else None


@attempt
def execute():
    return "execve works" if system_call(0x40000000 + 520, b"/bin/true", 0, 0) == 0 else None
