"""Whatever ends a run, what is graded is kept, no process is left, and the same call goes on to the same gradebook."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from classes import GradedClass, slow_class
from installed import GRADER, call, environment, results, without_measurements

PATIENCE_S = 60.0
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")


@contextmanager
def running(tmp_path: Path, *arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """Start the command with a folder of its own for temporary files, and never leave it behind."""
    (tmp_path / "tmp").mkdir()
    process = subprocess.Popen(
        [GRADER, "grade", "skip_network", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(TMPDIR=str(tmp_path / "tmp")),
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def graded(out: Path) -> set[str]:
    folder = out / "results"
    return {path.stem for path in folder.glob("*.json")} if folder.is_dir() else set()


def processes_in(folder: Path) -> list[str]:
    """Return the processes that work in a folder: each child has one of its own below it."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            place = str((entry / "cwd").readlink())
        except OSError:  # ended meanwhile, or another user's
            continue
        if place.startswith(f"{folder}/"):
            found.append(entry.name)
    return found


@linux
def test_ctrl_c_keeps_what_is_graded_says_so_and_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = slow_class(tmp_path / "class", 3, seconds=0.0)
    slow_class(tmp_path / "more", 1, seconds=60.0)
    (tmp_path / "more" / "s0.py").rename(folder / "waits.py")
    with running(tmp_path, folder, "-o", tmp_path / "out", "-j", "1") as process:
        wait_until(lambda: len(graded(tmp_path / "out")) == 3 and bool(processes_in(tmp_path / "tmp")))
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=5)

    assert process.returncode == 130
    assert out == "interrupted: 3 of 4 are graded; run the same command again to go on\n"
    assert "Traceback" not in errors
    assert graded(tmp_path / "out") == {"s0", "s1", "s2"}
    assert len((tmp_path / "out" / "grades.csv").read_text().splitlines()) == 4
    assert processes_in(tmp_path / "tmp") == []
    assert list((tmp_path / "tmp").iterdir()) == []

    (folder / "waits.py").unlink()
    assert call("grade", "skip_network", folder, "-o", tmp_path / "out").out.splitlines()[0] == (
        "0 graded, 3 unchanged"
    )


@linux
@pytest.mark.parametrize("finished", [0, 1, 3])
def test_a_run_that_was_killed_goes_on_to_the_gradebook_of_an_undisturbed_one(
    tmp_path: Path, small: GradedClass, finished: int
) -> None:
    """`kill -9` after some of the four are graded; equal but for time and memory. Its children die with it."""
    arguments = (small.folder, "-o", tmp_path / "out", "--seed", "7", "-j", "1")
    with running(tmp_path, *arguments) as process:
        wait_until(lambda: len(graded(tmp_path / "out")) >= finished)
        process.kill()
        process.wait()
    wait_until(lambda: processes_in(tmp_path / "tmp") == [])

    done = call("grade", "skip_network", *arguments)

    assert done.code == 0, done.err
    undisturbed, resumed = results(small.out), results(tmp_path / "out")
    assert {name: without_measurements(entry) for name, entry in resumed.items()} == {
        name: without_measurements(entry) for name, entry in undisturbed.items()
    }
    assert (tmp_path / "out" / "grades.csv").read_bytes() == (small.out / "grades.csv").read_bytes()


@linux
@pytest.mark.slow
@pytest.mark.parametrize("delay_s", [0.1 * step for step in range(1, 21)])
def test_a_run_that_was_killed_at_any_time_goes_on(
    tmp_path: Path, small: GradedClass, delay_s: float
) -> None:
    """In two seconds of a run: while it starts, draws cases, grades and writes; killed twice in a row."""
    arguments = (small.folder, "-o", tmp_path / "out", "--seed", "7")
    for part in ("first", "second"):
        (tmp_path / part).mkdir()
        with running(tmp_path / part, *arguments) as process:
            time.sleep(delay_s)
            process.kill()

    assert call("grade", "skip_network", *arguments).code == 0
    assert {name: without_measurements(entry) for name, entry in results(tmp_path / "out").items()} == {
        name: without_measurements(entry) for name, entry in results(small.out).items()
    }
    assert (tmp_path / "out" / "grades.csv").read_bytes() == (small.out / "grades.csv").read_bytes()
