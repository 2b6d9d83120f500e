"""Reads indicators, which are 1 where a condition holds, and the vector of ones."""

from __future__ import annotations

from grader.formulas.sums import Sums
from grader.formulas.tokens import Kind, Token
from grader.formulas.tree import Branch, Cases, Condition, Indicator, Listing, Ones, Tree
from grader.formulas.vocabulary import COMPARISONS

_FAR = 100
"""Tokens of a condition."""


class Indicators(Sums):
    """Reads indicators."""

    def indicated(self) -> Tree:
        r"""Read what `\mathbb{1}` begins."""
        first = self.take()
        if self.condition_follows(0):
            return self.indicator(first)
        if self.is_sign("(", "[", r"\{"):
            raise self.failure("An indicator needs a condition.", first)
        if self.is_sign("_"):
            self.at += 1
            self.span()
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

    def indicator(self, first: Token) -> Tree:
        """Read the condition of an indicator."""
        if self.is_sign("_"):
            self.at += 1
            condition = self.inside(self.span(), self.relation)
        else:
            condition = self.listed(self.bracket(self.take()))
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
