"""Reads indicators, which are 1 where a condition holds, and the vector of ones."""

from __future__ import annotations

from collections.abc import Sequence

from grader.formulas.limits import UnreadableError
from grader.formulas.parsing.sums import Sums
from grader.formulas.tokens import Kind, Token
from grader.formulas.tree import Branch, Cases, Condition, Indicator, Listing, Number, Ones, Tree
from grader.formulas.vocabulary import COMPARISONS

_SETS = {
    **dict.fromkeys(("bbR+", "bbR>0", "(0infty)", "]0infty[", ">0"), ">"),
    **dict.fromkeys(("bbR0+", "bbRgeq0", "[0infty)", "[0infty[", "geq0"), ">="),
}
"""Sets of numbers, in the texts of their tokens, by how their numbers compare with 0."""
_WHEN = frozenset({"if", "when", "where", "falls", "wenn", "si", "se"})
_FAR = 100
"""Tokens of a condition."""


class Indicators(Sums):
    """Reads indicators."""

    def indicated(self) -> Tree:
        r"""Read what `\mathbb{1}` begins."""
        first = self.take()
        if self.indicates(0):
            return self.indicator(first)
        if self.is_sign("(", "[", r"\{"):
            raise self.failure("An indicator needs a condition.", first)
        if self.is_sign("_"):
            self.at += 1
            below = self.texts(self.span())
            if not all(one.kind in {Kind.LETTER, Kind.NUMBER} or one.is_command("times") for one in below):
                raise self.failure("What stands below the one cannot be read.", first)
        return Ones(start=first.start, end=self.behind)

    def condition_follows(self, ahead: int) -> bool:
        """Whether a comparison stands in a script or brackets behind the next tokens."""
        self.budget.spend()
        opener = self.peek(ahead)
        if opener is None or not opener.is_sign("_", "(", "[", r"\{"):
            return False
        depth, start = 0, self.at + ahead + opener.is_sign("_")
        for index in range(start, min(start + _FAR, self.stop)):
            token = self.tokens[index]
            depth += token.is_sign("{", "(", "[", r"\{") - token.is_sign("}", ")", "]", r"\}")
            if depth >= 1 and token.kind in {Kind.SIGN, Kind.COMMAND} and token.text in COMPARISONS:
                return True
            if depth <= 0:
                return False
        return False

    def indicates(self, ahead: int) -> bool:
        r"""Whether a condition follows, or a set of numbers and what may be in it: `_{(0,\infty)}(z)`."""
        return self.condition_follows(ahead) or self._set_follows(ahead)

    def _set_follows(self, ahead: int) -> bool:
        if not self.is_sign("_", ahead=ahead):
            return False
        saved = self.at
        self.at += ahead + 1
        try:
            is_set = self._comparison_of(self.texts(self.span())) is not None
            return is_set and self.is_sign("(", "[")
        except UnreadableError:
            return False
        finally:
            self.at = saved

    @staticmethod
    def _comparison_of(tokens: Sequence[Token]) -> str | None:
        """Return how the numbers of a set compare with 0; None where it is another set."""
        text = "".join(one.text for one in tokens if not one.is_sign("{", "}", "_", "^", ","))
        return _SETS.get(text.replace("0+infty", "0infty"))

    def _member(self) -> Tree:
        """Read a set of numbers and what is in it as a condition."""
        self.at += 1
        comparison = self._comparison_of(self.texts(self.span()))
        operand = self.listed(self.bracket(self.take()))
        zero = Number(text="0", start=operand.start, end=operand.end)
        return Condition(
            operands=(operand, zero),
            comparisons=(comparison or ">",),
            start=operand.start,
            end=self.behind,
        )

    def indicator(self, first: Token) -> Tree:
        """Read the condition of an indicator."""
        if self._set_follows(0):
            condition = self._member()
        elif self.is_sign("_"):
            self.at += 1
            condition = self.inside(self.span(), self.relation)
        else:
            opener = self.take()
            word = self.peek()
            if word is not None and word.kind is Kind.WORD and word.text.lower() in _WHEN:
                self.at += 1
            condition = self.listed(self.bracket(opener))
        if isinstance(condition, Indicator):
            condition = condition.condition
        if not isinstance(condition, Condition):
            raise self.failure("The condition cannot be read.", first)
        return Indicator(condition=condition, start=first.start, end=self.behind)

    def listed(self, listing: Listing) -> Tree:
        """Return what brackets mean: their one item, 1 where a comparison in them holds, or a list."""
        first = listing.items[0] if listing.items else listing
        if len(listing.items) != 1 or listing.has_dots:
            return listing
        if isinstance(first, Condition):
            return Indicator(condition=first, start=listing.start, end=listing.end)
        return first

    def chosen(self, condition: Condition) -> Tree:
        """Read `? 1 : 0` behind a condition."""
        self.at += 1
        then = self.expression()
        if not self.is_sign(":"):
            raise self.failure("`?` needs a `:` behind it.")
        self.at += 1
        otherwise = self.expression()
        branches = (Branch(value=then, condition=condition), Branch(value=otherwise, condition=None))
        return Cases(branches=branches, start=condition.start, end=self.behind)
