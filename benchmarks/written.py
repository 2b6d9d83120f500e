"""Times a class of N written submissions through the whole path: `python benchmarks/written.py --help`.

Everything the command does is in it: reading, marking, reports in HTML and Markdown, gradebook, class page; on one core with
one worker, and with two workers. Prints workload and versions with the numbers; a number without them says nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from process_tree import Watched, watch

from grader import __version__
from grader.assignment_file import load, shipped_folder
from grader.batch import Options, Progress, grade_class
from grader.submissions import find

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "written"))

from injected import INJECTED
from rewritings import DOCUMENT, REWRITINGS, suffix_of

ASSIGNMENT = "skip_network_by_hand"
KINDS = ("correct", "follows", "mixed", "wrong")
"""Folders of the shipped corpus that a class is made of."""
SUFFIXES = (".md", ".txt", ".tex", ".ipynb")
SECRET = "seed 1"  # noqa: S105  the same cases on every run
SEED = 7
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def main(arguments: Sequence[str]) -> None:
    """Print the table.

    Parameters
    ----------
    arguments : sequence of str
        Of the command line.
    """
    parser = argparse.ArgumentParser(description="A class of N written submissions.")
    parser.add_argument("--submissions", type=int, default=200, metavar="N")
    asked = parser.parse_args(arguments)
    print(f"versions    grader {__version__}, Python {platform.python_version()}, NumPy {np.__version__}")
    print(
        f"machine     {os.cpu_count()} cores, {platform.machine()}, {platform.system()} {platform.release()}"
    )
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        handed_in = folder / "handed-in"
        handed_in.mkdir()
        kinds = write_class(handed_in, asked.submissions)
        mix = ", ".join(f"{number} {kind}" for kind, number in kinds.items())
        print(f"workload    {asked.submissions} submissions for {ASSIGNMENT} ({mix}), no two texts alike;")
        print("            both reports, gradebook, class page")
        for workers, cores in ((1, 1), (2, 2)):
            result, watched = grade_apart(handed_in, folder / f"graded-{workers}", workers, cores)
            print_row(result, watched, workers, cores, asked.submissions)


def print_row(result: dict[str, Any], watched: Watched, workers: int, cores: int, count: int) -> None:
    """Print what one run took, and what came of the class: one that nobody can read would be graded fast."""
    name = f"{workers} worker{'s' * (workers > 1)} on {cores} core{'s' * (cores > 1)}"
    outcomes = ", ".join(f"{number} {outcome}" for outcome, number in sorted(result["outcomes"].items()))
    print(f"\n{name}")
    print(
        f"  wall        {1e3 * result['wall_s'] / count:6.1f} ms each, {count / result['wall_s']:.1f} per second"
    )
    print(f"  CPU         {1e3 * watched.cpu_s / count:6.1f} ms each, start-up of the interpreter included")
    print(f"  memory      {watched.peak.rss / 2**20:.0f} MiB RSS at most, {watched.peak.processes} processes")
    print(f"  outcomes    {outcomes}; {result['faults']} faults")


# --------------------------------------------------------------------------------------------------------------
# The class


def write_class(folder: Path, count: int) -> Counter[str]:
    """Write submissions: a third of the corpus, a third rewritings, a third errors in rewritings.

    Parameters
    ----------
    folder : Path
        Takes a file for each.
    count : int

    Returns
    -------
    Counter of str
        How many there are of each kind.
    """
    kinds: Counter[str] = Counter()
    for number, (kind, text, suffix) in zip(range(count), _texts(), strict=False):
        kinds[kind] += 1
        (folder / f"student{number:04}{suffix}").write_text(_unique(text, suffix, number), encoding="utf-8")
    return kinds


def _texts() -> Iterator[tuple[str, str, str]]:
    """Yield kinds, texts and suffixes, without end."""
    generator = random.Random(SEED)  # noqa: S311  a class that is the same every time
    corpus = [
        path
        for kind in KINDS
        for path in sorted((shipped_folder() / ASSIGNMENT / "submissions" / kind).iterdir())
        if path.suffix in SUFFIXES
    ]
    names = [name for name in REWRITINGS if suffix_of(name) == ".md"]
    while True:
        path = generator.choice(corpus)
        yield "of the corpus", path.read_text(encoding="utf-8-sig"), path.suffix
        name = generator.choice(list(REWRITINGS))
        yield "rewritten", REWRITINGS[name](DOCUMENT), suffix_of(name)
        error, name = generator.choice(INJECTED), generator.choice(names)
        yield "rewritten with an error", REWRITINGS[name](error.text), ".md"


def _unique(text: str, suffix: str, number: int) -> str:
    """Return a text that nobody else hands in."""
    if suffix != ".ipynb":
        return f"{text}\n\nGroup {number}\n"
    book = json.loads(text)
    book["cells"].append({"cell_type": "markdown", "metadata": {}, "source": [f"Group {number}"]})
    return json.dumps(book)


# --------------------------------------------------------------------------------------------------------------
# Grading, in a process of its own


def grade_apart(handed_in: Path, out: Path, workers: int, cores: int) -> tuple[dict[str, Any], Watched]:
    """Grade a class in a process that may use so many cores; return what it says and what it used.

    Parameters
    ----------
    handed_in, out : Path
    workers, cores : int

    Returns
    -------
    (dict, Watched)
    """
    command = [sys.executable, __file__, "class", str(handed_in), str(out), str(workers), str(cores)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | ONE_THREAD) as process:
        watched = watch(process)
        assert process.stdout is not None
        said = process.stdout.read()
    if process.returncode:
        sys.exit(f"grading ended with status {process.returncode}")
    return json.loads(said), watched


def one_class(folder: Path, out: Path, workers: int, cores: int) -> dict[str, Any]:
    """Grade a class as the command does.

    Parameters
    ----------
    folder, out : Path
    workers, cores : int

    Returns
    -------
    dict
        `wall_s` from looking for the submissions to the class page, `faults`, and how many came out how.
    """
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    started = time.perf_counter()
    found = find([folder], single=False)
    options = Options(out=out, secret=SECRET, workers=workers)
    summary = grade_class(load(ASSIGNMENT), found, options, ignore)
    took = time.perf_counter() - started
    results = [json.loads(path.read_text(encoding="utf-8")) for path in (out / "results").iterdir()]
    return {"wall_s": took, "faults": len(summary.faults), "outcomes": Counter(map(_outcome, results))}


def ignore(progress: Progress) -> None:
    """Show nothing."""


def _outcome(result: dict[str, Any]) -> str:
    marked = [one for one in result["questions"] if one["lines"]]
    if not marked:
        return "not read"
    if any(one["pending_points"] for one in marked):
        return "with lines for a person"
    lost = any(quantity["verdict"] != "correct" for one in marked for quantity in one["quantities"])
    return "with a mistake" if lost else "right in every line"


if __name__ == "__main__":
    if sys.argv[1:2] == ["class"]:
        json.dump(one_class(Path(sys.argv[2]), Path(sys.argv[3]), *map(int, sys.argv[4:])), sys.stdout)
    else:
        main(sys.argv[1:])
