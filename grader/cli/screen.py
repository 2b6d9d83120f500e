"""What the terminal shows: plain text with colour where it is a terminal, and never any markup of a student."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.errors import GraderError
from grader.model import Verdict
from grader.reports.text import clean

MOST_TEXT = 2_000
STYLES = {
    Verdict.CORRECT: "green",
    Verdict.FOLLOWS: "cyan",
    Verdict.WRONG: "bold red",
    Verdict.MISSING: "yellow",
    Verdict.INVALID: "bold red",
    Verdict.UNDECIDED: "yellow",
}


@dataclass(frozen=True, slots=True)
class Screen:
    """A place to write for people."""

    console: Console

    def line(self, text: str = "", style: str = "") -> None:
        """Write a line as it is: no markup, no colours for numbers, control characters shown as such."""
        self.console.print(Text(clean(text, MOST_TEXT), style=style), soft_wrap=True)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str | Text]]) -> None:
        """Write a table; cells are text as it is."""
        table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 3, 0, 0))
        for column in columns:
            table.add_column(Text(column), overflow="fold")
        for row in rows:
            table.add_row(*(cell if isinstance(cell, Text) else Text(clean(cell, MOST_TEXT)) for cell in row))
        self.console.print(table)

    def message(self, error: GraderError) -> None:
        """Write an error that has a remedy."""
        self.line(f"error: {error.message}", style="bold red")
        self.line(f"  what to do: {error.remedy}")

    def internal(self, error: Exception) -> None:
        """Write an error of our own; the details go to whoever asks for them."""
        self.line(f"internal error: {type(error).__name__}: {error}", style="bold red")
        if os.environ.get("GRADER_DEBUG"):
            self.line("".join(traceback.format_exception(error)))
        else:
            self.line("  what to do: run it again with GRADER_DEBUG=1 and report what it prints")


def screen() -> Screen:
    """Return the screen of results: standard output."""
    return Screen(_console(stderr=False))


def error_screen() -> Screen:
    """Return the screen of errors and progress: standard error."""
    return Screen(_console(stderr=True))


class ReaderGoneError(Exception):
    """Nobody reads our output any more, as with `| head`."""


class _Console(Console):
    """A console that leaves it to its caller what follows when the reader has gone."""

    def on_broken_pipe(self) -> None:
        """Say so: an exit code of 1 would mean that something is not correct."""
        raise ReaderGoneError


def _console(*, stderr: bool) -> Console:
    # Off a terminal a log or a file reads best at one width and plain, whatever the environment says.
    terminal = (sys.stderr if stderr else sys.stdout).isatty()
    return _Console(
        stderr=stderr,
        markup=False,
        highlight=False,
        emoji=False,
        width=None if terminal else 100,
        # NO_COLOR (https://no-color.org) leaves rich its bold text and its bar; who sets it wants plain text.
        force_terminal=terminal and not os.environ.get("NO_COLOR"),
    )


def write_json(document: object) -> None:
    """Write one JSON document, and nothing else, to standard output."""
    try:
        sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=True, allow_nan=False) + "\n")
        sys.stdout.flush()  # what goes wrong is to go wrong here, where it is told
    except BrokenPipeError as error:
        raise ReaderGoneError from error


def verdict_text(verdict: Verdict) -> Text:
    """Return a verdict as a coloured word."""
    return Text(verdict.value, style=STYLES[verdict])
