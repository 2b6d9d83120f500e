"""Reads what a value can begin with: numbers, brackets, fractions and derivatives, sums, indicators, environments."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from grader.formulas.cursor import Span, shown
from grader.formulas.functions import Scripts
from grader.formulas.indices import ADJACENT, TIGHTEST
from grader.formulas.limits import UnreadableError
from grader.formulas.sums import Sums
from grader.formulas.symbols import flat
from grader.formulas.tokens import Kind, NoteKind, Token
from grader.formulas.tree import (
    Absolute,
    Call,
    Condition,
    Derivative,
    Extreme,
    Fraction,
    Indicator,
    Listing,
    Norm,
    Number,
    Ones,
    Over,
    Symbol,
    Tree,
    Unknown,
)
from grader.formulas.vocabulary import ACCENTS, COMPARISONS, FUNCTIONS, GREEK

CLOSING: Mapping[str, str] = {"(": ")", "[": "]", r"\{": r"\}"}
_MARKS = ("partial", "delta", "Delta", "nabla")
_WORD_INDICATORS = frozenset({"I", "chi"})


class Atoms(Sums):
    """Reads values up to the first sign between them."""

    def atom(self) -> Tree:
        """Read one value, without what may be raised behind it."""
        token = self.peek()
        if token is None:
            raise self.failure("The formula ends where a value is expected.")
        match token.kind:
            case Kind.NUMBER:
                return self._number()
            case Kind.SIGN:
                return self._signed(token)
            case Kind.BEGIN:
                return self.environment()
            case Kind.COMMAND:
                return self._commanded(token)
            case Kind.LETTER | Kind.WORD | Kind.NAME:
                is_indicator = token.text in _WORD_INDICATORS and not self.is_taken(token.text)
                if is_indicator and self._condition_follows(1):
                    return self._indicator(self.take())
                return self.name()
            case _:
                raise self.unexpected(token)

    def _number(self) -> Tree:
        token = self.take()
        if token.text == "1" and self._condition_follows(0):
            return self._indicator(token)
        return Number(text=token.text, start=token.start, end=token.end)

    def _signed(self, token: Token) -> Tree:
        if token.text in CLOSING:
            return self._listed(self.bracket(self.take()))
        if token.text == "{":
            return self.inside(self.span(), self.relation)
        if token.text in {"|", r"\|"}:
            return self._barred()
        raise self.unexpected(token)

    def _listed(self, listing: Listing) -> Tree:
        first = listing.items[0] if listing.items else listing
        if len(listing.items) != 1 or listing.has_dots:
            return listing
        if isinstance(first, Condition):
            return Indicator(condition=first, start=listing.start, end=listing.end)
        return first

    def _commanded(self, token: Token) -> Tree:
        readers: Mapping[str, Callable[[], Tree]] = {
            "frac": self._fraction,
            "sqrt": self._root,
            "sum": self.over,
            "prod": self.over,
            "nabla": self._gradient,
            "indicator": self._indicated,
            "underbrace": self._braced,
            "overbrace": self._braced,
            "partial": self._partial,
        }
        if token.text in readers:
            return readers[token.text]()
        if token.text == "delta":
            derived = self._marked_inline()
            if derived is not None:
                return derived
        if token.text in FUNCTIONS and token.text not in self.table.bases:
            return self._named_function(self.take())
        if token.text in GREEK or token.text in ACCENTS or token.text in self.table.bases:
            return self.name()
        raise self.failure(f"`{shown(token)}` cannot be read.", token)

    def bracket(self, opener: Token) -> Listing:
        """Read what stands between an opening bracket, which was taken, and its closing one.

        Returns
        -------
        Listing
            Also where there is one item.
        """
        close, place, bars = CLOSING[opener.text], self.at - 1, self.in_bars
        self.in_bars = False
        items: list[Tree] = []
        has_dots = False
        self.enter()
        while True:
            if self.is_command("ldots"):
                self.at, has_dots = self.at + 1, True
            else:
                items.append(self.relation())
            if not self.is_sign(",", ";"):
                break
            self.at += 1
        self.leave()
        end = self.peek()
        if end is None:
            raise self.failure(f"`{opener.text}` is never closed.", opener, stray=place)
        if not end.is_sign(close):
            raise self.unexpected(end)
        self.at += 1
        self.in_bars = bars
        return Listing(items=tuple(items), has_dots=has_dots, start=opener.start, end=self.behind)

    def _barred(self) -> Tree:
        opener, place, bars = self.take(), self.at - 1, self.in_bars
        self.in_bars = True
        self.enter()
        operand = self.expression()
        self.leave()
        if not self.is_sign(opener.text):
            if self.peek() is None:
                raise self.failure(f"`{opener.text}` is never closed.", opener, stray=place)
            raise self.unexpected(self.take())
        self.at += 1
        self.in_bars = bars
        if opener.text == "|":
            return Absolute(operand=operand, start=opener.start, end=self.behind)
        order = "2"
        if self.is_sign("_"):
            self.at += 1
            order = flat(self.texts(self.span()))
        return Norm(operand=operand, order=order, start=opener.start, end=self.behind)

    def _fraction(self) -> Tree:
        first = self.take()
        top, bottom = self.span(), self.span()
        derived = self._derivative_fraction(first, top, bottom)
        if derived is not None:
            return derived
        return Fraction(
            top=self.inside(top, self.expression),
            bottom=self.inside(bottom, self.expression),
            start=first.start,
            end=self.behind,
        )

    def _derivative_fraction(self, first: Token, top: Span, bottom: Span) -> Tree | None:
        r"""Read a fraction whose halves both begin with a mark, `\frac{\partial L}{\partial w}`; else None."""
        mark = self._mark(top)
        if not mark or not self._mark(bottom) or bottom[1] - bottom[0] == 1:
            return None
        try:
            by = self.inside((bottom[0] + 1, bottom[1]), lambda: self.name(alone=True))
        except UnreadableError:
            return None
        if not isinstance(by, Symbol | Unknown):
            return None
        if mark in {"delta", "Delta"}:
            self.note(NoteKind.READING, rf"`\{mark}` is read as the mark of a derivative.", first)
        if top[1] - top[0] > 1:
            of = self.inside((top[0] + 1, top[1]), self.expression)
        else:
            of = self.expression(TIGHTEST if self.is_sign("(", "[") else ADJACENT)
        return Derivative(of=of, by=by, start=first.start, end=self.behind)

    def _mark(self, span: Span) -> str:
        """Return what marks a half of a fraction as one of a derivative; empty where nothing does."""
        tokens = self.texts(span)
        if not tokens or (len(tokens) > 1 and tokens[1].is_sign("_", "^", "'")):
            return ""
        if tokens[0].is_command(*_MARKS):
            return tokens[0].text
        is_d = tokens[0].kind is Kind.LETTER and tokens[0].text == "d"
        return "d" if is_d and not self.is_taken("d") else ""

    def _marked_inline(self) -> Tree | None:
        token = self.peek(1)
        if token is None or token.is_sign("_", "^", "'", "{"):
            return None
        derived = self.inline_derivative()
        if derived is not None:
            text = r"`\delta` is read as the mark of a derivative."
            self.note(NoteKind.READING, text, self.tokens[self.at - 1])
        return derived

    def _partial(self) -> Tree:
        token = self.peek()
        derived = self.inline_derivative()
        if derived is None:
            raise self.failure("The derivative cannot be read.", token)
        return derived

    def _gradient(self) -> Tree:
        first = self.take()
        if not self.is_sign("_"):
            raise self.failure("A gradient without what it is taken by cannot be read.", first)
        self.at += 1
        by = self.inside(self.span(), lambda: self.name(alone=True))
        if not isinstance(by, Symbol | Unknown):
            raise self.failure("What the gradient is taken by cannot be read.", first)
        of = self.expression(TIGHTEST)
        return Derivative(of=of, by=by, start=first.start, end=self.behind)

    def _root(self) -> Tree:
        first = self.take()
        if self.is_sign("["):
            raise self.failure("A root other than the square one is not read.", first)
        operand = (
            self.inside(self.span(), self.expression) if not self.is_sign("(") else self.expression(TIGHTEST)
        )
        return Call(function="sqrt", arguments=(operand,), start=first.start, end=self.behind)

    def _braced(self) -> Tree:
        r"""Read `\underbrace{...}_{text}`, of which the text says nothing."""
        self.take()
        inner = self.inside(self.span(), self.expression)
        if self.is_sign("_", "^"):
            self.at += 1
            self.span()
        return inner

    def _named_function(self, first: Token) -> Tree:
        name = FUNCTIONS[first.text]
        scripts: dict[str, Span] = {}
        primes = 0
        while self.is_sign("_", "^", "'"):
            mark = self.take().text
            if mark == "'":
                primes += 1
            else:
                scripts[mark] = self.span()
        below = scripts.get("_")
        if name in {"max", "min"} and below is not None and not self.is_sign("("):
            indices = [one.text for one in self.texts(below) if one.kind is Kind.LETTER]
            with self.counting(indices):
                body = self.expression(TIGHTEST)
            end = self.behind
            return Over(kind=Extreme(name), indices=tuple(indices), body=body, start=first.start, end=end)
        if name == "log" and below is not None:
            raise self.failure("A logarithm with a base is not read.", first)
        return self.function(name, first, Scripts(below=below, above=scripts.get("^"), primes=primes))

    def _indicated(self) -> Tree:
        first = self.take()
        if self._condition_follows(0):
            return self._indicator(first)
        if self.is_sign("_"):
            self.at += 1
            self.span()
        return Ones(start=first.start, end=self.behind)

    def _condition_follows(self, ahead: int) -> bool:
        """Whether a comparison stands in a script or brackets behind the next tokens."""
        self.budget.spend()
        opener = self.peek(ahead)
        if opener is None or not opener.is_sign("_", "(", "[", r"\{"):
            return False
        depth, start = 0, self.at + ahead + opener.is_sign("_")
        for index in range(start, min(start + 100, self.stop)):
            token = self.tokens[index]
            depth += token.is_sign("{", "(", "[", r"\{") - token.is_sign("}", ")", "]", r"\}")
            if depth >= 1 and token.kind in {Kind.SIGN, Kind.COMMAND} and token.text in COMPARISONS:
                return True
            if depth <= 0:
                return False
        return False

    def _indicator(self, first: Token) -> Tree:
        if self.is_sign("_"):
            self.at += 1
            condition = self.inside(self.span(), self.relation)
        else:
            condition = self._listed(self.bracket(self.take()))
        if isinstance(condition, Indicator):
            condition = condition.condition
        if not isinstance(condition, Condition):
            raise self.failure("The condition cannot be read.", first)
        return Indicator(condition=condition, start=first.start, end=self.behind)
