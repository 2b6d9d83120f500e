"""Opens one regular file within a limit, and says in one sentence why it cannot; knows nothing of formats."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.submissions.limits import MIB, UnusableError
from grader.submissions.names import quoted

# Never wait for a fifo's writer, never follow a link that was put there between looking and opening.
_OPEN_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)


@contextmanager
def opened(path: Path, name: str, *, limit: int) -> Iterator[tuple[int, int]]:
    """Open a regular file for the time of a `with` block.

    Parameters
    ----------
    path : Path
        The file. A link is not followed; anything but a regular file is not opened.
    name : str
        Its name in messages.
    limit : int
        The most bytes it may have.

    Yields
    ------
    descriptor : int
        Closed at the end of the block.
    size : int
        Bytes, as the file system says; the file may still grow.

    Raises
    ------
    UnusableError
        If it is no regular file, is larger than the limit, or cannot be read.
    """
    try:
        check_regular(path.lstat(), name)
        descriptor = os.open(path, _OPEN_FLAGS)
        try:
            status = os.fstat(descriptor)
            check_regular(status, name)
            if status.st_size > limit:
                raise too_large(name, limit, status.st_size)
            yield descriptor, status.st_size
        finally:
            os.close(descriptor)
    except OSError as error:
        raise unreadable(name, error) from error


def load(path: Path, name: str, *, limit: int) -> bytes:
    """Return the bytes of a regular file.

    Parameters
    ----------
    path : Path
        The file. A link is not followed; anything but a regular file is not opened.
    name : str
        Its name in messages.
    limit : int
        The most bytes to take.

    Returns
    -------
    bytes
        At most `limit` bytes.

    Raises
    ------
    UnusableError
        If it is no regular file, is larger than the limit, grows, or cannot be read.
    """
    with opened(path, name, limit=limit) as (descriptor, size):
        # One byte more than it was said to have shows whether it grows, or lies about its size as in /proc.
        missing = size + 1
        chunks = []
        while missing and (chunk := os.read(descriptor, missing)):
            chunks.append(chunk)
            missing -= len(chunk)
    if not missing:
        raise UnusableError(
            f"{quoted(name)} grows while it is read; hand in a file that no program writes to."
        )
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def check_regular(status: os.stat_result, name: str) -> None:
    """Raise unless the status is that of a regular file.

    A hard link is a regular file: whoever can make one could as well have copied the content.

    Parameters
    ----------
    status : os.stat_result
        From `lstat` or `fstat`.
    name : str
        Its name in messages.

    Raises
    ------
    UnusableError
        If it is a link, a fifo, a socket or a device.
    """
    if stat.S_ISREG(status.st_mode):
        return
    if stat.S_ISLNK(status.st_mode):
        raise UnusableError(f"{quoted(name)} is a link, and links are not followed; hand in the file itself.")
    raise UnusableError(
        f"{quoted(name)} is not a regular file; hand in a `.py` file or an `.ipynb` notebook."
    )


def is_regular(path: Path) -> bool:
    """Whether there is a regular file at a path.

    Parameters
    ----------
    path : Path
        A link is not followed.

    Returns
    -------
    bool
        False also where nobody may look.
    """
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def unreadable(name: str, error: OSError) -> UnusableError:
    """Return the error for something that the operating system does not let us read.

    Parameters
    ----------
    name : str
        What was to be read.
    error : OSError
        What the operating system said.

    Returns
    -------
    UnusableError
        To be raised.
    """
    reason = error.strerror or type(error).__name__
    return UnusableError(
        f"{quoted(name)} cannot be read ({reason.lower()}); check that it is there and its permissions."
    )


def too_large(name: str, limit: int, size: int | None = None) -> UnusableError:
    """Return the error for a file beyond its limit.

    Parameters
    ----------
    name : str
        The file.
    limit : int
        Bytes.
    size : int, optional
        Bytes, where known.

    Returns
    -------
    UnusableError
        To be raised.
    """
    is_size = "" if size is None else f"{size / MIB:.1f} MiB; "
    return UnusableError(
        f"{quoted(name)} is too large ({is_size}the limit is {limit // MIB} MiB); "
        "take out data and outputs and hand it in again."
    )
