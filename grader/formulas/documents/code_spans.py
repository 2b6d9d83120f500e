"""Reads equations in code spans within a line of words: `` `dL/dw = 2 * x` ``; in prose they may be code, and a person looks."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from grader.formulas.documents.extract import Extracted
from grader.formulas.documents.labels import is_quantity
from grader.formulas.documents.plain_lex import lex_plain
from grader.formulas.documents.rows import first_side
from grader.formulas.documents.tables import Row
from grader.formulas.limits import Budget, UnreadableError
from grader.formulas.parsing.parse import parse_side
from grader.formulas.symbols import SymbolTable
from grader.formulas.tree import Symbol
from grader.formulas.vocabulary import SUPPOSED

_LONGEST = 2_000
"""Characters of a line that is looked at."""
_STEPS = 15
"""Of looking at a span."""
_CODE = re.compile(r"(?<!`)(`{1,2})(?!`)(?P<inner>[^`\n]{3,200})(?<!`)\1(?!`)")
_MOST_WORDS = 8
"""In a line around its code spans: in prose they may be code."""
_MAY_BE_CODE = "Whether this is code or a formula is not clear; it is not read."
_IN_CODE = "What stands in a code span is read as a formula."


def in_code_spans(text: str, extracted: Extracted, table: SymbolTable, budget: Budget) -> Iterator[Row]:
    """Read equations in code spans.

    Parameters
    ----------
    text : str
        Of a document; hostile.
    extracted : Extracted
        Its formulas between marks, which are read elsewhere, and its fences.
    table : SymbolTable
        The names of the assignment.
    budget : Budget
        Is taken off for each span.

    Yields
    ------
    Row

    Raises
    ------
    ExhaustedError
        The budget is used up.
    """
    for start, end in _lines(text):
        is_short = end - start <= _LONGEST
        if is_short and "`" in text[start:end] and not _is_fenced(start, extracted):
            yield from _in_line(text, start, end, extracted, table, budget)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    while start <= len(text):
        end = text.find("\n", start)
        end = end if end >= 0 else len(text)
        yield start, end
        start = end + 1


def _is_fenced(start: int, extracted: Extracted) -> bool:
    fence = bisect_right(extracted.fences, start, key=lambda one: one.start) - 1
    return fence >= 0 and start < extracted.fences[fence].end


def _in_line(
    text: str, start: int, end: int, extracted: Extracted, table: SymbolTable, budget: Budget
) -> Iterator[Row]:
    for match in _CODE.finditer(text, start, end):
        stop = match.end("inner")
        if "=" not in match["inner"] or _holds_formula(*match.span(), extracted):
            continue
        budget.spend(_STEPS)
        try:
            plain = lex_plain(text, match.start("inner"), stop, table, budget)
        except UnreadableError:
            continue
        first = first_side(plain.tokens)
        if plain.strange or not 0 < len(first) < len(plain.tokens):
            continue
        tree = parse_side(first, table, budget).tree
        if not is_quantity(tree):
            continue
        words = _CODE.sub("", text[start:end])
        if len(words.split()) <= _MOST_WORDS:
            if not SUPPOSED.search(words):
                yield Row(tokens=plain.tokens, start=plain.tokens[0].start, end=stop, note=_IN_CODE)
        elif not isinstance(tree, Symbol) or table.inputs.get(tree.name):
            # It may be a part of code, or what the student derived; what is given is neither.
            yield Row(tokens=tuple(first), start=first[0].start, end=stop, problem=_MAY_BE_CODE)


def _holds_formula(start: int, end: int, extracted: Extracted) -> bool:
    at = bisect_right(extracted.formulas, end, key=lambda one: one.start) - 1
    return at >= 0 and extracted.formulas[at].end >= start
