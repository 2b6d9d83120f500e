"""Cuts the tokens of a formula into rows, statements and sides, and joins what goes on in the next row."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from grader.formulas.extract import Form
from grader.formulas.limits import Budget
from grader.formulas.tokens import Kind, Token
from grader.formulas.vocabulary import ARROWS, OUTER_ENVIRONMENTS, RELATIONS, ROWED

_OPENERS = {"(": ")", "[": "]", r"\{": r"\}", r"\langle": r"\rangle"}
_WORDS = """
    where and so thus since with hence then let as or because therefore now also finally similarly i.e. e.g. note
    und mit wobei also somit daher damit dann
    """
_FILLERS = frozenset(_WORDS.split())
_PUNCTUATION = (".", ",", ";", ":", r"\quad")
_CONTINUES = ("+", "-", "*", "/")
_CONTINUING_COMMANDS = ("cdot", "times", "odot")


@dataclass(frozen=True, kw_only=True, slots=True)
class RawSide:
    """One side of a relation, in tokens."""

    relation: str
    """What stands before it: `=`, `:=`, `~` (about), `<-`; empty for the first side."""
    tokens: tuple[Token, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Chain:
    """Sides that are said to be equal, one after another."""

    sides: tuple[RawSide, ...]
    form: Form


@dataclass(kw_only=True, slots=True)
class _Chain:
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
        for number, row in enumerate(_rows(tokens)):
            for statement in _statements(row, self.left_out):
                self._add_statement(
                    _sides(statement),
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
            is_more = last.formula == self._formulas and _begins_with_operator(first.tokens)
            if is_more and len(sides) == 1 and len(last.sides) > 1:
                before = last.sides.pop()
                joined = RawSide(relation=before.relation, tokens=before.tokens + first.tokens)
                last.sides.append(joined)
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
            if id(chain) not in kept and len(chain.sides) > 1:
                yield Chain(sides=tuple(chain.sides), form=chain.form)
        self._chains = waiting


def _begins_with_operator(tokens: Sequence[Token]) -> bool:
    return tokens[0].is_sign(*_CONTINUES) or tokens[0].is_command(*_CONTINUING_COMMANDS)


def _rows(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Yield the rows of a formula, without the environments that make them and their `&`."""
    row: list[Token] = []
    inner = depth = 0
    skip_until_brace = False
    for token in tokens:
        if skip_until_brace:
            skip_until_brace = not token.is_sign("}")
            continue
        if token.kind in {Kind.BEGIN, Kind.END}:
            if token.text in OUTER_ENVIRONMENTS:
                skip_until_brace = token.kind is Kind.BEGIN and token.text in ROWED
                continue
            inner += 1 if token.kind is Kind.BEGIN else -1
        depth += token.is_sign("{") - token.is_sign("}")
        if inner <= 0 and depth <= 0 and token.is_sign(r"\\"):
            yield row
            row = []
        elif inner > 0 or not token.is_sign("&"):
            row.append(token)
    yield row


def _inside(tokens: Sequence[Token]) -> list[bool]:
    """Return for every token whether it stands in braces, an environment, or brackets that are closed."""
    change = [0] * (len(tokens) + 1)
    openers: list[int] = []
    depth = 0
    within: list[bool] = []
    for index, token in enumerate(tokens):
        depth += token.is_sign("{") + (token.kind is Kind.BEGIN)
        within.append(depth > 0)
        depth -= token.is_sign("}") + (token.kind is Kind.END)
        if token.is_sign(*_OPENERS):
            openers.append(index)
        elif token.is_sign(*_OPENERS.values()) and openers:
            opener = openers.pop()
            change[opener] += 1
            change[index] -= 1
    total = 0
    for index, step in enumerate(change[:-1]):
        total += step
        within[index] = within[index] or total > 0
    return within


def _cut(tokens: Sequence[Token], at: Sequence[int]) -> list[list[Token]]:
    """Cut before each of the indices."""
    bounds = [0, *at, len(tokens)]
    return [list(tokens[start:end]) for start, end in itertools.pairwise(bounds)]


def _is_relation(token: Token) -> bool:
    return token.kind in {Kind.SIGN, Kind.COMMAND} and token.text in RELATIONS


def _statements(row: Sequence[Token], left_out: list[Token]) -> Iterator[list[Token]]:
    """Yield what arrows, and commas or wide spaces between relations, separate; collect what is left out."""
    inside = _inside(row)
    arrows = [index for index, token in enumerate(row) if token.is_command(*ARROWS) and not inside[index]]
    for piece in _cut(row, arrows):
        tokens = piece[1:] if piece and piece[0].is_command(*ARROWS) else piece
        within = _inside(tokens)
        commas = [
            index
            for index, token in enumerate(tokens)
            if token.is_sign(",", ";", r"\quad") and not within[index]
        ]
        parts = _cut(tokens, commas)
        with_relation = [part for part in parts if any(map(_is_relation, part))]
        if not with_relation:
            yield tokens
            continue
        yield from with_relation
        for part in parts:
            said = [one for one in part if one.kind is not Kind.WORD and not one.is_sign(*_PUNCTUATION)]
            if said and not any(map(_is_relation, part)):
                left_out.append(said[0])


def _sides(tokens: Sequence[Token]) -> list[RawSide]:
    """Cut a statement at its relations."""
    inside = _inside(tokens)
    cuts = [index for index, token in enumerate(tokens) if _is_relation(token) and not inside[index]]
    sides: list[RawSide] = []
    colon = False
    for piece in _cut(tokens, cuts):
        has_relation = bool(piece) and _is_relation(piece[0])
        relation = RELATIONS[piece[0].text] if has_relation else ""
        if colon and relation == "=":
            relation = ":="
        side = _trimmed(piece[1:] if has_relation else piece)
        colon = bool(piece) and piece[-1].is_sign(":")
        if side:
            sides.append(RawSide(relation=relation, tokens=tuple(side)))
    return sides


def _trimmed(tokens: Sequence[Token]) -> list[Token]:
    """Take punctuation and words of prose off both ends, and wide spaces out."""
    side = list(tokens)
    while side and (side[-1].is_sign(*_PUNCTUATION) or _is_last_word(side)):
        side.pop()
    start = 0
    while start < len(side) and (
        side[start].is_sign(*_PUNCTUATION) or _is_filler(side[start], len(side) - start)
    ):
        start += 1
    return [one for one in side[start:] if not one.is_sign(r"\quad")]


def _is_last_word(side: Sequence[Token]) -> bool:
    is_script = len(side) > 1 and side[-2].is_sign("_", "^")
    return side[-1].kind is Kind.WORD and len(side) > 1 and not is_script


def _is_filler(token: Token, left: int) -> bool:
    is_prose = " " in token.text or token.text.lower().strip(",:") in _FILLERS
    return token.kind is Kind.WORD and left > 1 and is_prose
