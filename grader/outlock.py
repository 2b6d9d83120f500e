"""Keeps two graders out of one output folder: a lock that ends with the process that holds it, however that ends."""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.errors import HostError

try:
    import fcntl
except ImportError:  # Windows, where no student code runs either
    fcntl = None  # type: ignore[assignment]

FILE = ".lock"
WAIT_S = 5.0
_POLL_S = 0.05
_HELD = (errno.EACCES, errno.EAGAIN)
"""What POSIX lets a system say where another process has the lock."""


class InUseError(HostError):
    """Another grader has the folder."""


@contextmanager
def locked(out: Path, *, wait_s: float = WAIT_S) -> Iterator[None]:
    """Have an output folder to oneself.

    A POSIX record lock (fcntl(2), "Advisory record locking"): it belongs to the process, not to the open file, so no child
    that was forked while it was held can hold it after us. A `flock` stays as long as any copy of the descriptor, in
    whichever process, and so outlives a grader that is killed before its children are. The price: closing *any*
    descriptor of the file in this process gives the lock back, so there is exactly one, opened here. It does not keep out
    a second run in the same process.

    Parameters
    ----------
    out : Path
        The folder, which exists.
    wait_s : float
        How long to wait for another grader, in seconds.

    Raises
    ------
    InUseError
        Where another grader has the folder.
    HostError
        Where the file cannot be made or locked.
    """
    if fcntl is None:
        yield
        return
    descriptor = _opened(out / FILE)
    try:
        _acquire(descriptor, out, time.monotonic() + wait_s)
        # For people alone, and for the message of the next one: the lock is what counts, the number may be old.
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise HostError(
            f"{path} cannot be written: {error.strerror}", remedy="choose a folder that can be written"
        ) from error


def _acquire(descriptor: int, out: Path, deadline: float) -> None:
    while True:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in _HELD:
                raise HostError(
                    f"{out / FILE} cannot be locked: {error.strerror}",
                    remedy="choose an output folder on a file system with locks",
                ) from error
        else:
            return
        if time.monotonic() >= deadline:
            raise InUseError(
                f"{out} is in use by another grader{_holder(descriptor)}",
                remedy="wait until it has ended, or choose another output folder",
            )
        time.sleep(_POLL_S)


def _holder(descriptor: int) -> str:
    """Say who wrote itself into the file, where that can be read."""
    with contextlib.suppress(OSError, ValueError):
        return f" (process {int(os.pread(descriptor, 20, 0))})"
    return ""
