"""Compares titles of sections as a reader does: by their words, whatever case, markup and numbering stand around them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache

from msgspec import Struct

SEPARATOR = " > "
"""Between the titles of a heading and of what it stands under, as an author writes them."""

_MARKUP = re.compile(
    r"!?\[(?P<link>[^\[\]]{0,300}+)\]\([^()]{0,500}+\)"  # a link or picture: its text stays
    r"|<[^<>]{1,100}>"
    r"|\\[A-Za-z]{1,20}\*?(?=\{)"
)
_WORD = re.compile(r"[^\W_]+")
_DIGITS = r"\d{1,2}(?:\.\d{1,2})*[a-z]?"
_LETTERS = r"[ivx]{1,4}|[a-z]"
THING = (
    r"(?:q|question|task|exercise|part|problem|assignment|section|answer|solution"
    r"|frage|aufgabe|teilaufgabe|teil|\u00fcbung|antwort|l\u00f6sung)"
    rf"\.?(?:\s*(?={_DIGITS})|\s+)"
)
"""What is numbered: the number may follow at once, a letter only after a space, or `Questions` were one."""
_NUMBERING = re.compile(
    rf"\W*+(?:{THING}(?P<thing>{_DIGITS}|{_LETTERS})\b\s*[.:)\]\u2013\u2014-]*|\(?(?P<item>{_DIGITS}|{_LETTERS})[.:)\]]+"
    r"|(?P<dotted>\d{1,2}(?:\.\d{1,2})+))\s+(?=\S)",
    re.IGNORECASE,
)
_NUMBER_ALONE = re.compile(rf"(?:{THING})?(?P<number>{_DIGITS}|{_LETTERS})")
_POINTS = re.compile(
    r"[(\[]\s*\d{1,3}(?:[.,]\d{1,2})?\s*(?:points?|pts?|marks?|p)\.?\s*[)\]]\W*+$", re.IGNORECASE
)

_ROMAN = {
    text: str(number)
    for number, text in enumerate(["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"], start=1)
}

_ALIKE = 0.85
"""Share of equal letters from which a title is taken for a misspelt one: one letter of seven."""
_SHORTEST_ALIKE = 4
"""Letters; shorter titles are too easily alike."""


class Title(Struct, frozen=True, kw_only=True):
    """The words of a title."""

    full: str
    """All of them, in lower case, with single spaces."""
    bare: str
    """Without numbering and points; `full` where nothing else is left."""
    numbering: str = ""
    """`2` of `Q2: Learning rate`; empty where it has none, or is nothing else."""

    @property
    def number(self) -> str:
        """The number that is all of the title: `2` of `2)`, `ii)`, `Q2` and `Question 2`; else empty."""
        match = _NUMBER_ALONE.fullmatch(self.full)
        return _arabic(match["number"]) if match else ""


def title(text: str) -> Title:
    """Take the words of a title.

    Parameters
    ----------
    text : str
        As it is written: `## Q2: *Learning rate?* (1 point)`.

    Returns
    -------
    Title
        Accents count, however they are composed.
    """
    plain = _MARKUP.sub(lambda match: match["link"] or " ", text)
    full = words(plain)
    numbering = _NUMBERING.match(plain)
    points = _POINTS.search(plain)
    name = plain[numbering.end() if numbering else 0 : points.start() if points else None]
    bare = words(name)
    number = numbering["thing"] or numbering["item"] or numbering["dotted"] if numbering and bare else ""
    return Title(full=full, bare=bare or full, numbering=_arabic(number.casefold()))


def _arabic(number: str) -> str:
    return _ROMAN.get(number, number)


def words(text: str) -> str:
    """Return the words of a text in lower case with single spaces; everything else separates them."""
    return " ".join(_WORD.findall(unicodedata.normalize("NFC", text.casefold())))


def is_same(one: Title, other: Title) -> bool:
    """Whether two titles have the same words, and no other numbers."""
    return bool(one.full) and (
        one.full == other.full or (one.bare == other.bare and not _is_numbered_otherwise(one, other))
    )


def _is_numbered_otherwise(one: Title, other: Title) -> bool:
    return bool(one.numbering and other.numbering) and one.numbering != other.numbering


def is_alike(one: Title, wanted: Title) -> bool:
    """Whether a title may be meant for another: it holds its words, is misspelt, or has the same number.

    Parameters
    ----------
    one : Title
        What a student wrote.
    wanted : Title
        What was asked for.

    Returns
    -------
    bool
        True also where they are the same.
    """
    if is_same(one, wanted):
        return True
    if wanted.number or one.number:
        return (one.number or one.numbering) == (wanted.number or wanted.numbering)
    if min(len(one.bare), len(wanted.bare)) < _SHORTEST_ALIKE or _is_numbered_otherwise(one, wanted):
        return False
    if f" {wanted.bare} " in f" {one.bare} ":
        return True
    return _is_misspelt(one.bare, wanted.bare)


@lru_cache(maxsize=1024)  # every question asks it of the same few headings
def _is_misspelt(text: str, wanted: str) -> bool:
    matcher = SequenceMatcher(None, text, wanted, autojunk=False)
    # Two upper bounds that cost less say no to most.
    return all(ratio() >= _ALIKE for ratio in (matcher.real_quick_ratio, matcher.quick_ratio, matcher.ratio))


class Wanted(Struct, frozen=True, kw_only=True):
    """A heading that is looked for."""

    title: Title
    above: tuple[Title, ...]
    """What it stands under, outermost first; there may be other headings between them."""

    def stands_under(self, path: Sequence[Title]) -> bool:
        """Whether the headings above one are those asked for, in their order."""
        rest = iter(path)
        return all(any(is_alike(one, above) for one in rest) for above in self.above)


def wanted(heading: str) -> Wanted:
    """Read a heading as an author writes it.

    Parameters
    ----------
    heading : str
        `Discussion`, or `Questions on experiments > 1)` for one that stands under another.

    Returns
    -------
    Wanted
    """
    *above, last = (title(part) for part in heading.split(SEPARATOR))
    return Wanted(title=last, above=tuple(above))
