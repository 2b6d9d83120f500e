"""Reads what a function is applied to, in brackets or without."""

from __future__ import annotations

from abc import abstractmethod

from msgspec import Struct
from msgspec.structs import replace

from grader.formulas.parsing.cursor import Span
from grader.formulas.parsing.indices import ADJACENT, TIGHTEST, Indices
from grader.formulas.parsing.wholes import whole_of
from grader.formulas.tokens import Kind, NoteKind, Token
from grader.formulas.tree import (
    Call,
    Constant,
    Extreme,
    Fraction,
    Function,
    Number,
    Ones,
    Over,
    Product,
    Symbol,
    Times,
    Transpose,
    Tree,
    Unknown,
    walk,
)
from grader.formulas.vocabulary import FUNCTIONS, SAME, WORD_FUNCTIONS

_LOG = "log"
"""The only word that may stand at a letter: `logp`."""


class Scripts(Struct, frozen=True, kw_only=True):
    """What stands at a name."""

    below: Span | None = None
    above: Span | None = None
    """Without a transpose and without primes."""
    primes: int = 0
    is_transposed: bool = False

    def without(self, *, below: bool, above: bool, primes: int) -> Scripts:
        """Return what is left of them where some belong to the name."""
        if not (below or above or primes):
            return self
        return Scripts(
            below=None if below else self.below,
            above=None if above else self.above,
            primes=self.primes - primes,
            is_transposed=self.is_transposed,
        )


class Functions(Indices):
    """Reads applied functions."""

    @abstractmethod
    def raised(self, tree: Tree, left: Scripts) -> Tree:
        """Put an exponent and a transpose above what was read."""

    def function(self, name: str, first: Token, left: Scripts, *, alone: bool = False) -> Tree:
        """Read what a function is applied to, in brackets or without."""
        index: tuple[Tree, ...] = ()
        if left.below is not None:
            index = self._function_index(left.below)
        opener = self.peek()
        arguments: tuple[Tree, ...] = ()
        if alone or opener is None:
            pass
        elif opener.is_sign("(", "[", r"\{"):
            arguments = self.arguments()
        elif self.starts_factor():
            arguments = (self._bare_argument(first),)
        if not arguments:
            return Function(name=name, primes=left.primes, start=first.start, end=self.behind)
        if self.is_sign("_") and not index:
            self.at += 1
            index = self._function_index(self.span())
        if name == "softmax" and len(arguments) == 1 and not index:
            arguments, index = self._of_entries(arguments[0], first)
        call = Call(
            function=name,
            arguments=arguments,
            index=index,
            primes=left.primes,
            start=first.start,
            end=self.behind,
        )
        return self.raised(call, left)

    def _of_entries(self, argument: Tree, first: Token) -> tuple[tuple[Tree, ...], tuple[Tree, ...]]:
        r"""Return what a function of all entries is applied to, and the entry of it that is meant: `\\mathrm{softmax}(s_k)`."""
        whole, index = whole_of(argument)
        names = [node.name for node in walk(argument) if isinstance(node, Symbol) and node.index]
        if not index or any(self.table.axes.get(name) != len(index) for name in names):
            return (argument,), ()
        text = f"`{first.text[:20]}` of one entry is read as that entry of it."
        self.note(NoteKind.READING, text, first)
        return (whole,), index

    def arguments(self) -> tuple[Tree, ...]:
        """Read what stands in the brackets behind a function."""
        opener = self.take()
        listing = self.bracket(opener)
        if listing.has_dots:
            raise self.failure("Dots among arguments are not read.", opener)
        return listing.items

    def _function_index(self, below: Span) -> tuple[Tree, ...]:
        if not self.is_index(below):
            raise self.failure("The script below a function cannot be read.", self.tokens[below[0]])
        return self.indices(below)

    def _bare_argument(self, first: Token) -> Tree:
        least = ADJACENT if self.options.function_takes_product else TIGHTEST
        argument_ = self.expression(least)
        if isinstance(argument_, Transpose) and isinstance(argument_.operand, Ones) and self.starts_factor():
            rest = self.expression(
                ADJACENT
            )  # a sum of all entries: nobody takes the logarithm of a row of ones
            return Product(
                factors=(argument_, rest), signs=(Times.ADJACENT,), start=argument_.start, end=self.behind
            )
        if self.starts_factor() and not self.options.function_takes_product:
            text = f"`{first.text[:20]}` without brackets is applied to what follows it at once."
            self.note(NoteKind.READING, text, first)
        return argument_

    def named_function(self, first: Token) -> Tree:
        r"""Read a function that has a command, which was taken: `\\log`, `\\max_j`."""
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
            return self._logarithm(below, first, Scripts(above=scripts.get("^"), primes=primes))
        return self.function(name, first, Scripts(below=below, above=scripts.get("^"), primes=primes))

    def _logarithm(self, below: Span, first: Token, left: Scripts) -> Tree:
        """Read a logarithm with a base as a quotient of two."""
        base = self.inside(below, self.expression)
        is_e = base in (Constant(name="e"), Unknown(name="e"))
        if not (isinstance(base, Number) or is_e):
            raise self.failure("The base of the logarithm cannot be read.", first)
        natural = self.function("log", first, left)
        if not isinstance(natural, Call) or is_e:
            return natural
        bottom = Call(function="log", arguments=(base,), start=base.start, end=base.end)
        return Fraction(top=natural, bottom=bottom, start=first.start, end=self.behind)

    def lettered_function(self, run: str, first: Token) -> Tree | None:
        """Read a function that is written in letters alone, `log p` and `diag(h)`; None, and nothing taken, where it is none.

        Parameters
        ----------
        run : str
            The letters that stand together here, none of which begins a longer name of the task.
        first : Token
            The first of them.
        """
        word = run[: len(_LOG)] if run.startswith(_LOG) and len(run) == len(_LOG) + 1 else run
        known = SAME.get(word, word)
        behind = self.peek(len(word))
        if behind is None or not (known in FUNCTIONS or word in WORD_FUNCTIONS):
            return None
        if known not in FUNCTIONS and not behind.is_sign("("):
            return None
        self.at += len(word)
        self.note(NoteKind.READING, f"The letters `{word}` are read as the function.", first)
        if known in FUNCTIONS:
            return self.named_function(replace(first, text=known))
        return self.function(WORD_FUNCTIONS[word], first, Scripts())
