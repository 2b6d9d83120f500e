"""`kill -9` of any part of a run, at any moment: nothing is left of it, and a rerun ends in the gradebook of an undisturbed run.

`GRADER_KILLS=100` makes it that many moments. Which ones is drawn from a seed that a failure prints.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from classes import ASCENT, RIGHT, GradedClass
from installed import call, once, results, without_measurements
from processes import Call, descendants, orphans, running, wait_until

from grader.serialize import loads

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")

KILLS = int(os.environ.get("GRADER_KILLS", "10"))
STUDENTS = 8
GONE_S = 2.0
GRADER, WORKER, WARM, JOB = range(4)
"""Whom to kill, by the number of steps down from the grader."""


def grades(out: Path) -> dict[str, Any]:
    """Return all that the gradebook has but what differs from run to run: keys and grades without time and memory."""
    with closing(sqlite3.connect(out / "gradebook.sqlite")) as book:
        rows = book.execute("SELECT student, file_name, key, grade FROM grades").fetchall()
    return {student: (name, key, without_measurements(_fields(grade))) for student, name, key, grade in rows}


def _fields(grade: str) -> Mapping[str, Any]:
    read = loads(grade)
    return {name: getattr(read, name) for name in read.__struct_fields__}


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> GradedClass:
    """Return a class, some of it slow, graded without disturbance. Not to be changed."""

    def make(root: Path) -> None:
        (root / "class").mkdir()
        for number in range(STUDENTS):
            wait = "import time\ntime.sleep(0.2)\n" if number % 3 == 0 else ""
            (root / "class" / f"s{number}.py").write_text(wait + (ASCENT if number % 2 else RIGHT))
        done = call("grade", "skip_network", root / "class", "-o", root / "out", "--seed", "7")
        assert done.code == 0, done.err

    root = once(tmp_path_factory, "undisturbed", make)
    return GradedClass(folder=root / "class", out=root / "out", printed="", errors="")


def same(out: Path, undisturbed: GradedClass) -> None:
    assert grades(out) == grades(undisturbed.out)
    assert (out / "grades.csv").read_bytes() == (undisturbed.out / "grades.csv").read_bytes()
    assert {name: without_measurements(entry) for name, entry in results(out).items()} == {
        name: without_measurements(entry) for name, entry in results(undisturbed.out).items()
    }
    assert not list(out.rglob(".writing-*"))


@pytest.mark.parametrize("finished", [0, 1, STUDENTS])
def test_a_run_that_was_killed_goes_on_to_the_gradebook_of_an_undisturbed_one(
    tmp_path: Path, undisturbed: GradedClass, finished: int
) -> None:
    """After some are graded; equal but for time and memory. All its processes die with it."""
    arguments = (undisturbed.folder, "-o", tmp_path / "out", "--seed", "7", "-j", "1")
    with running(tmp_path, *arguments) as process:
        wait_until(lambda: len(list((tmp_path / "out" / "results").glob("*.json"))) >= finished)
        process.kill()
        process.wait()
        wait_until(lambda: not orphans(process), GONE_S)

    done = call("grade", "skip_network", *arguments)

    assert done.code == 0, done.err
    same(tmp_path / "out", undisturbed)


def kill_one(process: Call, whom: int, choose: random.Random) -> bool:
    """Kill the grader, or one of those so many steps below it; say whether there was one."""
    below = [pid for pid, depth in descendants(process.pid).items() if depth == whom]
    if whom == GRADER:
        process.kill()
    elif below:
        os.kill(choose.choice(below), signal.SIGKILL)
    return whom == GRADER or bool(below)


def soon(holds: Callable[[], bool]) -> None:
    """Look for a moment that may never come: the run may end before."""
    end = time.monotonic() + 5
    while not holds() and time.monotonic() < end:
        time.sleep(0.005)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(KILLS))
def test_whatever_is_killed_at_whatever_moment_a_rerun_ends_in_the_same_gradebook(
    tmp_path: Path, undisturbed: GradedClass, number: int
) -> None:
    """The grader, a worker, its warm process, or the student's process, in turn."""
    seed = int(os.environ.get("GRADER_KILLS_SEED", "1")) * 1000 + number
    choose = random.Random(seed)
    whom = number % 4
    arguments = (undisturbed.folder, "-o", tmp_path / "out", "--seed", "7", "-j", "2")
    with running(tmp_path, *arguments) as process:
        if whom != GRADER:
            # Before, what runs below it are the probes: were one killed, a weaker isolation would be chosen.
            wait_until((tmp_path / "out" / "gradebook.sqlite").exists)
            wait_until(lambda: whom in descendants(process.pid).values() or process.poll() is not None)
        time.sleep(choose.uniform(0.0, 3.0 if whom == GRADER else 1.0))
        soon(lambda: process.poll() is not None or kill_one(process, whom, choose))
        if whom == GRADER:
            process.wait()
        else:
            # Nobody else is disturbed: it goes on to the end by itself.
            process.communicate(timeout=120)
            assert process.returncode in (0, 4), f"seed {seed}"
        wait_until(lambda: not orphans(process), GONE_S)

    done = call("grade", "skip_network", *arguments)

    assert done.code == 0, f"seed {seed}: {done.err}"
    same(tmp_path / "out", undisturbed)
    assert list((tmp_path / "tmp").iterdir()) == []
