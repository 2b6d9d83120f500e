"""Builds the file system that a jail shows: the libraries, four devices and an empty folder, all of it read-only.

Runs in the warm process, after everything is imported and before any student code exists.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from grader.sandbox.linux import mounts

ABOVE_BOX = "/box"
"""Holds nothing but the place where each job mounts its own small folder."""
BOX = f"{ABOVE_BOX}/job"
"""Where a job finds its own small folder."""

_SCAFFOLDS = ("/mnt", "/media", "/srv", "/opt", "/home")
_ROOT_BYTES = 1 << 20
_ROOT_INODES = 4096
_LINKS = ("/lib", "/lib64")


def build_room(
    *, folders: Sequence[str], hidden: Sequence[str], packages: Sequence[str], devices: Sequence[str]
) -> None:
    """Replace the file system of this process by one that shows the libraries alone.

    The process must have a mount namespace of its own. Folders are shown with all below them; each hidden one is covered
    by an empty folder, in which the packages that belong there are shown again.

    Parameters
    ----------
    folders, hidden, packages, devices : sequence of str
        Absolute paths, from `grader.sandbox.libraries`.

    Raises
    ------
    OSError
        When the system refuses any part of it; nothing is left half-hidden, because the caller gives up then.
    """
    mounts.make_private()
    new = _scaffold([*folders, *packages])
    mounts.mount_tmpfs(new, size=_ROOT_BYTES, inodes=_ROOT_INODES, mode=0o755)
    shown = [path for path in folders if not (path in _LINKS and Path(path).is_symlink())]
    for path in _outermost(shown):
        mounts.bind_read_only(path, new + path)
    for path in hidden:
        if Path(new + path).is_dir():
            mounts.mount_tmpfs(new + path, size=_ROOT_BYTES, inodes=_ROOT_INODES, mode=0o755)
    for path in packages:
        mounts.bind_read_only(path, new + path)
    for path in hidden:
        if Path(new + path).is_dir() and os.path.ismount(new + path):
            mounts.remount_read_only(new + path)
    for path in devices:
        mounts.bind_device(path, new + path)
    for path in _LINKS:
        if path in folders and Path(path).is_symlink():
            Path(new + path).symlink_to(Path(path).readlink())
    Path(new + BOX).mkdir(parents=True)
    mounts.pivot(new)
    mounts.remount_read_only("/")
    os.chdir("/")


def _scaffold(needed: Iterable[str]) -> str:
    """Find a folder to build in: any that holds nothing we need, for it is covered while we build."""
    paths = [Path(path) for path in needed]
    for candidate in _SCAFFOLDS:
        folder = Path(candidate)
        is_free = not any(path.is_relative_to(folder) for path in paths)
        if is_free and folder.is_dir() and not folder.is_symlink():
            return candidate
    raise OSError(f"none of {', '.join(_SCAFFOLDS)} is free to build the jail in")


def _outermost(paths: Sequence[str]) -> list[str]:
    """Leave out what another one shows already."""
    return [
        path
        for path in paths
        if not any(Path(path) != Path(other) and Path(path).is_relative_to(other) for other in paths)
    ]
