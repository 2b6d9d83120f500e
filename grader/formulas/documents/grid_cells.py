"""Finds the tables of a text and where their cells lie: with bars in Markdown, `tabular` of LaTeX, and those of HTML."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

from msgspec import Struct

Span = tuple[int, int]

_BAR = re.compile(r"(?<!\\)\|")
_SEPARATING = re.compile(r"[ \t>]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_TABULAR = re.compile(r"\\begin\{(tabular[x*]?|tabulary|longtable)\}")
_ARGUMENT = re.compile(r"\s{0,5}(?:\[[^\]\n]{0,20}\]|\{(?:[^{}\n]|\{[^{}\n]{0,40}\}){0,200}\})")
_ROW_END = re.compile(r"\\\\(?:\[[^\]\n]{0,20}\])?")
_RULES = re.compile(
    r"(?:\s|\\(?:hline|toprule|midrule|bottomrule)\b|\\(?:cline|cmidrule)(?:\([lr]+\))?\{[^{}]{0,20}\})+"
)
_AND = re.compile(r"(?<!\\)&")
_TAG = re.compile(r"<(?P<close>/?)(?P<name>table|tr|td|th)\b[^<>]{0,200}>", re.IGNORECASE)
_MOST_CHARACTERS = 20_000
"""Of a table."""
_LONGEST_ROW = 3_000
_MOST_ROWS = 200
_MOST_TABLES = 200
"""Of LaTeX."""
_MOST_ARGUMENTS = 3


class Grid(Struct, frozen=True, kw_only=True):
    """A table."""

    rows: tuple[tuple[Span, ...], ...]
    """Where the cells of each row begin and end."""
    has_head: bool | None
    """Whether the first row says what the columns are; None where nothing tells."""

    @property
    def start(self) -> int:
        """Return where its first cell begins."""
        return self.rows[0][0][0]


def grids_in(text: str, formulas: Sequence[Span]) -> Iterator[Grid]:
    """Yield the tables of a text.

    Parameters
    ----------
    text : str
        Of a document; hostile.
    formulas : sequence of (int, int)
        Where its formulas begin and end, in their order: bars and `&` in them are theirs.

    Yields
    ------
    Grid
    """
    if "|" in text:
        yield from _with_bars(text, formulas)
    if "\\begin{tab" in text or "\\begin{longtable" in text:
        yield from _tabulars(text, formulas)
    if "<t" in text:
        yield from _of_html(text)


def _masked(text: str, span: Span, formulas: Sequence[Span]) -> str:
    """Return a part of the text with letters for its formulas."""
    part = text[slice(*span)]
    for begin, end in formulas[bisect_left(formulas, (span[0], 0)) :]:
        if begin >= span[1]:
            break
        part = part[: begin - span[0]] + "x" * (min(end, span[1]) - begin) + part[end - span[0] :]
    return part


# --------------------------------------------------------------------------------------------------------------
# Bars


def _with_bars(text: str, formulas: Sequence[Span]) -> Iterator[Grid]:
    block: list[Span] = []
    separator: int | None = None
    before: Span | None = None
    start = 0
    for line in text.split("\n"):
        span = start, start + len(line)
        start += len(line) + 1
        has_bar = "|" in line and len(line) <= _LONGEST_ROW
        if has_bar and separator is None and _SEPARATING.fullmatch(line):
            if not block and before is not None:
                block.append(before)
            separator = len(block) if block else None
        elif (
            has_bar
            and (separator is not None or line.lstrip(" \t>").startswith("|"))
            and len(block) < _MOST_ROWS
        ):
            block.append(span)
        else:
            yield from _block(text, block, separator, formulas)
            block, separator = [], None
        before = span if has_bar else None
    yield from _block(text, block, separator, formulas)


def _block(
    text: str, block: Sequence[Span], separator: int | None, formulas: Sequence[Span]
) -> Iterator[Grid]:
    is_table = separator is not None
    rows = [_cells(text, span, formulas, is_table=is_table) for span in block]
    if separator is not None and separator > 1:
        rows = rows[separator - 1 :]
    rows = [row for row in rows if row]
    if rows:
        yield Grid(rows=tuple(rows), has_head=is_table)


def _cells(text: str, span: Span, formulas: Sequence[Span], *, is_table: bool) -> tuple[Span, ...]:
    """Return the cells of a row; none where it is not closed, and nothing else says that it is a row."""
    row = _masked(text, span, formulas)
    begins = len(row) - len(row.lstrip(" \t>"))
    ends = len(row.rstrip())
    bars = [match.start() for match in _BAR.finditer(row)]
    if not bars:
        return ()
    is_closed = bars[0] == begins and bars[-1] == ends - 1 and len(bars) > 1
    if not is_closed and not is_table:
        return ()
    bounds = ([] if bars[0] == begins else [begins - 1]) + bars + ([] if bars[-1] == ends - 1 else [ends])
    return tuple((span[0] + left + 1, span[0] + right) for left, right in pairwise(bounds))


# --------------------------------------------------------------------------------------------------------------
# LaTeX and HTML


def _tabulars(text: str, formulas: Sequence[Span]) -> Iterator[Grid]:
    behind = 0
    for match in islice(_TABULAR.finditer(text), _MOST_TABLES):
        start = match.end()
        for _ in range(_MOST_ARGUMENTS):
            argument = _ARGUMENT.match(text, start)
            start = argument.end() if argument else start
        end = text.find(rf"\end{{{match[1]}}}", start, start + _MOST_CHARACTERS)
        if end < 0 or match.start() < behind:
            continue
        behind = end
        rows = tuple(islice(_tabular_rows(_masked(text, (start, end), formulas), start), _MOST_ROWS))
        if rows:
            yield Grid(rows=rows, has_head=None)


def _tabular_rows(body: str, start: int) -> Iterator[tuple[Span, ...]]:
    at = 0
    for cut in [*_ROW_END.finditer(body), None]:
        row_end = cut.start() if cut is not None else len(body)
        rules = _RULES.match(body, at, row_end)
        at = rules.end() if rules else at
        bounds = [at - 1, *(one.start() for one in _AND.finditer(body, at, row_end)), row_end]
        if body[at:row_end].strip():
            yield tuple((start + left + 1, start + right) for left, right in pairwise(bounds))
        at = cut.end() if cut is not None else row_end


def _of_html(text: str) -> Iterator[Grid]:
    rows: list[list[Span]] = []
    cell: int | None = None
    are_heads = True
    for tag in _TAG.finditer(text):
        name, is_close = tag["name"].lower(), bool(tag["close"])
        if name in {"td", "th"} and not is_close:
            cell = tag.end()
            are_heads = are_heads and (len(rows) > 1 or name == "th")
        elif cell is not None and rows and name in {"td", "th", "tr"} and tag.start() - cell <= _LONGEST_ROW:
            rows[-1].append((cell, tag.start()))
            cell = None
        if name == "tr" and not is_close:
            rows.append([])
        elif name == "table":
            yield from _html_grid(rows, has_head=are_heads or None)
            rows, cell, are_heads = [], None, True


def _html_grid(rows: Sequence[Sequence[Span]], *, has_head: bool | None) -> Iterator[Grid]:
    filled = tuple(tuple(row) for row in rows[:_MOST_ROWS] if row)
    if filled:
        yield Grid(rows=filled, has_head=has_head)
