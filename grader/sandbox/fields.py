"""Reads the fields of one header, each with the type and the size that is expected, or a `WireError`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct

from grader.model import Frame, Job, Source, StudentError
from grader.sandbox import wire
from grader.sandbox.wire import WireError

MAX_NAME = 200
_MAX_FRAMES = 20
_MAX_MESSAGE = 500
_MAX_LINE_TEXT = 200
_MAX_LINE = 10_000_000
_MAX_SPLIT = 1 << 20
# What ends a line for Python; `str.splitlines` also breaks at form feeds and more.
_LINE_END = re.compile(r"\r\n|\r|\n")


class SourceLines:
    """Gives single lines of the sources.

    Which ones, the other side says: each cell is taken apart once, and of all cells together a million characters.

    Parameters
    ----------
    sources : sequence of Source
    """

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources
        self._left = _MAX_SPLIT
        self._lines: dict[tuple[int, int], Sequence[str]] = {}

    def line(self, source: int, cell: int, number: int) -> str:
        """Give one line.

        Parameters
        ----------
        source : int
            Index of the source.
        cell : int
            Index of the cell, from 0.
        number : int
            Line in the cell, from 1.

        Returns
        -------
        str
            Without spaces around it, cut; empty where there is no such line, or too much was asked for.
        """
        cells = self._sources[source].cells
        if (source, cell) not in self._lines:
            text = cells[cell][: self._left] if cell < len(cells) else ""
            self._left -= len(text)
            self._lines[source, cell] = _LINE_END.split(text)
        lines = self._lines[source, cell]
        return lines[number - 1].strip()[:_MAX_LINE_TEXT] if number <= len(lines) else ""


class Fields(Struct, frozen=True, kw_only=True):
    """The fields of one header, to be read one by one."""

    header: Mapping[str, object]
    blob: bytes
    job: Job
    lines: SourceLines

    def get(self, name: str) -> object:
        """Give a field as it came."""
        if name not in self.header:
            raise WireError(f"no {name}")
        return self.header[name]

    def text(self, name: str, max_length: int) -> str:
        """Read a text."""
        return wire.text(self.get(name), max_length)

    def truth(self, name: str) -> bool:
        """Read a truth value."""
        value = self.get(name)
        if type(value) is not bool:
            raise WireError(f"{name} is no truth value")
        return value

    def texts(self, name: str, max_count: int) -> tuple[str, ...]:
        """Read a list of names."""
        return tuple(wire.text(item, MAX_NAME) for item in items(self.get(name), max_count))

    def call(self) -> int:
        """Read which call of the job it is about."""
        return number(self.get("index"), len(self.job.calls))

    def source(self) -> int:
        """Read which source of the job it is about."""
        return number(self.get("source"), len(self.job.sources))

    def cell(self, source: int) -> int | None:
        """Read which cell of a source it is about, from 1; None for all of it."""
        return self._cell(self.get("cell"), source)

    def printed(self) -> str:
        """Read what was printed; where it was cut, that is said."""
        text = self.text("printed", self.job.limits.output_kib * 1024)
        cut = f"\n… (cut after {self.job.limits.output_kib} KiB)\n" if self.truth("cut") else ""
        return text + cut

    def error(self, value: object) -> StudentError:
        """Read an exception."""
        fields = mapping(value)
        return StudentError(
            type_name=wire.text(fields.get("type"), MAX_NAME),
            message=wire.text(fields.get("message"), _MAX_MESSAGE),
            frames=tuple(self._frame(item) for item in items(fields.get("frames"), _MAX_FRAMES)),
        )

    def _frame(self, value: object) -> Frame:
        fields = items(value, 4)
        if len(fields) != 4:  # noqa: PLR2004  (the four that follow)
            raise WireError("not a frame of a traceback")
        source = number(fields[0], len(self.job.sources))
        cell = self._cell(fields[1], source)
        line = number(fields[2], _MAX_LINE, start=1)
        return Frame(
            source=self.job.sources[source].name,
            cell=cell,
            line=line,
            function=wire.text(fields[3], MAX_NAME),
            # The line itself comes from what was handed in, not from the process.
            text=self.lines.line(source, (cell or 1) - 1, line),
        )

    def _cell(self, value: object, source: int) -> int | None:
        cells = len(self.job.sources[source].cells)
        return None if value is None else number(value, cells + 1, start=1)


def items(value: object, max_length: int) -> list[object]:
    """Check that a field is a list of at most so many items."""
    if type(value) is not list or len(value) > max_length:
        raise WireError("not a list")
    return value


def number(value: object, end: int, *, start: int = 0) -> int:
    """Check that a field is an integer from `start` to below `end`; a truth value is none."""
    if type(value) is not int or not start <= value < end:
        raise WireError("not a number in range")
    return value


def mapping(value: object) -> Mapping[str, object]:
    """Check that a field is an object."""
    if type(value) is not dict:
        raise WireError("not an object")
    return value
