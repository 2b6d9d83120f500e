"""Writes what `export` makes: each file whole or not at all, also where it is an archive of a whole class."""

from __future__ import annotations

import secrets
import zipfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from grader.errors import HostError

_UNFINISHED = ".writing-"
_LONG_AGO = (2000, 1, 1, 0, 0, 0)
"""The time of every file in an archive, so that the same grades make the same archive."""
_MODE = 0o644


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file so that a reader finds the old one or the new one, never a part.

    Parameters
    ----------
    path : Path
        Its folder is made where it is not there.
    content : bytes

    Raises
    ------
    HostError
        Where it cannot be written.
    """
    _whole(path, lambda there: there.write_bytes(content))


def write_zip(path: Path, files: Iterable[tuple[str, str]]) -> int:
    """Write an archive, one file after the other.

    Parameters
    ----------
    path : Path
    files : iterable of (str, str)
        Path in the archive, with `/`, and text.

    Returns
    -------
    int
        How many files it holds.

    Raises
    ------
    HostError
        Where it cannot be written.
    """
    count = 0

    def write(there: Path) -> None:
        nonlocal count
        with zipfile.ZipFile(there, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in files:
                entry = zipfile.ZipInfo(name, date_time=_LONG_AGO)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = _MODE << 16
                archive.writestr(entry, text.encode("utf-8", errors="replace"))
                count += 1

    _whole(path, write)
    return count


def _whole(path: Path, write: Callable[[Path], object]) -> None:
    temporary = path.parent / f"{_UNFINISHED}{secrets.token_hex(8)}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(temporary)
        temporary.replace(path)
    except OSError as error:
        raise HostError(
            f"{path} cannot be written: {error.strerror or error}",
            remedy="make room on the disk, or name a place that can be written with -o",
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink()
