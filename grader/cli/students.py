"""`check`: a student's own check of a file, on the worked case and on practice cases; nothing hidden is used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.authors import json_option
from grader.cli.completion import assignment_names
from grader.cli.derivations import show_written
from grader.cli.screen import Screen, error_screen, screen, verdict_text, write_json
from grader.errors import ExitCode

if TYPE_CHECKING:
    from grader.assignment import Assignment
    from grader.model import Grade
    from grader.reports.view import QuestionView, StudentView


@click.command(short_help="Check your own files before you hand them in.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-a",
    "--assignment",
    shell_complete=assignment_names,
    help="The assignment; found by what is defined or derived when left out.",
)
@json_option
def check(*, files: tuple[Path, ...], assignment: str | None, as_json: bool) -> int:
    """Check your own FILES before you hand them in.

    Runs the worked case and practice cases, follows your own numbers, and names the first mistake. Of written
    derivations it shows how every line was read. Marking uses other cases. Exit code 0 when everything is correct here, 1 when something is not.
    """
    from grader import practice
    from grader.assignment_file import load
    from grader.errors import NothingToGradeError
    from grader.submissions import find, read

    found = [entry for file in files for entry in find([file], single=True)]
    if not found:
        raise NothingToGradeError("there is nothing to check", remedy="name a .py, .ipynb, .md or .tex file")
    asked = load(assignment) if assignment else None
    checks = [practice.check(read(entry), asked, tell=_tell_what_takes_long) for entry in found]
    if as_json:
        from grader.reports.result import result_document

        write_json({"schema": 1, "checks": [result_document(checked.grade) for checked in checks]})
    else:
        for checked in checks:
            _show(screen(), checked.assignment, checked.grade)
    return _exit_code([checked.grade for checked in checks])


def _tell_what_takes_long(text: str) -> None:
    error_screen().line(f"running {text}", style="dim")


def _exit_code(grades: list[Grade]) -> int:
    from grader.model import Status

    if any(grade.status is Status.FAULT for grade in grades):
        return ExitCode.INTERNAL
    return ExitCode.DONE if all(grade.is_all_correct for grade in grades) else ExitCode.NOT_ALL_CORRECT


def _show(out: Screen, asked: Assignment, grade: Grade) -> None:
    from grader.reports.view import public_view

    view = public_view(grade, "hints")
    out.line(f"{asked.title}: {', '.join(grade.files)}", style="bold")
    out.line(_opening(grade, view))
    for note in view.notes:
        out.line(f"note: {note}", style="yellow")
    for given, question in zip(grade.questions, view.questions, strict=True):
        _show_question(out, question, is_written=given.id in asked.part_of)
    out.line()
    if grade.is_all_correct:
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
    if grade.is_all_correct:
        return "No mistake was found on the worked case and the practice cases."
    return view.explanation or view.opening


def _show_question(out: Screen, question: QuestionView, *, is_written: bool) -> None:
    out.line()
    out.line(question.title, style="bold")
    if question.message:
        out.line(question.message, style="yellow")
    for note in question.notes if is_written else ():
        out.line(f"note: {note}", style="yellow")
    for finding in question.findings:
        out.line(f"  {finding.text}", style="red" if finding.explains else "yellow")
    if is_written:
        show_written(out, question)
    elif question.quantities:
        _show_values(out, question)


def _show_values(out: Screen, question: QuestionView) -> None:
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
    out.table(("quantity", "verdict", "yours", "expected", "case", ""), rows)
