# mypy: ignore-errors
# result: graded killed failed
# points: at most 6
"""Sends answers by the calls that are not `write`."""
import os
import socket

backward = wrong_backward
DATA = frame({"kind": "result", "call": 0, "value": ["f", "0x1.8p-1"]})


@attempt
def send():
    for descriptor in range(3, 256):
        for way in (
            lambda fd: os.writev(fd, [DATA]),
            lambda fd: os.pwrite(fd, DATA, 0),
            lambda fd: os.pwritev(fd, [DATA], 0),
            lambda fd: os.sendfile(fd, 0, 0, 100),
            lambda fd: os.splice(0, fd, 100),
            lambda fd: os.copy_file_range(0, fd, 100),
            lambda fd: socket.socket(fileno=os.dup(fd)).send(DATA),
            lambda fd: os.open(f"/proc/self/fd/{fd}", os.O_WRONLY),
            lambda fd: os.ftruncate(fd, 0),
            lambda fd: system_call(278, fd, 0, 0, 0),
        ):
            try:
                way(descriptor)
            except (OSError, ValueError):
                continue
