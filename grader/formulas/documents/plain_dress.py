"""Takes off a line of plain text what is no part of its formula: the mark of a list, a word before it, marks of type."""

from __future__ import annotations

import re
from collections.abc import Sequence

from grader.formulas.documents.withdrawn import Struck
from grader.formulas.vocabulary import SUPPOSED

_MARKER = re.compile(r"\s*(?:(?:[-*+\u2022]|\(?[0-9]{1,3}[.)]|\(?[a-z]\)|\([ivx]{1,4}\))\s+)?")
_FILLER = re.compile(
    r"(?:where|so|thus|hence|therefore|then|and|also|finally|since|because|next|now|similarly"
    r"|wobei|und|somit|daher|damit|dann|folglich|donc|et|ainsi)\b[,:]?\s+",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?:forward|backward|chain|rule|pass|step|update[sd]?|new|loss|output|gradients?|derivatives?|result|value|layer"
    r"|hidden|pre-?activation|activation|prediction|error|weights?|parameters?|numerically|numbers|with|for|of|the|by"
    r"|[0-9]{1,2}|[ -]){1,12}:(?!=)\s*",
    re.IGNORECASE,
)

_EQUATION = re.compile(r"\W{0,10}[^\s=:]{1,20}\s{0,5}(?::?=|<-|->|:\s)")
_ENDS = frozenset(".:;!?|)]#`-")
_PROSE = 60
"""Characters of a line that goes on in the next one, for all that it says."""
_FAR = 40
"""Characters of a list's marks, and of what may follow a strike."""


def without_struck(text: str, struck: Sequence[Struck]) -> str:
    """Put spaces for what is struck out before or behind something else on its line; a whole line stays."""
    pieces: list[str] = []
    done = 0
    for one in sorted(struck, key=lambda part: part.start):
        if one.start < done:
            continue
        before = text[max(one.start - _FAR, 0) : one.start].rpartition("\n")
        behind = text[one.end : one.end + _FAR].partition("\n")[0]
        begins = bool(before[1]) or one.start <= _FAR
        is_whole = begins and not _MARKER.sub("", before[2], count=1).strip() and not behind.strip(" .,;")
        if is_whole:
            continue
        gone = text[one.start : one.end]
        pieces += [text[done : one.start], "".join("\n" if sign == "\n" else " " for sign in gone)]
        done = one.end
    return "".join([*pieces, text[done:]])


def bare(text: str, start: int, end: int) -> tuple[int, int]:
    """Return where a line begins and ends without the mark of a list, words like `so`, and marks of type around it."""
    marker = _MARKER.match(text, start, end)
    start = marker.end() if marker else start
    end = start + len(text[start:end].rstrip())
    for mark in ("~~", "**", "__", "`", "*"):
        inner = text[start:end]
        if inner.startswith(mark) and inner.endswith(mark) and len(inner) > 2 * len(mark):
            start, end = start + len(mark), end - len(mark)
    for pattern in (_FILLER, _LABEL):
        match = pattern.match(text, start, end)
        start = match.end() if match else start
    return start, start + len(text[start:end].rstrip(" .;,"))


def goes_on(above: str, line: str) -> bool:
    """Whether the sentence of one line goes on in the next one, which then is a part of it and no line of its own.

    Parameters
    ----------
    above : str
        The line above: prose, as it is no formula.
    line : str
        The next one, which could be a formula.

    Returns
    -------
    bool
        Not below a heading or an equation, and not where the line begins an item or is a row.
    """
    marker = _MARKER.match(line)
    is_item = marker is not None and bool(marker.group().strip())
    if is_item or line.lstrip().startswith("|") or above.startswith(("#", "**", "<h")):
        return False
    if above[-1:] in _ENDS or _EQUATION.match(above):
        return False
    return len(above) >= _PROSE or above.endswith(",") or SUPPOSED.search(above) is not None
