"""Reads the rules that findings write out, `dL/dz0 = dL/dh0 * relu'(z0)`, into trees; what is no such rule is left as text."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import NamedTuple, TypeAlias, TypeVar

from msgspec import Struct

T = TypeVar("T")

_MOST = 600
"""Characters."""
_DEEPEST = 24
"""Brackets in one another."""
_TOKEN = re.compile(
    r"( *)(?:(?P<derivative>d[A-Za-z]\w*/d[A-Za-z]\w*)|(?P<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?)|(?P<name>[A-Za-z]\w*'?)"
    r"|(?P<dotted>\.T\b|\.reshape\b)|(?P<sign>>=|<=|[-+*/@^()\[\]|,=<>])|(?P<other>.))",
    re.ASCII | re.DOTALL,
)


class Name(Struct, frozen=True):
    """A value of the network, or a number of things: `z0`, `y_hat`, `N`."""

    text: str


class Number(Struct, frozen=True):
    """A number as it is written."""

    text: str


class Derivative(Struct, frozen=True):
    """`dL/dz0`."""

    of: str
    by: str


class Call(Struct, frozen=True):
    """`relu'(z0)`, `sum(g, axis=0)`."""

    function: str
    arguments: tuple[Tree, ...]
    axis: str = ""
    """Over which axis; empty where none is named."""


class Pair(Struct, frozen=True):
    """Two parts with a sign between them; nothing is between those of `2 W1`."""

    sign: str
    left: Tree
    right: Tree


class Negative(Struct, frozen=True):
    """`-a`."""

    part: Tree


class Transposed(Struct, frozen=True):
    """`a.T`."""

    part: Tree


class Entry(Struct, frozen=True):
    """`a[y]`."""

    part: Tree
    index: Tree


class Enclosed(Struct, frozen=True):
    """`(a)` and `|a|`."""

    sign: str
    part: Tree


class Said(Struct, frozen=True):
    """Words with the parts that they are said of: `1 where z > 0, else 0.01`, `a is largest`."""

    parts: tuple[Tree | str, ...]


Tree: TypeAlias = Name | Number | Derivative | Call | Pair | Negative | Transposed | Entry | Enclosed | Said


def read(text: str) -> Tree | None:
    """Read a rule.

    Parameters
    ----------
    text : str
        As `reference.written` writes it; other texts are welcome.

    Returns
    -------
    Tree or None
        None for what is no rule.
    """
    if len(text) > _MOST:
        return None
    reader = _Reader(tokens=_tokens(text))
    try:
        tree = reader.whole()
    except _NoRuleError:
        return None
    return tree if reader.is_at_end else None


class _Token(NamedTuple):
    kind: str
    text: str
    is_spaced: bool
    """Whether white space stands before it."""


_END = _Token("end", "", is_spaced=False)
"""Behind the last one: no token has its text."""


def _tokens(text: str) -> list[_Token]:
    tokens = [
        _Token(match.lastgroup or "", match[match.lastgroup or 0], is_spaced=match[1] != "")
        for match in _TOKEN.finditer(text)
    ]
    return [*tokens, _END]


class _NoRuleError(Exception):
    """What is read is no rule."""


class _Reader(Struct, kw_only=True):
    """One function for each level of binding, the loosest first."""

    tokens: list[_Token]
    place: int = 0
    depth: int = 0

    @property
    def is_at_end(self) -> bool:
        return self._next is _END

    @property
    def _next(self) -> _Token:
        return self.tokens[self.place]

    def _take(self) -> str:
        text = self._next.text
        self.place += 1
        return text

    def _takes(self, *texts: str) -> bool:
        """Take some tokens where they come next."""
        place = self.place
        for text in texts:
            if self.tokens[self.place].text != text:
                self.place = place
                return False
            self.place += 1
        return True

    def _expect(self, text: str) -> None:
        if not self._takes(text):
            raise _NoRuleError

    def whole(self) -> Tree:
        """Read a rule with what is said of its values: `a = b, where c = d, e = f in g`."""
        tree = self._statement()
        if not (isinstance(tree, Pair) and tree.sign == "="):
            raise _NoRuleError
        if not self._takes(",", "where"):
            return tree
        parts: list[Tree | str] = [tree, "where", self._statement()]
        while self._takes(","):
            parts += [",", self._statement()]
        if self._takes("in"):
            parts += ["in", self._sum()]
        return Said(tuple(parts))

    def _statement(self) -> Tree:
        left = self._said()
        return Pair("=", left, self._said()) if self._takes("=") else left

    def _said(self) -> Tree:
        tree = self._comparison()
        if self._takes("is", "largest"):
            return Said((tree, "is largest"))
        if self._takes("in", "the", "shape", "of"):
            return Said((tree, "in the shape of", self._power()))
        for word in ("where", "at"):
            if self._takes(word):
                condition = self._said()
                otherwise = ("else", self._sum()) if self._takes(",", "else") else ()
                return Said((tree, word, condition, *otherwise))
        return tree

    def _comparison(self) -> Tree:
        left = self._sum()
        for sign in (">", "<", ">=", "<="):
            if self._takes(sign):
                return Pair(sign, left, self._sum())
        return left

    def _sum(self) -> Tree:
        tree = Negative(self._product()) if self._takes("-") else self._product()
        while self._next.text in {"+", "-"}:
            tree = Pair(self._take(), tree, self._product())
        return tree

    def _product(self) -> Tree:
        tree = last = self._power()
        while True:
            if self._next.text in {"*", "/", "@"}:
                sign = self._take()
            elif self._next.is_spaced and self._begins_factor(last):
                sign = ""
            else:
                return tree
            last = self._power()
            tree = Pair(sign, tree, last)

    def _begins_factor(self, last: Tree) -> bool:
        """Whether a factor follows without a sign: a bracket, or a value behind a number. Two words are no product."""
        kind, text, _ = self._next
        return text == "(" or (
            isinstance(last, Number) and kind in {"name", "derivative"} and text not in _WORDS
        )

    def _power(self) -> Tree:
        if self._takes("-"):
            return Negative(self._power())
        tree = self._atom()
        while True:
            if self._takes(".T"):
                tree = Transposed(tree)
            elif self._takes(".reshape", "("):
                rows = self._inside(partial(self._call, "reshape"), ")")
                tree = Call("reshape", (tree, *rows.arguments))
            elif not self._next.is_spaced and self._takes("["):
                tree = Entry(tree, self._inside(self._sum, "]"))
            elif self._takes("^"):
                tree = Pair("^", tree, self._power())
            else:
                return tree

    def _atom(self) -> Tree:
        kind, text, _ = self._next
        if kind == "end" or (kind == "name" and text in _WORDS):
            raise _NoRuleError
        self._take()
        if kind == "number":
            return Number(text)
        if kind == "derivative":
            of, _, by = text.partition("/")
            return Derivative(of[1:], by[1:])
        if kind == "name":
            return self._named(text)
        if text in _CLOSING:
            return Enclosed(text, self._inside(self._said, _CLOSING[text]))
        raise _NoRuleError

    def _named(self, name: str) -> Tree:
        if not self._next.is_spaced and self._takes("("):
            return self._inside(partial(self._call, name), ")")
        if name.endswith("'"):
            raise _NoRuleError
        return Name(name)

    def _call(self, function: str) -> Call:
        arguments, axis = [self._said()], ""
        while self._takes(","):
            if self._takes("axis", "="):
                axis = ("-" if self._takes("-") else "") + self._take()
            elif not self._takes("keepdims", "=", "True"):
                arguments.append(self._said())
        return Call(function, tuple(arguments), axis)

    def _inside(self, read_part: Callable[[], T], closing: str) -> T:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _NoRuleError
        tree = read_part()
        self._expect(closing)
        self.depth -= 1
        return tree


_WORDS = {"where", "else", "at", "is", "in", "largest", "the"}
_CLOSING = {"(": ")", "|": "|"}
