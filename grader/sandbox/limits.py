"""The limits that the child puts on itself before student code runs; what a system does not offer is left out."""

from __future__ import annotations

import contextlib
import faulthandler
import math
import os
import resource
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

if sys.platform == "linux":
    from grader.sandbox.linux import process

_MAX_FILE_BYTES = 8 << 20
_MAX_OPEN_FILES = 64


def die_with(parent: int) -> None:
    """Have the kernel kill this process when the grader ends, however it ends.

    Parameters
    ----------
    parent : int
        Process id of the grader.
    """
    if sys.platform == "linux":
        # A kernel that refuses leaves us at the level we would have without it.
        with contextlib.suppress(OSError):
            process.die_with_parent()
            process.no_new_privileges()
    if os.getppid() != parent:  # it ended before we asked
        os._exit(1)


def restrain(job: Mapping[str, Any]) -> CpuClock:
    """Put the limits of a job on this process for good.

    Parameters
    ----------
    job : mapping
        Header of the job's frame.

    Returns
    -------
    CpuClock
    """
    limit_process(memory_mib=job["memory_mib"])
    return CpuClock(total_s=job["total_cpu_s"])


def limit_process(*, memory_mib: int) -> None:
    """Limit memory, files and core dumps of this process for good.

    Parameters
    ----------
    memory_mib : int
        Address space beyond what is taken now.
    """
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, _MAX_FILE_BYTES)
    _limit(resource.RLIMIT_NOFILE, _MAX_OPEN_FILES)
    if sys.platform == "linux":
        # The limit counts address space, of which libraries reserve far more than they use: add to what is there.
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        _limit(resource.RLIMIT_AS, pages * resource.getpagesize() + (memory_mib << 20))


def _limit(kind: int, value: int) -> None:
    # macOS refuses some, and a hard limit that is lower already is as good.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(kind, (value, value))


class CpuClock:
    """Limits the CPU time of one step after the other, and of all together.

    A timer ends the process to the millisecond; the limits of the kernel, in whole seconds, stand behind it for code
    that stops the timer. Before it ends, the process writes the line it was at to the error output.

    Parameters
    ----------
    total_s : float
        CPU seconds from now on for all steps.
    """

    def __init__(self, *, total_s: float) -> None:
        self._end = time.process_time() + total_s
        # One second above, so that the signal that says "CPU time" comes before the one that says nothing.
        self._hard = math.ceil(self._end) + 1
        for number in (signal.SIGPROF, signal.SIGXCPU):
            faulthandler.register(number, file=2, all_threads=False, chain=True)
        faulthandler.enable(file=2, all_threads=False)

    def allow(self, seconds: float) -> None:
        """Start a step that may take so much CPU time.

        Parameters
        ----------
        seconds : float
        """
        now = time.process_time()
        seconds = max(0.001, min(seconds, self._end - now))
        signal.setitimer(signal.ITIMER_PROF, seconds)
        soft = min(math.ceil(now + seconds), self._hard - 1)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CPU, (soft, self._hard))
