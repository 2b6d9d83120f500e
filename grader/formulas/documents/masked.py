"""Puts marks in the place of the formulas of a text, so that the words around them can be looked at, and cuts it into sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from grader.formulas.documents.context_words import CONDITION, FILL, FORMULA
from grader.formulas.documents.restrictions import is_restriction

_SHORT = 60
"""Characters of a formula that may be a condition."""
_OPENER = re.compile(r"(?:\$\$?|\\[(\[]|\\begin\{[A-Za-z]{1,20}\*?\})$")
_CLOSER = re.compile(r"\s*(?:\$\$?|\\[)\]]|\\end\{[A-Za-z]{1,20}\*?\})")
_SENTENCE = re.compile(
    rf"(?<!\be\.g)(?<!\bi\.e)(?<!\bz\.B)(?<!\bd\.h)(?<!\bEq)[.!?;](?=[\s\"'*_]|$)|\n[ \t]*\n|\n\s*#"
    rf"|\n[ \t]*(?:[-*+]|\d{{1,2}}[.)]|\(?[a-z]\)|\\item)\s"
    rf"|(?<={FILL})[$.,;:\\ \t]*\n(?=[ \t]*[*_]*[A-Z\u00c4\u00d6\u00dc])"
)
_ITEM = re.compile(r"^\s*(?:[-*+]|\d{1,2}[.)]|\(?[a-z]\)|\\item)\s")
_IN_PROSE = re.compile(
    r"(?<![\w\\])(?:[A-Za-z](?:\w{0,6})( ?)(?:[<>]=?|[\u2264\u2265])\1[-\w.]+|[a-z]( ?)(?:!=|\u2260|=)\2[a-z](?!\w))"
)
_BRACKETED = re.compile(rf"(?<=[{FORMULA}{FILL}])[ \t]*\([^()]*\)(?=[^)]*[{FORMULA}{FILL}]|[^)]*$)")
"""What stands in brackets behind a formula is said of that one."""


class Placed(Protocol):
    """What stands somewhere in a text."""

    @property
    def start(self) -> int:
        """Offset of its first character."""
        ...

    @property
    def end(self) -> int:
        """Offset behind its last one."""
        ...


def last_sentence(window: str) -> str:
    """Return what stands behind the last end of a sentence, without the mark of an item and what is said in brackets."""
    end = 0
    for match in _SENTENCE.finditer(window):
        end = match.end()
    return _BRACKETED.sub("", _ITEM.sub("", window[end:]))


def first_sentence(window: str) -> str:
    """Return what stands before the first end of a sentence."""
    match = _SENTENCE.search(window)
    return window[: match.start()] if match else window


def masked(text: str, formulas: Sequence[Placed]) -> tuple[str, list[tuple[int, int]]]:
    """Return the text with a mark in the place of each formula, and where each of them is, its dollar signs included."""
    parts: list[str] = []
    spans: list[tuple[int, int]] = []
    at = 0
    for one in formulas:
        opener = _OPENER.search(text, max(at, one.start - _SHORT), one.start)
        start = opener.start() if opener else max(at, one.start)
        closer = _CLOSER.match(text, one.end, one.end + _SHORT) if opener else None
        end = max(closer.end() if closer else one.end, start + 1)
        is_short = one.end - one.start <= _SHORT
        mark = CONDITION if is_short and is_restriction(text[one.start : one.end]) else FORMULA
        parts += [_without_comparisons(text[at:start]), mark, FILL * (end - start - 1)]
        spans.append((start, end))
        at = end
    parts.append(_without_comparisons(text[at:]))
    return "".join(parts), spans


def _without_comparisons(prose: str) -> str:
    if not any(sign in prose for sign in "<>=\u2260\u2264\u2265"):
        return prose
    return _IN_PROSE.sub(
        lambda match: (
            CONDITION + FILL * (len(match.group()) - 1) if is_restriction(match.group()) else match.group()
        ),
        prose,
    )
