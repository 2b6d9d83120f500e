"""Builds the file tree that a process sees; for a process in a mount namespace of its own. See mount(2), mount_namespaces(7)."""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import struct
from collections.abc import Iterator
from enum import IntFlag
from pathlib import Path

from grader.sandbox.linux.calls import Prepared, check, libc, syscall

_MS_REMOUNT = 32
_MS_BIND = 4096
_MS_REC = 16384
_MS_PRIVATE = 1 << 18
_MNT_DETACH = 2
"""`MS_*` and `MNT_DETACH` of `linux/mount.h`."""


class Flag(IntFlag):
    """What a mount forbids: `MS_*`, which `statvfs` reports by the same numbers (`ST_*`)."""

    READ_ONLY = 1
    NO_SUID = 2
    NO_DEV = 4
    NO_EXEC = 8


_ALL_FLAGS = Flag.READ_ONLY | Flag.NO_SUID | Flag.NO_DEV | Flag.NO_EXEC

# linux/fcntl.h
_AT_FDCWD = -100
_AT_RECURSIVE = 0x8000


def _prepare_mount(
    source: str | None, target: str, kind: str | None, flags: int, data: str | None = None
) -> Prepared:
    names = [os.fsencode(name) if name is not None else None for name in (source, target, kind, data)]
    arguments = (*names[:3], ctypes.c_ulong(flags), names[3])
    return Prepared(libc().mount, arguments, f"mount {source or kind or ''} on {target}")


def _mount(source: str | None, target: str, kind: str | None, flags: int) -> None:
    _prepare_mount(source, target, kind, flags)()


def make_private() -> None:
    """Keep what is mounted from here on out of the namespace that this one was copied from, and the reverse.

    Raises
    ------
    OSError
        When the kernel refuses.
    """
    _mount(None, "/", None, _MS_PRIVATE | _MS_REC)


def mount_tmpfs(
    target: str, *, size: int, inodes: int, mode: int, uid: int | None = None, executable: bool = False
) -> None:
    """Mount an empty folder that lives in memory and goes with its last mount; see tmpfs(5).

    Parameters
    ----------
    target, size, inodes, mode, uid, executable
        As for `prepare_tmpfs`.

    Raises
    ------
    OSError
        When the kernel refuses.
    """
    prepare_tmpfs(target, size=size, inodes=inodes, mode=mode, uid=uid, executable=executable)()


def prepare_tmpfs(
    target: str, *, size: int, inodes: int, mode: int, uid: int | None = None, executable: bool = False
) -> Prepared:
    """Prepare `mount_tmpfs` for a child.

    Parameters
    ----------
    target : str
        A folder that exists.
    size : int
        Bytes that the files in it may take; the kernel rounds up to pages.
    inodes : int
        How many files and folders it may hold, itself included: without it, empty files and deep folders cost kernel memory
        and minutes to remove.
    mode : int
        Permissions of the folder.
    uid : int, optional
        Its owner, and the group of the same number; without it the user of this process.
    executable : bool
        Whether programs and libraries in it may be run or mapped.

    Returns
    -------
    Prepared
    """
    options = f"size={size},nr_inodes={inodes},mode={mode:o}" + (
        f",uid={uid},gid={uid}" if uid is not None else ""
    )
    flags = Flag.NO_SUID | Flag.NO_DEV | (Flag(0) if executable else Flag.NO_EXEC)
    return _prepare_mount("tmpfs", target, "tmpfs", int(flags), options)


def bind_read_only(source: str, target: str) -> None:
    """Show a file or folder, with all that is mounted below it, at another place, for reading only.

    Parameters
    ----------
    source : str
        What is shown.
    target : str
        Where; made if it is missing, with its parents.

    Raises
    ------
    OSError
        When the kernel refuses, or when a part of it would stay writable.
    """
    _bind(source, target, Flag.READ_ONLY | Flag.NO_SUID | Flag.NO_DEV)


