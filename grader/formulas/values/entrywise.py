"""Evaluates what holds for all values of its indices at once; whatever is not plain arithmetic of entries is left to loops.

It gives what evaluating entry by entry gives, or nothing: there is no error of its own, and no reading.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import cast

import numpy as np

from grader.formulas.tree import (
    Absolute,
    Call,
    Cases,
    Condition,
    Constant,
    Derivative,
    Extreme,
    Fraction,
    Index,
    Indicator,
    Kronecker,
    Negative,
    Node,
    Number,
    Over,
    Power,
    Product,
    Sum,
    Symbol,
    Times,
    Tree,
    Unknown,
    walk,
)
from grader.formulas.values.bounds import bounds
from grader.formulas.values.conditions import COMPARISONS
from grader.formulas.values.derivatives import known
from grader.formulas.values.elementary import ABOVE_ZERO, ENTRYWISE
from grader.formulas.values.scope import Scope, UnevaluableError
from grader.model import Array

_WORK = 16
"""Entries of an array that take as long as a node."""
Entries = float | Array
"""Each letter has an axis, the one that was bound last the first one; of length 1, or left out, where nothing depends on it."""


class _LoopError(Exception):
    """What is evaluated has no value for all entries at once."""


def entrywise(tree: Tree, scope: Scope, letters: Mapping[str, int]) -> Array | None:
    """Evaluate a tree for all positions of some letters at once.

    Parameters
    ----------
    tree : Tree
    scope : Scope
    letters : mapping of str to int
        How far each of them counts.

    Returns
    -------
    ndarray or None
        Of shape `tuple(letters.values())`; None where a loop has to say what it is, or why there is no value.
    """
    if scope.bound or id(tree) in scope.loops:
        return None
    shape = tuple(letters.values())
    notes, depth = dict(scope.notes), scope.depth
    try:
        value = _Entries(scope, list(letters.items())).value(tree)
    except _LoopError:
        scope.loops.add(id(tree))
        scope.notes, scope.depth = notes, depth
        return None
    return np.broadcast_to(value, shape[::-1]).T


class _Entries:
    """Evaluates nodes while some letters stand for all their positions."""

    def __init__(self, scope: Scope, letters: list[tuple[str, int]]) -> None:
        self.scope = scope
        self.letters = letters
        """Bound ones with their sizes, the last one innermost."""

    def value(self, node: Node) -> Entries:
        """Evaluate a node.

        Raises
        ------
        _LoopError
            It has no value that could be told for all entries at once.
        UnevaluableError
            It takes too much work.
        """
        rule = _RULES.get(type(node))
        if rule is None:
            raise _LoopError
        self.scope.enter(node, 1)
        result = rule(self, node)
        if not isinstance(result, float):
            self.scope.spend(result.size // _WORK, node)
        self.scope.depth -= 1
        return result

    def positions(self, node: Node) -> int | Array:
        """Return the positions that an index means."""
        if (
            isinstance(node, Number)
            and node.text.isascii()
            and node.text.isdigit()
            and len(node.text) < _WORK
        ):
            return int(node.text) - self.scope.readings.first_index
        if not isinstance(node, Index):
            raise _LoopError
        for axis in range(len(self.letters) - 1, -1, -1):
            letter, size = self.letters[axis]
            if letter == node.name:
                return np.arange(size).reshape((size,) + (1,) * axis)
        if node.name in self.scope.indices:
            return self.scope.indices[node.name]
        if node.name in self.scope.world.hot:
            return self.scope.position(node)
        raise _LoopError

    def entries(self, found: Entries | None, index: tuple[Tree, ...]) -> Entries:
        """Return the entries with an index."""
        if found is None or np.ndim(found) != len(index):
            raise _LoopError
        if isinstance(found, float):
            return found
        places = [self.positions(one) for one in index]
        for one, size in zip(places, found.shape, strict=True):
            first, last = (one, one) if isinstance(one, int) else (0, one.size - 1)
            if first < 0 or last >= size:
                raise _LoopError
        entries = found[tuple(places)]
        return float(entries) if np.ndim(entries) == 0 else entries

    def symbol(self, node: Symbol) -> Entries:
        """Evaluate a name of the task."""
        if node.primes or node.updated or node.sample:
            raise _LoopError
        return self.entries(self.scope.world.values.get(node.name), node.index)

    def unknown(self, node: Unknown) -> Entries:
        """Evaluate the letter of the true class."""
        is_bound = node.name in self.scope.indices or any(node.name == letter for letter, _ in self.letters)
        if (
            node.index
            or is_bound
            or node.name in self.scope.definitions
            or node.name not in self.scope.world.hot
        ):
            raise _LoopError
        return self.scope.number(node)

    def index(self, node: Index) -> Entries:
        """Evaluate a letter to the numbers that it stands for."""
        positions = self.positions(node)
        if isinstance(positions, int):
            return float(positions + self.scope.readings.first_index)
        return positions.astype(np.float64) + self.scope.readings.first_index

    def derivative(self, node: Derivative) -> Entries:
        """Evaluate a derivative of a node by a node."""
        found = known(node, self.scope)
        if found is None:
            raise _LoopError
        return self.entries(*found)

    def total(self, node: Sum) -> Entries:
        """Evaluate a sum of terms."""
        return reduce(lambda a, b: a + b, map(self.value, node.terms))

    def product(self, node: Product) -> Entries:
        """Evaluate a product."""
        result = self.value(node.factors[0])
        for sign, factor in zip(node.signs, node.factors[1:], strict=True):
            other = self.value(factor)
            result = _divided(result, other) if sign is Times.DIVIDE else result * other
        return result

    def power(self, node: Power) -> Entries:
        """Evaluate a power with a number above."""
        exponent = self.value(node.exponent)
        if node.base == Constant(name="e"):
            return _as_entries(np.exp(exponent))
        base = self.value(node.base)
        if not isinstance(exponent, float) or not abs(exponent) <= self.scope.caps.exponent:
            raise _LoopError
        if (exponent < 0 and not np.all(base)) or (
            not exponent.is_integer() and np.any(np.asarray(base) < 0)
        ):
            raise _LoopError
        return _as_entries(np.asarray(base) ** exponent)

    def call(self, node: Call) -> Entries:
        """Evaluate a function of entries."""
        if node.function not in ENTRYWISE or len(node.arguments) != 1 or node.index or node.primes > 1:
            raise _LoopError
        argument = self.value(node.arguments[0])
        if (node.function, node.primes) in ABOVE_ZERO and not np.all(np.asarray(argument) > 0):
            raise _LoopError
        if node.function == "sqrt" and not np.all(np.asarray(argument) >= 0):
            raise _LoopError
        return _as_entries(ENTRYWISE[node.function][node.primes](argument))

    def kronecker(self, node: Kronecker) -> Entries:
        """Evaluate Kronecker's delta."""
        return _as_entries(np.equal(self.positions(node.left), self.positions(node.right)).astype(np.float64))

    def truth(self, node: Node) -> Array:
        """Evaluate a condition."""
        if not isinstance(node, Condition) or len(node.operands) != len(node.comparisons) + 1:
            raise _LoopError
        one_hot = set(self.scope.world.hot.values())
        if any(isinstance(one, Symbol) and one.name in one_hot and not one.index for one in node.operands):
            raise _LoopError
        values = [self.value(one) for one in node.operands]
        result: Array = np.asarray(True)
        for sign, left, right in zip(node.comparisons, values, values[1:], strict=False):
            if sign not in COMPARISONS:
                raise _LoopError
            result = np.logical_and(result, COMPARISONS[sign](left, right))
        return result

    def cases(self, node: Cases) -> Entries:
        """Evaluate cases that leave nothing out."""
        result: Entries = 0.0
        left: Array = np.asarray(True)
        for branch in node.branches:
            truth = np.asarray(True) if branch.condition is None else self.truth(branch.condition)
            result = np.where(left & truth, self.value(branch.value), result)
            left = left & ~truth
        if np.any(left):
            raise _LoopError
        return _as_entries(result)

    def indicator(self, node: Indicator) -> Entries:
        """Evaluate what is 1 where a condition holds, else 0."""
        return _as_entries(self.truth(node.condition).astype(np.float64))

    def over(self, node: Over) -> Entries:
        """Evaluate a sum, product or extreme over indices."""
        sizes = self._sizes(node)
        around, count = len(self.letters), len(sizes)
        self.letters += zip(node.indices, sizes, strict=True)
        if np.prod([size for _, size in self.letters], dtype=float) > self.scope.caps.evaluations:
            raise _LoopError
        body = np.asarray(self.value(node.body))
        del self.letters[around:]
        body = body.reshape((1,) * (around + count - body.ndim) + body.shape)
        body = np.broadcast_to(body, (*sizes[::-1], *body.shape[count:]))
        return _as_entries(_REDUCTIONS[node.kind](body, tuple(range(count))))

    def _sizes(self, node: Over) -> list[int]:
        """Return how far the indices go from the first position on, if that is the same for all letters around."""
        around = {letter for letter, _ in self.letters}
        limits = [one for one in (node.lower, node.upper) if one is not None]
        if node.conditions or not node.indices or any(_names(one) & around for one in limits):
            raise _LoopError
        try:
            ranges = [bounds(letter, node, self.scope) for letter in node.indices]
        except UnevaluableError:
            raise _LoopError from None
        if any(one.start != 0 or not one for one in ranges):
            raise _LoopError
        return [len(one) for one in ranges]


