"""One grader at a time has an output folder, and the next one comes as soon as the first has ended, however that was."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from grader.errors import HostError
from grader.outlock import FILE, locked

pytestmark = pytest.mark.skipif(os.name != "posix", reason="record locks are of POSIX")

HOLDER = """
import os, sys, time
from pathlib import Path
from grader.outlock import locked
with locked(Path(sys.argv[1])):
    child = os.fork()
    if child == 0:
        time.sleep(600)
    print(child, flush=True)
    time.sleep(float(sys.argv[2]))
"""
"""Holds the lock for some seconds, with a forked child that has all its descriptors and outlives it."""


@contextmanager
def held(out: Path, seconds: float) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, out, str(seconds)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    child = int(process.stdout.readline())
    try:
        yield process
    finally:
        process.kill()
        process.stdout.close()
        process.wait()
        os.kill(child, 9)


def test_a_second_one_is_refused_and_told_who_has_it(tmp_path: Path) -> None:
    with held(tmp_path, 600) as process:
        started = time.monotonic()
        with pytest.raises(HostError) as caught, locked(tmp_path, wait_s=0.3):
            pass
        assert 0.3 <= time.monotonic() - started < 3
    assert caught.value.message == f"{tmp_path} is in use by another grader (process {process.pid})"


def test_a_second_one_waits_for_the_first_to_end(tmp_path: Path) -> None:
    with held(tmp_path, 0.4), locked(tmp_path, wait_s=20):
        assert int((tmp_path / FILE).read_text()) == os.getpid()


def test_after_kill_nine_the_folder_is_free_though_a_forked_child_lives(tmp_path: Path) -> None:
    """A `flock` would still be held: by the copy of the descriptor in the child."""
    with held(tmp_path, 600) as process:
        process.kill()
        process.wait()
        with locked(tmp_path, wait_s=0.5):
            pass


def test_two_folders_have_nothing_to_do_with_each_other(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    with held(tmp_path / "one", 600), locked(tmp_path / "two", wait_s=0):
        pass


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(HostError, match=r"\.lock cannot be written"), locked(tmp_path / "missing"):
        pass
