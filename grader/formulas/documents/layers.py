r"""Spreads a line that is said for several layers at once, `W_i \leftarrow W_i - \eta \ldots` for `i = 1, 2`, into one for each."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec.structs import replace

from grader.formulas.documents.lines import Chain
from grader.formulas.limits import Budget
from grader.formulas.parsing.parse import parse_side
from grader.formulas.symbols import SymbolTable
from grader.formulas.tokens import Kind, Token
from grader.formulas.tree import Unknown, walk

_FAR = 200
"""Characters around a line that may say for which layers it is meant."""
_MOST = 9
_LISTED = (
    r"\s*&?\s*(?:=|\\in|\u2208)\s*(?:\\left)?\s*(?:\\?\{)?\s*(?P<all>\d(?:\s*(?:,|and|und)\s*\d){1,8})"
    r"(?!\s*,?\s*(?:\\[lc]?dots|\.\.|\w))"
)
"""`= 1, 2`, `\\in \\{1, 2\\}`."""


def spread(chain: Chain, text: str, table: SymbolTable, budget: Budget) -> list[Chain]:
    """Return a line for each of the layers that it is said for.

    Parameters
    ----------
    chain : Chain
    text : str
        Of the document; hostile. The layers are looked for beside the line: `i = 1, 2`, with all their numbers.
    table : SymbolTable
        The names of the assignment.
    budget : Budget
        Is taken off for each side that is read.

    Returns
    -------
    list of Chain
        The line alone where it begins with a name of the task as it stands, or with none for one of the numbers.

    Raises
    ------
    ExhaustedError
        The budget is used up.
    """
    first = chain.sides[0].tokens
    letters = {
        one.text for at, one in enumerate(first) if at and one.kind is Kind.LETTER and _is_raised(first, at)
    }
    if not letters & table.indices:
        return [chain]
    start, end = first[0].start, chain.sides[-1].tokens[-1].end
    around = text[max(0, start - _FAR) : end + _FAR]
    for letter in sorted(letters & table.indices):
        numbers = _numbers(letter, around)
        if numbers and _is_open(first, table, budget):
            found = [_with_number(chain, letter, number) for number in numbers]
            if not any(_is_open(one.sides[0].tokens, table, budget) for one in found):
                return found
    return [chain]


def _numbers(letter: str, text: str) -> Sequence[str]:
    """Return what a letter is said to be: no less than two numbers, and nothing but them."""
    listed = re.search(rf"(?<![A-Za-z\\_^{{]){letter}{_LISTED}", text)
    return list(dict.fromkeys(re.findall(r"\d", listed["all"])))[:_MOST] if listed else ()


def _is_raised(tokens: Sequence[Token], at: int) -> bool:
    """Whether a token stands in a script by itself, or in brackets in one."""
    before = [one for one in tokens[max(0, at - 3) : at] if not one.is_sign("{", "(", "[")]
    return bool(before) and before[-1].is_sign("_", "^")


def _is_open(tokens: Sequence[Token], table: SymbolTable, budget: Budget) -> bool:
    """Whether a side holds a name that the task does not know; an entry of a vector is none."""
    tree = parse_side(tokens, table, budget).tree
    return tree is None or any(isinstance(one, Unknown) for one in walk(tree))


def _with_number(chain: Chain, letter: str, number: str) -> Chain:
    return replace(
        chain,
        sides=tuple(
            replace(side, tokens=tuple(_numbered(one, letter, number) for one in side.tokens))
            for side in chain.sides
        ),
    )


def _numbered(token: Token, letter: str, number: str) -> Token:
    is_letter = token.kind is Kind.LETTER and token.text == letter
    return replace(token, kind=Kind.NUMBER, text=number) if is_letter else token
