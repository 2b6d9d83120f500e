# mypy: ignore-errors
# result: graded killed failed timeout
# points: at most 10
# says: nothing
"""Changes whatever its descriptors share with others: flags, sizes, offsets, locks, owners."""
import fcntl
import os

for descriptor in range(256):
    for change in (
        lambda fd: fcntl.fcntl(fd, fcntl.F_SETFL, os.O_NONBLOCK | os.O_APPEND | os.O_ASYNC),
        lambda fd: fcntl.fcntl(fd, 1031, 4096),
        lambda fd: fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB),
        lambda fd: fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB),
        lambda fd: os.lseek(fd, 1 << 40, os.SEEK_SET),
        lambda fd: fcntl.fcntl(fd, fcntl.F_SETOWN, os.getppid()),
        lambda fd: fcntl.fcntl(fd, 10, 9),
        lambda fd: fcntl.fcntl(fd, 1033, 0xF),
        lambda fd: os.fchmod(fd, 0),
        lambda fd: os.set_blocking(fd, False),
    ):
        try:
            change(descriptor)
        except (OSError, ValueError, OverflowError):
            continue
