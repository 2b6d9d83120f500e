"""Numbers, sums, quotients, powers and norms; matrices and lists that are written out."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from grader.formulas.tree import (
    Absolute,
    Constant,
    Entry,
    Fraction,
    Listing,
    Matrix,
    Negative,
    Norm,
    Number,
    Power,
    Sum,
    Symbol,
    Transpose,
    Unknown,
)
from grader.formulas.values.products import quotient, transposed
from grader.formulas.values.scope import Scope, Value
from grader.formulas.values.shapes import entry, fitted, settled, shown
from grader.model import Array

_CONSTANTS: Mapping[str, float] = {"e": math.e, "pi": math.pi}
_LARGEST = frozenset({"infty", "inf", "\N{INFINITY}", "max"})
_SUM_OF_SQUARES = frozenset({"2", "F", "Fro", ""})


def number(node: Number, scope: Scope) -> Value:
    """Evaluate a number as written."""
    try:
        return float(node.text)
    except ValueError:
        raise scope.failure("This is no number.", node) from None


def constant(node: Constant, scope: Scope) -> Value:
    """Evaluate `e` or `pi`, where no line gives that name to something else."""
    if node.name in scope.definitions:
        return scope.value(Unknown(name=node.name, start=node.start, end=node.end))
    if node.name not in _CONSTANTS:
        raise scope.failure("This is no constant.", node, "unknown")
    return _CONSTANTS[node.name]


def total(node: Sum, scope: Scope) -> Value:
    """Evaluate a sum; numbers are added to each entry, a row or column to each of a matrix."""
    result = scope.value(node.terms[0])
    for term in node.terms[1:]:
        other = scope.value(term)
        if not (isinstance(result, float) and isinstance(other, float)):
            result, other = fitted(result, other, node, scope, what="a sum")
        result = result + other
    return result


def negative(node: Negative, scope: Scope) -> Value:
    """Evaluate what has a minus before it."""
    return -scope.value(node.operand)


def fraction(node: Fraction, scope: Scope) -> Value:
    """Evaluate a quotient, entry by entry."""
    return quotient(scope.value(node.top), scope.value(node.bottom), node, scope)


def transpose(node: Transpose, scope: Scope) -> Value:
    """Evaluate rows for columns."""
    return transposed(scope.value(node.operand))


def absolute(node: Absolute, scope: Scope) -> Value:
    """Evaluate what stands between bars, entry by entry."""
    value = scope.value(node.operand)
    return abs(value) if isinstance(value, float) else np.abs(value)


def norm(node: Norm, scope: Scope) -> Value:
    """Evaluate a norm; of a matrix that of all its entries."""
    array = np.asarray(scope.value(node.operand))
    if array.size not in (1, *array.shape) and node.order != "F":
        scope.note("The norm of a matrix is read as that of all its entries.")
    if node.order in _SUM_OF_SQUARES:
        return float(np.sqrt(np.sum(array * array)))
    if node.order == "1":
        return float(np.sum(np.abs(array)))
    if node.order in _LARGEST:
        return float(np.max(np.abs(array)))
    raise scope.failure(f"The norm of order `{node.order[:20]}` is not evaluated.", node)


def power(node: Power, scope: Scope) -> Value:
    """Evaluate a power, entry by entry; the exponent is a number of bounded size.

    Raises
    ------
    UnevaluableError
        The exponent is an array or too large, or a root has no real value.
    """
    if node.base == _E and "e" not in scope.definitions:
        raised = scope.value(node.exponent)
        return float(np.exp(raised)) if isinstance(raised, float) else np.exp(raised)
    base, exponent = scope.value(node.base), scope.value(node.exponent)
    if not isinstance(exponent, float):
        raise scope.failure("An exponent is a single number.", node, "shape")
    if not abs(exponent) <= scope.caps.exponent:
        raise scope.failure("The exponent is too large.", node, "work")
    array = np.asarray(base)
    if exponent < 0 and not array.all():
        raise scope.failure("This divides by 0.", node, "domain")
    if not exponent.is_integer() and np.any(array < 0):
        raise scope.failure("A root of a negative number.", node, "domain")
    if isinstance(base, float):
        return float(np.float64(base) ** exponent)
    if base.ndim > 1 and base.shape[0] == base.shape[1] and exponent != 1:
        raise scope.failure("A power of a square matrix can be read in two ways.", node, "shape")
    scope.note("A power of a vector or matrix is taken entry by entry.")
    return base**exponent


_E = Constant(name="e")


def entry_of(node: Entry, scope: Scope) -> Value:
    """Evaluate an entry of what stands in brackets."""
    value = scope.value(node.operand)
    if isinstance(value, float):
        raise scope.failure("A single number has no entries.", node, "shape")
    return entry(value, node.index, node, scope)


def matrix(node: Matrix, scope: Scope) -> Value:
    """Evaluate entries that are written row by row."""
    rows = [[scope.number(one) for one in row] for row in node.rows]
    if not rows or not rows[0] or len({len(row) for row in rows}) > 1:
        raise scope.failure("The rows of the matrix have several lengths.", node, "shape")
    return settled(np.array(rows, dtype=np.float64))


def listing(node: Listing, scope: Scope) -> Value:
    """Evaluate entries in brackets to a column; with dots it is the whole value whose entries they are."""
    if node.has_dots:
        return _dotted(node, scope)
    values = [scope.value(one) for one in node.items]
    if not values or not all(isinstance(one, float) for one in values):
        shapes = ", ".join(map(shown, values[:3]))
        raise scope.failure(f"A list is one of single numbers: {shapes}.", node, "shape")
    return settled(np.array(values, dtype=np.float64))


def _dotted(node: Listing, scope: Scope) -> Value:
    symbols = [one for one in node.items if isinstance(one, Symbol) and len(one.index) == 1]
    names = {one.name for one in symbols}
    if len(symbols) < len(node.items) or len(names) != 1 or len(symbols) < 2:  # noqa: PLR2004 (first and last)
        raise scope.failure("What the dots stand for cannot be told.", node)
    whole = scope.value(Symbol(name=symbols[0].name, start=node.start, end=node.end))
    places = [scope.position(one.index[0]) for one in symbols]
    written = [scope.value(one) for one in symbols]
    if isinstance(whole, float) or not _are_all(whole, places, written):
        raise scope.failure("What the dots stand for cannot be told.", node)
    return whole


def _are_all(whole: Array, places: list[int], written: list[Value]) -> bool:
    """Whether what is written are the first entries and the last one, in their order."""
    is_vector = whole.size in whole.shape
    is_order = places[0] == 0 and places[-1] == whole.size - 1 and places == sorted(places)
    return is_vector and is_order and len(written) <= whole.size
