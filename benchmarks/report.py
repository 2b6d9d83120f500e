"""Times the reports of one student, HTML and Markdown, in CPU time: `python benchmarks/report.py --help`.

Every submission that ships with an assignment is graded once. Then their reports are made: first each for the first time, as for
a class in which no two mistakes are alike; then again and again, as for a class in which most are.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from grader import __version__
from grader.assignment_file import load, shipped_folder
from grader.model import Grade
from grader.pipeline import grade
from grader.reports.conditions import Feedback, MarkingFacts
from grader.reports.files import render_student
from grader.reports.result import result_text
from grader.reports.student import student_html, student_markdown
from grader.reports.view import public_view
from grader.reports.write import write_student_files
from grader.sandbox import Runner
from grader.session import session
from grader.submissions import find, read
from grader.work import facts

ASSIGNMENTS = ("skip_network", "two_layer_net")
SECRET = "seed 1"  # noqa: S105  the same cases on every run
TURNS = 5


def main(arguments: Sequence[str]) -> None:
    """Print the table.

    Parameters
    ----------
    arguments : sequence of str
        Of the command line.
    """
    parser = argparse.ArgumentParser(description="The reports of one student, in milliseconds of CPU time.")
    parser.add_argument("assignments", nargs="*", default=ASSIGNMENTS)
    parser.add_argument("--feedback", choices=[str(one) for one in Feedback], default="hints")
    asked = parser.parse_args(arguments)
    print(f"versions  grader {__version__}, Python {platform.python_version()}, NumPy {np.__version__}")
    print(f"{'':24}{'first time':>12}{'again':>12}   at {asked.feedback}, ms of CPU time per report")
    for name in asked.assignments:
        grades, told = graded(name)
        pictures = sum(
            row.error_map is not None for one in grades for part in one.questions for row in part.quantities
        )
        print(f"{name}: {len(grades)} submissions with {pictures / len(grades):.1f} maps each")
        with tempfile.TemporaryDirectory() as made:
            for part, first, again in times(grades, told, Feedback(asked.feedback), Path(made)):
                print(f"  {part:22}{1e3 * first:12.2f}{1e3 * again:12.2f}")


def graded(name: str) -> tuple[list[Grade], MarkingFacts]:
    """Grade every submission that ships with an assignment.

    Parameters
    ----------
    name : str

    Returns
    -------
    list of Grade
    MarkingFacts
    """
    shared = session(load(name), SECRET)
    folders = sorted(path for path in (shipped_folder() / name / "submissions").iterdir() if path.is_dir())
    with Runner() as runner:
        level = runner.isolation.level.value
        grades = [
            grade(shared, read(found), runner.run, level)
            for folder in folders
            for found in find([folder], single=False)
        ]
    return grades, facts(shared.assignment)


def times(
    grades: Sequence[Grade], told: MarkingFacts, level: Feedback, out: Path
) -> Iterator[tuple[str, float, float]]:
    """Time each part of a report.

    Parameters
    ----------
    grades : sequence of Grade
    told : MarkingFacts
    level : Feedback
    out : Path
        Takes the files.

    Yields
    ------
    (str, float, float)
        The part, and CPU seconds per report: the first time, and again.
    """
    for name in ("results", "reports"):
        (out / name).mkdir()
    render_student(replace(grades[0], questions=()), level, told)  # the templates: read once for a class
    yield "HTML and Markdown", *_twice(lambda one: _both(one, level, told), grades)
    yield "result file", *_twice(result_text, grades)
    files = {one.student: render_student(one, level, told) for one in grades}
    yield (
        "writing all three",
        *_twice(lambda one: write_student_files(out, "student", files[one.student]), grades),
    )


def _both(one: Grade, level: Feedback, told: MarkingFacts) -> object:
    view = public_view(one, level, facts=told)
    return student_html(view), student_markdown(view)


def _twice(make: Callable[[Grade], object], grades: Sequence[Grade]) -> tuple[float, float]:
    first = _cpu_s(make, grades)
    return first, min(_cpu_s(make, grades) for _ in range(TURNS))


def _cpu_s(make: Callable[[Grade], object], grades: Sequence[Grade]) -> float:
    started = time.process_time()
    for one in grades:
        make(one)
    return (time.process_time() - started) / len(grades)


if __name__ == "__main__":
    main(sys.argv[1:])
