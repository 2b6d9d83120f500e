"""Names a process by a descriptor, which never points at another process that got the same number later."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

_SCHED = 2
"""Time on a processor, in nanoseconds: `CPUCLOCK_SCHED` of `include/linux/posix-timers_types.h`."""


def open_self() -> int:
    """Open a descriptor of the calling process; see pidfd_open(2), Linux 5.3.

    Returns
    -------
    int
        The descriptor; `exec` closes it.

    Raises
    ------
    OSError
        When the kernel refuses.
    """
    return os.pidfd_open(os.getpid())


def send_signal(pidfd: int, number: int) -> None:
    """Send a signal to a process, also down into the PID namespace that it lives in; see pidfd_send_signal(2).

    Parameters
    ----------
    pidfd : int
        The process.
    number : int
        The signal.

    Raises
    ------
    ProcessLookupError
        When the process has ended and was waited for.
    OSError
        When the kernel refuses.
    """
    signal.pidfd_send_signal(pidfd, number)


def pid_of(pidfd: int) -> int:
    """Return the number of a process in the PID namespace of `/proc`; "Pid" in `/proc/self/fdinfo`, pidfd_open(2).

    Parameters
    ----------
    pidfd : int
        The process.

    Returns
    -------
    int
        Its number. It stays the same process until whoever may wait for it has done so.

    Raises
    ------
    ProcessLookupError
        When it has ended and was waited for (the kernel says -1), or cannot be seen from here (0).
    OSError
        Where there is no `/proc`, or when this is no descriptor of a process.
    """
    text = Path(f"/proc/self/fdinfo/{pidfd}").read_text(encoding="ascii")
    fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    if "Pid" not in fields:
        raise OSError(f"descriptor {pidfd} is no process")
    pid = int(fields["Pid"])
    if pid <= 0:
        raise ProcessLookupError(f"descriptor {pidfd}: the process has ended or cannot be seen from here")
    return pid


def cpu_seconds(pid: int) -> float:
    """Return the processor time of a process, all its threads together; children are not in it.

    Every process has a clock whose number is made from its own (`MAKE_PROCESS_CPUCLOCK` in
    `include/linux/posix-timers_types.h`, clock_getcpuclockid(3)). Reading it needs no privilege and no `/proc`.

    Parameters
    ----------
    pid : int
        The process in our PID namespace, of whatever user; 0 for the caller.

    Returns
    -------
    float
        Seconds in user and system mode.

    Raises
    ------
    ProcessLookupError
        When there is no such process.
    """
    clock = (~pid << 3) | _SCHED
    try:
        return time.clock_gettime(clock)
    except OSError as error:
        raise ProcessLookupError(error.errno, f"no process {pid}") from error
