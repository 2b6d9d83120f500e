"""Reads the sources and texts in a tar archive, compressed or not; extracts nothing to the disk.

A tar has no table of contents: one pass over it lists the members and takes these along.
"""

from __future__ import annotations

import tarfile
from typing import Any, cast

from grader.submissions.files import too_large
from grader.submissions.limits import KIB, MIB, Budget, UnusableError, is_document
from grader.submissions.listing import Fetch, Listing
from grader.submissions.members import Members
from grader.submissions.names import quoted
from grader.submissions.unpacked import Unpacked

MAX_HEADER = 16 * KIB
"""Bytes of headers for one member: long names and times take 1 or 2 KiB."""
MAX_HEADERS = 4 * MIB
"""Bytes of headers in one archive. `tarfile` takes up to a second for them when they are made for it."""

_BROKEN = (tarfile.TarError, ValueError, ArithmeticError, EOFError, RecursionError)
"""What `tarfile` raises for headers that make no sense, or that make each other up a thousand deep."""


class _Headers:
    """What `tarfile` sees: a file of which it reads headers alone, within limits, and that goes only forwards."""

    def __init__(self, file: Unpacked, name: str) -> None:
        self._file = file
        self._name = name
        self._left = MAX_HEADERS
        self._left_of_member = MAX_HEADER

    def next_member(self) -> None:
        self._left_of_member = MAX_HEADER

    def tell(self) -> int:
        return self._file.tell()

    def seek(self, position: int) -> int:
        self._file.skip_to(position)
        return self._file.tell()

    def read(self, size: int) -> bytes:
        # A size of eight bytes in a header is a claim; it is held against the limit before anything is read.
        self._left -= size
        self._left_of_member -= size
        if self._left < 0 or self._left_of_member < 0:
            raise UnusableError(
                f"{quoted(self._name)} holds too many files, or too long names; hand in only the files that are asked for."
            )
        return self._file.read(size)


def read_tar(file: Unpacked, name: str, budget: Budget) -> tuple[Listing, Fetch]:
    """Return what is in a tar, and a function that gives each source and text once.

    Parameters
    ----------
    file : Unpacked
        The archive at its start.
    name : str
        Its name in messages.
    budget : Budget
        Pays for every source and text; of a source that is too large no more is kept than shows it.

    Returns
    -------
    listing : Listing
        Possibly without sources.
    fetch : callable
        Hands a source or text over, and keeps it no longer.

    Raises
    ------
    UnusableError
        If it is no tar, is broken, or is beyond a limit.
    """
    members = Members(name=name)
    contents: dict[str, bytes] = {}
    headers = _Headers(file, name)
    try:
        # In the streaming mode of `tarfile` (`r|`) the name of a member may take all the memory there is;
        # this file goes forwards as well, and sees how much is asked of it.
        tar = tarfile.open(fileobj=cast("Any", headers), mode="r:")  # noqa: SIM115 -- the descriptor is not its own
        while (member := tar.next()) is not None:
            headers.next_member()
            path = members.add(
                member.name,
                is_folder=member.isdir(),
                is_file=member.isreg() and not member.issparse(),
            )
            if path is not None and not (is_document(path) and member.size > budget.limit_of(path)):
                contents[path] = _content(file, member, path, budget)
            # Else both grow with the archive, and every member is given all that earlier ones set for all.
            tar.members.clear()  # type: ignore[attr-defined]
            tar.pax_headers.clear()  # type: ignore[attr-defined]
        file.finish()
    except _BROKEN as error:
        raise UnusableError(
            f"{quoted(name)} is a broken archive; pack the files again, best as a `.zip` file."
        ) from error

    def fetch(path: str, shown: str) -> bytes:
        data = contents.pop(path, None)
        # A text was left in the archive where it is too large, and costs nothing of the budget.
        if data is None or (not is_document(path) and len(data) > budget.limit_of(path)):
            raise too_large(shown, budget.limit_of(path))
        return data

    return members.listing(), fetch


def _content(file: Unpacked, member: tarfile.TarInfo, path: str, budget: Budget) -> bytes:
    file.skip_to(member.offset_data)
    wanted = min(member.size, budget.limit_of(path) + 1)
    data = file.read(wanted)
    budget.spend_bytes(path, len(data))
    if len(data) < wanted:
        raise UnusableError(f"{quoted(path)} is cut off in the archive; pack the files again.")
    return data
