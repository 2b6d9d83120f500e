"""Limits of the kernel on one process; see getrlimit(2)."""

from __future__ import annotations

import resource
from pathlib import Path


def limit(kind: int, value: int) -> int:
    """Limit this process and its children, with no way back up.

    Soft and hard limit are the same: what the soft one adds is a signal or an error that a program may catch, and process 1
    of a PID namespace ignores SIGXCPU, so that only the hard limit on processor time ends it.

    Parameters
    ----------
    kind : int
        One of `resource.RLIMIT_*`.
    value : int
        In the unit of the kind.

    Returns
    -------
    int
        The limit in force: `value`, or what was there before where that is stricter.

    Raises
    ------
    OSError, ValueError
        When the kernel refuses or does not know the kind.
    """
    if value < 0:
        raise ValueError(f"a limit of {value} would be none")
    _, before = resource.getrlimit(kind)
    in_force = value if before == resource.RLIM_INFINITY else min(value, before)
    resource.setrlimit(kind, (in_force, in_force))
    return in_force


def address_space() -> int:
    """Return how much address space this process has taken: what RLIMIT_AS counts.

    The maximum resident size that getrusage(2) gives is no substitute: it leaves out what was mapped and never touched.

    Returns
    -------
    int
        Bytes; the first field of `/proc/self/statm` in pages, proc_pid_statm(5).

    Raises
    ------
    OSError
        Where there is no `/proc`: measure before it is given away.
    """
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * resource.getpagesize()
