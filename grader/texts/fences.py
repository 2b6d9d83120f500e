"""Finds the fences of Markdown, between which lines of code stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_FENCE = re.compile(r"\s{0,3}(`{3,}|~{3,})")


def fences(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Find the lines that open and close a fence.

    Parameters
    ----------
    lines : sequence of str
        A text.

    Yields
    ------
    tuple of two ints
        The indices of both lines; a fence that nobody closes is none.
    """
    marks, start = "", 0
    for index, line in enumerate(lines):
        match = _FENCE.match(line) if "```" in line or "~~~" in line else None
        if match is None:
            continue
        if not marks:
            marks, start = match[1], index
        elif match[1].startswith(marks) and not line[match.end() :].strip():
            yield start, index
            marks = ""


def language_of(line: str) -> str:
    """Return what the opening line of a fence says stands in it, in lower case; empty where it says nothing.

    Parameters
    ----------
    line : str
        The line.

    Returns
    -------
    str
    """
    return line.strip().lstrip("`~").strip(" {}.").split(" ", 1)[0].casefold()
