"""Reads sums and products over indices: their bounds, their conditions, and how far they go."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from grader.formulas.parsing.cursor import Span
from grader.formulas.parsing.environments import Environments
from grader.formulas.tokens import Kind, NoteKind, Token
from grader.formulas.tree import Condition, Extreme, Over, Tree
from grader.formulas.vocabulary import COMPARISONS

TERM = 15
"""How strongly a term binds: products go on, sums do not."""


class Sums(Environments):
    """Reads sums."""

    def over(self) -> Tree:
        """Read a sum or product with its bounds; its body is one term."""
        first = self.take()
        scripts: dict[str, Span] = {}
        while self.is_sign("_", "^"):
            mark = self.take().text
            scripts[mark] = self.span()
        if "_" not in scripts:
            raise self.failure("A sum needs its index below the sign.", first)
        indices, lower, conditions = self._bounds(scripts["_"])
        upper = self.inside(scripts["^"], self.expression) if "^" in scripts else None
        with self.counting(indices):
            body = self.expression(0 if self.options.sum_takes_all else TERM)
        if self.is_sign("+", "-") and not self.options.sum_takes_all:
            text = "The sum ends before the next `+` or `-`."
            self.note(NoteKind.READING, text, first)
        return Over(
            kind=Extreme(first.text),
            indices=tuple(indices),
            body=body,
            lower=lower,
            upper=upper,
            conditions=tuple(conditions),
            start=first.start,
            end=self.behind,
        )

    def _bounds(self, below: Span) -> tuple[list[str], Tree | None, list[Condition]]:
        r"""Read what stands below a sum: `k=1`, `i,j`, `i \\neq k`."""
        indices: list[str] = []
        lower: Tree | None = None
        conditions: list[Condition] = []
        commas = [at for at in range(*below) if self.tokens[at].is_sign(",", ";")]
        for before, after in pairwise([below[0] - 1, *commas, below[1]]):
            span = (before + 1, after)
            tokens = self.texts(span)
            sign = next((at for at, one in enumerate(tokens) if one.text in COMPARISONS), None)
            names = [one.text for one in tokens[:sign] if self._counts(one)]
            if sign is None or len(names) != 1:
                indices += [one for one in names if one not in indices]
            elif tokens[sign].is_sign("="):
                indices += names
                lower = self.inside((span[0] + sign + 1, span[1]), self.expression)
            else:
                indices += [one for one in names if one not in indices]
                if not tokens[sign].is_command("in"):
                    conditions.append(self._counted_condition(span, indices))
        if not indices:
            raise self.failure("A sum needs its index below the sign.", self.tokens[below[0]])
        return indices, lower, conditions

    @staticmethod
    def _counts(token: Token) -> bool:
        return token.kind is Kind.LETTER or token.is_command("ell")

    def _counted_condition(self, span: Span, indices: Sequence[str]) -> Condition:
        with self.counting(indices):
            condition = self.inside(span, self.relation)
        if not isinstance(condition, Condition):
            raise self.failure("The condition below the sum cannot be read.", self.tokens[span[0]])
        return condition
