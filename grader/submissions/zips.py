"""Reads the sources and texts in a zip archive; extracts nothing to the disk, and unpacks nothing but what is asked for."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from grader.submissions.files import too_large
from grader.submissions.limits import KIB, MIB, Budget, UnusableError
from grader.submissions.listing import Fetch, Listing, too_many_entries
from grader.submissions.members import Members
from grader.submissions.names import quoted

MAX_DIRECTORY = MIB
"""Bytes of the table of contents; 10,000 files take about that. `zipfile` makes of each byte up to 15 bytes."""

_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""Every program that makes a zip uses these unless told otherwise; `zipfile` unpacks others without a limit."""
_ENCRYPTED = 0x1 | 0x40
"""Bits of the general purpose flags (APPNOTE.TXT, section 4.4.4)."""
_UNIX = 3
"""Made on Unix, so that the upper half of the attributes holds the file's mode (section 4.4.2)."""
_BLOCK = 64 * KIB

_BROKEN = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error)
_LIES = (NotImplementedError, RuntimeError, EOFError, ValueError, ArithmeticError, OSError)
"""What `zipfile` raises besides, for example when an offset lies before the start of the file."""


class Bounded(io.FileIO):
    """A file of which not more than a table of contents is read at once.

    Parameters
    ----------
    file : int or str
        The open descriptor, which stays open, or the path.
    most : int
        Bytes that the table of contents may have.
    """

    def __init__(self, file: int | str, most: int) -> None:
        super().__init__(file, closefd=isinstance(file, str))
        self._most = most

    def read(self, size: int | None = -1, /) -> bytes:
        """Read as a file does, or raise `DirectoryError` where too much is asked for."""
        most = self._most if size is None or size < 0 else size
        if most > self._most:
            raise DirectoryError
        return super().read(most) or b""


class DirectoryError(Exception):
    """More than the table of contents may have is to be read at once."""


@contextmanager
def open_zip(descriptor: int, name: str, budget: Budget) -> Iterator[tuple[Listing, Fetch]]:
    """Open a zip for the time of a `with` block.

    Parameters
    ----------
    descriptor : int
        The open file.
    name : str
        Its name in messages.
    budget : Budget
        Pays for every byte that is unpacked, that of broken members included.

    Yields
    ------
    listing : Listing
        Possibly without sources.
    fetch : callable
        Unpacks one source or text.

    Raises
    ------
    UnusableError
        If it is no zip, is broken, or is beyond a limit.
    """
    try:
        archive = zipfile.ZipFile(Bounded(descriptor, MAX_DIRECTORY))
    except DirectoryError as error:
        raise too_many_entries(name) from error
    except (*_BROKEN, *_LIES) as error:
        raise _broken(name) from error
    with archive:
        members = Members(name=name)
        infos: dict[str, zipfile.ZipInfo] = {}
        for info in archive.infolist():
            path = _add(members, info)
            if path is not None:
                infos[path] = info

        def fetch(path: str, shown: str) -> bytes:
            return _unpacked(archive, infos[path], shown, budget=budget)

        yield members.listing(), fetch


def _add(members: Members, info: zipfile.ZipInfo) -> str | None:
    """Note a member under the name that stands in the archive; `zipfile` cuts its own at a NUL."""
    raw = info.orig_filename
    kind = stat.S_IFMT(info.external_attr >> 16) if info.create_system == _UNIX else 0
    return members.add(
        raw,
        is_folder=raw.endswith(("/", "\\")),
        is_file=kind in (0, stat.S_IFREG),
    )


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, shown: str, *, budget: Budget) -> bytes:
    limit = budget.limit_of(shown)
    if info.flag_bits & _ENCRYPTED:
        raise UnusableError(f"{quoted(shown)} is locked with a password; pack the files again without one.")
    if info.compress_type not in _METHODS:
        raise UnusableError(
            f"{quoted(shown)} is compressed in an unusual way; pack the files again as an ordinary `.zip` file."
        )
    if info.file_size > limit:
        raise too_large(shown, limit, info.file_size)
    # A BytesIO hands out the buffer it grew; joining blocks would need the memory twice.
    data = io.BytesIO()
    try:
        with archive.open(info) as member:
            while block := member.read(_BLOCK):
                budget.spend_bytes(shown, len(block))
                data.write(block)
                if data.tell() > limit:
                    raise too_large(shown, limit)
    except (*_BROKEN, *_LIES, DirectoryError) as error:
        raise _broken(shown) from error
    if data.tell() != info.file_size:
        raise _broken(shown)
    return data.getvalue()


def _broken(name: str) -> UnusableError:
    return UnusableError(
        f"{quoted(name)} is broken: it was cut off or altered on its way; pack the files again and hand them in again."
    )
