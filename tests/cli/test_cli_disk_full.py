"""A full disk: one clear line and exit code 5, what is graded is kept, and once there is room the same call goes on."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from classes import GradedClass, small_class
from installed import GRADER, call, environment, results, without_measurements

STUDENTS = 30


@contextmanager
def small_disk(folder: Path, kib: int) -> Iterator[None]:
    """Mount a file system of some KiB, or skip where that is not allowed."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("no file system can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def stored(out: Path) -> int:
    with closing(sqlite3.connect(out / "gradebook.sqlite")) as book:
        count: int = book.execute("SELECT count(*) FROM grades").fetchone()[0]
    return count


@pytest.mark.skipif(sys.platform != "linux" or os.name != "posix", reason="mounts a file system")
def test_a_disk_that_runs_full_stops_the_run_keeps_what_is_graded_and_a_rerun_goes_on(tmp_path: Path) -> None:
    folder = small_class(tmp_path / "class", STUDENTS)
    disk = tmp_path / "disk"
    disk.mkdir()
    with small_disk(disk, 700):
        out = disk / "out"
        done = call("grade", "skip_network", folder, "-o", out, "--seed", "7")

        assert done.code == 5, done.err
        errors = [line for line in done.err.splitlines() if not line.startswith("graded ")]
        assert len(errors) == 2
        assert errors[0].startswith("error: ")
        assert "disk" in errors[0] or "space" in errors[0]
        assert "Traceback" not in done.err
        before = stored(out)
        assert 0 < before < STUDENTS
        assert not list(out.rglob(".writing-*"))

        subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
        rest = call("grade", "skip_network", folder, "-o", out, "--seed", "7")

        assert rest.code == 0, rest.err
        assert rest.out.splitlines()[0] == f"{STUDENTS - before} graded, {before} unchanged"
        assert len(results(out)) == STUDENTS


def test_a_limit_on_the_size_of_files_is_told_like_a_full_disk(small: GradedClass, tmp_path: Path) -> None:
    """For those who may not mount: the gradebook cannot grow beyond 40 KiB."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (40 << 10, 40 << 10))

    done = subprocess.run(
        [GRADER, "grade", "skip_network", small.folder, "-o", tmp_path / "out", "--seed", "7"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=environment(),
        preexec_fn=limited,
        check=False,
    )
    assert done.returncode == 5, done.stderr
    assert "error: " in done.stderr
    assert "Traceback" not in done.stderr

    rest = call("grade", "skip_network", small.folder, "-o", tmp_path / "out", "--seed", "7")
    assert rest.code == 0, rest.err
    assert {name: without_measurements(entry) for name, entry in results(tmp_path / "out").items()} == {
        name: without_measurements(entry) for name, entry in results(small.out).items()
    }
