"""Finds displayed formulas in a text, as far as headings and prose must be told from them; none is read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

_MARK = re.compile(
    r"\$\$|\\\[|\\\]|\\(?:begin|end)\{(?:align|aligned|alignat|equation|gather|split|eqnarray|flalign|multline|array|cases)\*?\}"
)
"""What a display begins or ends with."""
_HEADING = re.compile(r" {0,3}#{1,6}\s")


class Display(Struct, frozen=True, kw_only=True):
    """A displayed formula, marks and all."""

    first: int
    """Index of the line it begins on."""
    column: int
    """Index of its first character there."""
    last: int
    """Index of the line it ends on."""
    end: int
    """Index there of what stands behind it."""
    is_closed: bool
    """Whether a mark ends it; else it is the first mark and the rest of the paragraph."""


def displays_in(lines: Sequence[str]) -> Iterator[Display]:
    """Find the displays of a text.

    Parameters
    ----------
    lines : sequence of str
        The text.

    Yields
    ------
    Display
        In their order. One ends at the latest with its paragraph: a stray mark hides nothing behind an empty line or a heading.
    """
    closing, first, column = "", 0, 0
    for index, line in enumerate(lines):
        if closing and (not line.strip() or _HEADING.match(line)):
            yield _unclosed(lines, first, column, index)
            closing = ""
        if "$$" not in line and "\\" not in line:
            continue
        for match in _MARK.finditer(line):
            if closing and match[0] == closing:
                yield Display(first=first, column=column, last=index, end=match.end(), is_closed=True)
                closing = ""
            elif not closing:
                closing, first, column = _end_of(match[0]), index, match.start()
    if closing:
        yield _unclosed(lines, first, column, len(lines))


def _unclosed(lines: Sequence[str], first: int, column: int, behind: int) -> Display:
    last = behind - 1
    return Display(first=first, column=column, last=last, end=len(lines[last]), is_closed=False)


def _end_of(mark: str) -> str:
    """Return what closes a display that begins with a mark; nothing does where the mark closes one itself."""
    if mark == "$$":
        return mark
    if mark.startswith("\\begin"):
        return mark.replace("begin", "end")
    return "\\]" if mark == "\\[" else ""


def lines_within(lines: Sequence[str]) -> frozenset[int]:
    """Find the lines that begin within a display: `1` alone on its line is a number there.

    Parameters
    ----------
    lines : sequence of str
        The text.

    Returns
    -------
    frozenset of int
        Their indices.
    """
    return frozenset(
        index for display in displays_in(lines) for index in range(display.first + 1, display.last + 1)
    )
