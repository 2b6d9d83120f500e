"""Lets a process close the file system, TCP and signals to itself, without privileges; see landlock(7).

It does not see `stat`, `chmod`, `chown`, `utime`, extended attributes, UDP, and unix sockets with a path: the seccomp
filter must. Paths are bound to what they name when the rule set is made; what is mounted there later is closed.
"""

from __future__ import annotations

import errno
import os
import stat
import struct
from collections.abc import Sequence
from enum import IntFlag

from grader.sandbox.linux.calls import Prepared, prepare_syscall, syscall

_VERSION = 1
"""`LANDLOCK_CREATE_RULESET_VERSION` of `linux/landlock.h`."""
_PATH_BENEATH = 1
"""`LANDLOCK_RULE_PATH_BENEATH`."""


class Access(IntFlag):
    """What may be done with a file or folder: `LANDLOCK_ACCESS_FS_*`, in the order in which the kernel learned them."""

    EXECUTE = 1 << 0
    WRITE_FILE = 1 << 1
    READ_FILE = 1 << 2
    READ_DIR = 1 << 3
    REMOVE_DIR = 1 << 4
    REMOVE_FILE = 1 << 5
    MAKE_CHAR = 1 << 6
    MAKE_DIR = 1 << 7
    MAKE_REG = 1 << 8
    MAKE_SOCK = 1 << 9
    MAKE_FIFO = 1 << 10
    MAKE_BLOCK = 1 << 11
    MAKE_SYM = 1 << 12
    REFER = 1 << 13
    """Move or link between folders."""
    TRUNCATE = 1 << 14
    IOCTL_DEV = 1 << 15


_FIRST = Access((1 << 13) - 1)
_READ = Access.READ_FILE | Access.READ_DIR
"""Mapping a library for execution is reading to Landlock; only `exec` is EXECUTE."""
_NEVER = Access.EXECUTE | Access.MAKE_CHAR | Access.MAKE_BLOCK | Access.MAKE_SOCK | Access.IOCTL_DEV
_WRITE = Access((1 << 16) - 1) & ~_NEVER
_OF_FILES = Access.EXECUTE | Access.WRITE_FILE | Access.READ_FILE | Access.TRUNCATE | Access.IOCTL_DEV
"""The rights that a file that is no folder can have; a rule with another one is EINVAL."""

_BIND_TCP_AND_CONNECT_TCP = 0b11
"""`LANDLOCK_ACCESS_NET_*`."""
_NETWORK_SINCE = 4
_ABSTRACT_UNIX_SOCKET_AND_SIGNAL = 0b11
"""`LANDLOCK_SCOPE_*`."""
_SCOPES_SINCE = 6

_WHY_NOT = {
    errno.ENOSYS: "the kernel is built without Landlock",
    errno.EOPNOTSUPP: "Landlock was left out when the kernel was started (its `lsm=` parameter)",
    errno.EPERM: "a filter around this process, such as a container's, forbids Landlock",
}


def abi() -> int:
    """Return the version of Landlock that the kernel offers.

    Returns
    -------
    int
        0 where there is none; see `why_not`.
    """
    return max(_ask_version(), 0)


def why_not() -> str | None:
    """Say why there is no Landlock.

    Returns
    -------
    str or None
        Half a sentence; None where there is Landlock.
    """
    version = _ask_version()
    if version > 0:
        return None
    return _WHY_NOT.get(-version, f"the kernel answers {os.strerror(-version)}")


def _ask_version() -> int:
    """Return the version, or the error number as a negative one."""
    try:
        return syscall("landlock_create_ruleset", None, 0, _VERSION)
    except OSError as error:
        return -(error.errno or errno.EIO)
    except KeyError:  # an architecture that we do not know
        return -errno.ENOSYS


def _handled(version: int) -> Access:
    """Return the rights that a version knows: REFER came with 2, TRUNCATE with 3, IOCTL_DEV with 5."""
    later = {2: Access.REFER, 3: Access.TRUNCATE, 5: Access.IOCTL_DEV}
    handled = _FIRST
    for since, access in later.items():
        if version >= since:
            handled |= access
    return handled


def ruleset(*, read: Sequence[str], write: Sequence[str]) -> int:
    """Make a set of rules: everything is closed but what is named.

    TCP is closed from ABI 4 on; from ABI 6 on so are abstract unix sockets of others and signals to others.

    Parameters
    ----------
    read : sequence of str
        Files that may be read and folders that may be listed and read, with all below them.
    write : sequence of str
        Where anything may be done but running programs and making devices and sockets.

    Returns
    -------
    int
        A descriptor for `apply`; it serves any number of processes and is closed by the caller.

    Raises
    ------
    OSError
        Where there is no Landlock, or when the kernel refuses.

    Notes
    -----
    A path that does not exist or that this user cannot reach is skipped.
    """
    version = syscall("landlock_create_ruleset", None, 0, _VERSION)
    handled = _handled(version)
    # `struct landlock_ruleset_attr` grew with the versions; a kernel refuses more than it knows unless the rest is 0.
    network = _BIND_TCP_AND_CONNECT_TCP if version >= _NETWORK_SINCE else 0
    scoped = _ABSTRACT_UNIX_SOCKET_AND_SIGNAL if version >= _SCOPES_SINCE else 0
    attributes = struct.pack("=QQQ", handled, network, scoped)
    rules = syscall("landlock_create_ruleset", attributes, len(attributes), 0)
    try:
        for access, paths in ((_READ, read), (_WRITE, write)):
            for path in paths:
                _allow(rules, path, access & handled)
    except BaseException:
        os.close(rules)
        raise
    return rules


def _allow(rules: int, path: str, access: Access) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return  # what is not there, or closed to this user anyway, needs no rule
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            access &= _OF_FILES
        # `struct landlock_path_beneath_attr` is packed: 8 bytes of rights, 4 of descriptor.
        rule = struct.pack("=Qi", access, place)
        syscall("landlock_add_rule", rules, _PATH_BENEATH, rule, 0)
    finally:
        os.close(place)


def apply(rules: int) -> None:
    """Put a rule set in force for this thread and its children, for good. It needs `process.no_new_privileges` before.

    Parameters
    ----------
    rules : int
        Of `ruleset`.

    Raises
    ------
    OSError
        When the kernel refuses; E2BIG after the 16th set on top of each other.
    """
    prepare_apply(rules)()


def prepare_apply(rules: int) -> Prepared:
    """Prepare `apply` for a child.

    Parameters
    ----------
    rules : int
        Of `ruleset`.

    Returns
    -------
    Prepared
    """
    return prepare_syscall("landlock_restrict_self", rules, 0)


def restrict(*, read: Sequence[str], write: Sequence[str]) -> None:
    """Make a rule set and put it in force at once: `ruleset` and `apply`.

    Parameters
    ----------
    read, write : sequence of str
        As for `ruleset`.

    Raises
    ------
    OSError
        As for both.
    """
    rules = ruleset(read=read, write=write)
    try:
        apply(rules)
    finally:
        os.close(rules)
