"""Grades a class once, or takes a sample of it apart; prints what it took as JSON.

`python benchmarks/runs.py class FOLDER OUT WORKERS` or `... parts FOLDER OUT COUNT`: a process of its own for each, so
that nothing of one measurement is warm for the next.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from process_tree import cpu_s
from synthetic import ASSIGNMENT

from grader.assignment_file import load
from grader.batch import Options, Progress, grade_class
from grader.gradebook import Gradebook, entry
from grader.model import Grade, Job, RunOutcome
from grader.pipeline import grade
from grader.reports.conditions import Feedback
from grader.reports.write import write_class, write_student
from grader.sandbox import Runner
from grader.session import Session, session
from grader.stored_answers import JobKeys, Remembering
from grader.submissions import Found, find, read
from grader.work import facts

SECRET = "seed 1"  # noqa: S105  the same cases on every run
PROCESS = "run: the student's process"
AROUND = "run: starting and ending it"
GRADER = "run: the grader's side"


def one_class(folder: Path, out: Path, workers: int) -> dict[str, Any]:
    """Grade a class as the command does.

    Parameters
    ----------
    folder : Path
        Holds the submissions.
    out : Path
        Takes gradebook and reports.
    workers : int

    Returns
    -------
    dict
        `wall_s` from looking for the submissions to the class page; how many were graded, and how many are faults.
    """
    started = time.perf_counter()
    found = find([folder], single=False)
    summary = grade_class(load(ASSIGNMENT), found, Options(out=out, secret=SECRET, workers=workers), ignore)
    took = time.perf_counter() - started
    levels: set[str] = set()
    outcomes: Counter[str] = Counter()
    # One by one: the memory of this process is being measured, and all results of a large class are larger than the grader.
    for path in (out / "results").iterdir():
        result = json.loads(path.read_text(encoding="utf-8"))
        levels.add(result["environment"]["isolation"])
        outcomes[_outcome(result)] += 1
    return {
        "wall_s": took,
        "graded": summary.graded,
        "faults": len(summary.faults),
        "isolation": " and ".join(sorted(levels)),
        "outcomes": outcomes,
    }


def ignore(progress: Progress) -> None:
    """Show nothing."""


def _outcome(result: dict[str, Any]) -> str:
    if result["status"] != "graded":
        return str(result["status"])
    points = result["points"]
    return "all points" if points == result["max_points"] else "some points" if points else "no points"


def parts(folder: Path, out: Path, count: int) -> dict[str, Any]:
    """Grade a sample of a class in one process, part by part.

    Parameters
    ----------
    folder, out : Path
    count : int

    Returns
    -------
    dict
        `cpu_s` by part, for all of the sample together; `once_s`, what is done once for a class.
    """
    once: dict[str, float] = defaultdict(float)
    with stopwatch(once, "cases and expectations"):
        shared = session(load(ASSIGNMENT), SECRET)
    found = find([folder], single=False)
    # From all over the folder: its beginning may hold other programs than its end.
    sample = found[:: max(1, len(found) // count)][:count]
    for name in ("results", "reports"):
        (out / name).mkdir()
    with Gradebook(out / "gradebook.sqlite") as book, Runner() as runner:
        keys = JobKeys(runner.isolation.level.value)
        apart = _Apart(shared=shared, out=out, book=book, runner=runner, keys=keys)
        # What a worker does once: it starts its warm process.
        with stopwatch(once, "first submission of a worker, the grader's side"):
            apart.whole(0, sample[0])
        apart.seconds.clear()
        tree, own = cpu_s(os.getpid()), time.process_time()
        grades = [(f"{number}", apart.whole(number, one)) for number, one in enumerate(sample)]
        others = cpu_s(os.getpid()) - tree - (time.process_time() - own)
        apart.seconds[AROUND] = others - apart.seconds[PROCESS]
        with stopwatch(apart.seconds, "class page and CSV"):
            write_class(out, grades, assignment=ASSIGNMENT, facts=facts(shared.assignment))
        level = runner.isolation.level.value
    return {"cpu_s": apart.seconds, "once_s": once, "count": len(sample), "isolation": level}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Apart:
    """Does for one submission what a worker and the coordinator do, and notes the CPU seconds of each part."""

    shared: Session
    out: Path
    book: Gradebook
    runner: Runner
    keys: JobKeys
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def whole(self, number: int, found: Found) -> Grade:
        with stopwatch(self.seconds, "read"):
            submission = read(found)
        in_run = self.seconds[GRADER]
        with stopwatch(self.seconds, "mark"):
            runs = Remembering(self.run, self.keys)
            result = grade(self.shared, submission, runs.run, self.runner.isolation.level.value)
        self.seconds["mark"] -= self.seconds[GRADER] - in_run
        told = facts(self.shared.assignment)
        with stopwatch(self.seconds, "report"):
            write_student(self.out, f"{number}", result, Feedback.HINTS, facts=told)
        with stopwatch(self.seconds, "gradebook"):
            stored = entry(f"{number}", f"key {number}", result, runs.to_store())
            self.book.put(stored, reason="new", now=datetime.now(tz=UTC))
        return result

    def run(self, job: Job) -> RunOutcome:
        with stopwatch(self.seconds, GRADER):
            outcome = self.runner.run(job)
        self.seconds[PROCESS] += outcome.cpu_s
        return outcome


@contextmanager
def stopwatch(seconds: dict[str, float], name: str) -> Iterator[None]:
    """Add the CPU seconds of this process in a block."""
    started = time.process_time()
    yield
    seconds[name] += time.process_time() - started


if __name__ == "__main__":
    kind, source, target, number = sys.argv[1:]
    Path(target).mkdir()
    what = {"class": one_class, "parts": parts}[kind]
    json.dump(what(Path(source), Path(target), int(number)), sys.stdout)
