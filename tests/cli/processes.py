"""The processes that a call of the command starts, followed to the last of them, as a terminal or a job scheduler sees them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from installed import GRADER, environment

PATIENCE_S = 60.0
_PR_SET_CHILD_SUBREAPER = 36


def wait_until(holds: Callable[[], bool], within_s: float = PATIENCE_S) -> None:
    end = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


class Call(subprocess.Popen[str]):
    """A call of the command under way."""

    before: frozenset[int] = frozenset()
    """What ran below us before, and is none of its own."""


@contextmanager
def running(tmp_path: Path, *arguments: str | Path) -> Iterator[Call]:
    """Start `grader grade` as the leader of a group, as a terminal does, with a folder of its own for temporary files."""
    (tmp_path / "tmp").mkdir(exist_ok=True)
    before = frozenset(descendants(os.getpid()))
    with _adopting():
        process = Call(
            [GRADER, "grade", "skip_network", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(TMPDIR=str(tmp_path / "tmp")),
            process_group=0,
        )
        process.before = before
        try:
            yield process
        finally:
            process.kill()
            process.communicate()


@contextmanager
def _adopting() -> Iterator[None]:
    """Become the parent of whatever loses its own: what a killed grader leaves behind can then be seen.

    See PR_SET_CHILD_SUBREAPER in prctl(2).
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def descendants(pid: int) -> dict[int, int]:
    """Return what runs below a process, with the number of steps down to each."""
    parents = dict(_parents())
    depths = {pid: 0}
    while found := {
        child: depths[up] + 1 for child, up in parents.items() if up in depths and child not in depths
    }:
        depths.update(found)
    del depths[pid]
    return depths


def orphans(of: Call) -> set[int]:
    """Return what lives on after a call has ended: children of ours that we did not start, and what is below them."""
    for pid, parent in list(_parents()):
        if parent == os.getpid() and pid != of.pid and pid not in of.before:
            # One that has ended waits for its new parent to take notice.
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
    return set(descendants(os.getpid())) - {of.pid} - of.before


def _parents() -> Iterator[tuple[int, int]]:
    """Yield every process that runs, with its parent; one that has ended and was not waited for does not run."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:  # ended meanwhile
            continue
        yield int(entry.name), int(fields[1])
