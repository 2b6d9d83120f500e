"""Times a class of N submissions through the whole path beside the floor: `python benchmarks/class_of.py --help`.

Everything the command does is in it: reading, running, marking, reports in HTML and Markdown, gradebook, class page. Prints
workload, versions and isolation with the numbers; a number without them says nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import runs
from floor import AT_ONCE
from process_tree import Memory, Watched, watch
from synthetic import ASSIGNMENT, SHARES, write_class

from grader import __version__
from grader.assignment_file import load
from grader.session import session
from grader.submissions import find, read

HERE = Path(__file__).resolve().parent
SAMPLE = 200
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def main(arguments: Sequence[str]) -> None:
    """Print the tables.

    Parameters
    ----------
    arguments : sequence of str
        Of the command line.
    """
    parser = argparse.ArgumentParser(description="A class of N submissions, beside a bare warm fork.")
    parser.add_argument("--modules", type=int, default=1000, metavar="N", help="0: leave the table out")
    parser.add_argument("--notebooks", type=int, default=1000, metavar="N")
    parser.add_argument(
        "--memory", type=int, default=10_000, metavar="N", help="a class watched for its memory"
    )
    parser.add_argument("--workers", type=int, default=AT_ONCE, metavar="N")
    asked = parser.parse_args(arguments)
    print(f"versions    grader {__version__}, Python {platform.python_version()}, NumPy {np.__version__}")
    print(
        f"machine     {os.cpu_count()} cores, {platform.machine()}, {platform.system()} {platform.release()}"
    )
    print(f"workers     {asked.workers}; the floor runs {AT_ONCE} at once")
    for count, notebooks in ((asked.modules, False), (asked.notebooks, True)):
        if count:
            with tempfile.TemporaryDirectory() as folder:
                compare(Path(folder), count, notebooks=notebooks, workers=asked.workers)
    if asked.memory:
        with tempfile.TemporaryDirectory() as folder:
            measure_memory(Path(folder), asked.memory, workers=asked.workers)


def _ratio(used_s: float, floor_s: float) -> str:
    """Write how many times the floor was used; a few processes can end between two ticks of the CPU clock."""
    return f"{used_s / floor_s:.2f}" if floor_s > 0 else "more than can be told"


def compare(folder: Path, count: int, *, notebooks: bool, workers: int) -> None:
    """Print the table of one class: floor, class, ratio, and where the time goes."""
    handed_in = made(folder, count, notebooks=notebooks)
    plan = folder / "plan.json"
    write_plan(handed_in, plan)
    # Before and after: the quicker one is the harder comparison.
    before = floor(plan)
    result, watched = grade_class(handed_in, folder / "graded", workers)
    floors = (before, floor(plan))
    best = min(one["wall_s"] for one in floors)
    # The floor's process that waits for the two is not counted: it does nothing.
    floor_cpu_s = min(one["cpu_s"] for one in floors)
    print(f"isolation   {result['isolation']}")
    # A class that nobody could run would be graded fast.
    print(
        f"outcomes    {', '.join(f'{number} {name}' for name, number in sorted(result['outcomes'].items()))}"
    )
    print(
        f"floor       {per(best, count)} wall, {per(floor_cpu_s, count)} CPU: a bare warm fork, {AT_ONCE} at once"
    )
    print(f"class       {per(result['wall_s'], count)} wall, {per(watched.cpu_s, count)} CPU")
    print(
        f"ratio       {result['wall_s'] / best:.2f} to the floor in wall time, {_ratio(watched.cpu_s, floor_cpu_s)} in CPU time"
    )
    print(f"rate        {count / result['wall_s']:.1f} submissions per second, {result['faults']} faults")
    print_memory(watched.peak)
    print_parts(json_of("runs.py", "parts", handed_in, folder / "parts", min(count, SAMPLE)))


def measure_memory(folder: Path, count: int, *, workers: int) -> None:
    """Print how much memory a large class takes, and whether its time grows with its size alone."""
    result, watched = grade_class(made(folder, count, notebooks=False), folder / "graded", workers)
    print(f"class       {per(result['wall_s'], count)} wall, {result['faults']} faults")
    print_memory(watched.peak)


def made(folder: Path, count: int, *, notebooks: bool) -> Path:
    """Write the class, and say what it is made of."""
    handed_in = folder / "handed-in"
    handed_in.mkdir()
    different = write_class(handed_in, count, notebooks=notebooks)
    whole = sum(SHARES.values())
    mix = ", ".join(f"{100 * share // whole} % {kind}" for kind, share in SHARES.items())
    print(f"\nworkload    {count} {'notebooks' if notebooks else 'modules'} for {ASSIGNMENT} ({mix}),")
    print(
        f"            made from {different} programs, no two texts alike; both reports, gradebook, class page"
    )
    return handed_in


def write_plan(handed_in: Path, plan: Path) -> None:
    """Write for the floor the same sources and the same calls that the grader makes."""
    calls = [(call.function, call.arguments) for call in session(load(ASSIGNMENT), runs.SECRET).calls]
    submissions = [read(one) for one in find([handed_in], single=False)]
    sources = [[_plain(cell) for source in one.sources for cell in source.cells] for one in submissions]
    plan.write_text(json.dumps({"sources": sources, "calls": calls}), encoding="utf-8")


def _plain(cell: str) -> str:
    """Leave out the lines that only IPython reads."""
    return "".join(line for line in cell.splitlines(keepends=True) if not line.startswith("%"))


def floor(plan: Path) -> dict[str, Any]:
    """Run the floor."""
    return json_of("floor.py", plan)


def grade_class(handed_in: Path, out: Path, workers: int) -> tuple[dict[str, Any], Watched]:
    """Grade a class in a process of its own; return what it says, and what it used with all that it started."""
    command = [sys.executable, str(HERE / "runs.py"), "class", str(handed_in), str(out), str(workers)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | ONE_THREAD) as process:
        watched = watch(process)
        assert process.stdout is not None
        said = process.stdout.read()
    if process.returncode:
        sys.exit(f"grading ended with status {process.returncode}")
    return json.loads(said), watched


def json_of(script: str, *arguments: object) -> dict[str, Any]:
    """Run a script of this folder and read what it prints."""
    command = [sys.executable, str(HERE / script), *map(str, arguments)]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=os.environ | ONE_THREAD)
    result: dict[str, Any] = json.loads(ran.stdout)
    return result


def per(seconds: float, count: int) -> str:
    """Write seconds for all as milliseconds for each."""
    return f"{1e3 * seconds / count:6.2f} ms"


def print_memory(peak: Memory) -> None:
    """Print the peaks of memory over all processes."""
    shown = "unknown (processes hide their memory)" if peak.pss is None else f"{peak.pss / 2**20:.0f} MiB PSS"
    print(f"memory      peak {shown}, {peak.rss / 2**20:.0f} MiB RSS, up to {peak.processes} processes")


def print_parts(found: dict[str, Any]) -> None:
    """Print where the CPU time goes."""
    whole = sum(found["cpu_s"].values())
    print(f"parts       CPU time for each of {found['count']}, in one process ({found['isolation']})")
    for name, seconds in sorted(found["cpu_s"].items(), key=lambda part: -part[1]):
        print(f"  {name:30} {per(seconds, found['count'])} {100 * seconds / whole:5.1f} %")
    print(f"  {'all':30} {per(whole, found['count'])}")
    for name, seconds in found["once_s"].items():
        print(f"  once: {name}, {1e3 * seconds:.0f} ms")


if __name__ == "__main__":
    started = time.perf_counter()
    main(sys.argv[1:])
    print(f"\n{time.perf_counter() - started:.0f} s in all")
