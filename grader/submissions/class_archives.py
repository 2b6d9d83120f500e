"""Unpacks the work of a whole class, as a learning platform packs it, into a folder for the time of a run; never what one student packed."""

from __future__ import annotations

import os
import shutil
import stat
import struct
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from grader.errors import HostError, UsageError
from grader.submissions.downloads import recognised
from grader.submissions.files import is_regular
from grader.submissions.gradescope import METADATA
from grader.submissions.limits import MAX_ARCHIVE_BYTES, MIB, UnusableError
from grader.submissions.listing import is_skipped
from grader.submissions.members import member_path
from grader.submissions.names import quoted
from grader.submissions.zips import Bounded, DirectoryError

_MOST_DIRECTORY = 16 * MIB
"""Bytes of the table of contents; 100,000 files take about that."""
_MOST_BYTES = 16_384 * MIB
"""Of all files of a class, unpacked."""
_UNIX = 3
_UTF8 = 0x800
"""The flag that says in which encoding a name is (APPNOTE.TXT, section 4.4.4)."""
_BLOCK = 256 * 1024
_BROKEN = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, DirectoryError),
    *(EOFError, ValueError, ArithmeticError, RuntimeError),
)
"""What `zipfile` raises of what is no whole zip."""


@contextmanager
def unpacked(paths: Sequence[Path]) -> Iterator[Mapping[Path, Path]]:
    """Unpack those of the paths that are zips of a whole class, for the time of a `with` block.

    Parameters
    ----------
    paths : sequence of Path
        As a person gave them; what is no such zip is left alone.

    Yields
    ------
    mapping of Path to Path
        The zips, and the folder that each was unpacked into.

    Raises
    ------
    UsageError
        If such a zip is broken or holds what no platform packs.
    HostError
        If there is no room for it.
    """
    zips = [path for path in dict.fromkeys(paths) if path.suffix.lower() == ".zip" and _is_class(path)]
    if not zips:
        yield {}
        return
    with tempfile.TemporaryDirectory(prefix="grader-class-", ignore_cleanup_errors=True) as root:
        folders = {path: Path(root, str(number)) for number, path in enumerate(zips)}
        for path, folder in folders.items():
            try:
                _unpack(path, folder)
            except OSError as error:
                raise HostError(
                    f"{quoted(str(path))} cannot be unpacked into {tempfile.gettempdir()}: "
                    f"{(error.strerror or type(error).__name__).lower()}.",
                    remedy="make room there, or unpack it yourself and grade the folder",
                ) from error
        yield folders


def _is_class(path: Path) -> bool:
    """Say whether a zip holds the work of a class, by its names; what cannot be read is left to whoever reads submissions."""
    if not is_regular(path):
        return False
    try:
        with _opened(path) as archive:
            names = [_name(info) for info in archive.infolist() if not info.is_dir()]
    except (*_BROKEN, OSError):
        return False
    names = [name for name in names if not _is_nobodys(name)]
    if any(name == METADATA or (name.endswith(f"/{METADATA}") and name.count("/") == 1) for name in names):
        return True
    return any(recognised(_tops(inside)) for inside in (names, _without_wrapper(names)))


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    with Bounded(str(path), _MOST_DIRECTORY) as file, zipfile.ZipFile(file) as archive:
        yield archive


def _is_nobodys(name: str) -> bool:
    *folders, file = name.split("/")
    return file.startswith(".") or any(map(is_skipped, folders))


def _tops(names: Sequence[str]) -> Mapping[str, bool]:
    """Return what lies at the top, and whether it is a folder."""
    return {top: bool(slash) for top, slash, _ in (name.partition("/") for name in names)}


def _without_wrapper(names: Sequence[str]) -> list[str]:
    wrappers = {name.partition("/")[0] for name in names}
    return [name.partition("/")[2] for name in names] if len(wrappers) == 1 else []


def _name(info: zipfile.ZipInfo) -> str:
    """Return the name of a member; some programs write UTF-8 and do not say so."""
    name = info.orig_filename
    if not info.flag_bits & _UTF8:
        with suppress(UnicodeError):  # then it is what it says
            name = name.encode("cp437").decode("utf-8")
    return name


def _unpack(path: Path, folder: Path) -> None:
    left = _MOST_BYTES
    try:
        with _opened(path) as archive:
            for info in archive.infolist():
                name = member_path(path.name, _name(info))
                kind = stat.S_IFMT(info.external_attr >> 16) if info.create_system == _UNIX else 0
                if info.is_dir() or _is_nobodys(name) or kind not in (0, stat.S_IFREG):
                    continue
                left -= info.file_size
                if left < 0:
                    raise _unusable(path, f"it holds more than {_MOST_BYTES // MIB} MiB")
                _write(archive, info, folder / PurePosixPath(name))
    except FileExistsError as error:
        raise _unusable(path, f"it holds {quoted(Path(error.filename).name)} twice") from error
    except UnusableError as error:
        raise _unusable(path, str(error).rstrip(".")) from error
    except _BROKEN as error:
        raise _unusable(path, str(error).rstrip(".") or "it is broken") from error


def _write(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:
        if info.file_size > MAX_ARCHIVE_BYTES:
            # Nothing as large is read: its size alone says so, and takes no room on the disk.
            file.truncate(info.file_size)
        else:
            with archive.open(info) as member:
                shutil.copyfileobj(member, file, _BLOCK)
    seconds = time.mktime((*info.date_time, 0, 0, -1))
    os.utime(target, (seconds, seconds))


def _unusable(path: Path, why: str) -> UsageError:
    return UsageError(
        f"{quoted(str(path))} cannot be unpacked: {why}.",
        remedy="download it again, or unpack it yourself and grade the folder",
    )
