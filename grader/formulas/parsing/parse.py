"""Reads one side of a formula into a tree: operators by how strongly they bind, and what to do about stray brackets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from grader.formulas.documents.restrictions import is_restriction
from grader.formulas.documents.rows import cut_before
from grader.formulas.limits import Budget, UnreadableError
from grader.formulas.parsing.atoms import Atoms
from grader.formulas.parsing.cursor import Options, Span
from grader.formulas.parsing.indices import ADJACENT
from grader.formulas.parsing.sums import TERM
from grader.formulas.symbols import SymbolTable
from grader.formulas.tokens import Kind, Note, NoteKind, Token
from grader.formulas.tree import (
    Call,
    Condition,
    Derivative,
    Entry,
    Negative,
    Number,
    Power,
    Primed,
    Product,
    Sum,
    Symbol,
    Times,
    Transpose,
    Tree,
    Unknown,
    free_indices,
    walk,
)
from grader.formulas.vocabulary import COMPARISONS

_SUM, _PRODUCT = 10, 20
_SIGNS: Mapping[str, Times] = {"*": Times.STAR, "/": Times.DIVIDE, "@": Times.MATRIX}
_COMMANDS: Mapping[str, Times] = {
    "cdot": Times.DOT,
    "times": Times.DOT,
    "bullet": Times.DOT,
    "div": Times.DIVIDE,
    "odot": Times.ENTRYWISE,
    "oslash": Times.DIVIDE,
    "circ": Times.ENTRYWISE,
    "otimes": Times.OUTER,
}
_OPENING, _CLOSING = frozenset({"{", "(", "[", r"\{"}), frozenset({"}", ")", "]", r"\}"})
_WHOLE = frozenset({"total", "tot", "ges", "gesamt", "all", "sum", "full"})
_TRANSPOSES = frozenset({"T", "top"})


class ParsedSide(Struct, frozen=True, kw_only=True):
    """What came of reading a side."""

    tree: Tree | None = None
    """None where it cannot be read."""
    problem: UnreadableError | None = None
    notes: tuple[Note, ...] = ()


class _Operator(Struct, frozen=True, kw_only=True):
    binding: int
    times: Times | None
    """None for a sum."""
    is_minus: bool = False
    length: int = 1
    """Tokens it takes; none between adjacent factors."""


_ADJACENT = _Operator(binding=ADJACENT, times=Times.ADJACENT, length=0)


def parse_side(
    tokens: Sequence[Token], table: SymbolTable, budget: Budget, options: Options | None = None
) -> ParsedSide:
    """Read one side of a relation.

    Parameters
    ----------
    tokens : sequence of Token
        Of the side, as `lex` returns them.
    table : SymbolTable
        The names of the assignment.
    budget : Budget
        Is taken off for every step.
    options : Options, optional
        Which of several readings to take.

    Returns
    -------
    ParsedSide
        With a tree, or a problem. A stray bracket is left out, and there is a note on it.

    Raises
    ------
    ExhaustedError
        The budget is used up.
    """
    rest = list(tokens)
    notes: list[Note] = []
    for left in range(budget.caps.repairs, -1, -1):
        parser = _Parser(rest, table, budget, options or Options())
        try:
            return ParsedSide(tree=parser.side(), notes=(*notes, *parser.notes))
        except UnreadableError as error:
            if error.stray is None or not left:
                return ParsedSide(problem=error, notes=tuple(notes))
            stray = rest.pop(error.stray)
            text = f"The stray `{stray.text}` is left out: {error.reason}"
            notes.append(Note(kind=NoteKind.REPAIR, text=text, start=stray.start, end=stray.end))
    raise AssertionError("the last round returns")


def _gives_number(tokens: Sequence[Token]) -> bool:
    """Whether tokens are a name, an equals sign and a number."""
    cut = next((at for at, one in enumerate(tokens) if one.is_sign("=")), 0)
    number = [one for one in tokens[cut + 1 :] if not one.is_sign("-")]
    names = [one for one in tokens[:cut] if one.kind in {Kind.LETTER, Kind.NAME, Kind.COMMAND}]
    return bool(names) and len(number) == 1 and number[0].kind is Kind.NUMBER


class _Parser(Atoms):
    """Reads operators."""

    def side(self) -> Tree:
        """Read all tokens.

        Raises
        ------
        UnreadableError
            They cannot be read, or are more than the caps allow.
        """
        caps = self.budget.caps
        if len(self.tokens) > caps.side_tokens:
            raise self.failure(f"The side has {len(self.tokens):,} parts.")
        if not self.tokens:
            raise self.failure("There is nothing on this side.")
        tree = self._without_comparison(self.inside((0, self._behind_value()), self.relation))
        free = free_indices(tree)
        if len(free) > caps.free_indices:
            raise self.failure(f"There are {len(free)} free indices.", self.tokens[0])
        return tree

    def _behind_value(self) -> int:
        r"""Return the number of the token behind the value: `\in \mathbb{R}^K` says what it is, not what it comes to."""
        for at, token in enumerate(self.tokens[:-1]):
            if at and token.is_command("in") and self.tokens[at + 1].is_command("bbR") and self._is_free(at):
                self.note(NoteKind.READING, "The set that it is in is left out.", token)
                return at
        return len(self.tokens)

    def _is_free(self, at: int) -> bool:
        """Whether as many brackets are closed as opened before a token."""
        signs = [one.text for one in self.tokens[:at] if one.kind is Kind.SIGN]
        return sum((one in _OPENING) - (one in _CLOSING) for one in signs) == 0

    def _without_comparison(self, tree: Tree) -> Tree:
        """Return the number of `0.5 > 0`; of a comparison of anything else it is not clear what is meant."""
        if not isinstance(tree, Condition):
            return tree
        first = tree.operands[0]
        number = first.operand if isinstance(first, Negative) else first
        if not isinstance(number, Number) or tree.comparisons[0] == "in":
            raise self.failure("A comparison without brackets can be read in two ways.", self.tokens[0])
        self.note(NoteKind.READING, "What the number is compared with is left out.", self.tokens[0])
        return first

    def relation(self) -> Tree:
        """Read an expression, or a chain of comparisons."""
        operands, comparisons = [self.expression()], list[str]()
        while (token := self.peek()) is not None and token.text in COMPARISONS:
            if token.kind not in {Kind.SIGN, Kind.COMMAND}:
                break
            self.at += 1
            comparisons.append(COMPARISONS[token.text])
            operands.append(self.expression())
        if not comparisons:
            return operands[0]
        condition = Condition(
            operands=tuple(operands),
            comparisons=tuple(comparisons),
            start=operands[0].start,
            end=self.behind,
        )
        return self.chosen(condition) if self.is_sign("?") else condition

    def expression(self, least: int = 0) -> Tree:
        """Read what binds at least that strongly; terms and factors of one kind come into one node."""
        self.enter()
        operands, operators = [self._prefixed(least)], list[_Operator]()
        while (operator := self._operator()) is not None and operator.binding >= least:
            if operators and operators[-1].binding != operator.binding:
                operands, operators = [self._joined(operands, operators)], []
            self._note_ambiguous(operator, operators)
            self.at += operator.length
            first = self.peek() or self.tokens[-1]
            operands.append(self.expression(operator.binding + 1))
            self._note_divided(operator, operands[-1], first)
            operators.append(operator)
        self.leave()
        return self._joined(operands, operators)

    def _prefixed(self, least: int) -> Tree:
        token = self.peek()
        if token is None or not token.is_sign("+", "-"):
            return self._postfixed()
        self.at += 1
        operand = self.expression(max(TERM, least))
        if token.text == "+":
            return operand
        return Negative(operand=operand, start=token.start, end=self.behind)

    def _operator(self) -> _Operator | None:
        token = self.peek()
        if token is None:
            return None
        if token.is_sign("+", "-"):
            return _Operator(binding=_SUM, times=None, is_minus=token.text == "-")
        table = {Kind.SIGN: _SIGNS, Kind.COMMAND: _COMMANDS}.get(token.kind, {})
        if token.text in table:
            return _Operator(binding=_PRODUCT, times=table[token.text])
        return _ADJACENT if self.starts_factor() else None

    def _joined(self, operands: list[Tree], operators: list[_Operator]) -> Tree:
        if not operators:
            return operands[0]
        start, end = operands[0].start, operands[-1].end
        signs = [operator.times for operator in operators]
        if None in signs:
            terms = [
                Negative(operand=one, start=one.start, end=one.end) if operator.is_minus else one
                for one, operator in zip(operands[1:], operators, strict=True)
            ]
            return Sum(terms=(operands[0], *terms), start=start, end=end)
        times = tuple(sign for sign in signs if sign is not None)
        return Product(factors=tuple(operands), signs=times, start=start, end=end)

    def _note_ambiguous(self, operator: _Operator, before: list[_Operator]) -> None:
        """Note what people read differently: `a / b * c`."""
        token = self.peek()
        if token is not None and before and before[-1].times is Times.DIVIDE and operator.times:
            self.note(NoteKind.READING, "Products and quotients in a row are read from left to right.", token)

    def _note_divided(self, operator: _Operator, right: Tree, token: Token) -> None:
        """Note what people read differently: `a / b c`."""
        is_adjacent = isinstance(right, Product) and set(right.signs) == {Times.ADJACENT}
        if operator.times is Times.DIVIDE and is_adjacent and not token.is_sign("("):
            text = "Factors without a sign behind `/` are all divided by."
            self.note(NoteKind.READING, text, token)

    def _postfixed(self) -> Tree:
        operand = self.atom()
        for _ in range(self.budget.caps.depth):
            token = self.peek()
            if token is not None and self._is_bar(token):
                self.at += 2
                self.span()
                text = "The point at which it is taken, behind a bar, is left out."
                self.note(NoteKind.READING, text, token)
                continue
            end = self._point_end() if token is not None and isinstance(operand, Derivative) else 0
            if token is not None and end:
                self.note(
                    NoteKind.READING, "The point at which it is taken, in brackets, is left out.", token
                )
                self.at = end
                continue
            if token is None or not token.is_sign("^", "_", "'", "!"):
                break
            self.at += 1
            if token.text == "!":
                raise self.failure("A factorial is not read.", token)
            if token.text == "'":
                operand = Primed(operand=operand, start=operand.start, end=self.behind)
            elif token.text == "^":
                operand = self.power(operand, self.span())
            else:
                operand = self._entry(operand, self.span(), token)
        return operand

    def _is_bar(self, token: Token) -> bool:
        r"""Whether a bar with a point below it follows, as in `\\right|_{x=1}`."""
        if self.in_bars or not token.is_sign("|") or not self.is_sign("_", ahead=1):
            return False
        saved = self.at
        self.at += 2
        try:
            below = self.span()
        except UnreadableError:
            return False
        finally:
            self.at = saved
        texts = self.texts(below)
        return any(one.is_sign("=") for one in texts) and not is_restriction(
            "".join(one.text for one in texts)
        )

    def _point_end(self) -> int:
        """Return the index behind brackets that give values their numbers, as `(x = 1, y = -3)`; 0 where there are none."""
        if not self.is_sign("("):
            return 0
        end = next((at for at in range(self.at, self.stop) if self.tokens[at].is_sign(")")), self.at)
        inner = self.tokens[self.at + 1 : end]
        parts = cut_before(inner, [at for at, one in enumerate(inner) if one.is_sign(",")])
        return end + 1 if inner and all(map(_gives_number, parts)) else 0

    def _entry(self, operand: Tree, below: Span, token: Token) -> Tree:
        if [one.text for one in self.texts(below)] == ["+"]:
            return Call(function="relu", arguments=(operand,), start=operand.start, end=self.behind)
        part = self._part(operand, below)
        if part is not None:
            return part
        if isinstance(operand, Number | Power) or not self.is_index(below):
            raise self.failure("This subscript cannot be read.", token)
        return self._named_entry(operand, self.indices(below))

    def _part(self, operand: Tree, below: Span) -> Tree | None:
        r"""Return a part of a gradient that the student names, `(\\partial L / \\partial h)_{\\text{skip}}`; the whole is no part."""
        words = self.texts(below)
        is_word = len(words) == 1 and words[0].kind is Kind.WORD and words[0].text.isalpha()
        if not is_word or not isinstance(operand, Derivative) or not isinstance(operand.by, Symbol):
            return None
        if words[0].text.lower() in _WHOLE:
            return operand
        name = f"d{operand.by.name}_{words[0].text}"
        return Unknown(name=name, start=operand.start, end=self.behind)

    def _named_entry(self, operand: Tree, index: tuple[Tree, ...]) -> Tree:
        """Return an entry of what stands in brackets; of a value, or of the loss derived by one, as it is usually named."""
        named = operand.by if isinstance(operand, Derivative) else operand
        if isinstance(named, Symbol) and not named.index and len(index) == self.table.axes.get(named.name, 0):
            entry = replace(named, index=index, end=self.behind)
            if not isinstance(operand, Derivative):
                return entry
            if self.derives_loss(operand):
                return replace(operand, by=entry, end=self.behind)
        return Entry(operand=operand, index=index, start=operand.start, end=self.behind)

    def power(self, base: Tree, above: Span) -> Tree:
        """Put an exponent or a transpose above what was read."""
        tokens = self.texts(above)
        if len(tokens) == 1 and tokens[0].text in _TRANSPOSES:
            return Transpose(operand=base, start=base.start, end=self.behind)
        if tokens and all(one.is_sign("'") for one in tokens):
            return Primed(operand=base, start=base.start, end=self.behind)
        exponent = self.inside(above, self.expression)
        is_large = isinstance(exponent, Number) and float(exponent.text) > self.budget.caps.exponent
        if is_large or any(isinstance(one, Power) for one in walk(exponent)):
            raise self.failure("The exponent is too large.", tokens[0])
        return Power(base=base, exponent=exponent, start=base.start, end=self.behind)