def _names(tree: Tree) -> set[str]:
    """Return the names that a bound depends on; any of them could be a letter that counts."""
    return {one.name for one in walk(tree) if isinstance(one, Index | Symbol | Unknown)}


def _as_entries(value: Entries) -> Entries:
    return float(value) if np.ndim(value) == 0 else value


def _divided(top: Entries, bottom: Entries) -> Entries:
    if not np.all(bottom):
        raise _LoopError
    return top / bottom


_REDUCTIONS: Mapping[Extreme, Callable[[Array, tuple[int, ...]], Array]] = {
    Extreme.SUM: lambda values, axes: np.sum(values, axis=axes),
    Extreme.PRODUCT: lambda values, axes: np.prod(values, axis=axes),
    Extreme.MAX: lambda values, axes: np.max(values, axis=axes),
    Extreme.MIN: lambda values, axes: np.min(values, axis=axes),
}


def _number(_: _Entries, node: Number) -> Entries:
    try:
        return float(node.text)
    except ValueError:
        raise _LoopError from None


def _quotient(entries: _Entries, node: Fraction) -> Entries:
    return _divided(entries.value(node.top), entries.value(node.bottom))


_Rule = Callable[[_Entries, Node], Entries]
_RULES: Mapping[type, _Rule] = cast(
    "Mapping[type, _Rule]",
    {
        Number: _number,
        Constant: lambda entries, node: entries.scope.value(node),
        Symbol: _Entries.symbol,
        Unknown: _Entries.unknown,
        Index: _Entries.index,
        Sum: _Entries.total,
        Product: _Entries.product,
        Negative: lambda entries, node: -entries.value(node.operand),
        Fraction: _quotient,
        Power: _Entries.power,
        Absolute: lambda entries, node: abs(entries.value(node.operand)),
        Derivative: _Entries.derivative,
        Call: _Entries.call,
        Over: _Entries.over,
        Indicator: _Entries.indicator,
        Kronecker: _Entries.kronecker,
        Cases: _Entries.cases,
    },
)
