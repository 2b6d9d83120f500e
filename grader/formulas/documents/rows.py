"""Cuts the tokens of a formula into rows, and tells what stands in brackets."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

from grader.formulas.tokens import Kind, Token
from grader.formulas.vocabulary import OUTER_ENVIRONMENTS, RELATIONS

_OPENERS = {"(": ")", "[": "]", r"\{": r"\}", r"\langle": r"\rangle"}
_CLOSERS = frozenset(_OPENERS.values())
_NESTING = frozenset({Kind.SIGN, Kind.BEGIN, Kind.END})
_RELATING = frozenset({Kind.SIGN, Kind.COMMAND})
_LONGEST_NUMBER = 2
"""Figures of the number of an equation."""


def rows(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Yield the rows of a formula, without the environments that make them and their `&`."""
    row: list[Token] = []
    inner = depth = 0
    for token in tokens:
        if token.kind in {Kind.BEGIN, Kind.END}:
            if token.text in OUTER_ENVIRONMENTS:
                continue
            inner += 1 if token.kind is Kind.BEGIN else -1
        sign = token.text if token.kind is Kind.SIGN else ""
        depth += (sign == "{") - (sign == "}")
        if inner <= 0 and depth <= 0 and sign == r"\\":
            yield row
            row = []
        elif inner > 0 or sign != "&":
            row.append(token)
    yield row


def with_rows(tokens: Sequence[Token], is_label: Callable[[Sequence[Token]], bool]) -> list[Token]:
    r"""Put `\\` between the lines of a formula that has none, where each line is an equation of its own.

    Parameters
    ----------
    tokens : sequence of Token
        As `lex` returns them.
    is_label : callable
        Whether tokens can be what an equation begins with.

    Returns
    -------
    list of Token
        TeX would set them in a row, as one product; nobody means that.
    """
    begins = [index for index, one in enumerate(tokens) if one.begins_line and index]
    plain = list(tokens)
    if not begins or any(one.is_sign(r"\\") or one.kind is Kind.BEGIN for one in tokens):
        return plain
    pieces = cut_before(tokens, begins)
    for piece in pieces:
        inside = enclosed(piece)
        cut = next((at for at, one in enumerate(piece) if is_relation(one) and not inside[at]), 0)
        if not cut or any(map(goes_on, (piece[0], piece[-1]))) or not is_label(piece[:cut]):
            return plain
    end = Token(kind=Kind.SIGN, text=r"\\", start=tokens[0].start, end=tokens[0].start)
    return [one for piece in pieces for one in (*piece, end)][:-1]


def goes_on(token: Token) -> bool:
    """Whether a line that begins or ends with a token is a part of a longer one."""
    return (
        is_relation(token)
        or token.is_sign("+", "-", "*", "/")
        or token.is_command("cdot", "times", "odot", "circ")
    )


def enclosed(tokens: Sequence[Token]) -> list[bool]:
    """Return for every token whether it stands in braces, an environment, or brackets that are closed."""
    within: list[bool] = []
    openers: list[int] = []
    depth = 0
    for index, token in enumerate(tokens):
        if token.kind not in _NESTING:
            within.append(depth > 0)
            continue
        sign = token.text if token.kind is Kind.SIGN else ""
        depth += sign == "{" or token.kind is Kind.BEGIN
        within.append(depth > 0)
        depth -= sign == "}" or token.kind is Kind.END
        if sign in _OPENERS:
            openers.append(index)
        elif sign in _CLOSERS and openers:
            opener = openers.pop()
            within[opener:index] = [True] * (index - opener)
    return within


def free(tokens: Sequence[Token], is_wanted: Callable[[Token], bool]) -> list[int]:
    """Return the indices of wanted tokens that are not enclosed."""
    found = [index for index, token in enumerate(tokens) if is_wanted(token)]
    if not found:
        return found
    inside = enclosed(tokens)
    return [index for index in found if not inside[index]]


def first_side(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens before the first relation."""
    relations = free(tokens, is_relation)
    return list(tokens[: relations[0]] if relations else tokens)


def cut_before(tokens: Sequence[Token], at: Sequence[int]) -> list[list[Token]]:
    """Cut before each of the indices."""
    bounds = [0, *at, len(tokens)]
    return [list(tokens[start:end]) for start, end in itertools.pairwise(bounds)]


def is_relation(token: Token) -> bool:
    """Whether a token stands between two sides."""
    return token.text in RELATIONS and token.kind in _RELATING


def numbers_equation(tokens: Sequence[Token]) -> bool:
    """Whether tokens are the number of an equation: `(3)`, `(*)`."""
    if len(tokens) != 3 or not (tokens[0].is_sign("(") and tokens[2].is_sign(")")):  # noqa: PLR2004 (with its brackets)
        return False
    number = tokens[1]
    is_count = number.kind is Kind.NUMBER and number.text.isdecimal() and len(number.text) <= _LONGEST_NUMBER
    return number.is_sign("*") or is_count
