"""Leaves out of a copy the submissions whose outcome hangs on the numbers of the original."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from grader.assignment_file import read
from grader.authoring.toml_lines import without_tables
from grader.batch import patience_s
from grader.sandbox import choose_isolation
from grader.validation.bench import Bench, Stock
from grader.validation.corpus import FILE, FOLDER
from grader.validation.crew import Crew
from grader.validation.tasks import CorpusResult, CorpusTask
from grader.workers import Workers


class LeftOut(Struct, frozen=True, kw_only=True):
    """A submission that is no part of the copy."""

    path: str
    why: str
    """How its outcome departs from what was worked out with the old numbers."""


def leave_out(
    folder: Path, workers: int, on_progress: Callable[[str, int, int], None]
) -> tuple[int, list[LeftOut]]:
    """Grade every submission of a copy, and delete those that get another outcome than was worked out for the original.

    Parameters
    ----------
    folder : Path
        Of the copy.
    workers : int
        Processes at once.
    on_progress : callable
        Called with what is done, how much of it, and of how much.

    Returns
    -------
    (int, list of LeftOut)
        How many submissions there were, and those that are left out.
    """
    assignment = read(folder)
    stock = Stock(assignment=assignment, most_mutants=1)
    isolation = choose_isolation() if assignment.has_code else None
    bench = Bench(folder=folder, most_mutants=1, isolation=isolation)
    tasks = [CorpusTask(path=path) for path in stock.corpus]
    if not tasks:
        return 0, []
    with Workers(bench, count=workers, patience_s=2.0 * patience_s(assignment)) as processes:
        results = Crew(workers=processes, on_progress=on_progress).do("corpus", tasks, CorpusResult)
    gone = [LeftOut(path=one.path, why=one.departures[0]) for one in results if one.departures]
    _delete(folder / FOLDER, {one.path for one in gone})
    return len(tasks), gone


def _delete(place: Path, paths: set[str]) -> None:
    expected = place / FILE
    expected.write_text(
        without_tables(expected.read_text(encoding="utf-8"), lambda name: name in paths), encoding="utf-8"
    )
    for path in paths:
        submission = place / path
        shutil.rmtree(submission) if submission.is_dir() else submission.unlink()
