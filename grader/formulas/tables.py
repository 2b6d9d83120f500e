"""Reads rows of tables of Markdown: a name in the first cell, and in the others what it is equal to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from grader.formulas.lex import lex
from grader.formulas.limits import Budget, UnreadableError
from grader.formulas.parse import parse_side
from grader.formulas.plain_lex import is_prose, lex_plain
from grader.formulas.symbols import SymbolTable
from grader.formulas.tokens import Kind, Note, NoteKind, Token
from grader.formulas.tree import Application, Derivative, Node, Symbol

_BAR = re.compile(r"(?<!\\)\|")
_SEPARATING = frozenset("|:- \t")
_LONGEST = 400
_MOST_CELLS = 20


class Column(StrEnum):
    """What a column says of the name in the first one; a closed set."""

    VALUE = "value"
    UPDATED = "updated"
    GRADIENT = "gradient"
    OTHER = "other"


_HEADS = (
    (
        Column.UPDATED,
        re.compile(r"(?:new|updated?|after|after (?:the )?(?:step|update)|neu)(?: (?:value|weight)s?)?"),
    ),
    (Column.GRADIENT, re.compile(r"gradients?|derivatives?|d ?L ?/ ?d ?\w*")),
    (
        Column.VALUE,
        re.compile(
            r"|values?|results?|numbers?|numeric(?:al)?(?: value)?|formulas?|expressions?|derivations?|computation"
            r"|calculation|equals|=|forward|forward value|wert|ergebnis|formel|valeur"
        ),
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """What a row says."""

    tokens: tuple[Token, ...] = ()
    """Of a chain of sides; none where it says nothing that is read."""
    readings: tuple[Note, ...] = ()
    notes: tuple[Note, ...] = ()
    """Why it is not read."""


class Tables:
    """Goes through the rows of tables.

    Parameters
    ----------
    table : SymbolTable
        The names of the assignment.
    budget : Budget
        Is taken off for each cell.
    """

    def __init__(self, table: SymbolTable, budget: Budget) -> None:
        self._table = table
        self._budget = budget
        self._before: tuple[str, ...] = ()
        self._columns: tuple[Column, ...] = ()

    def leave(self) -> None:
        """Go out of a table."""
        self._before, self._columns = (), ()

    def row(self, text: str, span: tuple[int, int], formulas: Sequence[tuple[int, int]]) -> Row:
        """Read a row.

        Parameters
        ----------
        text : str
            Of the document.
        span : tuple of int
            Where the row begins and ends in it.
        formulas : sequence of tuple of int
            Where formulas between marks begin and end in it.

        Returns
        -------
        Row
        """
        if _separates(text[slice(*span)]):
            self._columns = tuple(map(column_of, self._before))
            return Row()
        cells = _cells(text, span, formulas)
        self._before = tuple(text[start:end].strip() for start, end in cells)
        is_head = _separates(text[span[1] + 1 : span[1] + _LONGEST].split("\n", 1)[0])
        if is_head or len(cells) < 2 or len(cells) > _MOST_CELLS:  # noqa: PLR2004 (a name and what it is)
            return Row()
        try:
            return self._read(text, cells, formulas)
        except UnreadableError:
            return Row()

    def _read(self, text: str, cells: Sequence[tuple[int, int]], formulas: Sequence[tuple[int, int]]) -> Row:
        name = self._cell(text, cells[0], formulas)
        tree = parse_side(name, self._table, self._budget).tree if name else None
        if not is_quantity(tree) or not any(text[start:end].strip() for start, end in cells[1:]):
            return Row()
        columns = self._columns[1 : len(cells)] or (Column.VALUE,) * (len(cells) - 1)
        is_plain = (
            len(set(columns)) == 1 and columns[0] is not Column.OTHER and len(columns) == len(cells) - 1
        )
        if not is_plain or (columns[0] is not Column.VALUE and not isinstance(tree, Symbol)):
            reason = "What the columns of this row say of the name is not clear; it is not read."
            return Row(notes=(Note(kind=NoteKind.UNREAD, text=reason, start=cells[0][0], end=cells[-1][1]),))
        tokens = list(self._labelled(name, columns[0]))
        for cell in cells[1:]:
            said = self._cell(text, cell, formulas)
            if not said:
                return Row()
            place = cell[0]
            tokens += [Token(kind=Kind.SIGN, text="=", start=place, end=place), *said]
        note = "A row of a table is read as an equation."
        return Row(
            tokens=tuple(tokens),
            readings=(Note(kind=NoteKind.READING, text=note, start=tokens[0].start, end=cells[-1][1]),),
        )

    def _labelled(self, name: Sequence[Token], column: Column) -> Sequence[Token]:
        """Return the name as its column means it."""
        first = name[0]
        if column is Column.GRADIENT:
            mark = Token(kind=Kind.COMMAND, text="partial", start=first.start, end=first.start)
            loss = Token(kind=Kind.NAME, text=self._table.loss, start=first.start, end=first.start)
            over = Token(kind=Kind.SIGN, text="/", start=first.start, end=first.start)
            return [mark, loss, over, mark, *name]
        if column is Column.UPDATED:
            arrow = Token(kind=Kind.SIGN, text="'", start=name[-1].end, end=name[-1].end)
            return [*name, arrow]
        return name

    def _cell(
        self, text: str, span: tuple[int, int], formulas: Sequence[tuple[int, int]]
    ) -> tuple[Token, ...]:
        """Return the tokens of a cell; none where it is prose, empty, or holds a relation."""
        start, end = _bare(text, span)
        inside = [one for one in formulas if span[0] <= one[0] < span[1]]
        if inside:
            is_whole = (
                len(inside) == 1 and text[start : inside[0][0]] == "$" and text[inside[0][1] : end] == "$"
            )
            if not is_whole:
                return ()
            tokens = lex(text, *inside[0], self._budget).tokens
        else:
            plain = lex_plain(text, start, end, self._table, self._budget)
            if is_prose(plain):
                return ()
            tokens = plain.tokens
        return () if any(one.text in {"=", ",", ";"} for one in tokens) else tokens


def _separates(line: str) -> bool:
    """Whether a line is the one below the heads of a table."""
    return "-" in line and "|" in line and set(line) <= _SEPARATING


def column_of(head: str) -> Column:
    """Return what the head of a column says."""
    plain = head.strip(" *_$`").casefold()
    return next((column for column, pattern in _HEADS if pattern.fullmatch(plain)), Column.OTHER)


def is_quantity(tree: Node | None) -> bool:
    """Whether a tree is one value of the task, or one derived by another."""
    if isinstance(tree, Derivative):
        return isinstance(tree.of, Symbol | Application) and isinstance(tree.by, Symbol)
    return isinstance(tree.of if isinstance(tree, Application) else tree, Symbol)


def _cells(text: str, span: tuple[int, int], formulas: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return where the cells of a row begin and end; none where the row is not closed. Bars in formulas are theirs."""
    row = text[slice(*span)]
    for begin, end in formulas:
        inner = max(begin - span[0], 0)
        row = row[:inner] + "x" * (end - begin) + row[end - span[0] :]
    bars = [match.start() for match in _BAR.finditer(row)]
    if not bars or row[bars[-1] + 1 :].strip():
        return []
    return [(span[0] + before + 1, span[0] + after) for before, after in pairwise(bars)]


def _bare(text: str, span: tuple[int, int]) -> tuple[int, int]:
    inner = text[span[0] : span[1]]
    start = span[0] + len(inner) - len(inner.lstrip())
    end = span[0] + len(inner.rstrip())
    for mark in ("**", "`"):
        if (
            text[start:end].startswith(mark)
            and text[start:end].endswith(mark)
            and end - start > 2 * len(mark)
        ):
            start, end = start + len(mark), end - len(mark)
    return start, end
