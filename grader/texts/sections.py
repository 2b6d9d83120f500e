"""Lays a submission out in sections: each heading with what it stands under, and the lines that stand under it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from grader.model import Document, Place
from grader.texts.headings import MOST_HEADINGS, PLAIN, Heading, headings_in
from grader.texts.titles import Title, Wanted, is_alike, is_same

MOST_HEADING = 200
"""Characters of a heading that are kept."""


class Flow(Struct, frozen=True, kw_only=True):
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

    def parts(self) -> Iterator[tuple[Document, int, int]]:
        """Yield each document with the index of its first line, and of the one behind its last."""
        yield from zip(self.documents, self.starts, (*self.starts[1:], len(self.lines)), strict=True)


class Found(Struct, frozen=True, kw_only=True):
    """A heading at its place among others."""

    flow: Flow
    heading: Heading
    path: tuple[Title, ...]
    """Titles of the headings above it, outermost first."""
    end: int
    """Index of the line on which the next section begins."""

    @property
    def line(self) -> str:
        """The line as it is written."""
        return self.flow.lines[self.heading.line].strip()

    def is_one_of(self, asked: Iterable[Wanted]) -> bool:
        """Whether it has the words of a heading, and stands where that is looked for."""
        return any(is_same(self.heading.title, one.title) and one.stands_under(self.path) for one in asked)

    def is_like(self, asked: Iterable[Wanted]) -> bool:
        """Whether it may be meant for a heading."""
        return any(is_alike(self.heading.title, one.title) and one.stands_under(self.path) for one in asked)


def lay_out(
    documents: Sequence[Document], asked: Sequence[Wanted], elsewhere: Sequence[Wanted], *, fenced: bool
) -> list[tuple[Flow, list[Found]]]:
    """Return what is read as one text, with its headings.

    Parameters
    ----------
    documents : sequence of Document
        The submission's.
    asked, elsewhere : sequence of Wanted
        The headings of a question, and of all others: where these begin, a section ends.
    fenced : bool
        Whether lines of code, between fences, are passed over.

    Returns
    -------
    list of tuple of Flow and list of Found
        Both in the order of the documents.
    """
    known = frozenset(title for one in (*asked, *elsewhere) for title in (one.title, *one.above))
    every: list[tuple[Flow, list[Found]]] = []
    for flow, headings in _outline(tuple(documents), known, fenced):
        here = [
            Found(flow=flow, heading=heading, path=path, end=len(flow.lines))
            for heading, path in zip(headings, _paths(headings), strict=True)
        ]
        ends = [one.is_one_of(elsewhere) and not one.is_one_of(asked) for one in here]
        every.append((flow, [replace(one, end=_end(number, here, ends)) for number, one in enumerate(here)]))
    return every


# Every question of a submission looks through the same documents, for the same titles in another order.
@lru_cache(maxsize=2)
def _outline(
    documents: tuple[Document, ...], known: frozenset[Title], fenced: bool
) -> tuple[tuple[Flow, tuple[Heading, ...]], ...]:
    """Return what is read as one text, with the headings in it."""
    every: list[tuple[Flow, tuple[Heading, ...]]] = []
    left = MOST_HEADINGS
    for flow in _flows(documents):
        headings = _headings(flow, known, fenced=fenced, most=left)
        left -= len(headings)
        every.append((flow, tuple(headings)))
    return tuple(every)


def _flows(documents: Sequence[Document]) -> Iterator[Flow]:
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
        yield Flow(documents=tuple(together), starts=tuple(starts), lines=tuple(lines))


def _headings(flow: Flow, known: Collection[Title], *, fenced: bool, most: int) -> list[Heading]:
    """Find the headings of each document: neither a fence nor an underline reaches from one cell to the next."""
    found: list[Heading] = []
    for _, start, end in flow.parts():
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


def _end(number: int, here: Sequence[Found], ends: Sequence[bool]) -> int:
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


class Section(Struct, frozen=True, kw_only=True):
    """What stands under a heading."""

    heading_line: str
    place: Place
    rest: str
    """What stands on the line of the heading."""
    lines: tuple[str, ...]
    is_aside: bool
    """Whether it begins on a line of a string among code, where a colon is common."""
    notes: tuple[str, ...]


def sections_of(found: Iterable[Found]) -> list[Section]:
    """Return what stands under headings.

    Parameters
    ----------
    found : iterable of Found
        In the order of the documents.

    Returns
    -------
    list of Section
        Without those inside of one before, whose text is part of that one's.
    """
    sections = []
    inside: dict[int, int] = {}
    for one in found:
        flow, heading = one.flow, one.heading
        if heading.line < inside.get(id(flow), 0):
            continue
        inside[id(flow)] = one.end
        document, line = flow.document_at(heading.line)
        place = Place(file=document.name, cell=document.cell, line=line, heading=heading.text[:MOST_HEADING])
        sections.append(
            Section(
                heading_line=one.line,
                place=place,
                rest=heading.rest,
                lines=flow.lines[heading.after : one.end],
                is_aside=document.in_code and bool(heading.rest),
                notes=document.notes,
            )
        )
    return sections
