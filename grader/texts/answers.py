"""Finds the answer under a heading: from it to the next one of the same or a higher level, or of another question."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from grader.model import Document, Place
from grader.texts.headings import MOST_HEADINGS, PLAIN, Heading, headings_in
from grader.texts.titles import Title, Wanted, is_alike, is_same, wanted

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


@dataclass(frozen=True, kw_only=True, slots=True)
class TextAnswer:
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Search:
    """What came of looking for an answer."""

    answer: TextAnswer | None = None
    empty: tuple[Place, ...] = ()
    """Headings that were asked for and have nothing written under them."""
    similar: tuple[Place, ...] = ()
    """Headings that are only like the one asked for, where there are several: which of them is meant nobody can say."""


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
    own_lines = _lines_of(given)
    found: list[_Found] = []
    exact: list[_Section] = []
    # Where a heading is nowhere else, it may have come between two fences that belong to other code.
    for fenced in (True, False):
        found = _found(documents, asked, elsewhere, fenced=fenced)
        exact = _sections(one for one in found if one.is_one_of(asked))
        if exact or not any(mark in one.text for one in documents for mark in ("```", "~~~")):
            break
    written = [section for section in exact if _says_something(section, own_lines)]
    if written:
        return Search(answer=_answer(written, is_exact=True))
    alike = _sections(one for one in found if one.is_like(asked) and not one.is_one_of([*asked, *elsewhere]))
    alike = [section for section in alike if _says_something(section, own_lines)]
    empty = tuple(section.place for section in exact[:MOST_PLACES])
    if len(alike) == 1:
        return Search(answer=_answer(alike, is_exact=False), empty=empty)
    return Search(empty=empty, similar=tuple(section.place for section in alike[:MOST_PLACES]))


# --------------------------------------------------------------------------------------------------------------
# Sections


@dataclass(frozen=True, kw_only=True, slots=True)
class _Flow:
    """Documents that are read as one text: the Markdown cells of a notebook, or one file."""

    documents: tuple[Document, ...]
    starts: tuple[int, ...]
    """Index of the first line of each."""
    lines: tuple[str, ...]

    def document_at(self, line: int) -> tuple[Document, int]:
        """Return the document a line is in, and the line's number there, from 1."""
        number = bisect_right(self.starts, line) - 1
        document = self.documents[number]
        return document, line - self.starts[number] + document.line


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    """A heading at its place among others."""

    flow: _Flow
    heading: Heading
    path: tuple[Title, ...]
    """Titles of the headings above it, outermost first."""
    end: int
    """Index of the line on which the next section begins."""

    def is_one_of(self, asked: Iterable[Wanted]) -> bool:
        """Whether it has the words of a heading, and stands where that is looked for."""
        return any(is_same(self.heading.title, one.title) and one.stands_under(self.path) for one in asked)

    def is_like(self, asked: Iterable[Wanted]) -> bool:
        """Whether it may be meant for a heading."""
        return any(is_alike(self.heading.title, one.title) and one.stands_under(self.path) for one in asked)


def _found(
    documents: Sequence[Document], asked: Sequence[Wanted], elsewhere: Sequence[Wanted], *, fenced: bool
) -> list[_Found]:
    """Return every heading of a submission, with where its section ends."""
    known = [title for one in (*asked, *elsewhere) for title in (one.title, *one.above)]
    every: list[_Found] = []
    for flow in _flows(documents):
        headings = _headings(flow, known, fenced=fenced, most=MOST_HEADINGS - len(every))
        here = [
            _Found(flow=flow, heading=heading, path=path, end=len(flow.lines))
            for heading, path in zip(headings, _paths(headings), strict=True)
        ]
        ends = [one.is_one_of(elsewhere) and not one.is_one_of(asked) for one in here]
        every += [replace(one, end=_end(number, here, ends)) for number, one in enumerate(here)]
    return every


def _flows(documents: Sequence[Document]) -> Iterator[_Flow]:
    """Yield the documents as they are read: one after the other in a notebook, each by itself elsewhere."""
    by_file: dict[object, list[Document]] = {}
    for number, document in enumerate(documents):
        is_cell = document.cell is not None and not document.in_code
        by_file.setdefault(document.name if is_cell else number, []).append(document)
    for together in by_file.values():
        starts: list[int] = []
        lines: list[str] = []
        for document in together:
            starts.append(len(lines))
            lines += [*document.text.split("\n"), ""]
        yield _Flow(documents=tuple(together), starts=tuple(starts), lines=tuple(lines))


