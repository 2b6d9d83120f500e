"""Goes through the tokens of one side: looks ahead, takes arguments, bounds the depth, collects notes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from msgspec import Struct

from grader.formulas.limits import Budget, UnreadableError
from grader.formulas.symbols import SymbolTable
from grader.formulas.tokens import Kind, Note, NoteKind, Token, closing_braces
from grader.formulas.tree import Listing, Tree

Result = TypeVar("Result")
Span = tuple[int, int]
"""Numbers of the first token and of the one behind the last."""

CLOSERS = (")", "]", r"\}", "|", r"\|", "}")
_SHOWN = 20


class Options(Struct, frozen=True, kw_only=True):
    """Other ways of reading what can be read in several; tried where the plain one leads nowhere."""

    sum_takes_all: bool = False
    """A sum goes on over `+` and `-`, not over one term."""
    function_takes_product: bool = False
    r"""`\log ab` is the logarithm of the product."""
    functions: frozenset[str] = frozenset()
    """Letters for functions of the student's own: `r` where a line gives `r(z) = ...`."""
    steps: frozenset[str] = frozenset()
    r"""Parameters of which the student names the change: `W1` where a line gives `\Delta W_1 = ...`."""


class Cursor(ABC):
    """A place in the tokens of one side."""

    def __init__(self, tokens: Sequence[Token], table: SymbolTable, budget: Budget, options: Options) -> None:
        self.tokens = tokens
        self.table = table
        self.budget = budget
        self.options = options
        self.at = 0
        self.stop = len(tokens)
        self.notes: list[Note] = []
        self.bound: tuple[str, ...] = ()
        """Indices of the sums around."""
        self.in_bars = False
        """Whether the next bar closes."""
        self._closing = closing_braces(tokens)
        self._depth = 0

    @abstractmethod
    def expression(self, least: int = 0) -> Tree:
        """Read what binds at least that strongly."""

    @abstractmethod
    def relation(self) -> Tree:
        """Read an expression, or a chain of comparisons."""

    @abstractmethod
    def power(self, base: Tree, above: Span) -> Tree:
        """Put an exponent above what was read."""

    @abstractmethod
    def bracket(self, opener: Token) -> Listing:
        """Read what stands between an opening bracket, which was taken, and its closing one."""

    def peek(self, ahead: int = 0) -> Token | None:
        """Return a token without taking it; None behind the end."""
        index = self.at + ahead
        return self.tokens[index] if index < self.stop else None

    def is_sign(self, *texts: str, ahead: int = 0) -> bool:
        """Whether the next token is one of these signs."""
        token = self.peek(ahead)
        return token is not None and token.is_sign_among(texts)

    def is_command(self, *names: str, ahead: int = 0) -> bool:
        """Whether the next token is one of these commands."""
        token = self.peek(ahead)
        return token is not None and token.is_command_among(names)

    def take(self) -> Token:
        """Return the next token and go behind it."""
        token = self.peek()
        if token is None:
            raise self.failure("The formula ends where a value is expected.")
        self.at += 1
        return token

    def span(self) -> Span:
        """Take an argument: a group in braces, or one token."""
        token = self.peek()
        if token is None:
            raise self.failure("The formula ends where something must follow.")
        if not token.is_sign("{"):
            self.at += 1
            return self.at - 1, self.at
        end = self._closing.get(self.at)
        if end is None or end >= self.stop:
            raise self.failure("A brace is never closed.", token)
        begin, self.at = self.at + 1, end + 1
        return begin, end

    def texts(self, span: Span) -> Sequence[Token]:
        """Return the tokens of an argument."""
        return self.tokens[span[0] : span[1]]

    def inside(self, span: Span, read: Callable[[], Result]) -> Result:
        """Read an argument as a whole.

        Raises
        ------
        UnreadableError
            It is empty, or something is left of it.
        """
        back, self.at, stop, self.stop, bars = self.at, span[0], self.stop, span[1], self.in_bars
        depth, self.in_bars = self._depth, False
        try:
            if span[0] >= span[1]:
                before = self.tokens[span[0] - 1] if span[0] else None
                raise self.failure("Something is missing between two braces.", before)
            self.enter()
            result = read()
            left = self.peek()
            if left is not None:
                raise self.unexpected(left)
        finally:
            self.at, self.stop, self.in_bars, self._depth = back, stop, bars, depth
        return result

    def enter(self) -> None:
        """Go one level deeper.

        Raises
        ------
        UnreadableError
            It is nested more deeply than the caps allow.
        """
        self.budget.spend()
        self._depth += 1
        if self._depth > self.budget.caps.depth:
            raise self.failure("The formula is nested too deeply.")

    def leave(self) -> None:
        """Go back up; after an error `inside` does."""
        self._depth -= 1

    @contextmanager
    def counting(self, indices: Sequence[str]) -> Iterator[None]:
        """Bind indices."""
        bound, self.bound = self.bound, (*self.bound, *indices)
        try:
            yield
        finally:
            self.bound = bound

    @property
    def behind(self) -> int:
        """Offset behind the last token taken."""
        return self.tokens[self.at - 1].end if self.at else 0

    def note(self, kind: NoteKind, text: str, token: Token) -> None:
        """Note once how something was read."""
        if all(one.text != text for one in self.notes):
            self.notes.append(Note(kind=kind, text=text, start=token.start, end=self.behind))

    def failure(
        self, reason: str, token: Token | None = None, *, stray: int | None = None
    ) -> UnreadableError:
        """Return the error that stops the reading, at a token or at the end."""
        token = token or self.peek()
        place = self.tokens[-1].end if self.tokens else 0
        start, end = (token.start, token.end) if token else (place, place)
        return UnreadableError(reason, start=start, end=end, stray=stray)

    def unexpected(self, token: Token) -> UnreadableError:
        """Return the error for a token that cannot stand where it does."""
        if token.is_sign_among(CLOSERS):
            return self.failure(f"`{token.text}` closes nothing.", token, stray=self.tokens.index(token))
        return self.failure(f"`{shown(token)}` cannot be read here.", token)


def shown(token: Token) -> str:
    """Return a token as it was written, bounded."""
    slash = "\\" if token.kind is Kind.COMMAND else ""
    return slash + token.text[:_SHOWN]
