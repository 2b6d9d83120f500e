"""`check`: a student's own check of a file, on the worked case and on practice cases; nothing hidden is used."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.authors import json_option
from grader.cli.completion import assignment_names
from grader.cli.derivations import show_read, show_written
from grader.cli.paths import PathOf, refuse_assignments
from grader.cli.screen import Screen, error_screen, screen, verdict_text, write_json
from grader.errors import ExitCode

if TYPE_CHECKING:
    from grader.gradient_check import GradientCheck
    from grader.model import Grade
    from grader.practice import Checked
    from grader.reports.view import QuestionView
    from grader.sandbox import Runner


@click.command(short_help="Check your own files before you hand them in.")
@click.argument("files", nargs=-1, required=True, type=PathOf())
@click.option(
    "-a",
    "--assignment",
    shell_complete=assignment_names,
    help="The assignment; found by what is defined or derived when left out.",
)
@click.option(
    "--hint",
    type=click.IntRange(1, 3),
    help="How much to tell of what is wrong: 1 where, 2 what kind (as without it), 3 the rule. The author may allow less.",
)
@json_option
def check(*, files: tuple[Path, ...], assignment: str | None, hint: int | None, as_json: bool) -> int:
    """Check your own FILES before you hand them in.

    Runs the worked case and practice cases, follows your own numbers, and names the first mistake. Of written
    derivations it shows how every line was read. Each gradient is also held against differences of your own forward pass, so that
    you see whether it fits your forward, apart from whether your forward is the task's. Marking uses other cases.

    Several files that belong together, as code and notes, are one submission; files that define the same are one each.
    Exit code 0 when everything is correct here, 1 when something is not.
    """
    refuse_assignments(files)
    with _running(files) as running:
        from grader import practice
        from grader.assignment_file import load
        from grader.recognition import joined
        from grader.submissions import find, read

        asked = load(assignment) if assignment else None
        found = [entry for file in files for entry in find([file], single=True)]
        submissions = joined([read(entry) for entry in found], asked)
        checks = [
            practice.check(one, asked, tell=_tell_what_takes_long, running=running) for one in submissions
        ]
    if as_json:
        write_json({"schema": 1, "checks": [_document(checked, hint) for checked in checks]})
    else:
        for number, checked in enumerate(checks):
            if number:
                screen().line()
            _show(screen(), checked, hint)
    return _exit_code([checked.grade for checked in checks])


def _running(files: Sequence[Path]) -> AbstractContextManager[Runner | None]:
    """Begin to start what runs code before anything is read, where the files are code by their names; None where they are not."""
    from grader.practice import own_runner

    suffixes = {file.suffix.lower() for file in files if file.is_file()}
    if not suffixes & {".py", ".ipynb"}:
        return nullcontext()
    return own_runner(notebooks=".ipynb" in suffixes)


def _document(checked: Checked, hint: int | None) -> dict[str, object]:
    """Lay out what came of a check: a result, as far as it is told, then what is told beside it."""
    from grader.gradient_check.claims import document
    from grader.hints import KIND, RULE, grade_at
    from grader.reports.result import result_document

    step = checked.step(hint)
    result = result_document(grade_at(checked.grade, step))
    if step == RULE:
        rules = {
            one.at: one.rule for question in checked.grade.questions for one in question.findings if one.rule
        }
        result["rules"] = rules
    return result | {"hint": step, "gradient_check": document(checked.gradients) if step >= KIND else []}


def _tell_what_takes_long(text: str) -> None:
    error_screen().line(f"running {text}", style="dim")


def _exit_code(grades: list[Grade]) -> int:
    from grader.model import Status

    if any(grade.status is Status.FAULT for grade in grades):
        return ExitCode.INTERNAL
    return ExitCode.DONE if all(grade.is_all_correct for grade in grades) else ExitCode.NOT_ALL_CORRECT


def _show(out: Screen, checked: Checked, hint: int | None) -> None:
    from grader.hints import KIND, next_step
    from grader.reports.check_words import closing_of, opening_of

    asked, grade, step = checked.assignment, checked.grade, checked.step(hint)
    view = checked.view(hint)
    out.line(f"{asked.title}: {', '.join(view.files)}", style="bold")
    out.line(opening_of(grade, view))
    for note in view.notes:
        out.line(f"note: {note}", style="yellow")
    if step >= KIND:
        for given, question in zip(grade.questions, view.questions, strict=True):
            _show_question(out, question, is_written=given.id in asked.part_of)
            _show_gradients(out, [one for one in checked.gradients if one.question == given.id])
    else:
        _show_without_hints(out, grade)
    out.line()
    if hint is not None and hint > step:
        out.line(f"Hints end at {step} in this assignment." if step else "This assignment gives no hints.")
    further = None if grade.is_all_correct else next_step(grade, step, asked.policy.max_hint)
    if further is not None:
        out.line(further)
    out.line(closing_of(grade), style="green" if grade.is_all_correct else "")


def _show_without_hints(out: Screen, grade: Grade) -> None:
    """Write what stopped the code, and how written lines were read, but nothing that is said of them."""
    from grader.reports.view import public_view

    for question in public_view(grade, "verdicts").questions:
        if not question.message and not question.lines:
            continue
        out.line()
        out.line(question.title, style="bold")
        if question.message:
            out.line(question.message, style="yellow")
        show_read(out, question)


def _show_gradients(out: Screen, checks: list[GradientCheck]) -> None:
    from grader.gradient_check.words import lines

    for line in lines(checks):
        out.line(f"  {line}")


def _show_question(out: Screen, question: QuestionView, *, is_written: bool) -> None:
    out.line()
    out.line(question.title, style="bold")
    if question.message:
        out.line(question.message, style="yellow")
    for note in question.notes if is_written else ():
        out.line(f"note: {note}", style="yellow")
    for finding in question.findings:
        out.line(f"  {finding.text}", style="red" if finding.explains else "yellow")
        if finding.used:
            out.line(f"  Your numbers come from: {finding.used}")
        if finding.rule:
            out.line(f"  The rule: {finding.rule}")
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
