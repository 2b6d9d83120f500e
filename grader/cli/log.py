"""`log`: every change of a grade, by the grader or by a person."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import Struct

from grader.cli.authors import json_option
from grader.cli.paths import PathOf
from grader.cli.screen import screen, write_json
from grader.errors import ExitCode

if TYPE_CHECKING:
    from grader.gradebook import Change, Gradebook, StoredMark
    from grader.kept_late import LateChange


class _Line(Struct, frozen=True, kw_only=True):
    """One change."""

    at: datetime
    student: str
    target: str
    old: float | None
    """None where nothing was decided."""
    new: float | None
    by: str
    why: str
    """A person's comment, or why it was graded again."""


@click.command(short_help="Show every change of grades, with time and author.")
@click.argument("out", type=PathOf())
@click.argument("student", required=False)
@json_option
def log(*, out: Path, student: str | None, as_json: bool) -> int:
    """Show what changed in the grades in OUT, or those of STUDENT alone, oldest first.

    Changes are those by people (`grader mark`), by what lateness costs (`grader late`), and those that came of grading again.
    """
    from grader.decisions import graded, open_gradebook

    with open_gradebook(out) as book:
        if student is not None and not book.marks.log(student):
            graded(book, student)  # says which names there are
        lines = _lines(book, student)
    if as_json:
        write_json({"schema": 1, "changes": [_document(line) for line in lines]})
        return ExitCode.DONE
    if not lines:
        screen().line("nothing has changed since it was graded first")
        return ExitCode.DONE
    screen().table(
        ("when", "student", "what", "points", "by", "why"),
        [
            (
                _when(line.at),
                line.student,
                line.target,
                f"{_shown(line.old)} -> {_shown(line.new)}",
                line.by,
                line.why,
            )
            for line in lines
        ],
    )
    return ExitCode.DONE


def _lines(book: Gradebook, student: str | None) -> list[_Line]:
    from grader.kept_late import late_changes

    changes = (change for change in book.changes() if student is None or change.student == student)
    late = (change for change in late_changes(book) if student is None or change.student == student)
    lines = (*_by_people(book.marks.log(student)), *map(_by_grader, changes), *map(_by_lateness, late))
    return sorted(lines, key=lambda line: line.at)


def _by_people(rows: tuple[StoredMark, ...]) -> list[_Line]:
    """Return what people changed: from the mark before, or from what the grader had given."""
    from grader.overrides import points_then

    held: dict[tuple[str, str], float | None] = {}
    lines = []
    for row in rows:
        automatic = points_then(row.basis)
        before = held.get((row.student, row.target))
        lines.append(
            _Line(
                at=row.at,
                student=row.student,
                target=row.target,
                old=automatic if before is None else before,
                new=automatic if row.points is None else row.points,
                by=row.by,
                why="taken back" + (f": {row.comment}" if row.comment else "")
                if row.points is None
                else row.comment,
            )
        )
        held[row.student, row.target] = row.points
    return lines


def _by_grader(change: Change) -> _Line:
    told = change.reason
    if change.old_status is not change.new_status:
        told = f"{told} ({change.old_status} -> {change.new_status})"
    return _Line(
        at=change.at,
        student=change.student,
        target="graded again",
        old=change.old_points,
        new=change.new_points,
        by="grader",
        why=told,
    )


def _by_lateness(change: LateChange) -> _Line:
    return _Line(
        at=change.at,
        student=change.student,
        target="lateness",
        old=change.old_points,
        new=change.new_points,
        by=change.by,
        why=change.why,
    )


def _when(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _shown(points: float | None) -> str:
    return "\N{EN DASH}" if points is None else f"{points:.4g}"


def _document(line: _Line) -> dict[str, object]:
    return {
        "at": line.at.isoformat(),
        "student": line.student,
        "what": line.target,
        "old_points": line.old,
        "new_points": line.new,
        "by": line.by,
        "why": line.why,
    }
