"""Evaluates a side of a formula at a point: a tree and a world make a value, by bounded work."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import product as combinations
from typing import cast

import numpy as np
from msgspec import Struct

from grader.formulas.limits import Budget, Caps, ExhaustedError
from grader.formulas.tree import (
    Absolute,
    Application,
    Branch,
    Call,
    Cases,
    Condition,
    Constant,
    Derivative,
    Entry,
    Fraction,
    Function,
    Index,
    Indicator,
    Kronecker,
    Listing,
    Matrix,
    Negative,
    Node,
    Norm,
    Number,
    Ones,
    Over,
    Power,
    Primed,
    Product,
    Sum,
    Symbol,
    Transpose,
    Tree,
    Unknown,
    free_indices,
)
from grader.formulas.values.arithmetic import (
    absolute,
    constant,
    entry_of,
    fraction,
    listing,
    matrix,
    negative,
    norm,
    number,
    power,
    total,
    transpose,
)
from grader.formulas.values.conditions import cases, indicator, kronecker
from grader.formulas.values.counting import over
from grader.formulas.values.derivatives import Diagonal, derivative_value
from grader.formulas.values.elementary import call
from grader.formulas.values.elsewhere import application
from grader.formulas.values.entrywise import entrywise
from grader.formulas.values.extents import extents
from grader.formulas.values.lookup import index, symbol, unknown
from grader.formulas.values.products import AllOnes, factor, plain, product
from grader.formulas.values.scope import Definition, Readings, Rule, Scope, UnevaluableError, Value
from grader.formulas.world import World
from grader.model import Array

__all__ = ["Definition", "Evaluated", "Readings", "UnevaluableError", "evaluate", "evaluate_over", "ranges"]

_USUAL = Readings()


def _refused(node: Node, scope: Scope) -> Value:
    reasons: Mapping[type, str] = {
        Function: "A function stands without what it is applied to.",
        Primed: "What the prime behind the brackets means cannot be told.",
        Condition: "A condition stands where a value is expected.",
        Branch: "A case stands where a value is expected.",
    }
    raise scope.failure(reasons[type(node)], node)


def _ones(node: Node, scope: Scope) -> Value:
    """Return what each entry of the vector of ones is: beside a sum, NumPy repeats it."""
    del node, scope
    return 1.0


_RULES: Mapping[type, Rule] = cast(
    "Mapping[type, Rule]",
    {
        Number: number,
        Constant: constant,
        Symbol: symbol,
        Unknown: unknown,
        Index: index,
        Sum: total,
        Product: product,
        Negative: negative,
        Fraction: fraction,
        Power: power,
        Transpose: transpose,
        Absolute: absolute,
        Norm: norm,
        Primed: _refused,
        Entry: entry_of,
        Derivative: derivative_value,
        Function: _refused,
        Call: call,
        Application: application,
        Over: over,
        Condition: _refused,
        Branch: _refused,
        Indicator: indicator,
        Kronecker: kronecker,
        Cases: cases,
        Matrix: matrix,
        Listing: listing,
        Ones: _ones,
    },
)


class Evaluated(Struct, frozen=True, kw_only=True):
    """The value of a side at a point."""

    value: Array
    """float64; of shape () for a single number, (n, 1) for a column, (1, n) for a row, (m, n) for a matrix."""
    notes: tuple[str, ...] = ()
    """What was read in one of several ways."""
    is_diagonal: bool = False
    """Whether it is a derivative of entries by entries: the diagonal of a matrix, all else of which is 0."""


def evaluate(
    tree: Tree,
    world: World,
    *,
    indices: Mapping[str, int] | None = None,
    readings: Readings = _USUAL,
    definitions: Mapping[str, Definition] | None = None,
    axes: Mapping[str, int] | None = None,
    budget: Budget | None = None,
) -> Evaluated:
    """Evaluate a side at a point.

    Parameters
    ----------
    tree : Tree
    world : World
        The point.
    indices : mapping of str to int, optional
        Positions of the free index letters, from 0.
    readings : Readings
        How to read what can be read in several ways.
    definitions : mapping of str to Definition, optional
        The student's own names, with the primes that belong to them: `s'`.
    axes : mapping of str to int, optional
        How many axes each name has by the table of symbols, those for samples left out.
    budget : Budget, optional
        Is taken off one step for each node.

    Returns
    -------
    Evaluated
        A value that is not finite is one, too.

    Raises
    ------
    UnevaluableError
        There is no value, or it takes more work than the caps allow.
    ExhaustedError
        The budget is used up.
    """
    scope = _scope(world, indices or {}, readings, definitions, axes, budget)
    try:
        with np.errstate(all="ignore"):
            found = factor(tree, scope)
            if isinstance(found, AllOnes):
                raise scope.failure("How long the vector of ones is cannot be told.", tree)
            value = plain(found, scope)
    finally:
        _settle(scope, budget)
    return Evaluated(
        value=as_evaluated(value), notes=tuple(scope.notes), is_diagonal=isinstance(found, Diagonal)
    )


def evaluate_over(
    tree: Tree,
    world: World,
    letters: Mapping[str, int],
    *,
    indices: Mapping[str, int] | None = None,
    readings: Readings = _USUAL,
    definitions: Mapping[str, Definition] | None = None,
    axes: Mapping[str, int] | None = None,
    budget: Budget | None = None,
) -> Evaluated:
    """Evaluate a side for all values of its free indices.

    Parameters
    ----------
    tree : Tree
    world : World
    letters : mapping of str to int
        The free indices, and how far each counts.
    indices, readings, definitions, axes, budget
        As of `evaluate`.

    Returns
    -------
    Evaluated
        Of shape `tuple(letters.values())`.

    Raises
    ------
    UnevaluableError
        An entry has no value, or is no single number.
    ExhaustedError
        The budget is used up.
    """
    scope = _scope(world, indices or {}, readings, definitions, axes, budget)
    shape = tuple(letters.values())
    try:
        scope.spend(math.prod(shape), tree)
        with np.errstate(all="ignore"):
            value = entrywise(tree, scope, letters)
            if value is None:
                value = np.array(_looped(tree, scope, letters), dtype=np.float64).reshape(shape)
    finally:
        _settle(scope, budget)
    return Evaluated(value=np.array(value), notes=tuple(scope.notes))


def _looped(tree: Tree, scope: Scope, letters: Mapping[str, int]) -> list[float]:
    around = scope.indices
    entries: list[float] = []
    for positions in combinations(*map(range, letters.values())):
        scope.indices = {**around, **dict(zip(letters, positions, strict=True))}
        entries.append(scope.number(tree))
    return entries


def ranges(
    trees: Sequence[Tree],
    world: World,
    definitions: Mapping[str, Definition] | None = None,
    *,
    axes: Mapping[str, int] | None = None,
) -> Mapping[str, int]:
    """Tell how far the free indices of some sides count, from what they index in any of them.

    Parameters
    ----------
    trees : sequence of Tree
        The sides; where two tell different things, the first one is right.
    world : World
    definitions : mapping of str to Definition, optional
    axes : mapping of str to int, optional

    Returns
    -------
    mapping of str to int
        In the order in which the letters come; without those that name a true class, or a size.

    Raises
    ------
    UnevaluableError
        Of a letter it cannot be told, or takes too much work.
    """
    free = [letter for tree in trees for letter in free_indices(tree)]
    wanted = [one for one in dict.fromkeys(free) if one not in world.hot and one not in world.sizes]
    scope = _scope(world, {}, _USUAL, definitions, axes, None)
    with np.errstate(all="ignore"):
        found = extents(wanted, trees, scope)
    for letter in wanted:
        if letter not in found:
            raise scope.failure(f"How far `{letter[:20]}` counts cannot be told.", trees[0])
    return {letter: found[letter] for letter in wanted}


def as_evaluated(value: Value) -> Array:
    """Return a value in the form in which `evaluate` gives it: a vector with one axis as a column.

    Parameters
    ----------
    value : array_like
        Of the point, or of an answer.

    Returns
    -------
    ndarray
        float64; of shape () for a single number, (n, 1) for a vector.
    """
    array = np.asarray(value, dtype=np.float64)
    if array.size == 1:
        return array.reshape(())
    return array[:, np.newaxis] if array.ndim == 1 else array


def _scope(
    world: World,
    indices: Mapping[str, int],
    readings: Readings,
    definitions: Mapping[str, Definition] | None,
    axes: Mapping[str, int] | None,
    budget: Budget | None,
) -> Scope:
    caps = budget.caps if budget else Caps()
    left = min(caps.evaluations, budget.left) if budget else caps.evaluations
    return Scope(
        world,
        _RULES,
        readings=readings,
        definitions=definitions or {},
        axes=axes or {},
        indices=indices,
        evaluations=left,
        caps=caps,
    )


def _settle(scope: Scope, budget: Budget | None) -> None:
    """Take what was used off the budget, whether it led anywhere or not."""
    if budget is None:
        return
    given = min(budget.caps.evaluations, budget.left)
    if scope.left < 0 and given == budget.left:
        budget.left = 0
        raise ExhaustedError("the formulas take more steps to evaluate than there are")
    budget.spend(given - max(scope.left, 0))
