"""Finds prose that stands under no question's heading: where a heading is lost, the answer may be among it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from grader.model import Document, Place
from grader.texts.answers import bounded, is_placeholder, lines_of, place_text
from grader.texts.headings import Heading
from grader.texts.paragraphs import Paragraph, paragraphs
from grader.texts.sections import MOST_HEADING, Flow, Found
from grader.texts.titles import Wanted, wanted, words
from grader.texts.words import count_words

FEWEST_WORDS = 8
"""Of a paragraph that may be an answer; fewer are a label."""
FEWEST_OF_A_SENTENCE = 4
"""Where a full stop says that it is no label."""
FEWEST_BEFORE_A_FORMULA = 25
"""Where a formula follows in a derivation that was asked for: fewer lead from one formula to the next."""
MOST_PARAGRAPHS = 100
"""That are looked for."""


class Prose(Struct, frozen=True, kw_only=True):
    """What a student wrote in words under no question's heading."""

    place: Place
    """Of the first paragraph; its heading is the one above, empty where there is none."""
    count: int
    """Paragraphs; `MOST_PARAGRAPHS` may be more."""
    text: str
    """At most `MOST_TEXT` characters, each paragraph behind its place; hostile."""


def find_prose(
    layout: Iterable[tuple[Flow, Sequence[Found]]],
    *,
    others: Sequence[str] = (),
    parts: Sequence[str] = (),
    given: Sequence[Document] = (),
) -> Prose | None:
    """Find prose that may be the answer of a question whose heading is nowhere.

    Parameters
    ----------
    layout : iterable of tuple of Flow and sequence of Found
        The submission as `lay_out` returns it. Strings among code describe the code, and are not looked at.
    others : sequence of str
        Headings of the other questions that are answered in words: what stands under one is its answer.
    parts : sequence of str
        Headings of questions that are answered in formulas: words between these are no answer.
    given : sequence of Document
        The hand-out, whose text is not the student's.

    Returns
    -------
    Prose or None
        None where there is none.
    """
    taken, derived = ([wanted(one) for one in some] for some in (others, parts))
    found = _all_prose(layout, taken, derived, _HandOut(given))
    kept = list(islice(found, MOST_PARAGRAPHS))
    if not kept:
        return None
    texts = (f"[{place_text(place)}:]\n{text}" for place, text in kept)
    return Prose(place=kept[0][0], count=len(kept), text=bounded("\n\n".join(texts)))


def _all_prose(
    layout: Iterable[tuple[Flow, Sequence[Found]]],
    taken: Sequence[Wanted],
    derived: Sequence[Wanted],
    hand_out: _HandOut,
) -> Iterator[tuple[Place, str]]:
    """Yield the paragraphs of a student's that belong to no other question, with their places."""
    for flow, found in layout:
        if flow.documents[0].in_code:
            continue
        answers = _lines_under(one for one in found if one.is_one_of(taken))
        derivations = _lines_under(one for one in found if one.is_one_of(derived))
        pieces = [one for one in _pieces(flow, found, derived) if one.line not in answers]
        for piece in _without_steps(pieces, found, derivations):
            text = hand_out.rest_of(piece)
            if _is_prose(text) and not hand_out.says(text):
                yield _place(flow, found, piece.line), text


class _HandOut:
    """What was handed out; none of it is a student's."""

    def __init__(self, given: Sequence[Document]) -> None:
        self._given = given
        self._lines = lines_of(given)

    def rest_of(self, paragraph: Paragraph) -> str:
        """Return the lines that were not handed out."""
        return "\n".join(line for line in paragraph.lines if line.strip() not in self._lines)

    def says(self, text: str) -> bool:
        """Whether a text was handed out, however its lines are broken."""
        return f" {words(text)} " in self._words

    @cached_property
    def _words(self) -> str:
        return f" {words(' '.join(document.text for document in self._given))} "


def _lines_under(found: Iterable[Found]) -> frozenset[int]:
    return frozenset(line for one in found for line in range(one.heading.line, one.end))


def _pieces(flow: Flow, found: Sequence[Found], known: Sequence[Wanted]) -> list[Paragraph]:
    """Return the paragraphs and formulas of a text in their order, and what is written in headings."""
    headings = {line for one in found for line in range(one.heading.line, one.heading.after)}
    pieces = [_of_heading(one.heading, is_known=one.is_one_of(known)) for one in found]
    for document, start, end in flow.parts():
        inside = {line - start for line in range(start, end) if line in headings}
        pieces += [
            replace(one, line=one.line + start) for one in paragraphs(document, flow.lines[start:end], inside)
        ]
    return sorted(pieces, key=lambda one: one.line)


def _of_heading(heading: Heading, *, is_known: bool) -> Paragraph:
    """Return what a heading says beyond its title; that of an unknown one may be an answer, if it is no question."""
    is_text = not is_known and not heading.text.rstrip("*_ ").endswith("?")
    return Paragraph(line=heading.line, lines=(heading.text if is_text else "", heading.rest))


def _without_steps(
    pieces: Sequence[Paragraph], found: Sequence[Found], derivations: frozenset[int]
) -> list[Paragraph]:
    """Leave the formulas out, and the words that lead from one to the next in a derivation that was asked for."""
    starts = [one.heading.line for one in found]
    before_formula: set[int] = set()
    kept = []
    for piece in reversed(pieces):
        section = bisect_right(starts, piece.line)
        if piece.is_formula:
            before_formula.add(section)
            continue
        leads_on = section in before_formula and piece.line in derivations
        if not leads_on or count_words("\n".join(piece.lines)) >= FEWEST_BEFORE_A_FORMULA:
            kept.append(piece)
    return kept[::-1]


def _is_prose(text: str) -> bool:
    """Whether a paragraph is more than a label."""
    count = count_words(text)
    ends = text.rstrip(" \t\n*_)\"'").endswith((".", "!", "\u3002"))
    return count >= FEWEST_WORDS or (count >= FEWEST_OF_A_SENTENCE and ends and not is_placeholder(text))


def _place(flow: Flow, found: Sequence[Found], line: int) -> Place:
    document, number = flow.document_at(line)
    above = bisect_right([one.heading.line for one in found], line)
    heading = found[above - 1].heading.text[:MOST_HEADING] if above else ""
    return Place(file=document.name, cell=document.cell, line=number, heading=heading)
