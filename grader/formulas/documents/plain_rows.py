"""Tells where a formula of plain text goes on in the next line, and where its label stands alone on a line."""

from __future__ import annotations

import re

_BEGINS = re.compile(r"(?P<indent>[ \t]*)(?P<sign>[-+*/\u00b7\u2212\u22c5])(?![-+*/=>])[ \t]*(?=\S)")
_ENDS = re.compile(r"(?:[-+*/=(\u00b7\u2212\u22c5]|:=|<-)[ \t]*$")
_MARKS = ("---", "***", "___", "-->")
_LONGEST_LABEL = 40
_EQUALS = re.compile(r"[ \t]*=(?!=)[ \t]*\S")


def may_go_on(line: str, following: str) -> bool:
    """Whether a line may go on in the next one: one of them ends or begins with a sign between values.

    Parameters
    ----------
    line : str
        With a relation in it.
    following : str
        The line below it; hostile.

    Returns
    -------
    bool
        Not where both are items of a list; whether the next line is a sentence is for the caller to tell.
    """
    if "=" not in line or not following.strip() or following.strip().startswith(_MARKS):
        return False
    begins = _BEGINS.match(following)
    if begins is None:
        return _ENDS.search(line) is not None and not following.lstrip().startswith(("=", "#", "|", "`", "$"))
    is_deeper = len(begins["indent"]) > len(line) - len(line.lstrip())
    return is_deeper or line.lstrip()[:1] != begins["sign"]


def beyond_sign(following: str) -> int:
    """Return how much of a line is the sign that it begins with."""
    begins = _BEGINS.match(following)
    return begins.end() if begins else 0


def may_be_label(line: str, following: str) -> bool:
    """Whether a line may be nothing but the left side of the next one, which begins with `=`."""
    bare = line.strip()
    return (
        bool(bare)
        and len(bare) <= _LONGEST_LABEL
        and "=" not in bare
        and _EQUALS.match(following) is not None
    )
