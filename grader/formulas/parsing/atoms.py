"""Reads what a value can begin with: numbers, brackets, fractions and derivatives, sums, indicators, environments."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from grader.formulas.parsing.cursor import shown
from grader.formulas.parsing.indicators import Indicators
from grader.formulas.parsing.indices import TIGHTEST
from grader.formulas.symbols import flat
from grader.formulas.tokens import Kind, Token
from grader.formulas.tree import (
    Absolute,
    Call,
    Fraction,
    Listing,
    Norm,
    Number,
    Power,
    Tree,
)
from grader.formulas.vocabulary import ACCENTS, BETWEEN, DERIVING, FUNCTIONS, GREEK

CLOSING: Mapping[str, str] = {"(": ")", "[": "]", r"\{": r"\}"}
_WORD_INDICATORS = frozenset({"I", "chi"})


class Atoms(Indicators):
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
                if token.text in _WORD_INDICATORS and not self.is_taken(token.text) and self.indicates(1):
                    return self.indicator(self.take())
                derived = self.operator() if token.text == "D" and not self.is_taken("D") else None
                return derived or self.name()
            case _:
                raise self.unexpected(token)

    def _number(self) -> Tree:
        token = self.take()
        if token.text == "1" and self.condition_follows(0):
            return self.indicator(token)
        if "," in token.text:
            raise self.failure(f"`{token.text[:20]}` can be read in two ways.", token)
        number = Number(text=token.text, start=token.start, end=token.end)
        if self.is_command("%"):
            self.at += 1
            return Fraction(top=number, bottom=Number(text="100"), start=token.start, end=self.behind)
        return number

    def _signed(self, token: Token) -> Tree:
        if token.text in CLOSING:
            return self.listed(self.bracket(self.take()))
        if token.text == "{":
            return self.inside(self.span(), self.relation)
        if token.text in {"|", r"\|"} and token.opens is not False:
            return self._barred()
        if token.text == r"\langle":
            return self._inner()
        raise self.unexpected(token)

    def _commanded(self, token: Token) -> Tree:
        readers: Mapping[str, Callable[[], Tree]] = {
            "frac": self._fraction,
            "sqrt": self._root,
            "sum": self.over,
            "prod": self.over,
            "nabla": self.gradient,
            "indicator": self.indicated,
            "underbrace": self._braced,
            "overbrace": self._braced,
            "partial": self.partial,
            **dict.fromkeys(DERIVING, self.packaged),
            **dict.fromkeys(BETWEEN, self._between),
        }
        if token.text in readers:
            return readers[token.text]()
        if token.text == "delta":
            derived = self.marked_inline()
            if derived is not None:
                return derived
        if token.text == "chi" and not self.is_taken("chi") and self.indicates(1):
            return self.indicator(self.take())
        if token.text in FUNCTIONS and token.text not in self.table.bases:
            return self.named_function(self.take())
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

    def _between(self) -> Tree:
        r"""Read `\abs{...}` and `\norm{...}`."""
        first = self.take()
        self.at += self.is_sign("*")
        operand = self.inside(self.span(), self.expression)
        if first.text == "abs":
            return Absolute(operand=operand, start=first.start, end=self.behind)
        return Norm(operand=operand, start=first.start, end=self.behind)

    def _fraction(self) -> Tree:
        first = self.take()
        top, bottom = self.span(), self.span()
        derived = self.derivative_fraction(first, top, bottom)
        if derived is not None:
            return derived
        return Fraction(
            top=self.inside(top, self.expression),
            bottom=self.inside(bottom, self.expression),
            start=first.start,
            end=self.behind,
        )

    def _root(self) -> Tree:
        first = self.take()
        order: Tree | None = None
        if self.is_sign("["):
            order = self.listed(self.bracket(self.take()))
        operand = (
            self.inside(self.span(), self.expression) if not self.is_sign("(") else self.expression(TIGHTEST)
        )
        if order is None or order == Number(text="2"):
            return Call(function="sqrt", arguments=(operand,), start=first.start, end=self.behind)
        if not isinstance(order, Number):
            raise self.failure("The order of the root cannot be read.", first)
        exponent = Fraction(top=Number(text="1"), bottom=order, start=order.start, end=order.end)
        return Power(base=operand, exponent=exponent, start=first.start, end=self.behind)

    def _inner(self) -> Tree:
        r"""Read `\langle a, b \rangle`."""
        first = self.take()
        self.enter()
        left = self.expression()
        if not self.is_sign(","):
            raise self.failure("An inner product needs a comma.", first)
        self.at += 1
        right = self.expression()
        self.leave()
        if not self.is_sign(r"\rangle"):
            raise self.failure("`\\langle` is never closed.", first)
        self.at += 1
        return Call(function="inner", arguments=(left, right), start=first.start, end=self.behind)

    def _braced(self) -> Tree:
        r"""Read `\underbrace{...}_{text}`, of which the text says nothing."""
        self.take()
        inner = self.inside(self.span(), self.expression)
        if self.is_sign("_", "^"):
            self.at += 1
            self.span()
        return inner
