"""Cuts the tokens of a formula into rows, statements and sides, and joins what goes on in the next row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from grader.formulas.documents.arrows import is_arrow, with_arrows
from grader.formulas.documents.clauses import held
from grader.formulas.documents.extract import Form
from grader.formulas.documents.rows import cut_before, free, is_relation, numbers_equation, rows
from grader.formulas.limits import Budget
from grader.formulas.tokens import Kind, Token
from grader.formulas.vocabulary import (
    ACCENTS,
    ARROWS,
    RELATIONS,
    SUPPOSED,
)

_WORDS = """
    where and so thus since with hence then let as or because therefore now also finally similarly i.e. e.g. note
    und mit wobei also somit daher damit dann further furthermore moreover next thereby consequently
    """
_FILLERS = frozenset(_WORDS.split())
_NUMBERING = re.compile(r"\(?(?:\d{1,2}[a-z]?|[ivx]{1,4}|[a-z])[.)]|\d{1,2}[.:]")
_SEPARATORS = frozenset({",", ";", r"\quad"})
_PUNCTUATION = _SEPARATORS | {".", ":"}
_NUMBERED = 3
"""Tokens of the number of an equation."""
_NEAR = 12
"""Characters between two formulas that nothing but their marks and an empty line stands between."""
_CONTINUES = ("+", "-", "*", "/")
_CONTINUING_COMMANDS = ("cdot", "times", "odot")


class RawSide(Struct, frozen=True, kw_only=True):
    """One side of a relation, in tokens."""

    relation: str
    """What stands before it: `=`, `:=`, `~` (about), `<-`, `->`, `=>`, `-=` (written out); empty for the first side."""
    tokens: tuple[Token, ...]
    left_out: tuple[Token, ...] = ()
    """Words of prose before and behind them."""
    is_conditional: bool = False
    """Whether it is said to hold under a condition alone."""


class Chain(Struct, frozen=True, kw_only=True):
    """Sides that are said to be equal, one after another."""

    sides: tuple[RawSide, ...]
    form: Form


class _Chain(Struct, kw_only=True):
    """Sides that are being collected."""

    sides: list[RawSide] = field(default_factory=list)
    formula: int = 0
    form: Form = Form.DISPLAY


class Chains:
    """Collects the chains of a document, formula by formula.

    Parameters
    ----------
    budget : Budget
        Is taken off for every token.
    """

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._chains: list[_Chain] = []
        self._formulas = 0
        self.left_out: list[Token] = []
        """First tokens of what stands between commas and relates nothing."""
        self._last_display: _Chain | None = None

    def add(self, tokens: Sequence[Token], *, form: Form, follows: bool) -> None:
        """Add a formula.

        Parameters
        ----------
        tokens : sequence of Token
            As `lex` returns them.
        form : Form
            How it is set.
        follows : bool
            Whether it may go on with the chain of the one before, where that is not within a text.
        """
        self._budget.spend(3 * len(tokens))
        self._formulas += 1
        if form is Form.PLAIN:
            self._last_display = None
        for number, row in enumerate(rows(tokens)):
            within = held(row)
            for statement in _statements(within.tokens, self.left_out):
                sides = _sides(statement)
                if within.is_conditional:
                    sides = [replace(side, is_conditional=True) for side in sides]
                self._add_statement(
                    sides,
                    may_follow=number > 0 or (follows and form is not Form.INLINE),
                    form=form,
                )

    def _add_statement(self, sides: list[RawSide], *, may_follow: bool, form: Form) -> None:
        if not sides:
            return
        is_display = form is Form.DISPLAY
        last = self._last_display if is_display else (self._chains[-1] if self._chains else None)
        if last is not None and may_follow and last.form is form:
            first = sides[0]
            if first.relation:
                last.sides += sides
                return
            is_same = last.formula == self._formulas
            is_more = is_same and _begins_with_operator(first.tokens) and len(sides) == 1
            if (is_more or (not is_same and _is_cut(last.sides[-1], sides))) and len(last.sides) > 1:
                before = last.sides.pop()
                joined = RawSide(
                    relation=before.relation,
                    tokens=before.tokens + first.tokens,
                    left_out=before.left_out + first.left_out,
                )
                last.sides += [joined, *sides[1:]]
                return
        chain = _Chain(sides=sides, formula=self._formulas, form=form)
        self._chains.append(chain)
        if is_display:
            self._last_display = chain

    def take(self, *, is_all: bool) -> Iterator[Chain]:
        """Yield the chains with more than one side, once each, in their order.

        Parameters
        ----------
        is_all : bool
            Whether nothing is added any more; else those that may go on are kept back.
        """
        waiting = [] if is_all else [one for one in self._chains if one is self._last_display][-1:]
        if not is_all and self._chains and self._chains[-1] not in waiting:
            waiting.append(self._chains[-1])
        kept = {id(one) for one in waiting}
        for chain in self._chains:
            if id(chain) in kept:
                continue
            if len(chain.sides) > 1:
                yield Chain(sides=tuple(chain.sides), form=chain.form)
            elif chain.sides[0].relation and chain.form is not Form.PLAIN:
                self.left_out.append(chain.sides[0].tokens[0])
        self._chains = waiting


def _begins_with_operator(tokens: Sequence[Token]) -> bool:
    return _continues(tokens[0])


def _continues(token: Token) -> bool:
    return token.is_sign_among(_CONTINUES) or token.is_command_among(_CONTINUING_COMMANDS)


def _is_cut(before: RawSide, sides: Sequence[RawSide]) -> bool:
    r"""Whether a formula on lines of its own goes on in the next one: between them stands `\cdot` or `+`.

    A minus may also begin a formula: there nothing may stand between the two.
    """
    last, first = before.tokens[-1], sides[0].tokens[0]
    is_raised = len(before.tokens) > 1 and before.tokens[-2].is_sign("_", "^")
    if _continues(last) and not is_raised:
        return True
    if first.is_sign("-"):
        return len(sides) == 1 and 0 <= first.start - last.end <= _NEAR
    return _begins_with_operator(sides[0].tokens)


def _statements(row: Sequence[Token], left_out: list[Token]) -> Iterator[Sequence[Token]]:
    """Yield what arrows, and commas or wide spaces between relations, separate; collect what is left out."""
    row = with_arrows(row)
    for piece in cut_before(row, free(row, is_arrow)):
        tokens = piece[1:] if piece and is_arrow(piece[0]) else piece
        parts = cut_before(tokens, free(tokens, _is_separator))
        if len(parts) == 1 or not any(map(is_relation, tokens)):
            yield tokens
            continue
        for part in parts:
            if any(map(is_relation, part)):
                yield part
                continue
            said = [one for one in part if one.kind is not Kind.WORD and not one.is_sign_among(_PUNCTUATION)]
            if said and not numbers_equation(said):
                left_out.append(said[0])


def _is_separator(token: Token) -> bool:
    return token.is_sign_among(_SEPARATORS)


def _sides(tokens: Sequence[Token]) -> list[RawSide]:
    """Cut a statement at its relations."""
    written = _written_out(tokens)
    is_step, tokens = len(written) > len(tokens), written
    sides: list[RawSide] = []
    colon = False
    for piece in cut_before(tokens, free(tokens, is_relation)):
        has_relation = bool(piece) and is_relation(piece[0])
        relation = RELATIONS[piece[0].text] if has_relation else ""
        if colon and relation == "=":
            relation = ":="
        side, words = _trimmed(piece[1:] if has_relation else _without_number(piece))
        colon = bool(piece) and piece[-1].is_sign(":")
        if side:
            sides.append(RawSide(relation=relation, tokens=tuple(side), left_out=tuple(words)))
    if is_step and len(sides) == 2:  # noqa: PLR2004 (the name and its new value)
        sides[1] = replace(sides[1], relation="-=")
    return sides


def _written_out(tokens: Sequence[Token]) -> Sequence[Token]:
    """Write `w -= a` as `w = w - (a)`, where no other relation says what of it has that value."""
    cuts = [index for index, one in enumerate(tokens) if is_relation(one)]
    cut = cuts[0] if len(cuts) == 1 else 0
    if cut < 2 or cut + 1 == len(tokens):  # noqa: PLR2004 (a name and the first sign)
        return tokens
    sign, equals = tokens[cut - 1 : cut + 1]
    if not (sign.is_sign("+", "-") and equals.is_sign("=") and equals.glued and sign.end == equals.start):
        return tokens
    name, rest = tokens[: cut - 1], tokens[cut + 1 :]
    opener = replace(equals, text="(", start=rest[0].start, end=rest[0].start)
    closer = replace(equals, text=")", start=rest[-1].end, end=rest[-1].end)
    again = [one.moved(sign.start, sign.start) for one in name]
    return [*name, equals, *again, sign, opener, *rest, closer]


def _without_number(tokens: Sequence[Token]) -> Sequence[Token]:
    """Return the first side of an equation without its number: `(3) z = ...`, and not `(3)(z) = ...`."""
    is_number = numbers_equation(tokens[:_NUMBERED]) and len(tokens) > _NUMBERED
    begins = is_number and tokens[_NUMBERED].kind in {Kind.LETTER, Kind.NAME, Kind.COMMAND}
    is_name = begins and not tokens[_NUMBERED].is_command(*_CONTINUING_COMMANDS, *ARROWS)
    return tokens[_NUMBERED:] if is_name else tokens


def _trimmed(tokens: Sequence[Token]) -> tuple[list[Token], list[Token]]:
    """Take punctuation and words of prose off both ends, and wide spaces out; return also the words that say something."""
    side = list(tokens)
    words: list[Token] = []
    while side and (side[-1].is_sign_among(_PUNCTUATION) or _is_last_word(side)):
        words.append(side.pop())
    start = 0
    while start < len(side) and (
        side[start].is_sign_among(_PUNCTUATION)
        or _is_filler(side[start], len(side) - start)
        or (side[start].kind is Kind.WORD and len(side) > start + 2 and side[start + 1].is_sign(":"))
    ):
        words.append(side[start])
        start += 1
    said = [one for one in words if one.kind is Kind.WORD and one.text.lower().strip(",.:") not in _FILLERS]
    return [one for one in side[start:] if not one.is_sign(r"\quad")], said


def _is_last_word(side: Sequence[Token]) -> bool:
    """Whether a side ends with a word of prose: with no sign before it that it would belong to."""
    if side[-1].kind is not Kind.WORD or len(side) == 1 or SUPPOSED.search(side[-1].text):
        return False
    before = side[-2]
    is_operand = before.is_sign("_", "^", *_CONTINUES) or before.is_command(
        *_CONTINUING_COMMANDS, "circ", *ACCENTS
    )
    return not is_operand


def _is_filler(token: Token, left: int) -> bool:
    is_prose = " " in token.text or token.text.endswith(":") or token.text.lower().strip(",:") in _FILLERS
    is_prose = is_prose or _NUMBERING.fullmatch(token.text) is not None
    return token.kind is Kind.WORD and left > 1 and is_prose and not SUPPOSED.search(token.text)
