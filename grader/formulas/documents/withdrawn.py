"""Finds what a student took back or quoted: struck out, in block quotes, or under a heading that says so."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct

from grader.formulas.documents.extract import Formula
from grader.formulas.limits import Budget
from grader.formulas.tokens import Token

_STRIKE = re.compile(
    r"~~|\n[ \t]{0,20}(?=\n)|</?(?:del|s|strike)>|\\(?:sout|st|xout|cancel)\{|<!--|-->", re.IGNORECASE
)
_BRACES = re.compile(r"\\.|[{}]", re.DOTALL)
_QUOTE = re.compile(r" {0,3}>")
_STEPS = 200
"""Of looking for the end of a strike."""
_MOST_STRUCK = 2_000
"""Characters that one strike goes over."""
_HEADING_WORDS = re.compile(
    r"\b(?:wrong|scrap|scratch|discard(?:ed)?|withdrawn|crossed out|correction of|old (?:attempt|version)|ignore"
    r"|falsch|verworfen)\b",
    re.IGNORECASE,
)


class Withdrawal(StrEnum):
    """Why a line does not count."""

    NONE = ""
    STRUCK = "struck out"
    QUOTED = "quoted"
    HEADING = "under a heading that withdraws it"
    SAID = "said to be wrong"


class Struck(Struct, frozen=True, kw_only=True):
    """A part of the text that is struck out."""

    start: int
    end: int


def struck_parts(text: str, formulas: Sequence[Formula], budget: Budget) -> tuple[Struck, ...]:
    """Find what is struck out, or in a comment of HTML.

    Parameters
    ----------
    text : str
        Of a document; hostile.
    formulas : sequence of Formula
        Its formulas, in their order: in them two tildes are spaces.
    budget : Budget
        Is taken off for every mark.

    Returns
    -------
    tuple of Struck
        In the order of their ends. What is never closed in its paragraph is not struck.
    """
    starts = [one.start for one in formulas]
    open_at: dict[str, int] = {}
    found: list[Struck] = []
    for match in _STRIKE.finditer(text):
        budget.spend()
        mark = match.group().lower()
        place = match.start()
        number = bisect_right(starts, place) - 1
        if number >= 0 and place < formulas[number].end:
            continue
        if mark.startswith("\\"):
            budget.spend(_STEPS)
            end = _closing_brace(text, match.end())
            found += [Struck(start=place, end=end)] if end else []
        elif mark.startswith("\n"):
            open_at.pop("~~", None)
        elif (opener := _opener(mark, open_at)) is not None:
            found.append(Struck(start=open_at.pop(opener), end=match.end()))
        elif not mark.startswith("</") and mark != "-->":
            open_at.setdefault(mark, place)
    return tuple(found)


def _opener(mark: str, open_at: dict[str, int]) -> str | None:
    """Return the open mark that this one closes."""
    opener = {"~~": "~~", "-->": "<!--"}.get(mark, mark.replace("</", "<") if mark.startswith("</") else "")
    return opener if opener in open_at else None


def _closing_brace(text: str, start: int) -> int | None:
    depth = 1
    for match in _BRACES.finditer(text, start, start + _MOST_STRUCK):
        depth += {"{": 1, "}": -1}.get(match.group(), 0)
        if depth == 0:
            return match.end()
    return None


def is_cancelled(tokens: Sequence[Token]) -> bool:
    """Whether what is struck out of a side cancels, and so has its value all the same.

    Parameters
    ----------
    tokens : sequence of Token
        Of the side.

    Returns
    -------
    bool
        Where each struck part stands in a fraction or a script, or another one with the same text is struck too.
    """
    parts: list[tuple[str, bool]] = []
    depth = 0
    goes_on = False
    for token in tokens:
        depth += token.is_sign("{") - token.is_sign("}")
        if token.struck and not token.is_sign("{", "}"):
            text, is_inside = parts.pop() if goes_on else ("", depth > 0)
            parts.append((text + token.text, is_inside))
        goes_on = token.struck and bool(parts)
    texts = [text for text, _ in parts]
    return all(is_inside or texts.count(text) > 1 for text, is_inside in parts)


def without_quotes(text: str) -> tuple[str, frozenset[int]]:
    """Take the marks of block quotes out.

    Parameters
    ----------
    text : str
        Markdown; hostile.

    Returns
    -------
    str
        With a space for each mark, so that every other character stays where it was.
    frozenset of int
        The quoted lines, from 0.
    """
    if ">" not in text:
        return text, frozenset()
    lines = text.split("\n")
    quoted: set[int] = set()
    for number, line in enumerate(lines):
        match = _QUOTE.match(line)
        begins = number == 0 or number - 1 in quoted or not lines[number - 1].strip()
        if match and begins:
            quoted.add(number)
            lines[number] = " " * match.end() + line[match.end() :]
    return "\n".join(lines), frozenset(quoted)


def is_withdrawing(heading: str) -> bool:
    """Whether a heading says that what stands under it does not count."""
    return _HEADING_WORDS.search(heading) is not None
