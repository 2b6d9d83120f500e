"""Opens one regular file within a limit, and says in one sentence why it cannot; knows nothing of formats."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from grader.submissions.names import quoted

KIB = 1024
MIB = 1024 * KIB

# Never wait for a fifo's writer, never follow a link that was put there between looking and opening.
_OPEN_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


class UnusableError(Exception):
    """Why something a student handed in cannot be used; caught inside this package and turned into a value.

    Parameters
    ----------
    sentence : str
        What, where, and what to do; fit for display.
    """


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
        If it is no regular file, is larger than the limit, or cannot be read.
    """
    try:
        check_regular(path.lstat(), name)
        descriptor = os.open(path, _OPEN_FLAGS)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            check_regular(status, name)
            if status.st_size > limit:
                raise too_large(name, status.st_size, limit)
            data = file.read(limit + 1)
    except OSError as error:
        raise unreadable(name, error) from error
    if len(data) > limit:  # it grew, or its size is a lie as in /proc
        raise too_large(name, len(data), limit)
    return data


def check_regular(status: os.stat_result, name: str) -> None:
    """Raise unless the status is that of a regular file.

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


def too_large(name: str, size: int, limit: int) -> UnusableError:
    """Return the error for a file beyond its limit.

    Parameters
    ----------
    name : str
        The file.
    size, limit : int
        Bytes.

    Returns
    -------
    UnusableError
        To be raised.
    """
    return UnusableError(
        f"{quoted(name)} is too large ({size / MIB:.1f} MiB; the limit is {limit // MIB} MiB); "
        "take out data and outputs and hand it in again."
    )
