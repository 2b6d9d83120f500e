"""Times a class of N submissions through the whole path, and where the time goes: `python benchmarks/class_of.py [N]`.

The class is the shipped corpus over and over, without the submissions that wait for a limit: right, wrong and broken work
mixed. Prints workload, versions and isolation with the numbers; a number without them says nothing.
"""

from __future__ import annotations

import platform
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from grader import __version__
from grader.assignment_file import load, shipped_folder
from grader.batch import Options, Progress, grade_class
from grader.model import Job, RunOutcome
from grader.pipeline import grade, session
from grader.reports.write import write_student
from grader.sandbox import Runner, level
from grader.submissions import Found, find, read

NAME = "skip_network"
LEFT_OUT = {"timeout", "memory", "output", "killed", "hostile"}
WORKERS = 2
SECRET = "seed 1"  # noqa: S105  the same cases on every run


def sample(count: int) -> list[Found]:
    """Return as many submissions as asked for, the corpus over and over."""
    folder = shipped_folder() / NAME / "submissions"
    once = find(sorted(p for p in folder.iterdir() if p.is_dir() and p.name not in LEFT_OUT), single=False)
    return [
        Found(student=f"{entry.student}_{i}", path=entry.path, modified=entry.modified)
        for i, entry in ((i, once[i % len(once)]) for i in range(count))
    ]


def whole_path(found: list[Found]) -> float:
    """Return the wall seconds of grading a class with gradebook and reports."""
    with tempfile.TemporaryDirectory() as folder:
        options = Options(out=Path(folder) / "graded", secret=SECRET, workers=WORKERS)
        started = time.perf_counter()
        summary = grade_class(load(NAME), found, options, ignore)
        assert summary.graded == len(found)
        return time.perf_counter() - started


def ignore(progress: Progress) -> None:
    """Show nothing."""


def parts(found: list[Found]) -> dict[str, float]:
    """Return the seconds of each part, one submission after the other."""
    seconds: dict[str, float] = defaultdict(float)
    with stopwatch(seconds, "cases and expectations, once"):
        shared = session(load(NAME), SECRET)
    with Runner() as runner, tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        for name in ("results", "reports"):
            (out / name).mkdir()

        def run(job: Job) -> RunOutcome:
            with stopwatch(seconds, "run"):
                return runner.run(job)

        for entry in found:
            with stopwatch(seconds, "read"):
                submission = read(entry)
            with stopwatch(seconds, "run and mark"):
                result = grade(shared, submission, run, level())
            with stopwatch(seconds, "report"):
                write_student(out, "student", result)
    seconds["mark"] = seconds.pop("run and mark") - seconds["run"]
    return seconds


@contextmanager
def stopwatch(seconds: dict[str, float], name: str) -> Iterator[None]:
    """Add the time of a block."""
    started = time.perf_counter()
    yield
    seconds[name] += time.perf_counter() - started


def main() -> None:
    """Print the table."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    found = sample(count)
    print(
        f"workload   {count} submissions of {NAME}, mixed right, wrong and broken; reports in HTML and Markdown"
    )
    print(f"versions   grader {__version__}, Python {platform.python_version()}, NumPy {np.__version__}")
    print(f"isolation  {level()}, {WORKERS} workers")
    wall = whole_path(found)
    print(
        f"class      {wall:.2f} s, {1e3 * wall / count:.1f} ms per submission, {count / wall:.1f} per second"
    )
    for name, seconds in sorted(parts(found).items(), key=lambda part: -part[1]):
        print(f"  {name:32} {1e3 * seconds / count:7.2f} ms per submission, one at a time")


if __name__ == "__main__":
    main()
