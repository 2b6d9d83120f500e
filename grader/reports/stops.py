"""Where a student's code stopped, as clean lines of their file with the one that failed marked."""

from __future__ import annotations

import textwrap

from msgspec import Struct

from grader.model import Excerpt, Traceback
from grader.reports.text import clean, clean_line

_NAME = 80
_LINE = 170
"""More than a line has that is kept, with the sign of a cut."""
_MESSAGE = 500
MODULE = "<module>"
"""The function of a line that is in none."""
_NOT_PYTHON = ("SyntaxError", "IndentationError", "TabError")


class CodeLine(Struct, frozen=True, kw_only=True):
    """A line of a student's file."""

    number: int
    text: str
    is_marked: bool
    """Whether it is the one that failed, or that called what failed."""


class FrameView(Struct, frozen=True, kw_only=True):
    """A line of a traceback with those around it."""

    where: str
    """`alice.py, line 31, in backward`."""
    lines: tuple[CodeLine, ...]
    """Without the indentation that they share; empty where the file has no such line."""

    @property
    def text(self) -> str:
        """The lines with their numbers, the marked one behind `>`."""
        width = len(str(self.lines[-1].number)) if self.lines else 0
        return "\n".join(
            f"{'>' if line.is_marked else ' '} {line.number:{width}}  {line.text}".rstrip()
            for line in self.lines
        )


class TracebackView(Struct, frozen=True, kw_only=True):
    """How the student's code stopped."""

    function: str
    error: str
    """`NameError: name 'grad_z1' is not defined`."""
    frames: tuple[FrameView, ...]
    """Outermost first; the last one is where it happened."""
    unread_file: str | None = None
    """The file that is no Python, where that is what stopped it."""

    @property
    def subject(self) -> str:
        """What stopped: the function, or the file with all its functions."""
        return self.unread_file or self.function

    @property
    def happened(self) -> str:
        """What happened to it; reads after `subject`."""
        return "stopped" if self.unread_file is None else "cannot be read"


def traceback_view(found: Traceback) -> TracebackView:
    """Make a traceback safe to look at.

    Parameters
    ----------
    found : Traceback

    Returns
    -------
    TracebackView
        Clean texts, not escaped.
    """
    return TracebackView(
        function=clean_line(found.function, _NAME),
        error=clean_line(found.error, _MESSAGE),
        frames=tuple(_frame(excerpt) for excerpt in found.frames),
        unread_file=_unread_file(found),
    )


def _unread_file(found: Traceback) -> str | None:
    """Return the file that is no Python; one whose text a function could not parse has itself been read."""
    last = found.frames[-1] if found.frames else None
    if last is None or last.function != MODULE or found.error.partition(":")[0] not in _NOT_PYTHON:
        return None
    return clean_line(last.file, _NAME)


def _frame(excerpt: Excerpt) -> FrameView:
    cell = "" if excerpt.cell is None else f", cell {excerpt.cell}"
    inside = "" if excerpt.function == MODULE else f", in {clean_line(excerpt.function, _NAME)}"
    # Cleaned one by one: no letter of a line may begin another.
    lines = [clean(line, _LINE).replace("\n", " ") for line in excerpt.lines]
    texts = textwrap.dedent("\n".join(line.rstrip() for line in lines)).split("\n") if lines else []
    return FrameView(
        where=f"{clean_line(excerpt.file, _NAME)}{cell}, line {excerpt.line}{inside}",
        lines=tuple(
            CodeLine(number=number, text=text, is_marked=number == excerpt.line)
            for number, text in enumerate(texts, start=excerpt.first)
        ),
    )
