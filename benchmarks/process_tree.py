"""Measures a process together with all its descendants, from `/proc`: CPU seconds and memory."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, kw_only=True, slots=True)
class Memory:
    """Memory of some processes together, in bytes."""

    pss: int | None
    """Each shared page counted once in all; None where a process may not be looked into."""
    rss: int
    """Shared pages counted for every process that has them."""
    processes: int


_CSTIME = 14
"""Place of the last field that is asked for, counted as `_stat` gives them."""


def _stat(pid: int) -> list[str] | None:
    """Return the fields of `/proc/PID/stat` from the third on (proc(5)); None where the process is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return fields if len(fields) > _CSTIME else None  # one that ends while it is read may give nothing


def tree(pid: int) -> list[int]:
    """Return the ids of a process and its living descendants.

    Parameters
    ----------
    pid : int

    Returns
    -------
    list of int
    """
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):  # noqa: PTH208  names alone are asked for
        if entry.isdigit() and (fields := _stat(int(entry))) is not None:
            children.setdefault(int(fields[1]), []).append(int(entry))
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += children.get(one, [])
    return found


def cpu_s(pid: int) -> float:
    """Return the CPU seconds of a process, its living descendants, and those that were waited for.

    Parameters
    ----------
    pid : int

    Returns
    -------
    float
        In steps of the system's clock tick, usually 0.01 s.
    """
    # utime, stime, cutime and cstime are fields 14 to 17 (proc(5)).
    fields = (_stat(one) for one in tree(pid))
    return sum(sum(map(int, one[11:15])) for one in fields if one is not None) / _TICKS


def memory(pid: int) -> Memory:
    """Return the memory of a process and its living descendants.

    Parameters
    ----------
    pid : int

    Returns
    -------
    Memory
    """
    pids = tree(pid)
    found = [one for one in map(_memory, pids) if one is not None]
    shares = [pss for pss, _ in found]
    return Memory(
        pss=None if None in shares else sum(pss or 0 for pss in shares),
        rss=sum(rss for _, rss in found),
        processes=len(found),
    )


def _memory(pid: int) -> tuple[int | None, int] | None:
    try:
        rss = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * _PAGE
        return _pss(pid), rss
    except (OSError, IndexError):
        return None


def _pss(pid: int) -> int | None:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except PermissionError:  # it hides its memory from other users than root
        return None
    lines = (line.split() for line in text.splitlines())
    return next((int(line[1]) << 10 for line in lines if line[0] == "Pss:"), 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Watched:
    """What a process and its descendants used from beginning to end."""

    peak: Memory
    """The greatest of each."""
    cpu_s: float


def watch(process: subprocess.Popen[str], *, every_s: float = 0.25) -> Watched:
    """Watch a process to its end.

    Parameters
    ----------
    process : subprocess.Popen
    every_s : float
        Seconds between two looks; what comes and goes in between is not seen.

    Returns
    -------
    Watched
        Its CPU time as last seen, not as its parent is told in the end: that leaves out what nobody waited for, such as
        a warm process that is killed, and all that it ran.
    """
    seen: list[tuple[Memory, float]] = []
    while process.poll() is None:
        seen.append((memory(process.pid), cpu_s(process.pid)))
        time.sleep(every_s)
    shares = [look.pss for look, _ in seen if look.pss is not None]
    return Watched(
        peak=Memory(
            pss=max(shares, default=None),
            rss=max((look.rss for look, _ in seen), default=0),
            processes=max((look.processes for look, _ in seen), default=0),
        ),
        cpu_s=max((spent for _, spent in seen), default=0.0),
    )