def bind_device(source: str, target: str) -> None:
    """Show one device file at another place. It can be read and written; who owns it and its permissions stay as they are.

    Parameters
    ----------
    source : str
        The device, such as `/dev/null`.
    target : str
        Where; made if it is missing, with its parents.

    Raises
    ------
    OSError
        When it is no device file, or when the kernel refuses.
    """
    if not stat.S_ISCHR(Path(source).stat().st_mode):
        raise OSError(errno.ENODEV, f"{source} is no device")
    # A mount for reading keeps chmod and chown from the host's own device; writing to a device is no writing to its file system.
    _bind(source, target, Flag.READ_ONLY | Flag.NO_SUID | Flag.NO_EXEC)


def remount_read_only(target: str) -> None:
    """Make one mount, not those below it, unwritable through this place.

    Parameters
    ----------
    target : str
        Where it is mounted.

    Raises
    ------
    OSError
        When the kernel refuses, or when it stayed writable.
    """
    _restrict_one(target, Flag.READ_ONLY | Flag.NO_SUID | Flag.NO_DEV)


def pivot(new_root: str) -> None:
    """Make a mount the root of this process's file tree, and leave nothing of the old tree behind.

    Parameters
    ----------
    new_root : str
        Where something is mounted, in a namespace of `make_private`. It is the working folder afterwards.

    Raises
    ------
    OSError
        When the kernel refuses.
    """
    os.chdir(new_root)
    # Putting the old root on top of the new one, at ".", needs no folder for it: pivot_root(2), 'pivot_root(".", ".")'.
    syscall("pivot_root", b".", b".")
    check(libc().umount2(b".", _MNT_DETACH), "umount the old root")
    os.chdir("/")


def _bind(source: str, target: str, flags: Flag) -> None:
    _make_place(target, folder=Path(source).is_dir())
    _mount(source, target, None, _MS_BIND | _MS_REC)
    try:
        _restrict_tree(target, flags)
    except OSError as error:
        if error.errno != errno.ENOSYS:
            raise
        _restrict_each(target, flags)


def _make_place(target: str, *, folder: bool) -> None:
    place = Path(target)
    if folder:
        place.mkdir(parents=True, exist_ok=True)
    elif not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()


def _restrict_tree(target: str, flags: Flag) -> None:
    """Restrict all mounts at and below a place in one call, which adds to what they forbid: mount_setattr(2), Linux 5.12."""
    nothing = 0
    # `struct mount_attr`; `MOUNT_ATTR_*` of linux/mount.h have the numbers of the `MS_*` that we use.
    wanted = struct.pack("=QQQQ", int(flags), nothing, nothing, nothing)
    syscall("mount_setattr", _AT_FDCWD, os.fsencode(target), _AT_RECURSIVE, wanted, len(wanted))
    _verify(target, flags)


def _restrict_each(target: str, flags: Flag) -> None:
    """Restrict all mounts at and below a place one by one, where the kernel has no call for all."""
    for place in [target, *_mounts_below(target)]:
        _restrict_one(place, flags)


def _mounts_below(target: str) -> Iterator[str]:
    """Yield the places of mounts below one, by the fifth field of `/proc/self/mountinfo`: proc_pid_mountinfo(5)."""
    start = os.fsencode(os.path.realpath(target)).rstrip(b"/") + b"/"
    for line in Path("/proc/self/mountinfo").read_bytes().splitlines():
        # Space, tab, newline and backslash stand there as a backslash and three octal digits.
        place = line.split()[4].decode("unicode_escape").encode("latin-1")
        if place.startswith(start):
            yield os.fsdecode(place)


def _restrict_one(place: str, flags: Flag) -> None:
    # A remount sets all flags anew, and in a user namespace those that the mount came with are locked: to leave one out is EPERM.
    _mount(None, place, None, _MS_REMOUNT | _MS_BIND | int(_flags_of(place) | flags))
    _verify(place, flags)


def _flags_of(place: str) -> Flag:
    return Flag(os.statvfs(place).f_flag & _ALL_FLAGS)


def _verify(place: str, flags: Flag) -> None:
    # Before Linux 2.6.26 such a remount silently did nothing, and what emulates Linux may be as old in this.
    if flags & ~_flags_of(place):
        raise OSError(errno.EROFS, f"{place} did not take {flags!r}")
