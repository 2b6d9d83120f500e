"""Puts the walls around one job, in the process that was forked for it and before it touches student code.

The order matters at nearly every step; the reason stands beside it.
"""

from __future__ import annotations

import faulthandler
import fcntl
import math
import os
import resource
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.sandbox.linux import landlock, limits, mounts, namespaces, process, seccomp
from grader.sandbox.linux.namespaces import New

RESULT_FD = 3
_MAX_FILE_BYTES = 8 << 20
_MAX_OPEN_FILES = 64
_MAX_THREADS = 32
_BOX_BYTES = 16 << 20
_BOX_INODES = 1024
_STACK_BYTES = 8 << 20
_HIGH = 64
_MOST_FDS = 128
"""A warm process has a handful of descriptors open; no number beyond these is in use."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Walls:
    """What a warm process found out or prepared once for all its jobs."""

    box: str | None
    """Folder on which each job mounts its own temporary file system; None where a job gets none."""
    uid: int | None
    """User that a job becomes; None where the grader's own user is as good as any."""
    counts_processes: bool
    """Whether a limit on processes would count those of the job alone."""
    rules: int | None
    """Landlock rules made in advance, as a descriptor."""
    read: Sequence[str] | None
    """Paths for Landlock rules that can be made only when the job's folder is there; None for no such rules."""
    sealed: bool
    """Whether no system call is left that takes a path."""
    private_files: bool
    """Whether files are the job's own or unwritable mounts, so that calls which Landlock does not look at do no harm."""


class GraderClock:
    """Stands for the clock of a session: the grader watches the CPU time of this process from outside."""

    def allow(self, seconds: float) -> None:
        """Do nothing; see `grader.sandbox.attempt`."""


def confine(walls: Walls, job: Mapping[str, Any], *, address_space: int) -> GraderClock:
    """Put all walls around this process for good.

    Parameters
    ----------
    walls : Walls
    job : mapping
        Header of the job's frame: `memory_mib`, `total_cpu_s`.
    address_space : int
        Bytes that this process has of it before the job begins: libraries reserve far more than they use.

    Returns
    -------
    GraderClock

    Raises
    ------
    OSError
        When a wall does not stand; the caller ends the process then.
    """
    faulthandler.enable(file=2, all_threads=False)
    # Not chained: in its own namespace this is process 1, for which a signal's default is to do nothing.
    faulthandler.register(signal.SIGPROF, file=2, all_threads=False)
    if walls.box is not None:
        namespaces.unshare(New.MOUNT)
        mounts.make_private()
        mounts.mount_tmpfs(walls.box, size=_BOX_BYTES, inodes=_BOX_INODES, mode=0o700, uid=walls.uid)
    _limit(walls, job, address_space)
    if walls.uid is not None:
        process.become(walls.uid)
    # After the change of user: the folder belongs to the new one.
    os.chdir(walls.box or "/")
    process.drop_capabilities()
    process.no_new_privileges()
    process.die_with_parent()  # once more: a change of user or capabilities clears it
    if walls.rules is not None:
        landlock.apply(walls.rules)
        os.close(walls.rules)
    elif walls.read is not None:
        # Rules hold for the file systems that are mounted now: made earlier, they would not cover the job's own folder.
        writable = ["/dev/null", *([walls.box] if walls.box else [])]
        landlock.restrict(read=walls.read, write=writable)
    # Last: most of the calls above are denied from here on.
    seccomp.load(filter_for(walls, os.getpid()))
    return GraderClock()


def filter_for(walls: Walls, pid: int) -> bytes:
    """Give the program that filters the system calls of a job.

    Parameters
    ----------
    walls : Walls
    pid : int
        Process id of the job in its own namespace: the one process that it may signal.

    Returns
    -------
    bytes
        Costs milliseconds the first time: a warm process makes one before it forks.
    """
    return seccomp.program(
        sealed=walls.sealed,
        deny_metadata=not walls.private_files,
        allow_kill_of=pid,
        files=walls.box is not None,
    )


def _limit(walls: Walls, job: Mapping[str, Any], address_space: int) -> None:
    limits.limit(resource.RLIMIT_CORE, 0)
    limits.limit(resource.RLIMIT_AS, address_space + (job["memory_mib"] << 20))
    limits.limit(resource.RLIMIT_FSIZE, _MAX_FILE_BYTES)
    limits.limit(resource.RLIMIT_NOFILE, _MAX_OPEN_FILES)
    limits.limit(resource.RLIMIT_STACK, _STACK_BYTES)
    # Behind the grader's own watch, for the case that the grader stops looking; soft and hard are one, because process 1 of
    # a namespace does not die of the signal that comes at the soft limit.
    limits.limit(resource.RLIMIT_CPU, math.ceil(job["total_cpu_s"]) + 1)
    for kind in (
        resource.RLIMIT_MEMLOCK,
        resource.RLIMIT_MSGQUEUE,
        resource.RLIMIT_NICE,
        resource.RLIMIT_RTPRIO,
    ):
        limits.limit(kind, 0)
    if walls.counts_processes:
        limits.limit(resource.RLIMIT_NPROC, _MAX_THREADS)


def out_of_the_way(fd: int) -> int:
    """Give a descriptor a number that `take_over` does not need.

    Parameters
    ----------
    fd : int
        Closed here.

    Returns
    -------
    int
    """
    high = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _HIGH)
    os.close(fd)
    return high


def take_over(job: int, result: int, output: int, *, keep: int | None) -> None:
    """Make the descriptors of a job 0 to 3 of this process, and close all others.

    Parameters
    ----------
    job, result, output : int
        Descriptors: what the job is, where frames go, and where everything else that is written goes.
    keep : int or None
        One more that stays open.
    """
    # First out of the way, so that none is overwritten that is still needed.
    high = [fcntl.fcntl(fd, fcntl.F_DUPFD, _HIGH) for fd in (job, output, output, result)]
    for number, fd in enumerate(high):
        os.dup2(fd, number)
    kept = _MOST_FDS if keep is None else keep
    os.closerange(RESULT_FD + 1, kept)
    os.closerange(kept + 1, _MOST_FDS)
