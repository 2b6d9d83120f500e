"""Judges the names of an archive's members, and gathers those that are worth reading; reads no archive.

Nothing is ever unpacked to the disk, so a name such as `../../.bashrc` is harmless here. It is refused nevertheless:
hardly a program that students use makes one, and what unpacks this archive next may obey it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from grader.submissions.limits import UnusableError, is_document
from grader.submissions.listing import Gathering, Listing, check_depth, is_skipped, is_source
from grader.submissions.names import quoted, same_name_key

MAX_PART_BYTES = 255
"""Of one folder or file name; no common file system allows more."""
MAX_PATH = 1000
"""Characters."""

_DRIVE = re.compile("[A-Za-z]:")


@dataclass(kw_only=True, slots=True)
class Members:
    """The members of an archive while they are gone through."""

    name: str
    """The archive in messages."""
    _gathering: Gathering = field(init=False)
    _keys: dict[str, str] = field(default_factory=dict)
    """Path of each source by what it would be called on a file system that ignores case."""

    def __post_init__(self) -> None:
        self._gathering = Gathering(name=self.name)

    def add(self, raw: str, *, is_folder: bool, is_file: bool) -> str | None:
        """Note one member.

        Parameters
        ----------
        raw : str
            Its name as the archive has it.
        is_folder, is_file : bool
            What it is; a link, a device or a sparse file is neither.

        Returns
        -------
        str or None
            The path under which the listing has it where it is a source or a text, else None.

        Raises
        ------
        UnusableError
            If the archive is to be refused for this member.
        """
        self._gathering.count_entry()
        path = member_path(self.name, raw)
        *folders, file = path.split("/")
        if is_folder or any(map(is_skipped, folders)) or file.startswith(".") or not file:
            return None
        check_depth(self.name, len(folders))
        if not is_file:
            self._gathering.add_link(path)
            return None
        if is_source(path):
            self._refuse_twice(path)
        self._gathering.add_file(path)
        return path if is_source(path) or is_document(path) else None

    def listing(self) -> Listing:
        """Return what was gathered.

        Returns
        -------
        Listing
            Possibly without sources.

        Raises
        ------
        UnusableError
            If there are too many sources.
        """
        return self._gathering.listing()

    def _refuse_twice(self, path: str) -> None:
        """Refuse a second file of one name: which of them counts depends on what unpacks the archive, and where."""
        key = same_name_key(path)
        other = self._keys.get(key)
        if other is None:
            self._keys[key] = path
            return
        if other == path:
            what = f"{quoted(path)} twice"
        else:
            what = f"{quoted(other)} and {quoted(path)}, which are one file on many systems"
        raise UnusableError(f"{quoted(self.name)} holds {what}; hand in an archive with each file once.")


def member_path(name: str, raw: str) -> str:
    r"""Return the path of a member inside the archive.

    Parameters
    ----------
    name : str
        The archive in messages.
    raw : str
        The member's name as the archive has it; `\` separates folders as well, as some programs write it.

    Returns
    -------
    str
        Relative, with `/`, without `.`; empty for the root itself.

    Raises
    ------
    UnusableError
        If the name leads out of the archive, holds a NUL, or is longer than any file's.
    """
    path = raw.replace("\\", "/")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if path.startswith("/") or _DRIVE.match(path) or ".." in parts:
        raise _bad_name(name, raw, "which leads out of the archive")
    if "\0" in raw:
        raise _bad_name(name, raw, "which has a NUL in it")
    longest = max((len(part.encode("utf-8", "surrogatepass")) for part in parts), default=0)
    if longest > MAX_PART_BYTES or len(path) > MAX_PATH:
        raise _bad_name(name, raw, "which is too long")
    return "/".join(parts)


def _bad_name(name: str, raw: str, what: str) -> UnusableError:
    return UnusableError(
        f"{quoted(name)} holds a file named {quoted(raw)}, {what}; pack the files again with relative names."
    )
