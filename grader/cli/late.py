"""`late`: what lateness costs a class, and whom."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from grader.cli.mark import user_name
from grader.cli.paths import PathOf
from grader.cli.screen import Screen, screen
from grader.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from grader.gradebook import Gradebook
    from grader.late.rule import Policy

_HEADINGS = {"student", "name", "id", "email", "until", "days", "submitted"}
_NAME = 80
_MOST_BYTES = 16 * 1024 * 1024
# \b keeps the lines as they are.
EXAMPLES = """\b
Examples:
  grader late graded --rule late.toml
  grader late graded --rule late.toml --worksheet Grades-Exercise3.csv
  grader late graded --extensions extensions.csv
  grader late graded
  grader late graded --remove
"""


@click.command(short_help="Say what lateness costs a class, and see whom.", epilog=EXAMPLES)
@click.argument("out", type=PathOf())
@click.option(
    "--rule",
    type=PathOf(exists=True, dir_okay=False),
    help="TOML that says what a day costs; takes the place of an earlier one.",
)
@click.option(
    "--extensions",
    type=PathOf(exists=True, dir_okay=False),
    help="CSV with a line for each student who has more time: student, and until or days; takes the place of an earlier one.",
)
@click.option(
    "--worksheet",
    type=PathOf(exists=True, dir_okay=False),
    help="Moodle's grading worksheet: how late each submission was, as its status says.",
)
@click.option("--remove", is_flag=True, help="Lateness costs nothing any more.")
@click.option(
    "--by", metavar="NAME", help="Who says so, for the log; the user of this machine when left out."
)
def late(
    *,
    out: Path,
    rule: Path | None,
    extensions: Path | None,
    worksheet: Path | None,
    remove: bool,
    by: str | None,
) -> int:
    """Say what lateness costs the class in OUT; without options show the rule, and who is late.

    What is taken off is shown in the reports and in every export, and `grader log` says whose points changed. The grades themselves stay as they were marked, so that a rule can be
    changed or removed; nothing is taken off where a person decided the total.
    """
    from grader.decisions import checked_name
    from grader.gradebook import Gradebook
    from grader.kept_late import keep_policy, kept_policy
    from grader.outfolder import GRADEBOOK, chosen_look, refresh_marked, stored_facts
    from grader.outlock import locked

    if not (out / GRADEBOOK).is_file():
        raise UsageError(f"{out} holds no gradebook", remedy="name the output folder of `grader grade`")
    changes = rule or extensions or worksheet
    if remove and changes:
        raise UsageError("--remove contradicts the other options", remedy="give it alone")
    if remove or changes:
        look = chosen_look(out)
        with locked(out), Gradebook(out / GRADEBOOK) as book:
            changed = None if remove else _changed(kept_policy(book), rule, extensions)
            if changed is not None and worksheet is not None:
                changed = replace(changed, late_by=_late_by(out, worksheet))
            keep_policy(book, changed, by=checked_name(user_name(by)))
            refresh_marked(book, out, look, stored_facts(book), class_page=True)
    with Gradebook(out / GRADEBOOK) as book:
        _show(screen(), book, kept_policy(book))
    return ExitCode.DONE


def _changed(policy: Policy | None, rule: Path | None, extensions: Path | None) -> Policy:
    """Return what costs from now on: as the files say, and else as before."""
    from grader.late.files import read_extensions, read_rule
    from grader.late.rule import Policy

    granted = dict(policy.extensions) if policy is not None else {}
    told = policy.late_by if policy is not None else {}
    if extensions is not None:
        granted = read_extensions(_table(extensions), extensions.name)
    if rule is not None:
        return Policy(rule=read_rule(_text(rule), rule.name), extensions=granted, late_by=told)
    if policy is None:
        raise UsageError(
            "lateness costs nothing in this class yet", remedy="name a rule with --rule FILE.toml"
        )
    return Policy(rule=policy.rule, extensions=granted, late_by=told)


def _late_by(out: Path, worksheet: Path) -> dict[str, float]:
    from grader.cli.export import Course
    from grader.exports.cells import read_sheet
    from grader.exports.moodle import late_by

    sheet = read_sheet(worksheet.read_bytes(), worksheet.name)
    return late_by(sheet, [one for one, _, _ in Course.of(out).grades()])


def _table(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Yield the lines of a CSV file with their numbers, cells by heading in lower case."""
    lines = _text(path).splitlines()
    delimiter = max(",;\t", key=lines[0].count) if lines else ","
    reader = csv.reader(lines, delimiter=delimiter)
    headings = [text.strip().casefold() for text in next(reader, [])]
    unknown = [text for text in headings if text not in _HEADINGS]
    if unknown or not headings:
        raise UsageError(
            f"{path}: it has no headings that are known here, but {', '.join(headings) or 'nothing'}",
            remedy="the first line is `student,until`, or `student,days`",
        )
    for cells in reader:
        if any(text.strip() for text in cells):
            yield reader.line_num, dict(zip(headings, cells, strict=False))


def _text(path: Path) -> str:
    content = path.read_bytes()[:_MOST_BYTES]
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{path}, line {line}: it is not UTF-8", remedy="save it as UTF-8") from error


def _show(out: Screen, book: Gradebook, policy: Policy | None) -> None:
    from grader.outfolder import stored_grades
    from grader.reports.text import clean_line, points_text

    if policy is None:
        out.line("Lateness costs nothing.")
        return
    from grader.late.rule import moment_text
    from grader.model import Origin

    out.line(f"Lateness: {policy.rule}.")
    if policy.rule.due is not None:
        out.line(f"Due: {moment_text(policy.rule.due)}. Extensions: {len(policy.extensions)}.")
    origins = book.origins()
    rows = [
        (
            clean_line(stored.grade.student, _NAME),
            str(stored.grade.late.days),
            points_text(stored.grade.late.points),
            points_text(stored.grade.points),
            stored.grade.late.how_late,
        )
        for stored in stored_grades(book)
        if stored.grade.late is not None
    ]
    for who in policy.idle({student: origins.get(student, Origin()) for student in book.file_names()}):
        out.line(f"An extension is for nobody in the class: {clean_line(who, _NAME)}", style="yellow")
    if rows:
        out.table(("student", "days", "off", "points", ""), rows)
    else:
        out.line("Nobody is late.")
