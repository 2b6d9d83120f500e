"""`validate`: proves an assignment sound before students see it, one row for each proof."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.authors import json_option
from grader.cli.completion import assignment_names
from grader.cli.screen import Screen, error_screen, screen, write_json
from grader.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from grader.validation.proof import Proof

MOST_MUTANTS = 500
MOST_DETAILS = {"holds": 2, "fails": 12}
"""Shown of one proof; `--json` has them all."""
STYLES = {"holds": "green", "fails": "bold red", "does not apply": "dim"}


@click.command(short_help="Prove an assignment sound before students see it.")
@click.argument("assignment", shell_complete=assignment_names)
@click.option(
    "-j",
    "--jobs",
    "workers",
    type=click.IntRange(min=1),
    help="How many processes work at once; as many as there are processors when left out.",
)
@click.option(
    "--mutants",
    type=click.IntRange(min=1),
    default=MOST_MUTANTS,
    show_default=True,
    help="How many changed copies of the solution are tried at most, evenly spread over its lines.",
)
@json_option
def validate(*, assignment: str, workers: int | None, mutants: int, as_json: bool) -> int:
    """Prove ASSIGNMENT sound before students see it.

    The solution must earn every point and the hand-out none; gradients are compared with differences; known slips and
    changed copies of the solution must not be accepted; every submission of `submissions/` must get what `expected.toml` says; points
    must add up, texts must render, and nothing of the solution may be handed out. Nothing is written.

    ASSIGNMENT is a shipped name (see `grader list`) or a folder with an assignment.toml. Exit code 0 when every proof
    holds or does not apply, 1 when one fails.
    """
    proofs = _shown(_proofs(assignment, workers, mutants), quiet=as_json)
    if as_json:
        write_json(_document(assignment, proofs))
    elif not _failed(proofs):
        screen().line(f"{Path(assignment).name} is sound.", style="green")
    else:
        screen().line(f"{len(_failed(proofs))} of {len(proofs)} proofs fail.", style="bold red")
    return ExitCode.NOT_ALL_CORRECT if _failed(proofs) else ExitCode.DONE


def _proofs(assignment: str, workers: int | None, mutants: int) -> Iterable[Proof]:
    from grader.assignment_file import load
    from grader.errors import AssignmentError
    from grader.validation.proof import fails
    from grader.validation.run import Options
    from grader.validation.run import validate as proofs

    try:
        asked = load(assignment)
    except AssignmentError as error:
        return [fails("reads", error.message, remedy=error.remedy)]
    progress = Progress(error_screen())
    return proofs(
        asked,
        Options(
            most_mutants=mutants,
            workers=workers or os.cpu_count() or 1,
            on_progress=progress.count,
            tell=progress.tell,
        ),
    )


class Progress:
    """Says on standard error how far the work is: each tenth of it."""

    def __init__(self, out: Screen) -> None:
        self._out = out

    def count(self, what: str, done: int, total: int) -> None:
        """Note that so many tasks of a kind are done."""
        if done * 10 // total != (done - 1) * 10 // total and total > 1:
            self._out.line(f"{what}: {done} of {total}", style="dim")

    def tell(self, text: str) -> None:
        """Say what takes long."""
        self._out.line(f"running {text}", style="dim")


def _shown(proofs: Iterable[Proof], *, quiet: bool) -> list[Proof]:
    """Show each proof as it comes, and return them all."""
    done = []
    for proof in proofs:
        done.append(proof)
        if not quiet:
            _show(screen().line, proof)
    return done


def _show(line: Callable[..., None], proof: Proof) -> None:
    line(f"{proof.name:<13}{proof.outcome.value:<16}{proof.found}", style=STYLES[proof.outcome.value])
    most = MOST_DETAILS.get(proof.outcome.value, 0)
    for detail in proof.details[:most]:
        line(f"{'':<13}{detail}")
    if len(proof.details) > most:
        line(f"{'':<13}and {len(proof.details) - most} more: see --json")
    if proof.remedy:
        line(f"{'':<13}what to do: {proof.remedy}")


def _failed(proofs: Iterable[Proof]) -> list[Proof]:
    return [proof for proof in proofs if proof.outcome.value == "fails"]


def _document(assignment: str, proofs: list[Proof]) -> dict[str, Any]:
    return {
        "schema": 1,
        "assignment": Path(assignment).name,
        "sound": not _failed(proofs),
        "proofs": [
            {
                "name": proof.name,
                "outcome": proof.outcome.value,
                "found": proof.found,
                "details": list(proof.details),
                "remedy": proof.remedy or None,
            }
            for proof in proofs
        ],
    }
