"""What the terminal shows: plain text with colour where it is a terminal, and never any markup of a student."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TextIO

from msgspec import Struct

from grader.errors import GraderError
from grader.model import Verdict
from grader.reports.plain_table import plain_table
from grader.reports.text import clean

if TYPE_CHECKING:
    from rich.console import Console

MOST_TEXT = 2_000
BETWEEN = 3
"""Spaces between the columns of a table."""
STYLES = {
    Verdict.CORRECT: "green",
    Verdict.FOLLOWS: "cyan",
    Verdict.WRONG: "bold red",
    Verdict.MISSING: "yellow",
    Verdict.INVALID: "bold red",
    Verdict.UNDECIDED: "yellow",
}


class Styled(NamedTuple):
    """A cell of a table in a style of its own."""

    text: str
    style: str


class Screen(Struct, frozen=True, dict=True):
    """A place to write for people; rich is loaded for a terminal alone, where there are colours to show."""

    is_error: bool = False
    """Whether it is standard error."""

    @cached_property
    def console(self) -> Console:
        """The console of rich, for bars and colours."""
        return _console(stderr=self.is_error)

    @cached_property
    def is_coloured(self) -> bool:
        """Whether styles show: a terminal whose user has not asked for plain text (https://no-color.org)."""
        return _stream(stderr=self.is_error).isatty() and not os.environ.get("NO_COLOR")

    def line(self, text: str = "", style: str = "") -> None:
        """Write a line as it is: no markup, no colours for numbers, control characters shown as such."""
        cleaned = clean(text, MOST_TEXT)
        if not self.is_coloured:
            self._write(f"{cleaned}\n")
            return
        from rich.text import Text

        self.console.print(Text(cleaned, style=style), soft_wrap=True)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str | Styled]]) -> None:
        """Write a table; cells are text as it is."""
        if self.is_coloured:
            _print_table(self.console, columns, rows)
            return
        cells = [[_plain(cell) for cell in row] for row in rows]
        for line in plain_table([columns, *cells], between=BETWEEN):
            self._write(f"{line}\n")

    def _write(self, text: str) -> None:
        stream = _stream(stderr=self.is_error)
        try:
            stream.write(text)
            stream.flush()  # what goes wrong is to go wrong here, and lines of both streams stay in their order
        except BrokenPipeError as error:
            raise ReaderGoneError from error

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
    return Screen()


def error_screen() -> Screen:
    """Return the screen of errors and progress: standard error."""
    return Screen(is_error=True)


class ReaderGoneError(Exception):
    """Nobody reads our output any more, as with `| head`."""


def _stream(*, stderr: bool) -> TextIO:
    return sys.stderr if stderr else sys.stdout


def _plain(cell: str | Styled) -> str:
    """Return a cell in one line."""
    text = clean(cell.text if isinstance(cell, Styled) else cell, MOST_TEXT)
    return " ".join(text.splitlines())


def _print_table(console: Console, columns: Sequence[str], rows: Iterable[Sequence[str | Styled]]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, BETWEEN, 0, 0))
    for column in columns:
        table.add_column(Text(column), overflow="fold")
    for row in rows:
        styled = (cell if isinstance(cell, Styled) else Styled(cell, "") for cell in row)
        table.add_row(*(Text(clean(cell.text, MOST_TEXT), style=cell.style) for cell in styled))
    console.print(table)


def _console(*, stderr: bool) -> Console:
    from rich.console import Console

    class OurConsole(Console):
        """A console that leaves it to its caller what follows when the reader has gone."""

        def on_broken_pipe(self) -> None:
            """Say so: an exit code of 1 would mean that something is not correct."""
            raise ReaderGoneError

    # Off a terminal a log or a file reads best at one width and plain, whatever the environment says.
    terminal = _stream(stderr=stderr).isatty()
    return OurConsole(
        stderr=stderr,
        markup=False,
        highlight=False,
        emoji=False,
        width=None if terminal else 100,
        # NO_COLOR leaves rich its bold text and its bar; who sets it wants plain text.
        force_terminal=terminal and not os.environ.get("NO_COLOR"),
    )


def write_json(document: object) -> None:
    """Write one JSON document, and nothing else, to standard output."""
    try:
        sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=True, allow_nan=False) + "\n")
        sys.stdout.flush()  # what goes wrong is to go wrong here, where it is told
    except BrokenPipeError as error:
        raise ReaderGoneError from error


def verdict_text(verdict: Verdict) -> Styled:
    """Return a verdict as a coloured word."""
    return Styled(verdict.value, STYLES[verdict])
