"""Reads the brackets in a line of plain text: numbers of layers, exponents, marks of derivatives, and entries."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from grader.formulas.documents.plain_names import VALUES
from grader.formulas.symbols import Meaning, SymbolTable, word_of
from grader.formulas.tokens import Kind, Token

OPERANDS = frozenset({Kind.NUMBER, Kind.LETTER, Kind.NAME})
MOST_INDICES = 2
_LONGEST_DIFFERENTIAL = 8
"""Tokens of `(dz_2)`, its brackets among them."""
_DIFFERENTIALS = frozenset({"d", "partial"})


def with_layers(tokens: Sequence[Token], table: SymbolTable) -> list[Token]:
    """Put braces around the number of a layer where the task has a name with it: `W^(2)` and `W^[2]` beside `W_2`."""
    made = list(tokens)
    for at in range(len(tokens) - 4, 0, -1):
        raised, opening, number, closing = tokens[at : at + 4]
        is_bracketed = (opening.is_sign("(") and closing.is_sign(")")) or (
            opening.is_sign("[") and closing.is_sign("]")
        )
        is_number = (
            number.kind is Kind.NUMBER and word_of(f"{tokens[at - 1].text}{number.text}") in table.words
        )
        if raised.is_sign("^") and is_bracketed and is_number:
            braces = (replace(raised, text="{"), opening, number, closing, replace(closing, text="}"))
            made[at + 1 : at + 4] = braces
    return made


def with_powers(tokens: Sequence[Token]) -> list[Token]:
    """Put braces around an exponent in brackets or with a minus: `^(2)`, `^-1`."""
    made: list[Token] = []
    closing: list[bool] = []
    for index, token in enumerate(tokens):
        raised = index > 0 and tokens[index - 1].is_sign("^")
        if token.is_sign("("):
            closing.append(raised)
            made.append(replace(token, text="{") if raised else token)
        elif token.is_sign(")") and closing:
            made.append(replace(token, text="}") if closing.pop() else token)
        elif token.is_sign("-") and raised and index + 1 < len(tokens):
            made += [replace(token, text="{"), token]
        elif token.kind is Kind.NUMBER and index > 1 and made[-1].is_sign("-") and made[-2].is_sign("{"):
            made += [token, replace(token, kind=Kind.SIGN, text="}")]
        else:
            made.append(token)
    return made


def without_brackets(tokens: Sequence[Token]) -> list[Token]:
    """Read `(dL)/(dw0)` as `dL/dw0`."""
    made = list(tokens)
    for at, token in enumerate(tokens):
        if not token.is_sign("/") or not (0 < at < len(tokens) - 1):
            continue
        above, below = _differential(tokens, at, -1), _differential(tokens, at, 1)
        if above is not None and below is not None:
            made[above] = replace(tokens[above], text="{")
            made[below] = replace(tokens[below], text="}")
            made[at - 1] = made[at + 1] = replace(token, text="")
    return [token for token in made if token.kind is not Kind.SIGN or token.text]


def _differential(tokens: Sequence[Token], at: int, way: int) -> int | None:
    """Return where the far bracket around `dL` stands beside a stroke; None where no such thing does."""
    near, far = (")", "(") if way < 0 else ("(", ")")
    if not tokens[at + way].is_sign(near):
        return None
    place = at + 2 * way
    while 0 <= place < len(tokens) and abs(place - at) <= _LONGEST_DIFFERENTIAL:
        if tokens[place].is_sign("(", ")"):
            first = min(place, at + way) + 1
            is_mark = tokens[first].text in _DIFFERENTIALS and abs(place - at) > 2  # noqa: PLR2004 (not empty)
            return place if tokens[place].is_sign(far) and is_mark else None
        if not _is_named(tokens[place]):
            return None
        place += way
    return None


def _is_named(token: Token) -> bool:
    return token.kind in (*OPERANDS, Kind.COMMAND) or token.is_sign("_", "{", "}", "^")


def with_entries(tokens: Sequence[Token], table: SymbolTable) -> list[Token]:
    """Read `p(k)` as `p_k`: a value of the task with nothing but letters that count behind it."""
    made: list[Token] = []
    at = 0
    while at < len(tokens):
        letters = _called_with(tokens, at, table) if made and _is_value_of(made[-1], table) else ()
        if letters:
            closing = tokens[at + 2 * len(letters)]
            made.append(replace(tokens[at], text="_"))
            made.append(replace(tokens[at], text="{"))
            made += [replace(letter, kind=Kind.LETTER) for letter in letters]
            made.append(replace(closing, text="}"))
            at += 2 * len(letters) + 1
        else:
            made.append(tokens[at])
            at += 1
    return made


def _called_with(tokens: Sequence[Token], at: int, table: SymbolTable) -> tuple[Token, ...]:
    """Return the letters that count in a bracket right behind a name, and nothing beside them."""
    if not (tokens[at].is_sign("(") and tokens[at].glued):
        return ()
    for count in (1, MOST_INDICES):
        inside = tokens[at + 1 : at + 2 * count]
        end = at + 2 * count
        is_closed = end < len(tokens) and tokens[end].is_sign(")")
        letters = inside[::2]
        commas = all(one.is_sign(",") for one in inside[1::2])
        if is_closed and commas and all(_counts_alone(one, table) for one in letters):
            return tuple(letters)
    return ()


def _counts_alone(token: Token, table: SymbolTable) -> bool:
    is_index = token.kind in (Kind.LETTER, Kind.NAME) and token.text in table.indices
    return is_index and word_of(token.text) not in table.words


def _is_value_of(token: Token, table: SymbolTable) -> bool:
    found = table.words.get(word_of(token.text)) if token.kind in (Kind.LETTER, Kind.NAME) else None
    return found is not None and found[0] in VALUES


def with_nabla(tokens: Sequence[Token], table: SymbolTable) -> list[Token]:
    """Read `nabla z_2 L` and `nabla _ z _ {2} L` as `nabla _ {z_2} L`: what stands before the loss is what it is derived by."""
    made = list(tokens)
    for at in range(len(tokens) - 2, -1, -1):
        if not tokens[at].is_command("nabla"):
            continue
        is_marked = tokens[at + 1].is_sign("_")
        first = at + 1 + is_marked
        behind = _behind_name(tokens, first)
        by = word_of("".join(one.text for one in tokens[first:behind] if not one.is_sign("_", "{", "}")))
        is_before_loss = behind < len(tokens) and table.words.get(tokens[behind].text) == (
            Meaning.VALUE,
            table.loss,
        )
        if by in table.words and (is_before_loss or (is_marked and behind > first + 1)):
            mark = replace(tokens[first], kind=Kind.SIGN, text="_", end=tokens[first].start)
            opening = replace(mark, text="{")
            closing = replace(tokens[behind - 1], kind=Kind.SIGN, text="}")
            made[at + 1 : behind] = [mark, opening, *tokens[first:behind], closing]
    return made


def _behind_name(tokens: Sequence[Token], at: int) -> int:
    """Return where a name with its script in braces ends; the same place where none begins there."""
    if at >= len(tokens) or tokens[at].kind not in (Kind.LETTER, Kind.NAME):
        return at
    end = at + 1
    if end + 1 < len(tokens) and tokens[end].is_sign("_") and tokens[end + 1].is_sign("{"):
        closing = next((to for to in range(end + 2, len(tokens)) if tokens[to].is_sign("}")), end - 1)
        return closing + 1
    return end
