"""Reads letters that mean something without the task: Euler's number, Kronecker's delta, what counts, the student's own."""

from __future__ import annotations

from grader.formulas.limits import UnreadableError
from grader.formulas.parsing.applied import Applied
from grader.formulas.parsing.functions import Scripts
from grader.formulas.tokens import Kind, NoteKind, Token
from grader.formulas.tree import (
    Call,
    Constant,
    Index,
    Kronecker,
    Number,
    Power,
    Symbol,
    Tree,
    Unknown,
)

TRANSPOSES = frozenset({"T", "top", "tr", "mathsf T"})
_UNKNOWN_FUNCTIONS = frozenset({"f", "g", "h", "F", "G", "sigma", "phi", "psi", "Phi"})
_FREE = frozenset("ijkl")
"""Letters that count also where nothing binds them; others may be names that the task does not know."""
_PAIR = 2


class Letters(Applied):
    """Reads letters."""

    def own_step(self, first: Token) -> Tree | None:
        r"""Read `\Delta W` as one name where the student gives the change of that parameter so; else None."""
        saved = self.at
        self.at += 1
        try:
            by = self.name(alone=True)
        except UnreadableError:
            by = None
        if isinstance(by, Symbol) and by.name in self.options.steps:
            name = f"\N{GREEK CAPITAL LETTER DELTA}{by.name}"
            return Unknown(name=name, index=by.index, start=first.start, end=self.behind)
        self.at = saved
        return None

    def is_function(self, base: str, first: Token) -> bool:
        """Whether a name that the task does not know is rather that of a function."""
        return base in _UNKNOWN_FUNCTIONS | self.options.functions or first.kind is Kind.WORD

    def _eulers(self, first: Token, scripts: Scripts) -> Tree | None:
        """Read Euler's number; None where nothing is raised to it: there it is rather a name of the student's own."""
        constant = Constant(name="e", start=first.start, end=first.end)
        if scripts.above is None:
            return self.raised(constant, scripts) if self._raises_e() else None
        exponent = self.inside(scripts.above, self.expression)
        if isinstance(exponent, Number):
            return Power(base=constant, exponent=exponent, start=first.start, end=self.behind)
        return Call(function="exp", arguments=(exponent,), start=first.start, end=self.behind)

    def _raises_e(self) -> bool:
        """Whether something is raised to `e` anywhere on this side."""
        return any(
            one.text == "e" and mark.is_sign("^") and above.text not in TRANSPOSES
            for one, mark, above in zip(self.tokens, self.tokens[1:], self.tokens[2:], strict=False)
        )

    def special(self, base: str, first: Token, scripts: Scripts) -> Tree | None:
        """Read `e`, `pi` and Kronecker's delta."""
        if base == "delta" and scripts == Scripts() and self.is_sign("{"):
            saved, below = self.at, self.span()
            if below[1] - below[0] == _PAIR and self.is_index(below):
                self.note(NoteKind.REPAIR, r"`\delta{ij}` is read as `\delta_{ij}`.", first)
                scripts = Scripts(below=below)
            else:
                self.at = saved
        if base == "delta" and scripts.below and scripts == Scripts(below=scripts.below):
            index = self.indices(scripts.below) if self.is_index(scripts.below) else ()
            if len(index) == _PAIR:
                return Kronecker(left=index[0], right=index[1], start=first.start, end=self.behind)
        if base == "e" and not scripts.below and not scripts.primes and "e" not in self.bound:
            return self._eulers(first, scripts)
        if base == "pi" and not scripts.below:
            return self.raised(Constant(name="pi", start=first.start, end=first.end), scripts)
        if (base in self.bound or base in _FREE & self.table.indices) and scripts == Scripts():
            return Index(name=base, start=first.start, end=first.end)
        return None
