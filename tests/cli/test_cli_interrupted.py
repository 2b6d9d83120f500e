"""Ctrl-C ends a run with all that is graded, says how to go on, and the same call goes on from there."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest
from classes import slow_class, small_class
from installed import call
from processes import orphans, running, wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")

GO_ON = "run the same command again to go on"


def graded(out: Path) -> set[str]:
    folder = out / "results"
    return {path.stem for path in folder.glob("*.json")} if folder.is_dir() else set()


def class_that_waits(tmp_path: Path, seconds: float, count: int = 2) -> Path:
    """Hand in some work that is quickly graded, and one that waits, last in the order of names."""
    folder = small_class(tmp_path / "class", count)
    slow_class(tmp_path / "more", 1, seconds=seconds)
    (tmp_path / "more" / "s0.py").rename(folder / "waits.py")
    return folder


def begun(out: Path, count: int) -> None:
    """Wait until so many are graded and the next one surely runs."""
    wait_until(lambda: len(graded(out)) == count)
    time.sleep(0.5)


def test_ctrl_c_keeps_what_is_graded_says_so_and_leaves_nothing_behind(tmp_path: Path) -> None:
    """Pressed at a terminal it goes to all processes of the group; what runs does not end within the grace."""
    folder = class_that_waits(tmp_path, 25.0)
    with running(tmp_path, folder, "-o", tmp_path / "out", "-j", "1") as process:
        begun(tmp_path / "out", 2)
        os.killpg(process.pid, signal.SIGINT)
        started = time.monotonic()
        out, errors = process.communicate(timeout=20)
        took = time.monotonic() - started
        left = orphans(process)

    assert process.returncode == 130
    assert out == f"interrupted: 2 of 3 are graded; {GO_ON}\n"
    assert "Traceback" not in errors
    assert 2.5 < took < 8
    assert left == set()
    assert graded(tmp_path / "out") == {"s0", "s1"}
    assert len((tmp_path / "out" / "grades.csv").read_text().splitlines()) == 3
    assert list((tmp_path / "tmp").iterdir()) == []

    (folder / "waits.py").unlink()
    rest = call("grade", "skip_network", folder, "-o", tmp_path / "out")
    assert rest.out.splitlines()[0] == "0 graded, 2 unchanged"


def test_what_ends_within_the_grace_is_kept(tmp_path: Path) -> None:
    folder = class_that_waits(tmp_path, 1.5, count=1)
    with running(tmp_path, folder, "-o", tmp_path / "out", "-j", "1") as process:
        begun(tmp_path / "out", 1)
        os.killpg(process.pid, signal.SIGINT)
        out, _ = process.communicate(timeout=20)

    assert process.returncode == 130
    assert out == f"interrupted: 2 of 2 are graded; {GO_ON}\n"
    assert graded(tmp_path / "out") == {"s0", "waits"}


def test_a_second_ctrl_c_stops_at_once(tmp_path: Path) -> None:
    folder = class_that_waits(tmp_path, 25.0, count=1)
    with running(tmp_path, folder, "-o", tmp_path / "out", "-j", "1") as process:
        begun(tmp_path / "out", 1)
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(0.3)
        os.killpg(process.pid, signal.SIGINT)
        started = time.monotonic()
        _, errors = process.communicate(timeout=20)
        took = time.monotonic() - started
        left = orphans(process)

    assert process.returncode == 130
    assert took < 2.5
    assert left == set()
    assert "Traceback" not in errors
    rest = call("grade", "skip_network", folder / "s0.py", "-o", tmp_path / "out")
    assert rest.out.splitlines()[0] == "0 graded, 1 unchanged"
