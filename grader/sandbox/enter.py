"""Leaves the machine's namespaces for new ones; done before anything heavy is loaded, because it takes a fork."""

from __future__ import annotations

import os
import signal

from grader.sandbox.linux import namespaces, process
from grader.sandbox.linux.namespaces import New

_ALL = New.MOUNT | New.PID | New.IPC | New.NET | New.UTS | New.CGROUP
_MOST_FDS = 128


def follow(parent: int) -> None:
    """Have the kernel kill this process when the grader ends, however it ends.

    Parameters
    ----------
    parent : int
        The grader's process id; 0 where it cannot be seen from here, and another process stands between.
    """
    process.die_with_parent()
    if parent and os.getppid() != parent:  # it ended before we asked
        os._exit(1)


def forget_fork_hooks() -> None:
    """Keep what libraries want done in every forked child from being done, for libraries that are loaded from here on.

    `threading` renews its locks and `logging` does, `random` takes another seed, and a child copies 80 pages for it. The
    process that forks has one thread, which holds no lock, and in which thread a child begins it knows. One seed for all
    jobs makes them repeatable.
    """
    os.register_at_fork = _no_hook


def _no_hook(**_hooks: object) -> None:
    """Stand for `os.register_at_fork`."""


def enter_namespaces() -> None:
    """Go on as process 1 of new namespaces of every kind, while the calling process waits for that to end.

    Root makes them as it is. Everybody else makes a user namespace first, which owns the others: only in a PID namespace
    that it owns can a process without privileges make a further one per job and come back (`setns` asks for CAP_SYS_ADMIN
    over the namespace to go to).

    Raises
    ------
    OSError
        When the system refuses.
    """
    if os.geteuid() == 0:
        namespaces.unshare(_ALL)
    else:
        uid, gid = os.geteuid(), os.getegid()
        namespaces.unshare(_ALL | New.USER)
        namespaces.map_user(uid, gid)
    pid = os.fork()
    if pid != 0:
        _wait_for(pid)
    process.die_with_parent()


def _wait_for(pid: int) -> None:
    """Stand between the grader and the new namespaces: when it is killed, the kernel kills them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.closerange(
        0, _MOST_FDS
    )  # the grader must see that the other one hung up, though this process is still here
    _, status = os.waitpid(pid, 0)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
