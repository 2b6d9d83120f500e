"""Finds the answer under a heading: from it to the next one of the same or a higher level, or of another question."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from msgspec import Struct

from grader.model import Document, Place
from grader.texts.sections import Flow, Found, Section, lay_out, sections_of
from grader.texts.titles import wanted

MOST_TEXT = 20_000
"""Characters of an answer that are kept; more than ten pages."""
_MOST_SHOWN = 200
MOST_PLACES = 10
"""Of one answer that are put together or named."""

_COMMENT = re.compile(r"<!--(?:[^-]++|-(?!->))*+(?:-->|\Z)")
_PLACEHOLDER = re.compile(
    r"[\W_]*(?:to ?do|tbd|double.click to edit|answer"
    r"|(?:(?:write|type|put|enter|insert|add) )?your (?:answer|text|solution)(?: goes)?(?: here)?)(?:, replacing this text)?[\W_]*",
    re.IGNORECASE,
)
"""What stands in the place of an answer that is yet to be written."""


class TextAnswer(Struct, frozen=True, kw_only=True):
    """What a student wrote under a heading."""

    text: str
    """At most `MOST_TEXT` characters, a cut is shown; hostile."""
    place: Place
    also: tuple[Place, ...] = ()
    """Further places of which the text follows in `text`, where the heading comes more than once."""
    is_exact: bool = True
    """Whether the heading has the words that were asked for; else it is the only one like them."""
    notes: tuple[str, ...] = ()
    """Notes on the files it stands in."""


class Search(Struct, frozen=True, kw_only=True):
    """What came of looking for an answer."""

    answer: TextAnswer | None = None
    empty: tuple[Place, ...] = ()
    """Headings that were asked for and have nothing written under them."""
    similar: tuple[Place, ...] = ()
    """Headings that are only like the one asked for, where there are several: which of them is meant nobody can say."""
    layout: tuple[tuple[Flow, list[Found]], ...] = ()
    """What was looked through, with its headings outside of code; without the files that have the heading that was asked for."""


def find_answer(
    documents: Sequence[Document],
    headings: Sequence[str],
    *,
    others: Sequence[str] = (),
    given: Sequence[Document] = (),
) -> TextAnswer | None:
    """Find what a student wrote under a heading.

    Parameters
    ----------
    documents : sequence of Document
        The submission's, as `documents_of` returns them.
    headings : sequence of str
        Any of these is meant: `Discussion`, or `Questions on experiments > 1)` under another. Case, markup, punctuation
        and numbering do not count.
    others : sequence of str
        Headings of the other questions: an answer ends there.
    given : sequence of Document
        The hand-out: its lines are not the student's.

    Returns
    -------
    TextAnswer or None
        None where there is no such heading, nothing is written under it, or several are merely like it.
    """
    return search(documents, headings, others=others, given=given).answer


def search(
    documents: Sequence[Document],
    headings: Sequence[str],
    *,
    others: Sequence[str] = (),
    given: Sequence[Document] = (),
) -> Search:
    """Look for an answer, and say what was found where there is none.

    Parameters
    ----------
    documents, headings, others, given
        As of `find_answer`.

    Returns
    -------
    Search
    """
    asked = [wanted(heading) for heading in headings]
    elsewhere = [wanted(heading) for heading in others]
    own_lines = lines_of(given)
    found: list[Found] = []
    exact: list[Section] = []
    layout: tuple[tuple[Flow, list[Found]], ...] = ()
    # Where a heading is nowhere else, it may have come between two fences that belong to other code.
    for fenced in (True, False):
        laid_out = lay_out(documents, asked, elsewhere, fenced=fenced)
        layout = layout or tuple(laid_out)
        found = [one for _, here in laid_out for one in here]
        exact = sections_of(one for one in found if one.is_one_of(asked))
        if exact or not any(mark in one.text for one in documents for mark in ("```", "~~~")):
            break
    # Under `Assignment 1`, the further heading `Learning rates` that was asked for is no answer.
    own_lines |= {one.line for one in found if one.is_one_of(asked) and not one.heading.rest}
    written = [section for section in exact if _says_something(section, own_lines)]
    # `Digits: 3,000 pictures` in a docstring describes the code, unless there is nothing else.
    written = [section for section in written if not section.is_aside] or written
    if written:
        return Search(answer=_answer(written, is_exact=True))
    alike = sections_of(
        one for one in found if one.is_like(asked) and not one.is_one_of([*asked, *elsewhere])
    )
    alike = [section for section in alike if _says_something(section, own_lines)]
    empty = tuple(section.place for section in exact[:MOST_PLACES])
    if len(alike) == 1:
        return Search(answer=_answer(alike, is_exact=False), empty=empty)
    similar = tuple(section.place for section in alike[:MOST_PLACES])
    having = {id(one.flow.documents[0]) for one in found if one.is_one_of(asked)}
    other_files = tuple(one for one in layout if id(one[0].documents[0]) not in having)
    return Search(empty=empty, similar=similar, layout=other_files)


def lines_of(given: Iterable[Document]) -> frozenset[str]:
    """Return the lines of documents, without what they are indented by."""
    return frozenset(line.strip() for document in given for line in document.text.split("\n"))


def _says_something(section: Section, own_lines: frozenset[str]) -> bool:
    """Whether a student wrote anything: a word or number that neither was handed out nor waits for an answer."""
    rest = "" if section.heading_line in own_lines else section.rest
    lines = [rest, *(line for line in section.lines if line.strip() not in own_lines)]
    text = _COMMENT.sub("", "\n".join(lines))
    return _has_content(text) and not is_placeholder(text.strip())


def is_placeholder(text: str) -> bool:
    """Whether a text only waits for an answer: `TODO`, `*Your answer here.*`."""
    return len(text) <= _MOST_SHOWN and _PLACEHOLDER.fullmatch(text) is not None


def _has_content(text: str) -> bool:
    """Whether there is a letter, a digit or a sign that is no markup."""
    return any(
        character.isalnum() or (not character.isascii() and unicodedata.category(character)[0] == "S")
        for character in text
    )


def _answer(sections: Sequence[Section], *, is_exact: bool) -> TextAnswer:
    """Put together what stands under a heading, which may come more than once."""
    texts: dict[str, Section] = {}
    for section in sections:
        text = "\n".join([section.rest, *section.lines] if section.rest else section.lines)
        texts.setdefault(text.strip("\n").rstrip(), section)
        if len(texts) == MOST_PLACES:
            break
    (first, begin), *more = texts.items()
    parts = [first, *(f"[{place_text(section.place)}:]\n{text}" for text, section in more)]
    return TextAnswer(
        text=bounded("\n\n".join(parts)),
        place=begin.place,
        also=tuple(section.place for _, section in more),
        is_exact=is_exact,
        notes=tuple(dict.fromkeys(note for section in texts.values() for note in section.notes)),
    )


def bounded(text: str) -> str:
    """Return at most `MOST_TEXT` characters of a text, and how many it had."""
    if len(text) <= MOST_TEXT:
        return text
    return f"{text[:MOST_TEXT]}\n[cut: {len(text)} characters in all]"


def place_text(place: Place) -> str:
    """Say where a text stands.

    Parameters
    ----------
    place : Place
        Its texts are hostile and come out on one line, but not escaped.

    Returns
    -------
    str
        Reads after "written": ``under `Discussion` in `report.md`, line 3``.
    """
    cell = "" if place.cell is None else f", cell {place.cell} from the top"
    under = f"under {quoted(place.heading)} " if place.heading else ""
    return f"{under}in {quoted(place.file)}{cell}, line {place.line}"


def quoted(text: str) -> str:
    """Return a hostile text in backticks, on one line and bounded."""
    line = " ".join(text.replace("`", "'").split())
    return f"`{line}`" if len(line) <= _MOST_SHOWN else f"`{line[:_MOST_SHOWN]}\N{HORIZONTAL ELLIPSIS}`"
