"""`new`: writes an assignment to begin with, and proves it sound."""

from __future__ import annotations

import os
import secrets
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.completion import assignment_names
from grader.cli.paths import PathOf
from grader.cli.screen import error_screen, screen
from grader.cli.validate import MOST_MUTANTS, Progress, validate
from grader.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_NAMED = 8
MOST_SEEDS = 2**32


@click.command(short_help="Write a new assignment to begin with.")
@click.argument("folder", metavar="NAME", type=PathOf())
@click.option(
    "--from",
    "source",
    metavar="ASSIGNMENT",
    shell_complete=assignment_names,
    help="Copy this assignment and give it other numbers.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    help="What the numbers of a copy are drawn from; drawn itself when left out, and kept in its assignment.toml.",
)
@click.option(
    "--no-validate",
    is_flag=True,
    help="Write it and prove nothing; do it later with `grader validate NAME`.",
)
@click.pass_context
def new(ctx: click.Context, *, folder: Path, source: str | None, seed: int | None, no_validate: bool) -> int:
    """Write the new assignment NAME: a folder that is complete, and small enough to change into yours.

    It holds the network, assignment.toml, the solution with the marks that hand-outs are made by, the task, and submissions with what
    each of them must get. NAME may be a path; its last part is the name.

    With --from it is a copy of ASSIGNMENT (a shipped name, see `grader list`, or a folder) for a course whose students know the original: the worked
    case and the ranges of the hidden ones are drawn anew, and what is left for you to read is listed.

    Then everything that `grader validate` proves is proved. Exit code 0 when the new assignment is sound, 1 when a proof fails.
    """
    from grader.authoring.folder import checked, small, write

    checked(folder)
    if source is None:
        if seed is not None:
            raise click.UsageError("--seed goes with --from: the small assignment has no drawn numbers")
        write(folder, small(folder.name))
        _say(folder, sorted(path.name for path in folder.iterdir()))
    else:
        _copy(folder, source, seed, leave_out=not no_validate)
    if no_validate:
        _next(folder)
        return ExitCode.DONE
    code: int = ctx.invoke(
        validate, assignment=str(folder), workers=None, mutants=MOST_MUTANTS, as_json=False
    )
    _next(folder)
    return code


def _say(folder: Path, names: Sequence[str]) -> None:
    screen().line(f"{folder}: {', '.join(names)}", style="bold")


def _next(folder: Path) -> None:
    quoted = shlex.quote(str(folder))
    screen().line(f"next: change it, prove it again with `grader validate {quoted}`, then hand it out with")
    screen().line(f"      `grader handout {quoted} -o start`")


# --------------------------------------------------------------------------------------------------------------
# Copies


def _copy(folder: Path, source: str, seed: int | None, *, leave_out: bool) -> None:
    from grader.assignment_file import load
    from grader.authoring.copying import copied
    from grader.authoring.folder import write

    asked = load(source)
    drawn_from = secrets.randbelow(MOST_SEEDS) if seed is None else seed
    made = copied(asked, folder.name, drawn_from)
    write(folder, made.files)
    _say(folder, sorted(path.name for path in folder.iterdir()))
    out = screen()
    out.line(f"seed {drawn_from}: it is kept in {folder / 'assignment.toml'}, which students must not see")
    for note in made.notes:
        out.line(f"note: {note}", style="yellow")
    if leave_out:
        _leave_out(folder)


def _leave_out(folder: Path) -> None:
    from grader.authoring.corpus import leave_out

    count, gone = leave_out(folder, os.cpu_count() or 1, Progress(error_screen()).count)
    if not gone:
        return
    out = screen()
    out.line(
        f"note: left out {len(gone)} of {count} submissions, whose outcome hangs on the old numbers:",
        style="yellow",
    )
    for one in gone[:MOST_NAMED]:
        out.line(f"  {one.path}: {one.why}")
    if len(gone) > MOST_NAMED:
        out.line(f"  and {len(gone) - MOST_NAMED} more")
    out.line(
        "  write some of them again with the new numbers, and what each must get into submissions/expected.toml"
    )
