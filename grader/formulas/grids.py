r"""Cuts rows set in columns into equations: those of `array` and `align`, where `&` says where a column begins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from grader.formulas.rows import cut_before, enclosed, goes_on, is_relation
from grader.formulas.tokens import Kind, Token
from grader.formulas.vocabulary import OUTER_ENVIRONMENTS, ROWED

_GRIDS = frozenset({"array", "matrix", "tabular"})
"""They hold values, or equations."""
_SET = frozenset({"t", "c", "b"})


def with_equations(tokens: Sequence[Token]) -> list[Token]:
    r"""Return a formula with the rows of its arrays, where equations stand in them, and their cells as statements.

    Parameters
    ----------
    tokens : sequence of Token
        As `lex` returns them.

    Returns
    -------
    list of Token
        An array of values, one in brackets, or one that says what a value is, stays as it is. Between two equations of a row
        stands a wide space in place of `&`, as people see it.
    """
    made = _named(tokens)
    if not any(one.is_sign("&") for one in made):
        return made
    return [one for row in _cut(made) for one in _row(row)]


def _named(tokens: Sequence[Token]) -> list[Token]:
    """Call arrays in which equations stand by the name of an environment of rows."""
    made = list(tokens)
    before = enclosed([one for one in tokens if one.kind not in {Kind.BEGIN, Kind.END}])
    depths: list[tuple[int, bool]] = []
    seen = 0
    for index, token in enumerate(tokens):
        if token.kind is Kind.BEGIN:
            is_free = not depths and (seen >= len(before) or not before[seen] or token.text in ROWED)
            depths.append((index, is_free and token.text in _GRIDS))
            if depths[:-1] and depths[-2][1] is False and tokens[depths[-2][0]].text in OUTER_ENVIRONMENTS:
                depths[-1] = (index, token.text in _GRIDS)
        elif token.kind is Kind.END and depths:
            begin, may_be = depths.pop()
            if may_be and _holds_equations(tokens[begin + 1 : index], tokens[:begin], tokens[index + 1 :]):
                made[begin] = replace(tokens[begin], text="alignedat" if _has_columns(tokens, begin) else "aligned")
                made[index] = replace(token, text=made[begin].text)
        else:
            seen += 1
    return made
