"""`check`: a student's own check of a file, on the worked case and on practice cases; nothing hidden is used."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.authors import json_option
from grader.cli.screen import Screen, error_screen, screen, verdict_text, write_json
from grader.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from grader.assignment import Assignment
    from grader.model import Grade, Submission
    from grader.reports.view import QuestionView, StudentView
    from grader.session import Session


@click.command(short_help="Check your own files before you hand them in.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-a", "--assignment", help="The assignment; found by the file's functions when left out.")
@json_option
def check(*, files: tuple[Path, ...], assignment: str | None, as_json: bool) -> int:
    """Check your own FILES before you hand them in.

    Runs the worked case and practice cases, follows your own numbers, and names the first mistake. Marking uses other
    cases. Exit code 0 when everything is correct here, 1 when something is not.
    """
    from grader.errors import NothingToGradeError
    from grader.submissions import find, read

    found = [entry for file in files for entry in find([file], single=True)]
    if not found:
        raise NothingToGradeError("there is nothing to check", remedy="name a .py or .ipynb file")
    grades = [_checked(read(entry), assignment) for entry in found]
    if as_json:
        from grader.reports.result import result_document

        write_json({"schema": 1, "checks": [result_document(grade) for _, grade in grades]})
    else:
        for asked, grade in grades:
            _show(screen(), asked.title, grade)
    return _exit_code([grade for _, grade in grades])


def _checked(submission: Submission, name: str | None) -> tuple[Assignment, Grade]:
    from grader.assignment_file import load
    from grader.model import Job
    from grader.sandbox import Runner

    asked = load(name) if name else _by_functions(submission)

    @cache
    def drawn() -> Session:
        from grader.secret import PRACTICE
        from grader.session import session

        return session(asked, PRACTICE)

    # What kind of process runs it depends on the sources and the limits alone.
    job = Job(sources=submission.sources, functions=(), calls=(), limits=asked.limits)
    # What runs the code takes as long to start as the cases take to draw: both at once.
    with Runner.for_own_code(job, meanwhile=drawn) as runner:
        from grader.pipeline import grade

        return asked, grade(drawn(), submission, runner.run, runner.isolation.level, _tell_what_takes_long)


def _tell_what_takes_long(text: str) -> None:
    error_screen().line(f"running {text}", style="dim")


def _by_functions(submission: Submission) -> Assignment:
    """Find the assignment whose functions a submission defines."""
    from grader.assignment_file import load, names_asked, shipped
    from grader.submissions.names import listed

    text = "\n".join(cell for source in submission.sources for cell in source.cells)
    defined = set(re.findall(r"^[ \t]*(?:def|class)[ \t]+(\w+)|^(\w+)[ \t]*=", text, flags=re.MULTILINE))
    names = {name for pair in defined for name in pair if name}
    scores = {name: len(names & names_asked(name)) for name in shipped()}
    best = max(scores, key=scores.__getitem__)
    others = [score for name, score in scores.items() if name != best]
    if scores[best] == 0 or scores[best] in others:
        if submission.problem is not None:
            raise UsageError(f"{submission.path}: {submission.problem}", remedy="repair it and check again")
        raise UsageError(
            f"{submission.path}: no assignment is recognised by what it defines: {listed(sorted(names)) or 'nothing'}",
            remedy=f"name it with -a; shipped are: {', '.join(shipped())}",
        )
    return load(best)


def _exit_code(grades: list[Grade]) -> int:
    from grader.model import Status

    if any(grade.status is Status.FAULT for grade in grades):
        return ExitCode.INTERNAL
    return ExitCode.DONE if all(is_all_correct(grade) for grade in grades) else ExitCode.NOT_ALL_CORRECT


def is_all_correct(grade: Grade) -> bool:
    """Whether every required quantity of every question was given and is correct, as far as no person decides."""
    from grader.model import Status, Verdict

    return grade.status is Status.GRADED and all(
        question.status in (Status.GRADED, Status.AWAITING)
        and all(entry.verdict is Verdict.CORRECT for entry in question.quantities)
        for question in grade.questions
    )


def _show(out: Screen, title: str, grade: Grade) -> None:
    from grader.reports.view import public_view

    view = public_view(grade, "hints")
    out.line(f"{title}: {', '.join(grade.files)}", style="bold")
    out.line(_opening(grade, view))
    for note in view.notes:
        out.line(f"note: {note}", style="yellow")
    for question in view.questions:
        _show_question(out, question)
    out.line()
    if is_all_correct(grade):
        out.line(f"Practice cases pass; marking uses other cases{_read_by_person(grade)}.", style="green")
    else:
        out.line("Practice cases were used; marking uses others.")


def _read_by_person(grade: Grade) -> str:
    """Say how many questions wait for a person, to end a sentence with."""
    from grader.model import Status

    count = sum(question.status is Status.AWAITING for question in grade.questions)
    if not count:
        return ""
    return (
        ", and 1 question is read by a person"
        if count == 1
        else f", and {count} questions are read by a person"
    )


def _opening(grade: Grade, view: StudentView) -> str:
    if is_all_correct(grade):
        return "No mistake was found on the worked case and the practice cases."
    return view.explanation or view.opening


def _show_question(out: Screen, question: QuestionView) -> None:
    out.line()
    out.line(question.title, style="bold")
    if question.message:
        out.line(question.message, style="yellow")
    for finding in question.findings:
        out.line(f"  {finding.text}", style="red" if finding.explains else "yellow")
    rows = [
        (
            entry.name,
            verdict_text(entry.verdict),
            entry.actual or "",
            entry.expected or "",
            entry.case or "",
            entry.reason or "",
        )
        for entry in question.quantities
    ]
    if rows:
        out.table(("quantity", "verdict", "yours", "expected", "case", ""), rows)
