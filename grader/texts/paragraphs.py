"""Cuts a document into paragraphs of prose and formulas, without code."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from msgspec import Struct

from grader.model import Document
from grader.texts.displays import displays_in
from grader.texts.fences import fences, language_of
from grader.texts.words import is_formula

_TEXT_FENCES = frozenset({"", "text", "txt", "plain", "plaintext", "markdown", "md", "math", "latex", "tex"})
"""What is said of fences between which no code stands."""
_TEX_BODY = "\\begin{document}"


class Paragraph(Struct, frozen=True, kw_only=True):
    """Lines that belong together."""

    line: int
    """Index of the first."""
    lines: tuple[str, ...]
    """Without the displays among them; none of a formula."""

    @property
    def is_formula(self) -> bool:
        """Whether it is a formula by itself."""
        return not self.lines


def paragraphs(document: Document, lines: Sequence[str], headings: Collection[int]) -> Iterator[Paragraph]:
    """Cut a document into paragraphs.

    Parameters
    ----------
    document : Document
        What the lines are of; hostile.
    lines : sequence of str
        Its text.
    headings : collection of int
        Indices of lines that are headings: they belong to no paragraph.

    Yields
    ------
    Paragraph
        In their order. A row of a table is a paragraph of its own, and a display cuts one in two.
    """
    skipped = {*headings, *_code(lines), *(_no_body(lines) if document.name.lower().endswith(".tex") else ())}
    start = 0
    held: list[str] = []
    for index, segments in enumerate(_segments(lines)):
        here = [] if index in skipped else segments
        if held and (not here or here[0].lstrip().startswith("|")):
            yield Paragraph(line=start, lines=tuple(held))
            held = []
        for segment in here:
            if segment:
                start = start if held else index
                held.append(segment)
                continue
            if held:
                yield Paragraph(line=start, lines=tuple(held))
                held = []
            yield Paragraph(line=index, lines=())
    if held:
        yield Paragraph(line=start, lines=tuple(held))


def _code(lines: Sequence[str]) -> Iterator[int]:
    """Yield the indices of lines of code, and of fences."""
    for first, last in fences(lines):
        yield from (first, last) if language_of(lines[first]) in _TEXT_FENCES else range(first, last + 1)


def _no_body(lines: Sequence[str]) -> Iterator[int]:
    """Yield the indices of lines of TeX that are not shown: the preamble and comments."""
    body = next((index for index, line in enumerate(lines) if _TEX_BODY in line), -1)
    yield from (index for index, line in enumerate(lines) if index <= body or line.lstrip().startswith("%"))


def _segments(lines: Sequence[str]) -> list[list[str]]:
    """Return for each line the texts on it outside of displays; an empty one stands for a formula."""
    result: list[list[str]] = [[] for _ in lines]
    done = 0
    """Index of the first line that is not looked at yet."""
    column = 0
    for display in displays_in(lines):
        if not display.is_closed:
            continue  # a stray mark: what stands behind it may be prose
        _add(result, lines, (done, column), (display.first, display.column))
        result[display.first].append("")
        done, column = display.last, display.end
    _add(result, lines, (done, column), (len(lines), 0))
    return result


def _add(result: list[list[str]], lines: Sequence[str], begin: tuple[int, int], end: tuple[int, int]) -> None:
    """Add the text between two places, each a line and a column."""
    for index in range(begin[0], min(end[0] + 1, len(lines))):
        first = begin[1] if index == begin[0] else 0
        text = lines[index][first : end[1]] if index == end[0] else lines[index][first:]
        if text.strip():
            result[index].append("" if is_formula(text) else text)
