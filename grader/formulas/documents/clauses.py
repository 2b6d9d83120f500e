r"""Reads what stands within a formula on when it holds: `A \text{ if } z > 0, \text{ else } B`, `p_k, \quad k \neq c`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from grader.formulas.documents.context_words import (
    CONDITION,
    FOLLOWED_BY_CONDITION,
    FOLLOWED_BY_DOUBT,
    FOLLOWED_BY_WRONG,
    FORMULA,
    LEADS_CONDITION,
)
from grader.formulas.documents.restrictions import is_restriction
from grader.formulas.documents.rows import enclosed, is_relation
from grader.formulas.tokens import Kind, Token
from grader.formulas.vocabulary import COMPARISONS

_SEPARATORS = (",", ";", r"\quad", ".")
_ELSE = frozenset({"else", "otherwise", "sonst", "andernfalls", "sinon"})
_OPPOSITE = frozenset({"< >", "> <", "<= >", "> <=", "< >=", ">= <", "= !=", "!= ="})
_ORDERS = frozenset({"<", ">", "leq", "geq"})
_REMARK = 4
"""Tokens of `(> 0)`."""
_WORDS = """
    and or so thus then hence therefore further also where with using as since because which gives we get have is for
    finally now again means follows it und mit wobei also somit damit dann daraus folgt wegen weil da wir et avec donc y con
