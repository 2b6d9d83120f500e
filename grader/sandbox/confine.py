"""Puts the walls around one job, in the process that was forked for it and before it touches student code.

The order matters at nearly every step; the reason stands beside it.
"""

from __future__ import annotations

import faulthandler
import math
import os
import resource
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.sandbox.linux import calls, landlock, limits, mounts, namespaces, process, seccomp
from grader.sandbox.linux.namespaces import New

RESULT_FD = 3
_MAX_FILE_BYTES = 8 << 20
_MAX_OPEN_FILES = 64
_MAX_THREADS = 32
_BOX_BYTES = 16 << 20
_BOX_INODES = 1024
_STACK_BYTES = 8 << 20
_MOST_FDS = 128
"""A warm process has a handful of descriptors open; no number beyond these is in use."""
_LIMITS: Mapping[int, int] = {
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_FSIZE: _MAX_FILE_BYTES,
    resource.RLIMIT_NOFILE: _MAX_OPEN_FILES,
    resource.RLIMIT_STACK: _STACK_BYTES,
    resource.RLIMIT_MEMLOCK: 0,
    resource.RLIMIT_MSGQUEUE: 0,
    resource.RLIMIT_NICE: 0,
    resource.RLIMIT_RTPRIO: 0,
}
"""Limits under which the warm process itself can work: a fork inherits them."""


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
    """Landlock rules as a descriptor; None for no such rules."""
    sealed: bool
    """Whether no system call is left that takes a path."""
    private_files: bool
    """Whether files are the job's own or unwritable mounts, so that calls which Landlock does not look at do no harm."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """The calls by which a job puts up its walls, ready to be made."""

    walls: Walls
    room: Sequence[calls.Prepared]
    """Give it a mount namespace, and a folder."""
    bare: Sequence[calls.Prepared]
    """Take its privileges, and close the file system."""
    filter: calls.Prepared | None
    """None where the number that the job's process will have is not known before."""


def prepare(walls: Walls) -> Prepared:
    """Put up in the warm process what holds for its jobs because it holds for it, and prepare the rest.

    Parameters
    ----------
    walls : Walls

    Returns
    -------
    Prepared

    Raises
    ------
    OSError
        When a wall does not stand.
    """
    faulthandler.enable(file=2, all_threads=False)
    # Not chained: in its own namespace a job is process 1, for which a signal's default is to do nothing.
    faulthandler.register(signal.SIGPROF, file=2, all_threads=False)
    for kind, value in _LIMITS.items():
        limits.limit(kind, value)
    process.no_new_privileges()
    room = []
    if walls.box is not None:
        tmpfs = mounts.prepare_tmpfs(
            walls.box, size=_BOX_BYTES, inodes=_BOX_INODES, mode=0o700, uid=walls.uid
        )
        room = [namespaces.prepare_unshare(New.MOUNT), tmpfs]
    # Not before: a change of user or capabilities clears what is said about the parent's death.
    bare = [process.prepare_drop_capabilities(), process.prepare_die_with_parent()]
    if walls.rules is not None:
        bare.append(landlock.prepare_apply(walls.rules))
    # It costs milliseconds the first time: made here also where a job must make another one.
    first = seccomp.prepare_load(_filter(walls, pid=1))
    return Prepared(walls=walls, room=room, bare=bare, filter=first if walls.box is not None else None)


class GraderClock:
    """Stands for the clock of a session: the grader watches the CPU time of this process from outside."""

    def allow(self, seconds: float) -> None:
        """Do nothing; see `grader.sandbox.attempt`."""


def confine(prepared: Prepared, job: Mapping[str, Any], *, address_space: int) -> GraderClock:
    """Put all walls around this process for good.

    Parameters
    ----------
    prepared : Prepared
        By the process that forked this one.
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
    walls = prepared.walls
    for call in prepared.room:
        call()
    _limit(walls, job, address_space)
    if walls.uid is not None:
        process.become(walls.uid)
    # After the change of user: the folder belongs to the new one.
    os.chdir(walls.box or "/")
    for call in prepared.bare:
        call()
    if walls.rules is not None:
        os.close(walls.rules)
    # Last: most of the calls above are denied from here on.
    load = prepared.filter or seccomp.prepare_load(_filter(walls, pid=os.getpid()))
    load()
    return GraderClock()


def _filter(walls: Walls, *, pid: int) -> bytes:
    """Give the filter for a job that is process `pid` in its own namespace: the one process that it may signal."""
    return seccomp.program(
        sealed=walls.sealed,
        deny_metadata=not walls.private_files,
        allow_kill_of=pid,
        files=walls.box is not None,
    )


def _limit(walls: Walls, job: Mapping[str, Any], address_space: int) -> None:
    """Set the limits that are a job's own, or that the warm process could not work under."""
    limits.limit(resource.RLIMIT_AS, address_space + (job["memory_mib"] << 20))
    # Behind the grader's own watch, for the case that the grader stops looking; soft and hard are one, because process 1 of
    # a namespace does not die of the signal that comes at the soft limit.
    limits.limit(resource.RLIMIT_CPU, math.ceil(job["total_cpu_s"]) + 1)
    if walls.counts_processes:
        limits.limit(resource.RLIMIT_NPROC, _MAX_THREADS)


def reserve_numbers() -> None:
    """Make sure that no descriptor that is opened later has one of the numbers which a job's get."""
    while (fd := os.open(os.devnull, os.O_RDONLY)) <= RESULT_FD:
        continue
    os.close(fd)


def take_over(result: int, output: int, *, keep: Sequence[int]) -> None:
    """Make the descriptors of a job 1 to 3 of this process, and close all others but the standard input.

    Parameters
    ----------
    result, output : int
        Descriptors above 3: where frames go, and where everything else that is written goes.
    keep : sequence of int
        More that stay open, all of them above 3.

    Raises
    ------
    ValueError
        For a descriptor that would be overwritten.
    """
    if min(result, output, *keep) <= RESULT_FD:
        raise ValueError("a descriptor is in the way")
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.dup2(result, RESULT_FD)
    first = RESULT_FD + 1
    for fd in sorted(keep):
        os.closerange(first, fd)
        first = fd + 1
    os.closerange(first, _MOST_FDS)
