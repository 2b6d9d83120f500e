"""Reads what a function is applied to, in brackets or without."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

from grader.formulas.cursor import Span
from grader.formulas.indices import ADJACENT, TIGHTEST, Indices
from grader.formulas.tokens import NoteKind, Token
from grader.formulas.tree import Call, Function, Tree
from grader.formulas.wholes import whole_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Scripts:
    """What stands at a name."""

    below: Span | None = None
    above: Span | None = None
    """Without a transpose and without primes."""
    primes: int = 0
    is_transposed: bool = False


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
        if len(index) != 1:
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
        if self.starts_factor() and not self.options.function_takes_product:
            text = f"`{first.text[:20]}` without brackets is applied to what follows it at once."
            self.note(NoteKind.READING, text, first)
        return argument_
