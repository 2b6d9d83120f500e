"""Two graders on one output folder: the second one waits a little, then says who has it, and nothing gets mixed."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from classes import slow_class, small_class
from installed import call
from processes import running, wait_until

pytest.importorskip("fcntl", reason="record locks are of POSIX")


def holds(out: Path) -> bool:
    """Whether the first grader is at work: it writes itself into the lock, and is past its own waiting."""
    lock = out / ".lock"
    return lock.is_file() and bool(lock.read_text()) and (out / "gradebook.sqlite").exists()


def test_a_second_grader_is_refused_after_five_seconds_and_told_who_has_the_folder(tmp_path: Path) -> None:
    """`grade` and `report` alike."""
    first = slow_class(tmp_path / "first", 2, seconds=14.0)
    second = small_class(tmp_path / "second", 1)
    out = tmp_path / "out"
    with running(tmp_path, first, "-o", out, "-j", "1") as process:
        wait_until(lambda: holds(out))
        for arguments in (("grade", "skip_network", second, "-o", out), ("report", out)):
            started = time.monotonic()
            done = call(*arguments)
            assert done.code == 5
            assert done.err.splitlines()[-2:] == [
                f"error: {out} is in use by another grader (process {process.pid})",
                "  what to do: wait until it has ended, or choose another output folder",
            ]
            assert done.out == ""
            assert time.monotonic() - started >= 5
        process.kill()

    # However the first one ended, the folder is free, and has nothing of the one that was refused.
    done = call("grade", "skip_network", second, "-o", out)
    assert done.code == 0, done.err
    assert done.out.splitlines()[0] == "1 graded, 0 unchanged"


def test_a_second_grader_waits_for_one_that_is_nearly_done(tmp_path: Path) -> None:
    folder = slow_class(tmp_path / "class", 1, seconds=1.5)
    out = tmp_path / "out"
    with running(tmp_path, folder, "-o", out) as process:
        wait_until(lambda: holds(out))
        done = call("grade", "skip_network", folder, "-o", out)
        first, _ = process.communicate(timeout=60)

    assert first.splitlines()[0] == "1 graded, 0 unchanged"
    assert (done.code, done.out.splitlines()[0]) == (0, "0 graded, 1 unchanged")
