"""Opens an archive that a student handed in, whatever its kind, and refuses those that are not read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.submissions.downloads import count_students
from grader.submissions.files import opened, too_large
from grader.submissions.limits import MAX_ARCHIVE_BYTES, Budget, UnusableError
from grader.submissions.listing import Fetch, Listing
from grader.submissions.names import READ_ARCHIVES, archive_suffix, quoted
from grader.submissions.tars import read_tar
from grader.submissions.unpacked import COMPRESSIONS, Unpacked
from grader.submissions.zips import open_zip

_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
"""Of a zip with members, and of an empty one."""
_TAR_MAGIC = b"ustar"
_TAR_MAGIC_AT = 257
"""POSIX.1-1988, `ustar` header block; what is older has no mark, and is no work of students."""
_HEAD = 512


@contextmanager
def open_archive(path: Path, name: str, budget: Budget) -> Iterator[tuple[Listing, Fetch]]:
    """Open an archive for the time of a `with` block.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        Its name in messages; its suffix says that it is an archive, its content of which kind.
    budget : Budget
        Pays for every source and text that is unpacked.

    Yields
    ------
    listing : Listing
        What is in it, possibly without sources.
    fetch : callable
        Gives each source and text once.

    Raises
    ------
    UnusableError
        If it is of a kind that is not read, is broken, is beyond a limit, or holds the work of a whole class.
    """
    if archive_suffix(name).lower() not in READ_ARCHIVES:
        raise _other_kind(name)
    with opened(path, name, limit=MAX_ARCHIVE_BYTES) as (descriptor, size):
        head = os.read(descriptor, _HEAD)
        os.lseek(descriptor, 0, os.SEEK_SET)
        if head.startswith(_ZIP_MAGIC):
            with open_zip(descriptor, name, budget) as (listing, fetch):
                _refuse_class(name, listing)
                yield listing, fetch
            return
        listing, fetch = _read_tar(descriptor, name, budget, head=head, size=size)
        _refuse_class(name, listing)
        yield listing, fetch


def _read_tar(descriptor: int, name: str, budget: Budget, *, head: bytes, size: int) -> tuple[Listing, Fetch]:
    compression = next((one for one in COMPRESSIONS if head.startswith(one.magic)), None)
    if compression is None and not head.startswith(_TAR_MAGIC, _TAR_MAGIC_AT):
        raise _other_kind(name)
    if compression is not None and size > compression.max_packed:
        raise too_large(name, compression.max_packed, size)
    most = compression.max_unpacked if compression else MAX_ARCHIVE_BYTES
    return read_tar(Unpacked(descriptor, name, compression, most), name, budget)


def _refuse_class(name: str, listing: Listing) -> None:
    students = count_students([*listing.sources, *listing.documents, *listing.archives, *listing.others])
    if students > 1:
        raise UnusableError(
            f"{quoted(name)} holds the submissions of {students} students; "
            "name it itself, or unpack it and grade the folder that comes out."
        )


def _other_kind(name: str) -> UnusableError:
    return UnusableError(
        f"{quoted(name)} is no archive of a kind that is read; "
        "hand in a `.zip` or `.tar.gz` file, or the files themselves."
    )
