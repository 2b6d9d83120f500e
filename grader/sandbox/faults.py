"""Finds in what the interpreter wrote at its end the line of the student's code it was at."""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.model import Source

_HEADING = "(most recent call first):\n"
DUMP_HEADING = _HEADING.encode()
"""How the interpreter begins to say where it is, as it is written."""
_OPENINGS = ("Fatal Python error: ", "Windows fatal exception: ", "Timeout (0:")
"""What the interpreter says before that, where it says anything; after the last, it lists all threads, the main one last."""
_LINE = re.compile(r'  File "([^"\n]+)", line (\d+) in ')
_CELL = re.compile(r", cell \d+$")


def split_dump(raw: str) -> tuple[str, str]:
    """Part what was written from the interpreter's last words.

    Parameters
    ----------
    raw : str
        Standard output and error output, past Python.

    Returns
    -------
    written : str
    dump : str
        Empty where there is none.
    """
    # Plain searches, in time that grows with the length alone: the text is hostile.
    heading = raw.rfind(_HEADING)
    if heading < 0:
        return raw, ""
    start = raw.rfind("\n", 0, heading) + 1
    opening = max(raw.rfind(words, 0, start) for words in _OPENINGS)
    return raw[: opening if opening >= 0 else start], raw[start:]


def place_of_end(dump: str, sources: Sequence[Source]) -> str:
    """Say at which line of the student's code the process ended.

    Parameters
    ----------
    dump : str
        From `split_dump`; hostile.
    sources : sequence of Source
        The files; a line in none of them is not believed.

    Returns
    -------
    str
        ` at alice.py, line 3`, or empty.
    """
    names = {source.name for source in sources}
    for name, line in _LINE.findall(dump):
        if _CELL.sub("", name) in names and len(line) < 8:  # noqa: PLR2004  (more lines than a file may have)
            return f" at {name}, line {line}"
    return ""
