"""Reads tables as equations: a name in a row, or in the head, and in the cells beside or below it what it is equal to."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from grader.formulas.documents.columns import Column, column_of
from grader.formulas.documents.extract import Extracted, Form, Formula
from grader.formulas.documents.grid_cells import Grid, Span, grids_in
from grader.formulas.documents.labels import is_quantity, labelled
from grader.formulas.documents.lex import lex
from grader.formulas.documents.macros import Body
from grader.formulas.documents.plain_lex import lex_plain
from grader.formulas.documents.plain_prose import is_prose
from grader.formulas.documents.rows import enclosed, is_relation
from grader.formulas.documents.withdrawn import Struck
from grader.formulas.limits import Budget, ExhaustedError, UnreadableError
from grader.formulas.parsing.parse import parse_side
from grader.formulas.symbols import SymbolTable
from grader.formulas.tokens import Kind, Token
from grader.formulas.tree import Derivative, Node
from grader.formulas.vocabulary import SUPPOSED

_MOST_CELLS = 40
_AHEAD = 400
"""Characters before a table in which the sentence that leads to it may stand."""
_UNCLEAR = "What the columns of this row say of the name is not clear; it is not read."
_OPENERS = ("$$", r"\(", "$")
_CLOSERS = ("$$", r"\)", "$")
_DRESS = re.compile(
    r"\s|\*|`|~|\\(?:displaystyle|boldmath|textbf|mathbf)\b|</?(?:b|strong|i|em|code|br)\s?/?>|[{}.,;:=]"
)
"""What may stand around a formula in a cell."""


class _Is(StrEnum):
    """What a cell holds."""

    NOTHING = "nothing"
    WORDS = "words"
    FORMULA = "formula"
    MIXED = "mixed"
    """A formula and words."""


class _Cell(Struct, frozen=True, kw_only=True):
    """A cell of a table."""

    span: Span
    kind: _Is
    text: str
    tokens: tuple[Token, ...] = ()
    is_marked: bool = False
    """Whether its formula stands between marks, and is read as one of its own unless it is taken."""


class Row(Struct, frozen=True, kw_only=True):
    """What a row, or a cell below a name, says."""

    tokens: tuple[Token, ...]
    """Of a chain of sides; of the name alone where the rest is not read."""
    start: int
    end: int
    problem: str = ""
    """Why it is not read."""
    cells: tuple[Span, ...] = ()
    """What it is made of, where it is read."""
    note: str = "A row of a table is read as an equation."
    form: Form = Form.PLAIN


def rows_in(
    text: str,
    extracted: Extracted,
    struck: Sequence[Struck],
    table: SymbolTable,
    budget: Budget,
    bodies: Mapping[str, Body],
) -> tuple[list[Row], bool]:
    """Read the tables of a text.

    Parameters
    ----------
    text : str
        Of a document; hostile.
    extracted : Extracted
        Its formulas between marks, and its fences, in which no table stands.
    struck : sequence of Struck
        What is struck out in it: a row that begins there is none.
    table : SymbolTable
        The names of the assignment.
    budget : Budget
        Is taken off for each cell; of its own, as for lines of plain text.
    bodies : mapping of str to Body
        The macros of the document.

    Returns
    -------
    list of Row
        What the rows say, in the order of the tables.
    bool
        Whether the steps were used up before the end.
    """
    formulas = [(one.start, one.end) for one in extracted.formulas]
    away = [(one.start, one.end) for one in extracted.fences] + [(one.start, one.end) for one in struck]
    rows: list[Row] = []
    try:
        for grid in grids_in(text, formulas):
            if any(start <= grid.start < end for start, end in away):
                continue
            before = text[max(grid.start - _AHEAD, 0) : grid.start].rstrip(" \t|>\n").rsplit("\n", 1)[-1]
            is_supposed = before.endswith((":", ":**")) and SUPPOSED.search(before) is not None
            for row in _Table(text, formulas, table, budget, bodies).read(grid):
                rows.append(_supposed(row) if is_supposed else row)  # noqa: PERF401 (those before the steps end stand)
    except ExhaustedError:
        return rows, True
    return rows, False


def _supposed(row: Row) -> Row:
    cut = next((at for at, one in enumerate(row.tokens) if is_relation(one)), len(row.tokens))
    problem = row.problem or "It may be meant as an example."
    return replace(row, tokens=row.tokens[:cut], problem=problem, cells=())


def outside(formulas: Sequence[Formula], rows: Sequence[Row]) -> list[Formula]:
    """Return the formulas that no row is made of."""
    taken = sorted(span for row in rows for span in row.cells)
    kept: list[Formula] = []
    for formula in formulas:
        at = bisect_right(taken, (formula.start, formula.end)) - 1
        if at < 0 or formula.end > taken[at][1]:
            kept.append(formula)
    return kept


class _Table:
    """Reads one table."""

    def __init__(
        self,
        text: str,
        formulas: Sequence[Span],
        table: SymbolTable,
        budget: Budget,
        bodies: Mapping[str, Body],
    ) -> None:
        self._text = text
        self._formulas = formulas
        self._table = table
        self._budget = budget
        self._bodies = bodies

    def read(self, grid: Grid) -> Iterator[Row]:
        """Yield what the rows say."""
        rows = [[self._cell(span) for span in spans] for spans in grid.rows if 1 < len(spans) <= _MOST_CELLS]
        if not rows:
            return
        head = rows[0] if self._has_head(grid, rows) else []
        names = [self._tree(cell) for cell in head]
        is_wide = sum(map(is_quantity, names)) > 1 and all(map(is_quantity, names[1:]))
        columns = [column_of(cell.text) for cell in head]
        for number, row in enumerate(rows[1 if head else 0 :]):
            yield from self._below(head, row, is_first=number == 0) if is_wide else self._beside(row, columns)

    def _has_head(self, grid: Grid, rows: Sequence[Sequence[_Cell]]) -> bool:
        """Whether the first row says what stands below: where nothing tells, one without a value, or of names alone."""
        if grid.has_head is not None:
            return grid.has_head
        are_names = [is_quantity(self._tree(cell)) for cell in rows[0]]
        if not any(are_names):
            return True
        is_below = len(rows) > 1 and not is_quantity(self._tree(rows[1][0]))
        return all(are_names[1:]) and is_below

    # ----------------------------------------------------------------------------------------------------------
    # Cells

    def _cell(self, span: Span) -> _Cell:
        self._budget.spend(5)
        text = self._text[slice(*span)].strip()
        begin = bisect_left(self._formulas, span)
        inside = [one for one in self._formulas[begin : begin + 3] if one[1] <= span[1]]
        if not text:
            return _Cell(span=span, kind=_Is.NOTHING, text="")
        try:
            return self._marked(span, text, inside) if inside else self._plain(span, text)
        except UnreadableError:
            return _Cell(span=span, kind=_Is.MIXED, text=text)

    def _marked(self, span: Span, text: str, inside: Sequence[Span]) -> _Cell:
        before, behind = (
            self._text[span[0] : inside[0][0]].rstrip("`"),
            self._text[inside[-1][1] : span[1]].lstrip("`"),
        )
        opener = next((one for one in _OPENERS if before.endswith(one)), "")
        closer = next((one for one in _CLOSERS if behind.startswith(one)), "")
        words = before[: len(before) - len(opener)] + behind[len(closer) :]
        tokens = lex(self._text, *inside[0], self._budget, bodies=self._bodies).tokens
        is_whole = len(inside) == 1 and not _DRESS.sub("", words)
        text = text if is_whole else words
        kind = _Is.FORMULA if is_whole else _Is.MIXED
        return _Cell(
            span=span, kind=kind, text=text, tokens=tokens if len(inside) == 1 else (), is_marked=True
        )

    def _plain(self, span: Span, text: str) -> _Cell:
        start, end = _bare(self._text, span)
        if "\\" in text:
            tokens = lex(self._text, start, end, self._budget).tokens
            is_tex = any(one.kind is Kind.COMMAND for one in tokens)
            return _Cell(span=span, kind=_Is.FORMULA if is_tex else _Is.WORDS, text=text, tokens=tokens)
        plain = lex_plain(self._text, start, end, self._table, self._budget)
        kind = _Is.WORDS if is_prose(plain) or not plain.tokens else _Is.FORMULA
        return _Cell(span=span, kind=kind, text=text, tokens=plain.tokens)

    def _tree(self, cell: _Cell) -> Node | None:
        """Return what a cell holds, where that is one side."""
        if cell.kind is not _Is.FORMULA or any(map(is_relation, cell.tokens)):
            return None
        return parse_side(cell.tokens, self._table, self._budget).tree

    # ----------------------------------------------------------------------------------------------------------
    # Rows

    def _below(self, head: Sequence[_Cell], row: Sequence[_Cell], *, is_first: bool) -> list[Row]:
        """Read values below their names."""
        named = is_quantity(self._tree(head[0]))
        label = Column.VALUE if named else column_of(row[0].text)
        if named and not is_first:
            label = Column.OTHER
        said: list[Row] = []
        for name, cell in list(zip(head, row, strict=False))[0 if named else 1 :]:
            if cell.kind in {_Is.NOTHING, _Is.WORDS}:
                continue
            tokens = labelled(name.tokens, label, self._table)
            side = self._side(cell, ())
            if label in {Column.OTHER, Column.ASIDE} or not tokens or not side or len(head) != len(row):
                said.append(_row(tokens or name.tokens, cell.span, _UNCLEAR))
            else:
                said.append(_row((*tokens, *side), cell.span, cells=[cell]))
        return said

    def _beside(self, row: Sequence[_Cell], columns: Sequence[Column]) -> list[Row]:
        """Read what stands beside a name."""
        at = next((at for at, cell in enumerate(row) if self._is_name(cell)), -1)
        if at < 0 or any(not self._is_aside(cell) for cell in row[:at]):
            return self._equations(row)
        name = row[at]
        own = (
            columns[at]
            if at < len(columns) and columns[at] in {Column.UPDATED, Column.GRADIENT}
            else Column.VALUE
        )
        own = column_of(name.text) if name.kind is _Is.MIXED else own
        kinds = columns[at + 1 :] or [Column.VALUE] * (len(row) - at - 1)
        cells = [
            (kind, cell)
            for kind, cell in zip(kinds, row[at + 1 :], strict=False)
            if kind is not Column.ASIDE and cell.kind not in {_Is.NOTHING, _Is.WORDS}
        ]
        if not cells:
            return []
        span = name.span[0], cells[-1][1].span[1]
        if len(kinds) != len(row) - at - 1 or not _are_clear([kind for kind, _ in cells]):
            return [_row(name.tokens, span, _UNCLEAR)]
        said: list[Row] = []
        for column in dict.fromkeys(kind for kind, _ in cells):
            tokens = labelled(name.tokens, own if column is Column.VALUE else column, self._table)
            sides = [self._side(cell, name.tokens) for kind, cell in cells if kind is column]
            if not tokens or not all(sides):
                said.append(_row(tokens or name.tokens, span, _UNCLEAR))
            else:
                used = [name, *(cell for kind, cell in cells if kind is column)]
                said.append(_row((*tokens, *(token for side in sides for token in side)), span, cells=used))
        return said

    def _is_name(self, cell: _Cell) -> bool:
        """Whether a cell holds one value of the task, perhaps with words that say what it is."""
        if cell.kind is _Is.MIXED and cell.tokens and not any(map(is_relation, cell.tokens)):
            return is_quantity(parse_side(cell.tokens, self._table, self._budget).tree)
        return is_quantity(self._tree(cell))

    def _is_aside(self, cell: _Cell) -> bool:
        """Whether a cell before a name says nothing of it: words, or a number that counts."""
        is_count = len(cell.tokens) == 1 and cell.tokens[0].kind is Kind.NUMBER
        return cell.kind in {_Is.NOTHING, _Is.WORDS} or is_count or column_of(cell.text) is Column.ASIDE

    def _equations(self, row: Sequence[_Cell]) -> list[Row]:
        """Read cells in plain text that are equations themselves."""
        found: list[Row] = []
        for cell in row:
            cut = next((at for at, one in enumerate(cell.tokens) if is_relation(one)), 0)
            if cell.kind is _Is.FORMULA and not cell.is_marked and cut:
                tree = parse_side(cell.tokens[:cut], self._table, self._budget).tree
                found += [_row(cell.tokens, cell.span)] if is_quantity(tree) else []
        return found

    def _side(self, cell: _Cell, name: Sequence[Token]) -> tuple[Token, ...]:
        """Return a cell with a relation before it; none where it says more than one value has."""
        if cell.kind is not _Is.FORMULA:
            return ()
        tokens = cell.tokens
        inside = enclosed(tokens)
        cuts = [at for at, one in enumerate(tokens) if is_relation(one) and not inside[at]]
        if any(one.is_sign(",", ";", r"\quad", r"\\") and not inside[at] for at, one in enumerate(tokens)):
            return ()
        if cuts and cuts[0] == 0:
            return tokens
        if cuts and [one.text for one in tokens[: cuts[0]]] == [one.text for one in name]:
            return tokens[cuts[0] :]
        tree = parse_side(tokens[: cuts[0]] if cuts else (), self._table, self._budget).tree if cuts else None
        if is_quantity(tree) and not isinstance(tree, Derivative):
            return ()
        place = tokens[0].start
        return (Token(kind=Kind.SIGN, text="=", start=place, end=place), *tokens)


def _row(tokens: Sequence[Token], span: Span, problem: str = "", cells: Sequence[_Cell] = ()) -> Row:
    used = tuple(cell.span for cell in cells)
    return Row(tokens=tuple(tokens), start=tokens[0].start, end=span[1], problem=problem, cells=used)


def _are_clear(kinds: Sequence[Column]) -> bool:
    """Whether it is told of each column what it is of: not of a formula behind a gradient, which may be the gradient's."""
    if Column.OTHER in kinds:
        return False
    is_single = len(set(kinds)) == 1
    return (
        is_single
        or Column.VALUE not in kinds[next(at for at, one in enumerate(kinds) if one is not Column.VALUE) :]
    )


def _bare(text: str, span: Span) -> Span:
    inner = text[slice(*span)]
    start = span[0] + len(inner) - len(inner.lstrip())
    end = span[0] + len(inner.rstrip())
    for mark in ("**", "`"):
        is_within = text.startswith(mark, start, end) and text.endswith(mark, start, end)
        if is_within and end - start > 2 * len(mark):
            start, end = start + len(mark), end - len(mark)
    return start, end
