"""Tells headings from text: Markdown, LaTeX, HTML, and lines of plain text that have the words of a heading asked for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence

from msgspec import Struct
from msgspec.structs import replace

from grader.texts.displays import lines_within
from grader.texts.fences import fences
from grader.texts.titles import THING, Title, is_same, title

MOST_HEADINGS = 2_000
"""Of one submission; what comes after them is text of the last one."""
MOST_TITLE = 300
"""Characters; what is longer is text."""
_SHORT_TITLE = 120
"""Characters of a title that nothing but a line below it or bold type marks."""

PLAIN = 7
"""Level of a line of plain text that was asked for: below all headings of Markdown."""
BOLD = 8
BOLD_NUMBER = 9
"""Level of a title in bold type with a number that was asked for: it stands under one in bold type without."""
NUMBER = 10
"""Level of a number alone on its line."""

_LATEX_LEVELS = {
    "part": 1,
    "chapter": 1,
    "section": 2,
    "subsection": 3,
    "subsubsection": 4,
    "paragraph": 5,
    "subparagraph": 6,
}
_LATEX = re.compile(rf"\\({'|'.join(_LATEX_LEVELS)})\*?(?:\[[^\]]{{0,200}}\])?\{{")
_HTML = re.compile(r"<h([1-6])(?:\s[^<>]{0,200})?>(.{1,300}?)</h\1>(.*)", re.IGNORECASE | re.DOTALL)
_BOLD = re.compile(
    r"(?:(?P<marks>\*{2,3}|_{2,3})(?=\S)(?P<title>.{1,300}?)(?P=marks)"
    r"|<(?P<tag>b|strong|u)>(?P<html>.{1,300}?)</(?P=tag)>"
    r"|\\textbf\{(?P<latex>[^{}]{1,300})\})(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_UNDERLINE = re.compile(r"([=\-~^\"*+])\1{2,}")
_MARKS = "#\\<*_-+>"
_UNDERLINES = '=-~^"*+'
"""Most lines begin with none of these, and need no closer look."""
_BULLET = re.compile(r"(?:[-*+>]\s+)+")
_NUMBER_LINE = re.compile(
    rf"\(?(?:\d{{1,2}}|i{{1,3}}|iv|vi{{1,3}}|ix)[.)]+:?|v\)|{THING}(?:\d{{1,2}}|[ivx]{{1,4}}|[a-z])[.):]*",
    re.IGNORECASE,
)
"""`1)`, `iii)`, `Task 3`; not `(x)` or `v.`, which are values."""
_LONGEST_NUMBER = 24
"""Characters of such a line."""
_TITLE_ENDS = re.compile(r"[:?!.)\]]+|\s[-\u2013\u2014](?=\s)")
_MOST_ENDS = 6
_OPENING = ("$$", "\\[", "\\begin{")
_BETWEEN = " \t:.\u2013\u2014-"
"""What separates a title from the text on its line."""


class Heading(Struct, frozen=True, kw_only=True):
    """A heading, and where the text under it begins."""

    line: int
    """Index of its line."""
    after: int
    """Index of the first line under it."""
    level: int
    """1 is the highest."""
    text: str
    """As written, without what marks it as a heading."""
    title: Title
    rest: str = ""
    """What follows on its own line."""


def headings_in(
    lines: Sequence[str], known: Collection[Title], *, fenced: bool = True, most: int = MOST_HEADINGS
) -> list[Heading]:
    """Find the headings of a text.

    Parameters
    ----------
    lines : sequence of str
        The text.
    known : collection of Title
        Titles that make a heading of a line of plain text.
    fenced : bool
        Whether lines of code, between fences, are passed over.
    most : int
        How many to look for.

    Returns
    -------
    list of Heading
        In their order.
    """
    passed_over = {*(_fenced(lines) if fenced else ()), *lines_within(lines)}
    names = _Names(known)
    found: list[Heading] = []
    for index, line in enumerate(lines):
        if len(found) >= most:
            break
        text = line.strip()
        if (
            not text
            or index in passed_over
            or (found and index < found[-1].after)
            or text.startswith(_OPENING)
        ):
            continue
        heading = _heading(lines, index, text, names)
        if heading is not None:
            found.append(heading)
    return _without_list_items([heading for heading in found if heading.title.full])


def _heading(lines: Sequence[str], index: int, text: str, names: _Names) -> Heading | None:
    below = lines[index + 1].lstrip() if index + 1 < len(lines) else ""
    heading = _marked(index, text, names) if text[0] in _MARKS else None
    if heading is None and below and below[0] in _UNDERLINES:
        heading = _underlined(lines, index, text, names)
    if heading is not None and lines[index].startswith(("    ", "\t")) and not names.has(heading.text):
        return None  # a block of code
    if heading is None and names.numbers and len(text) <= _LONGEST_NUMBER and _NUMBER_LINE.fullmatch(text):
        heading = _made(index, NUMBER, text)
    if heading is None and names.may_be_in(text[:MOST_TITLE]):
        heading = _plain(index, text, names)
    return heading


def _made(index: int, level: int, text: str, rest: str = "", *, lines: int = 1) -> Heading:
    return Heading(
        line=index, after=index + lines, level=level, text=text.strip(), title=title(text), rest=rest.strip()
    )


class _Names:
    """The titles that were asked for; quick to say no, as it is asked of every line."""

    def __init__(self, known: Collection[Title]) -> None:
        first_words = {text.split(" ", 1)[0] for one in known for text in (one.full, one.bare) if text}
        self._known = known
        self._begins = re.compile("|".join(map(re.escape, sorted(first_words))) or r"(?!)")
        self.numbers = frozenset(one.number for one in known if one.number)

    def may_be_in(self, text: str) -> bool:
        """Whether a text has the first word of any of the titles in it."""
        folded = text.casefold()
        return (
            self._begins.search(folded if folded.isascii() else unicodedata.normalize("NFC", folded))
            is not None
        )

    def has(self, text: str) -> bool:
        """Whether a text is one of the titles, or has the number that is one: `Task 3` for `3)`."""
        if len(text) > MOST_TITLE or not self.may_be_in(text):
            return False
        this = title(text)
        return this.number in self.numbers or any(is_same(this, one) for one in self._known)


# --------------------------------------------------------------------------------------------------------------
# The ways to write one


def _marked(index: int, text: str, names: _Names) -> Heading | None:
    """Read a line that begins with a mark of headings."""
    if text.startswith("#"):
        return _hashes(index, text, names)
    if text.startswith("\\"):
        latex = _latex(index, text)
        if latex is not None:
            return latex
    html = _HTML.match(text) if text.startswith("<") else None
    if html is not None:
        return _made(index, int(html[1]), html[2], html[3])
    return _bold(index, text, names)


def _hashes(index: int, text: str, names: _Names) -> Heading | None:
    rest = text.lstrip("#")
    level = len(text) - len(rest)
    name = rest.strip().rstrip("#").rstrip()
    if not name or level > 6 or (level == 1 and not rest[:1].isspace() and not names.has(name)):  # noqa: PLR2004 -- of Markdown
        return None
    if len(name) > _SHORT_TITLE:
        # Whoever writes so much has gone on behind the title.
        split = _split(index, level, name, names)
        if split is not None or len(name) > MOST_TITLE:
            return split
    return _made(index, level, name)


def _latex(index: int, text: str) -> Heading | None:
    match = _LATEX.match(text)
    if match is None:
        return None
    depth = 1
    for place in range(match.end(), min(len(text), match.end() + MOST_TITLE)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return _made(index, _LATEX_LEVELS[match[1]], text[match.end() : place], text[place + 1 :])
    return None


def _bold(index: int, text: str, names: _Names) -> Heading | None:
    """Read a line in bold type; one with more behind it is a heading only where its title was asked for."""
    item = _BULLET.match(text)
    match = _BOLD.match(text, item.end() if item else 0)
    if match is None:
        return None
    name = match["title"] or match["html"] or match["latex"]
    rest = match["rest"].strip(f"{_BETWEEN}?")
    is_sentence = name.rstrip().endswith((".", ",", ";")) and not _NUMBER_LINE.fullmatch(name.strip())
    if names.has(name):
        heading = _made(index, BOLD, name, match["rest"].lstrip(_BETWEEN))
    elif rest or item or len(name) > _SHORT_TITLE or is_sentence:
        return None
    else:
        heading = _made(index, BOLD, name)
    has_number = (heading.title.number or heading.title.numbering) in names.numbers
    return replace(heading, level=BOLD_NUMBER) if has_number else heading


def _underlined(lines: Sequence[str], index: int, text: str, names: _Names) -> Heading | None:
    """Read a line with a line of `=` or `-` below it.

    In Markdown a whole paragraph with `---` below it is a heading. Few who write so know that: it is one of a single
    short line alone, and no sentence, or an answer would lose its end.
    """
    below = lines[index + 1].strip() if index + 1 < len(lines) else ""
    match = _UNDERLINE.fullmatch(below) if len(below) <= MOST_TITLE else None
    if match is None or len(text) > _SHORT_TITLE or _UNDERLINE.fullmatch(text):
        return None
    above = lines[index - 1].strip() if index else ""
    alone = (not above or bool(_UNDERLINE.fullmatch(above))) and not text.endswith((".", ",", ";"))
    if not names.has(text) and (not alone or "|" in text or _BULLET.match(text)):
        return None
    return _made(index, {"=": 1, "-": 2}.get(match[1], 3), text, lines=2)


def _plain(index: int, text: str, names: _Names) -> Heading | None:
    """Read a line of plain text that is, or begins with, a title that was asked for."""
    item = _BULLET.match(text)
    bare = text[item.end() :] if item else text
    if names.has(bare):
        heading = _made(index, PLAIN, bare)
        return replace(heading, level=NUMBER) if heading.title.number else heading
    return _split(index, PLAIN, bare, names)


def _split(index: int, level: int, text: str, names: _Names) -> Heading | None:
    """Read a line that begins with a title that was asked for and goes on with text: `Discussion: it falls`."""
    for number, end in enumerate(_TITLE_ENDS.finditer(text, 0, MOST_TITLE)):
        if number == _MOST_ENDS:
            return None
        rest = text[end.end() :].lstrip(_BETWEEN)
        if rest and names.has(text[: end.end()]):
            heading = _made(index, level, text[: end.end()], rest)
            return replace(heading, level=NUMBER) if heading.title.number else heading
    return None


# --------------------------------------------------------------------------------------------------------------
# What is none


def _fenced(lines: Sequence[str]) -> Collection[int]:
    """Return the indices of lines between fences; a fence that nobody closes is none."""
    return frozenset(index for start, end in fences(lines) for index in range(start, end + 1))


def _without_list_items(found: list[Heading]) -> list[Heading]:
    """Leave out `1) text` where numbers also stand alone: then these are the headings, and those are lists."""
    if any(one.level == NUMBER and not one.rest for one in found):
        return [one for one in found if one.level != NUMBER or not one.rest]
    return found
