"""Says where an offset lies in a submission: the file, the cell, the line, the column, and the headings above."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from msgspec import Struct

from grader.model import Document
from grader.texts.headings import NUMBER, Heading, headings_in
from grader.texts.titles import wanted

_MOST_HEADING = 200
_FORMULA = ("$", "\\(", "\\[", "`")


class Position(Struct, frozen=True, kw_only=True):
    """A place in a submission."""

    document: str
    """Path of the file inside the submission."""
    cell: int | None
    """Number of the cell among all cells of the notebook, from 1; None outside of notebooks."""
    line: int
    """Line of the file or cell, from 1."""
    column: int
    """Character of the line, from 1."""


def _without_numbers_of_equations(found: Sequence[Heading]) -> list[Heading]:
    """Leave out `(3) $z = ...$` where a number of the task also heads lines alone: then this one counts equations."""
    are_apart = any(one.title.number and not one.rest for one in found)
    return [one for one in found if not (are_apart and one.level == NUMBER and one.rest.startswith(_FORMULA))]


class Places:
    """Looks positions and headings of one document up.

    Parameters
    ----------
    document : Document
        Its text is hostile.
    headings : sequence of str
        Titles that make a heading of a line of plain text, as an author writes them: `Part 1 > Backward`.
    above : sequence of (int, str), optional
        Level and text of the headings that the document begins under: those of the cells before it, `under` of their places.
    """

    def __init__(
        self, document: Document, headings: Sequence[str], above: Sequence[tuple[int, str]] = ()
    ) -> None:
        self._document = document
        self._starts = [0]
        lines = document.text.split("\n")
        for line in lines[:-1]:
            self._starts.append(self._starts[-1] + len(line) + 1)
        known = [title for one in map(wanted, headings) for title in (one.title, *one.above)]
        stack = list(above)
        self._paths: list[tuple[str, ...]] = [tuple(text for _, text in stack)]
        self._path_lines = [-1]
        for heading in _without_numbers_of_equations(headings_in(lines, known)):
            stack = [one for one in stack if one[0] < heading.level]
            stack.append((heading.level, heading.text[:_MOST_HEADING]))
            self._path_lines.append(heading.line)
            self._paths.append(tuple(text for _, text in stack))
        self.under = tuple(stack)
        """Level and text of the headings at its end, the outermost first."""

    def line_of(self, offset: int) -> int:
        """Return the number of the line of an offset, from 0."""
        return bisect_right(self._starts, offset) - 1

    def position(self, offset: int) -> Position:
        """Return the position of an offset."""
        line = self.line_of(offset)
        return Position(
            document=self._document.name,
            cell=self._document.cell,
            line=self._document.line + line,
            column=offset - self._starts[line] + 1,
        )

    def path(self, offset: int) -> tuple[str, ...]:
        """Return the headings that an offset stands under, the outermost first."""
        return self._paths[bisect_right(self._path_lines, self.line_of(offset)) - 1]