def _headings(flow: _Flow, known: Sequence[Title], *, fenced: bool, most: int) -> list[Heading]:
    """Find the headings of each document: neither a fence nor an underline reaches from one cell to the next."""
    found: list[Heading] = []
    for start, end in zip(flow.starts, [*flow.starts[1:], len(flow.lines)], strict=True):
        lines = flow.lines[start:end]
        found += [
            replace(heading, line=heading.line + start, after=heading.after + start)
            for heading in headings_in(lines, known, fenced=fenced, most=most - len(found))
        ]
    return found


def _paths(headings: Iterable[Heading]) -> Iterator[tuple[Title, ...]]:
    above: list[Heading] = []
    for heading in headings:
        while above and above[-1].level >= heading.level:
            above.pop()
        yield tuple(one.title for one in above)
        above.append(heading)


def _end(number: int, here: Sequence[_Found], ends: Sequence[bool]) -> int:
    """Return the index of the line where a section ends.

    What is in bold type, or has a number of its own, may be a heading or the beginning of an answer: where nothing stands
    before it, it is the latter, or a student would get nothing for it.
    """
    section = here[number]
    flow, heading = section.flow, section.heading
    is_empty = not heading.rest
    checked = heading.after
    for following in range(number + 1, len(here)):
        other = here[following].heading
        is_empty = is_empty and not any(map(str.strip, flow.lines[checked : other.line]))
        checked = other.line
        is_weak = min(other.level, heading.level) >= PLAIN
        if ends[following] or (other.level <= heading.level and not (is_weak and is_empty)):
            return other.line
        checked = other.after
        is_empty = is_empty and not is_weak
    return section.end


@dataclass(frozen=True, kw_only=True, slots=True)
class _Section:
    """What stands under a heading."""

    heading_line: str
    place: Place
    rest: str
    """What stands on the line of the heading."""
    lines: tuple[str, ...]
    notes: tuple[str, ...]


def _sections(found: Iterable[_Found]) -> list[_Section]:
    """Return the text under each heading, without those inside one before."""
    sections = []
    inside: dict[int, int] = {}
    for one in found:
        flow, heading = one.flow, one.heading
        if heading.line < inside.get(id(flow), 0):
            continue
        inside[id(flow)] = one.end
        document, line = flow.document_at(heading.line)
        place = Place(file=document.name, cell=document.cell, line=line, heading=heading.text[:_MOST_SHOWN])
        sections.append(
            _Section(
                heading_line=flow.lines[heading.line].strip(),
                place=place,
                rest=heading.rest,
                lines=flow.lines[heading.after : one.end],
                notes=document.notes,
            )
        )
    return sections


# --------------------------------------------------------------------------------------------------------------
# Answers


def _lines_of(given: Iterable[Document]) -> frozenset[str]:
    return frozenset(line.strip() for document in given for line in document.text.split("\n"))


def _says_something(section: _Section, own_lines: frozenset[str]) -> bool:
    """Whether a student wrote anything: a word or number that neither was handed out nor waits for an answer."""
    rest = "" if section.heading_line in own_lines else section.rest
    lines = [rest, *(line for line in section.lines if line.strip() not in own_lines)]
    text = _COMMENT.sub("", "\n".join(lines))
    return _has_content(text) and not _is_placeholder(text.strip())


def _is_placeholder(text: str) -> bool:
    return len(text) <= _MOST_SHOWN and _PLACEHOLDER.fullmatch(text) is not None


def _has_content(text: str) -> bool:
    """Whether there is a letter, a digit or a sign that is no markup."""
    return any(
        character.isalnum() or (not character.isascii() and unicodedata.category(character)[0] == "S")
        for character in text
    )


def _answer(sections: Sequence[_Section], *, is_exact: bool) -> TextAnswer:
    """Put together what stands under a heading, which may come more than once."""
    texts: dict[str, _Section] = {}
    for section in sections:
        text = "\n".join([section.rest, *section.lines] if section.rest else section.lines)
        texts.setdefault(text.strip("\n").rstrip(), section)
        if len(texts) == MOST_PLACES:
            break
    (first, begin), *more = texts.items()
    parts = [first, *(f"[{place_text(section.place)}:]\n{text}" for text, section in more)]
    return TextAnswer(
        text=_bounded("\n\n".join(parts)),
        place=begin.place,
        also=tuple(section.place for _, section in more),
        is_exact=is_exact,
        notes=tuple(dict.fromkeys(note for section in texts.values() for note in section.notes)),
    )


def _bounded(text: str) -> str:
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
    return f"under {quoted(place.heading)} in {quoted(place.file)}{cell}, line {place.line}"


def quoted(text: str) -> str:
    """Return a hostile text in backticks, on one line and bounded."""
    line = " ".join(text.replace("`", "'").split())
    return f"`{line}`" if len(line) <= _MOST_SHOWN else f"`{line[:_MOST_SHOWN]}\N{HORIZONTAL ELLIPSIS}`"
