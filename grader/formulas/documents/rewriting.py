r"""Brings what TeX lets people write in another order, `{a \over b}` and `2.5\mathrm{e}{-1}`, into the usual one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec.structs import replace

from grader.formulas.documents.rows import is_relation
from grader.formulas.tokens import Kind, Token, closing_braces
from grader.formulas.vocabulary import SET_ABOVE

_TENS = re.compile(r"[eE][+-]?\d{1,3}")
_SIGNED = 5
"""Tokens of `e{-1}`."""
_MOST_FIGURES = 3


def with_fractions(tokens: Sequence[Token]) -> Sequence[Token]:
    r"""Read `{a \over b}` as `\frac{a}{b}`.

    Parameters
    ----------
    tokens : sequence of Token
        With their braces.

    Returns
    -------
    sequence of Token
        One without braces around it, and two in one group, stay as they are.
    """
    if not any(one.text == "over" for one in tokens):
        return tokens
    closing = closing_braces(tokens)
    ends = {end: start for start, end in closing.items()}
    openers: list[int] = []
    bars: dict[int, list[int]] = {}
    for index, token in enumerate(tokens):
        if index in closing:
            openers.append(index)
        elif index in ends:
            openers.pop()
        elif token.is_command("over") and openers:
            bars.setdefault(openers[-1], []).append(index)
    single = {opener: found[0] for opener, found in bars.items() if len(found) == 1}
    between = set(single.values())
    put: list[Token] = []
    for index, token in enumerate(tokens):
        opens, closes = replace(token, kind=Kind.SIGN, text="{"), replace(token, kind=Kind.SIGN, text="}")
        if index in single:
            put += [token, replace(token, kind=Kind.COMMAND, text="frac"), opens]
        elif index in between:
            put += [closes, opens]
        elif ends.get(index) in single:
            put += [closes, token]
        else:
            put.append(token)
    return put


def with_tens(tokens: Sequence[Token]) -> Sequence[Token]:
    r"""Join a number with a power of ten behind it that is written upright: `7.5\mathrm{e}{-1}`, `2.5\text{e-1}`.

    Parameters
    ----------
    tokens : sequence of Token
        With text as words, and without braces around single tokens.

    Returns
    -------
    sequence of Token
        A letter with a space before it, or without a sign behind it, may be a name, and stays.
    """
    if not any(one.text[:1] in {"e", "E"} for one in tokens):
        return tokens
    put: list[Token] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        tens, behind = _tens(tokens, index)
        if tens and put and put[-1].kind is Kind.NUMBER and put[-1].text[-1].isdigit():
            put[-1] = replace(put[-1], text=put[-1].text + tens, end=tokens[behind - 1].end)
            index = behind
        else:
            put.append(token)
            index += 1
    return put


def _tens(tokens: Sequence[Token], index: int) -> tuple[str, int]:
    """Return a power of ten as code has it, and the index behind it; an empty text where there is none."""
    token = tokens[index]
    if token.kind is Kind.WORD and token.text[:1] in {"e", "E"} and _TENS.fullmatch(token.text):
        return token.text, index + 1
    group = tokens[index : index + _SIGNED]
    if len(group) < _SIGNED or not token.glued or not group[4].is_sign("}"):
        return "", index
    mark, brace = (group[1], token) if token.is_sign("{") else (token, group[1])
    sign, figures = group[2], group[3]
    is_number = figures.kind is Kind.NUMBER and figures.text.isdigit() and len(figures.text) <= _MOST_FIGURES
    is_mark = mark.kind is Kind.LETTER and mark.text in {"e", "E"} and brace.is_sign("{")
    if not (is_mark and is_number and sign.is_sign("+", "-")):
        return "", index
    return f"e{sign.text}{figures.text}", index + _SIGNED


def with_primed_indices(tokens: Sequence[Token]) -> Sequence[Token]:
    r"""Make one letter of an index with a prime, that of `\sum_{k'}` and of `z_{k'}`.

    Parameters
    ----------
    tokens : sequence of Token
        With the braces of scripts.

    Returns
    -------
    sequence of Token
        A prime outside of an index, as in `s'_k`, belongs to the name.
    """
    if not any(one.text == "'" for one in tokens):
        return tokens
    closing = closing_braces(tokens)
    put: list[Token] = []
    below = -1
    for index, token in enumerate(tokens):
        if index in closing and index and tokens[index - 1].is_sign("_"):
            below = max(below, closing[index])
        if put and index < below and token.is_sign("'") and _is_letter(put[-1]):
            put[-1] = replace(put[-1], text=f"{put[-1].text}'", end=token.end)
        elif index < below - 1 and token.is_sign("^") and tokens[index + 1].is_sign("'"):
            continue
        else:
            put.append(token)
    return put


def _is_letter(token: Token) -> bool:
    return token.kind is Kind.LETTER and token.text[0].islower()


def with_plain_relations(tokens: Sequence[Token]) -> list[Token]:
    r"""Take off what is written over or under a relation: why it holds, `\overset{(2)}{=}` and `\stackrel{!}{=}`.

    Parameters
    ----------
    tokens : sequence of Token

    Returns
    -------
    list of Token
        The same where something else stands below, or where a question mark asks whether it holds.

    Raises
    ------
    UnreadableError
        A brace is never closed.
    """
    if not any(one.is_command_among(SET_ABOVE) for one in tokens):
        return list(tokens)
    closing = closing_braces(tokens)
    kept: list[Token] = []
    index = 0
    while index < len(tokens):
        opener = index + 1
        behind = closing.get(opener, len(tokens)) + 1
        end = closing.get(behind, behind) + 1
        inner = tokens[behind + 1 : end - 1] if behind in closing else tokens[behind:end]
        is_dressed = tokens[index].is_command_among(SET_ABOVE) and opener in closing
        is_asked = any(one.text == "?" for one in tokens[opener:behind])
        if is_dressed and not is_asked and len(inner) == 1 and is_relation(inner[0]):
            kept.append(inner[0])
            index = end
        else:
            kept.append(tokens[index])
            index += 1
    return kept
