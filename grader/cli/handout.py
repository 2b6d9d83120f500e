"""`handout`: writes what students start from, and never over what somebody changed there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.completion import assignment_names
from grader.cli.paths import PathOf
from grader.cli.screen import screen
from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.assignment import Assignment
    from grader.handout import HandOutFile

MOST_NAMED = 10


@click.command(short_help="Write what students start from: code, notebook, task.")
@click.argument("assignment", shell_complete=assignment_names)
@click.option(
    "-o",
    "--output",
    "folder",
    metavar="DIR",
    required=True,
    type=PathOf(),
    help="Where to write it.",
)
@click.option(
    "--student-kit",
    is_flag=True,
    help="Add `check.py`, with which students check themselves without the grader.",
)
@click.option("--force", is_flag=True, help="Write over files that differ.")
def handout(*, assignment: str, folder: Path, student_kit: bool, force: bool) -> None:
    """Write what students of ASSIGNMENT start from into the folder DIR.

    That is the code without the solution, as a module and as a notebook, the task, headings for written answers, and a page on how to
    check oneself. It is made from the solution: what stands between `# BEGIN SOLUTION` and `# END SOLUTION` is left out.

    ASSIGNMENT is a shipped name (see `grader list`) or a folder with an assignment.toml.
    """
    from grader.assignment_file import load, made_data
    from grader.handout import HandOutFile, hand_out

    asked = load(assignment)
    made = hand_out(asked, student_kit=student_kit)
    data = [HandOutFile(name=name, content=content) for name, content in made_data(asked.folder)]
    files = [*made.files, *data, *(_kit(asked) if student_kit else [])]
    differing = [] if force else _differing(folder, files)
    if differing:
        raise UsageError(
            f"{folder} holds other files of these names: {_listed(differing)}",
            remedy="write into another folder, or over these files with --force",
        )
    _write(folder, files)
    out = screen()
    out.line(f"{asked.title}: {folder}", style="bold")
    for file in files:
        out.line(f"  {file.name}")
    for note in made.notes:
        out.line(f"note: {note}", style="yellow")


def _kit(asked: Assignment) -> Sequence[HandOutFile]:
    from grader import secret
    from grader.handout.kit import student_kit

    return student_kit(asked, secret.generator(secret.PRACTICE))


def _differing(folder: Path, files: Sequence[HandOutFile]) -> list[str]:
    """Return the names of files that are there with another content, which may be somebody's work."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is not a folder", remedy="name a folder with -o")
    return [file.name for file in files if _differs(folder / file.name, file.content)]


def _differs(path: Path, content: bytes) -> bool:
    if path.is_symlink() or path.is_dir():
        return True
    return path.exists() and path.read_bytes() != content


def _write(folder: Path, files: Sequence[HandOutFile]) -> None:
    from grader.cli.export_files import write_bytes

    for file in files:
        # A link is replaced: what it leads to is not ours to write.
        write_bytes(folder / file.name, file.content)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
