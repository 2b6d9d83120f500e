"""What is said of a run over a class: on the screen, and for programs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.screen import Screen

if TYPE_CHECKING:
    from grader.assignment import Assignment
    from grader.batch import Summary
    from grader.gradebook import Change

MOST_CHANGES = 20
"""That are listed where all are in the gradebook."""


def tell(out: Screen, summary: Summary, folder: Path) -> None:
    """Say what came of a run, which grades changed, and where everything is.

    Parameters
    ----------
    out : Screen
    summary : Summary
    folder : Path
        The output folder.
    """
    if summary.interrupted:
        done = summary.graded + summary.unchanged
        kept = "nothing was written" if summary.dry_run else "run the same command again to go on"
        out.line(f"interrupted: {done} of {summary.total} are graded; {kept}")
        return
    lines = _of_dry_run(summary) if summary.dry_run else _of_run(summary)
    for line in lines:
        out.line(line)
    if summary.faults:
        out.line(
            f"  our fault, no points decided: {', '.join(summary.faults[:MOST_CHANGES])}", style="bold red"
        )
    if summary.waiting:
        out.line(f"  waiting for a person: {_counted(summary.waiting)}; see the class page")
    if summary.look_again:
        out.line(f"  marks by people to look at again: {_listed(summary.look_again)}; see the class page")
    if summary.dry_run:
        out.line(
            "the same command without --dry-run makes it so" if summary.graded else "there is nothing to do"
        )
        return
    out.line(f"class page: {folder / 'index.html'}")
    out.line(f"gradebook:  {folder / 'grades.csv'}")
    out.line(f"reports:    {folder / 'reports'}{os.sep}")


def _counted(waiting: Mapping[str, int]) -> str:
    """Count those who wait, in all and by the groups of the class page."""
    parts = ", ".join(f"{title[:1].lower()}{title[1:]}: {count}" for title, count in waiting.items())
    return f"{sum(waiting.values())} ({parts})"


def _listed(students: list[str]) -> str:
    shown = ", ".join(students[:MOST_CHANGES])
    return shown if len(students) <= MOST_CHANGES else f"{shown} and {len(students) - MOST_CHANGES} more"


def _of_run(summary: Summary) -> Iterator[str]:
    yield f"{summary.graded} graded{_how(summary)}, {summary.unchanged} unchanged"
    if summary.gone:
        yield f"  no longer on the roster, and taken out with nothing handed in: {_listed(list(summary.gone))}"
    yield from _assignment(summary)
    for change in _sorted(summary)[:MOST_CHANGES]:
        yield f"  changed: {_change(change, summary)}"
    if len(summary.changes) > MOST_CHANGES:
        yield f"  and {len(summary.changes) - MOST_CHANGES} more changes, all in the gradebook"


def _of_dry_run(summary: Summary) -> Iterator[str]:
    """Yield everything: it is nowhere else."""
    before = summary.total - summary.new
    yield (
        f"dry run, nothing is written: {len(summary.changes)} of {before} grades would change, "
        f"{summary.new} would be new{_how(summary)}"
    )
    yield from _assignment(summary)
    for change in _sorted(summary):
        yield f"  would change: {_change(change, summary)}"


def _how(summary: Summary) -> str:
    """Say how many grades were made without running code, where there are any."""
    if not summary.from_stored:
        return ""
    return f" ({summary.from_stored} from stored answers, {summary.run} run)"


def _assignment(summary: Summary) -> Iterator[str]:
    if summary.assignment_changes:
        yield f"  assignment: {'; '.join(summary.assignment_changes)}"


def _sorted(summary: Summary) -> list[Change]:
    """Return the changes by student; they come in the order in which workers are done."""
    return sorted(summary.changes, key=lambda change: change.student)


def _change(change: Change, summary: Summary) -> str:
    if (change.old_points, change.old_status) == (change.new_points, change.new_status):
        what = f"first mistake {change.old_first_mistake or 'none'} -> {change.new_first_mistake or 'none'}"
    else:
        what = (
            f"{change.old_points:g} -> {change.new_points:g} points "
            f"({change.old_status} -> {change.new_status})"
        )
    held = "; what people decided holds" if change.student in summary.marked else ""
    return f"{change.student}: {what}; {change.reason}{held}"


def document(assignment: Assignment, summary: Summary, out: Path) -> dict[str, object]:
    """Return what came of a run, for programs.

    Parameters
    ----------
    assignment : Assignment
    summary : Summary
    out : Path
        The output folder.

    Returns
    -------
    dict
    """
    return {
        "schema": 1,
        "assignment": assignment.name,
        "out": str(out),
        "submissions": summary.total,
        "graded": summary.graded,
        "run": summary.run,
        "from_stored_answers": summary.from_stored,
        "unchanged": summary.unchanged,
        "new": summary.new,
        "interrupted": summary.interrupted,
        "dry_run": summary.dry_run,
        "faults": summary.faults,
        "waiting": sum(summary.waiting.values()),
        "assignment_changes": list(summary.assignment_changes),
        "changes": [
            {
                "student": change.student,
                "old_points": change.old_points,
                "new_points": change.new_points,
                "old_status": change.old_status.value,
                "new_status": change.new_status.value,
                "old_first_mistake": change.old_first_mistake,
                "new_first_mistake": change.new_first_mistake,
                "reason": change.reason,
            }
            for change in _sorted(summary)
        ],
    }