"""
_CONNECTING = frozenset(_WORDS.split())
"""Words between two equations."""
_LONGEST = 40
"""Tokens of a condition."""


class Held(Struct, frozen=True, kw_only=True):
    """A row, and whether it holds always."""

    tokens: tuple[Token, ...]
    is_conditional: bool = False
    """Whether it holds only under a condition, which is left out of it."""


class _Piece(Struct, frozen=True, kw_only=True):
    """What stands between separators and words."""

    words: tuple[Token, ...] = ()
    rest: tuple[Token, ...] = ()
    separator: tuple[Token, ...] = ()

    @property
    def tokens(self) -> tuple[Token, ...]:
        return (*self.words, *self.rest, *self.separator)


def held(row: Sequence[Token]) -> Held:
    """Tell apart what a row says, and when that holds.

    Parameters
    ----------
    row : sequence of Token
        Of a formula.

    Returns
    -------
    Held
        Two values for opposite conditions, or one and an `else`, are put together as cases.
    """
    if not any(one.kind is Kind.WORD or one.text in COMPARISONS for one in row):
        return Held(tokens=tuple(row))
    row = _without_remarks(row)
    if not _has_pieces(row):
        return Held(tokens=tuple(row))
    pieces = list(_pieces(row))
    has_numbers = any(one.kind is Kind.NUMBER and "." in one.text for one in row)
    clauses = [
        _is_clause(piece, is_first=at == 0, has_numbers=has_numbers) for at, piece in enumerate(pieces)
    ]
    is_claimed = any(
        is_relation(one)
        for piece, is_out in zip(pieces, clauses, strict=True)
        if not is_out
        for one in piece.rest
    )
    if not any(clauses) or not is_claimed:
        return Held(tokens=tuple(_joined(pieces)))
    cases = _as_cases(pieces, clauses)
    if cases is not None:
        return Held(tokens=cases)
    kept = [
        replace(piece, words=(), rest=()) if is_out else piece
        for piece, is_out in zip(pieces, clauses, strict=True)
    ]
    return Held(tokens=tuple(_joined(kept)), is_conditional=True)


def _has_pieces(row: Sequence[Token]) -> bool:
    """Whether words or separators part a row; most rows say one thing."""
    return any(one.kind is Kind.WORD for one in row) or any(
        one.is_sign_among(_SEPARATORS) for one in row[:-1]
    )


def _joined(pieces: Sequence[_Piece]) -> Iterator[Token]:
    r"""Yield the tokens of pieces; what follows words, as in `\text{ and thus } h_1 = 0.25`, is a statement of its own."""
    is_statement = False
    for piece in pieces:
        is_more = any(map(is_relation, piece.rest))
        if piece.words and is_statement and is_more and all(map(_is_connecting, piece.words)):
            yield replace(piece.words[0], kind=Kind.SIGN, text=r"\quad")
            yield from (*piece.rest, *piece.separator)
        else:
            yield from piece.tokens
        is_statement = (is_statement or is_more) and not piece.separator


def _is_connecting(word: Token) -> bool:
    words = word.text.lower().replace(",", " ").split()
    return bool(words) and all(one in _CONNECTING for one in words)


def _without_remarks(row: Sequence[Token]) -> Sequence[Token]:
    """Take off the `(> 0)` behind a number, which its reader can see."""
    if not any(one.text in _ORDERS for one in row):
        return row
    for at in range(1, len(row) - _REMARK + 1):
        opener, sign, number, closer = row[at : at + _REMARK]
        is_remark = opener.is_sign("(") and sign.text in _ORDERS and closer.is_sign(")")
        if is_remark and Kind.NUMBER is number.kind is row[at - 1].kind:
            return [*row[:at], *row[at + _REMARK :]]
    return row


def _pieces(row: Sequence[Token]) -> Iterator[_Piece]:
    """Cut a row before its words and behind its commas; behind words also behind a colon."""
    within = enclosed(row)
    words: list[Token] = []
    rest: list[Token] = []
    for index, token in enumerate(row):
        is_free = not within[index]
        if is_free and token.kind is Kind.WORD and _may_begin(row, index):
            if rest:
                yield _Piece(words=tuple(words), rest=tuple(rest))
                words, rest = [], []
            words.append(token)
        elif is_free and (token.is_sign_among(_SEPARATORS) or (words and token.is_sign(":"))):
            yield _Piece(words=tuple(words), rest=tuple(rest), separator=(token,))
            words, rest = [], []
        else:
            rest.append(token)
    if words or rest:
        yield _Piece(words=tuple(words), rest=tuple(rest))


def _may_begin(row: Sequence[Token], index: int) -> bool:
    """Whether a word is no script, and no function of what stands behind it."""
    is_script = index > 0 and row[index - 1].is_sign("_", "^")
    is_called = index + 1 < len(row) and row[index + 1].is_sign("(", "_", "^", "'", r"\{")
    return not is_script and not is_called


def _is_clause(piece: _Piece, *, is_first: bool, has_numbers: bool) -> bool:
    """Whether a piece says when the others hold."""
    if not piece.words and (is_first or has_numbers):
        return False
    restricts = len(piece.rest) <= _LONGEST and is_restriction(_text(piece.rest))
    if not piece.words:
        return restricts
    said = " ".join(one.text for one in piece.words)
    is_else = said.lower().strip(" ,.:") in _ELSE
    masked = f"{said} {CONDITION if restricts else FORMULA if piece.rest else ''}"
    is_said = any(
        pattern.match(masked) for pattern in (FOLLOWED_BY_CONDITION, FOLLOWED_BY_DOUBT, FOLLOWED_BY_WRONG)
    )
    is_said = is_said or (is_first and LEADS_CONDITION.search(masked) is not None)
    return is_else or (is_said and (restricts or not any(map(is_relation, piece.rest))))


def _text(tokens: Sequence[Token]) -> str:
    return "".join(f"\\{one.text} " if one.kind is Kind.COMMAND else one.text for one in tokens)


def _as_cases(pieces: Sequence[_Piece], clauses: Sequence[bool]) -> tuple[Token, ...] | None:
    r"""Put `x = A \text{ if } C, \text{ else } B`, or `x = A \text{ for } C, B \text{ for } D`, together; None where it is neither."""
    said = [
        (piece, is_out)
        for piece, is_out in zip(pieces, clauses, strict=True)
        if piece.words or piece.rest or is_out
    ]
    if not said or said[0][1] or said[0][0].words:
        return None
    first = said[0][0].rest
    inside = enclosed(first)
    cut = max((at for at, one in enumerate(first) if is_relation(one) and not inside[at]), default=-1) + 1
    branches = _branches([(_Piece(rest=first[cut:]), False), *said[1:]])
    if not 0 < cut < len(first) or branches is None or not _are_all(branches):
        return None
    place = first[cut]
    begin = replace(place, kind=Kind.BEGIN, text="cases", end=place.start)
    end = replace(branches[-1][0][-1], kind=Kind.END, text="cases")
    cell, row = (replace(place, kind=Kind.SIGN, text=one, end=place.start) for one in ("&", r"\\"))
    otherwise = replace(place, kind=Kind.WORD, text="otherwise", end=place.start)
    inner = [
        one
        for at, (value, condition) in enumerate(branches)
        for one in (*((row,) if at else ()), *value, cell, *(condition or (otherwise,)))
    ]
    return (*first[:cut], begin, *inner, replace(end, start=end.end))


_Branch = tuple[tuple[Token, ...], tuple[Token, ...]]


def _branches(said: Sequence[tuple[_Piece, bool]]) -> list[_Branch] | None:
    """Return two values with their conditions, of which the second one may be empty; None where there are not two."""
    values: list[tuple[Token, ...]] = []
    conditions: list[tuple[Token, ...]] = []
    for piece, is_out in said:
        is_else = (
            bool(piece.words) and " ".join(one.text for one in piece.words).lower().strip(" ,.:") in _ELSE
        )
        if not is_out:
            is_more = piece.words or any(map(is_relation, piece.rest))
            if is_more or len(values) != len(conditions):
                return None
            values.append(piece.rest)
        elif is_else:
            values += [piece.rest] if piece.rest else []
            conditions.append(())
        else:
            conditions.append(piece.rest)
    if len(values) != 2 or len(conditions) != 2 or not all(values) or not conditions[0]:  # noqa: PLR2004
        return None
    return list(zip(values, conditions, strict=True))


def _are_all(branches: Sequence[_Branch]) -> bool:
    """Whether one of two conditions always holds, but for where both sides of it are equal."""
    (_, first), (_, second) = branches
    if not second:
        return True
    signs = [
        [COMPARISONS[one.text] for one in tokens if one.text in COMPARISONS] for tokens in (first, second)
    ]
    rests = [[one.text for one in tokens if one.text not in COMPARISONS] for tokens in (first, second)]
    return (
        len(signs[0]) == len(signs[1]) == 1
        and rests[0] == rests[1]
        and f"{signs[0][0]} {signs[1][0]}" in _OPPOSITE
    )
