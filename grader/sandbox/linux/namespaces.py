"""Gives a process its own view of the machine: users, mounts, processes, network; see namespaces(7)."""

from __future__ import annotations

import contextlib
import os
import signal
from enum import IntFlag
from functools import lru_cache
from pathlib import Path

from grader.sandbox.linux.calls import Prepared, libc

_PROC = Path("/proc/self")


class New(IntFlag):
    """The kinds of namespace: `CLONE_NEW*` of `linux/sched.h`."""

    MOUNT = 0x00020000
    CGROUP = 0x02000000
    UTS = 0x04000000
    """Name of the machine."""
    IPC = 0x08000000
    """System V and POSIX message queues, semaphores and shared memory."""
    USER = 0x10000000
    PID = 0x20000000
    NET = 0x40000000
    """Includes abstract unix sockets; not vsock and not sockets with a path."""


def unshare(flags: New) -> None:
    """Leave the namespaces of the parent for new ones; see unshare(2).

    With `New.USER` the process has every capability in what it made, and none outside. `New.PID` is for the children that
    follow: the process itself stays where it is.

    Parameters
    ----------
    flags : New
        Which ones. All but `New.USER` need CAP_SYS_ADMIN or `New.USER` beside them.

    Raises
    ------
    OSError
        EPERM where a container's filter, AppArmor or a missing capability forbids it; ENOSPC past the machine's maximum;
        EINVAL for `New.PID` or `New.USER` in a process with threads.
    """
    prepare_unshare(flags)()


@lru_cache(maxsize=16)
def prepare_unshare(flags: New) -> Prepared:
    """Prepare `unshare`, for a child or to be done more than once.

    Parameters
    ----------
    flags : New

    Returns
    -------
    Prepared
    """
    return Prepared(libc().unshare, (int(flags),), f"unshare {flags!r}")


def enter(fd: int, flag: New) -> None:
    """Enter a namespace that exists; see setns(2).

    Parameters
    ----------
    fd : int
        A process (pidfd, Linux 5.8) or a namespace (`/proc/PID/ns/...`).
    flag : New
        Which of its namespaces.

    Raises
    ------
    OSError
        When the kernel refuses.
    """
    _prepare_enter(fd, flag)()


@lru_cache(maxsize=16)
def _prepare_enter(fd: int, flag: New) -> Prepared:
    return Prepared(libc().setns, (fd, int(flag)), f"setns {flag!r}")


def map_user(uid: int, gid: int) -> None:
    """Keep user and group in a new user namespace; every other one is `nobody` there. See user_namespaces(7).

    Parameters
    ----------
    uid, gid : int
        Effective user and group from before `unshare(New.USER)`; after it the process does not know them.

    Raises
    ------
    OSError
        When the kernel refuses: AppArmor may (Ubuntu from 24.04 on), and `hide_memory` before makes these files root's.
    """
    # Otherwise a group could be left, and files that are closed to the group would open. Kernels before 3.19 lack the file.
    with contextlib.suppress(FileNotFoundError):
        (_PROC / "setgroups").write_text("deny", encoding="ascii")
    (_PROC / "uid_map").write_text(f"{uid} {uid} 1\n", encoding="ascii")
    (_PROC / "gid_map").write_text(f"{gid} {gid} 1\n", encoding="ascii")


def fork_in_new_pid_namespace(own_pidfd: int) -> int:
    """Fork a child that is process 1 of a new PID namespace: when it ends, the kernel kills all that descends from it.

    Unlike a raw `clone` this runs the fork hooks of Python and the C library, and unlike two forks in a row it costs
    0.05 ms more than a plain one. The caller goes back each time, because after one `unshare(New.PID)` the next fails with
    EINVAL, and so does every fork (ENOMEM) once the first child has ended.

    Going back needs CAP_SYS_ADMIN over the caller's own PID namespace. Whoever has it only in a user namespace of its own
    must therefore live in a PID namespace made there: `unshare(New.USER | New.PID)` and a fork come first.

    Parameters
    ----------
    own_pidfd : int
        The calling process (`pidfd.open_self`), by which it finds back; or its `/proc/self/ns/pid`.

    Returns
    -------
    int
        0 in the child; in the caller the number of the child, in the caller's namespace.

    Raises
    ------
    OSError
        When the kernel refuses one of the steps; no child is left then.
    """
    unshare(New.PID)
    child = -1
    try:
        child = os.fork()
    finally:
        if child != 0:
            _go_back(own_pidfd, child)
    return child


def _go_back(own_pidfd: int, child: int) -> None:
    try:
        enter(own_pidfd, New.PID)
    except OSError:
        if child > 0:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        raise
