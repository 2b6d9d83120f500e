"""Times the reports of one student, HTML and Markdown, in CPU time: `python benchmarks/report.py --help`.

Every submission that ships with an assignment is graded once. Then their reports are made: that of the first one, which draws what
is drawn once for a class; then each for the first time, in a process that has made hardly any; then those of other students
who made the same mistakes, but have other numbers in every question, or formulas written otherwise, as for a class in which
no two are alike; then those of others again, who have them in one question, as for a class in which most are alike. No two
students share a report: each has another name, other times and lines of the file.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from grader import __version__
from grader.assignment_file import load, shipped_folder
from grader.model import Grade, JsonNumbers, QuestionResult
from grader.pipeline import grade
from grader.reports.conditions import Feedback, MarkingFacts
from grader.reports.files import render_student
from grader.reports.result import result_text
from grader.reports.student import student_html, student_markdown
from grader.reports.view import public_view
from grader.reports.write import write_student_files
from grader.sandbox import Runner
from grader.serialize import dumps, loads
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
    columns = "".join(f"{name:>12}" for name in ("first time", "unlike", "alike"))
    print(f"{'':24}{columns}   at {asked.feedback}, ms of CPU time per report")
    for name in asked.assignments:
        grades, told = graded(name)
        pictures = sum(
            row.error_map is not None for one in grades for part in one.questions for row in part.quantities
        )
        print(f"{name}: {len(grades)} submissions with {pictures / len(grades):.1f} maps each")
        with tempfile.TemporaryDirectory() as made:
            once, parts = times(grades, told, Feedback(asked.feedback), Path(made))
        for part, *seconds in parts:
            print(f"  {part:22}{''.join(f'{1e3 * one:12.2f}' for one in seconds)}")
        print(f"  the first report of a class takes {1e3 * once:.0f} ms, with templates and drawings")


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
) -> tuple[float, list[tuple[str, float, float, float]]]:
    """Time the first report of a class, and each part of the others.

    Parameters
    ----------
    grades : sequence of Grade
    told : MarkingFacts
    level : Feedback
    out : Path
        Takes the files.

    Returns
    -------
    once : float
        CPU seconds of the first report.
    parts : list of (str, float, float, float)
        The part, and CPU seconds per report: the first time, of others who are unlike, and of others who are alike.
    """
    for name in ("results", "reports"):
        (out / name).mkdir()
    # As a worker does before its first submission: the collector never looks at what was there.
    gc.collect()
    gc.freeze()
    once = _cpu_s(lambda one: render_student(one, level, told), grades[:1])
    files = render_student(grades[0], level, told)
    return once, [
        ("HTML and Markdown", *_thrice(lambda one: _both(one, level, told), grades[1:])),
        ("result file", *_thrice(result_text, grades[1:])),
        ("writing all three", *_thrice(lambda _: write_student_files(out, "student", files), grades[1:])),
    ]


def _both(one: Grade, level: Feedback, told: MarkingFacts) -> object:
    view = public_view(one, level, facts=told)
    return student_html(view), student_markdown(view)


def _thrice(make: Callable[[Grade], object], grades: Sequence[Grade]) -> tuple[float, float, float]:
    first = _cpu_s(make, grades)
    # Made beforehand, and in two rounds: no numbers come twice.
    unlike = [[another(one, turn, alike=False) for one in grades] for turn in range(1, TURNS + 1)]
    alike = [[another(one, turn, alike=True) for one in grades] for turn in range(TURNS + 1, 2 * TURNS + 1)]
    return first, min(_cpu_s(make, among) for among in unlike), min(_cpu_s(make, among) for among in alike)


def another(one: Grade, turn: int, *, alike: bool) -> Grade:
    """Return the grade of another student, who made the same mistakes.

    Parameters
    ----------
    one : Grade
    turn : int
        From 1.
    alike : bool
        Whether numbers and formulas are the student's own in one question only, and not in all.

    Returns
    -------
    Grade
        Shares no object with the other one, as grades from different submissions do not.
    """
    own = loads(dumps(one))
    differs = turn % max(len(own.questions), 1)
    questions = [
        _with_own_numbers(_moved(part, turn), turn) if at == differs or not alike else _moved(part, turn)
        for at, part in enumerate(own.questions)
    ]
    return replace(
        own,
        student=f"{own.student}-{turn}",
        sha256=hashlib.sha256(f"{own.student} {turn}".encode()).hexdigest(),
        questions=tuple(questions),
        seconds=own.seconds + 0.01 * turn,
        peak_memory_mib=own.peak_memory_mib + turn,
    )


def _moved(question: QuestionResult, by: int) -> QuestionResult:
    """Move what is written, as in a file in which more stands before it."""
    lines = (replace(one, place=replace(one.place, line=one.place.line + by)) for one in question.lines)
    return replace(question, lines=tuple(lines))


def _with_own_numbers(question: QuestionResult, turn: int) -> QuestionResult:
    """Change all its values a little, and write each side with another number of spaces."""
    return replace(
        question,
        quantities=tuple(
            replace(one, actual=_changed(one.actual, 1.0 + 1e-3 * turn)) for one in question.quantities
        ),
        lines=tuple(
            replace(
                line,
                sides=tuple(replace(side, source=side.source + " " * turn + "{}") for side in line.sides),
            )
            for line in question.lines
        ),
    )


def _changed(numbers: JsonNumbers, factor: float) -> JsonNumbers:
    if isinstance(numbers, list):
        return [_changed(one, factor) for one in numbers]
    return numbers * factor if isinstance(numbers, float) else numbers


def _cpu_s(make: Callable[[Grade], object], grades: Sequence[Grade]) -> float:
    started = time.process_time()
    for one in grades:
        make(one)
    return (time.process_time() - started) / len(grades)


if __name__ == "__main__":
    main(sys.argv[1:])
