"""Tells scripts that count entries from those that belong to a name, and what begins a factor."""

from __future__ import annotations

from grader.formulas.parsing.cursor import Cursor, Span
from grader.formulas.symbols import Meaning
from grader.formulas.tokens import Kind, Token
from grader.formulas.tree import Index, Negative, Number, Sum, Tree
from grader.formulas.vocabulary import ACCENTS, BETWEEN, DERIVING, GREEK

_COMMANDS = """
    frac sqrt sum prod partial nabla indicator underbrace overbrace
    log exp tanh sin cos tan max min sinh cosh arctan det sgn
    """
FACTORS = ACCENTS | BETWEEN | DERIVING | set(_COMMANDS.split())
"""Commands that begin a factor."""
ADJACENT = 30
TIGHTEST = 40
"""How strongly factors without a sign bind, and what stands before its argument."""


class Indices(Cursor):
    """Reads indices."""

    def is_taken(self, letter: str) -> bool:
        """Whether a letter has a meaning of its own here."""
        return letter in self.table.bases or letter in self.bound

    def is_index(self, span: Span) -> bool:
        """Whether a script counts entries: letters that count, and numbers, perhaps with `+ 1`."""
        letters = {*self.table.indices, *self.bound, "ell"}
        tokens = [one for one in self.texts(span) if not one.is_sign(",", "+", "-", "{", "}")]
        return bool(tokens) and all(
            one.kind is Kind.NUMBER
            or (one.kind in {Kind.LETTER, Kind.COMMAND} and one.text in letters)
            or self._size(one) is not None
            for one in tokens
        )

    def _size(self, token: Token) -> str | None:
        """Return the name of a number of entries, `K`, with which the last one is meant: `s_K`."""
        if token.kind is not Kind.LETTER or not token.text.isupper():
            return None
        meaning, name = self.table.by_key.get(token.text, (None, ""))
        return name if meaning is Meaning.VALUE and name in self.table.outside else None

    def indices(self, span: Span) -> tuple[Tree, ...]:
        """Read a script that counts: `ij`, `i,j` and `i+1`."""
        tokens = [one for one in self.texts(span) if not one.is_sign("{", "}")]
        parts: list[Tree] = []
        sign = ""
        for one in tokens:
            if one.is_sign(",", "+", "-"):
                sign = one.text
                continue
            made: Tree = (
                Number(text=one.text, start=one.start, end=one.end)
                if one.kind is Kind.NUMBER
                else Index(name=self._size(one) or one.text, start=one.start, end=one.end)
            )
            if sign == "-":
                made = Negative(operand=made, start=made.start, end=made.end)
            if sign in {"+", "-"} and parts:
                made = Sum(terms=(parts.pop(), made), start=made.start, end=made.end)
            parts.append(made)
            sign = ""
        return tuple(parts)

    def starts_factor(self) -> bool:
        """Whether the next token begins a factor that needs no sign before it."""
        token = self.peek()
        if token is None:
            return False
        if token.kind in {Kind.NUMBER, Kind.LETTER, Kind.WORD, Kind.NAME, Kind.BEGIN}:
            return True
        if token.kind is Kind.SIGN:
            is_bar = token.text in {"|", r"\|"}
            opens = not self.in_bars if token.opens is None else token.opens
            return token.text in {"(", "[", "{", r"\{", r"\langle"} or (is_bar and opens)
        return token.kind is Kind.COMMAND and (token.text in GREEK or token.text in FACTORS)
