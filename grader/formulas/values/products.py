"""Products: of numbers, of matrices, entry by entry; with the vector of ones, and with derivatives of entries by entries."""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from grader.formulas.tree import Derivative, Fraction, Negative, Node, Ones, Product, Times, Transpose
from grader.formulas.values.derivatives import Diagonal, derived, undone
from grader.formulas.values.scope import Scope, UnevaluableError, Value
from grader.formulas.values.shapes import fitted, settled, shown
from grader.model import Array


class AllOnes(Struct, frozen=True, kw_only=True):
    """The vector of ones times a number; its length is told by its partner."""

    scale: float = 1.0
    is_row: bool = False


Factor = Value | AllOnes | Diagonal


def product(node: Product, scope: Scope) -> Value:
    """Evaluate a product.

    Raises
    ------
    UnevaluableError
        Shapes do not fit, or it divides by 0.
    """
    return plain(_folded(node, scope), scope)


def quotient(top: Value, bottom: Value, node: Node, scope: Scope) -> Value:
    """Divide entry by entry.

    Raises
    ------
    UnevaluableError
        Shapes do not fit, or an entry of the divisor is 0.
    """
    if isinstance(bottom, float):
        if bottom == 0.0:
            raise _by_zero(node, scope)
        return top / bottom
    if not bottom.all():
        raise _by_zero(node, scope)
    left, right = fitted(top, bottom, node, scope, what="a quotient")
    return left / right


def _by_zero(node: Node, scope: Scope) -> UnevaluableError:
    return scope.failure("This divides by 0.", node, "domain")


def plain(found: Factor, scope: Scope) -> Value:
    """Return the value that stands for a factor where it is none: of ones what each of them is."""
    if isinstance(found, AllOnes):
        return found.scale
    if isinstance(found, Diagonal):
        return undone(found, scope)
    return found


def _folded(node: Product, scope: Scope) -> Factor:
    factors = node.factors
    result = factor(factors[0], scope)
    for sign, part in zip(node.signs, factors[1:], strict=True):
        other = factor(part, scope)
        if isinstance(result, float) and isinstance(other, float) and sign is not Times.DIVIDE:
            result *= other
        else:
            result = _times(result, other, sign, node, scope)
    return result


def factor(node: Node, scope: Scope) -> Factor:
    """Evaluate a factor, or a side.

    Raises
    ------
    UnevaluableError
        It has no value here.
    """
    if type(node) not in _SPECIAL:
        return scope.value(node)
    scope.enter(node, 1)
    result = _special(node, scope)
    scope.depth -= 1
    return result


_SPECIAL = frozenset({Ones, Derivative, Product, Transpose, Negative, Fraction})


def _special(node: Node, scope: Scope) -> Factor:  # noqa: PLR0911 (one for each kind of factor)
    """Evaluate a factor that may be more than a plain value; ones and derivatives of entries by entries keep what a plain value does not tell."""
    match node:
        case Ones():
            return AllOnes()
        case Derivative():
            return derived(node, scope)
        case Product():
            return _folded(node, scope)
        case Transpose(operand=Ones()):
            return AllOnes(is_row=True)
        case Transpose(operand=Derivative() as operand):
            found = derived(operand, scope)
            return found if isinstance(found, Diagonal) else transposed(found)
        case Negative(operand=Derivative() | Ones() | Product() | Negative() | Transpose() as operand):
            return _times(-1.0, factor(operand, scope), Times.ADJACENT, node, scope)
        case Fraction(top=Ones() | Transpose(operand=Ones()) as top, bottom=bottom):
            return _times(factor(top, scope), scope.value(bottom), Times.DIVIDE, node, scope)
        case _:
            return scope.value(node)


def transposed(value: Value) -> Value:
    """Return rows for columns."""
    if isinstance(value, float):
        return value
    return value[np.newaxis, :] if value.ndim == 1 else settled(value.T)


def _times(a: Factor, b: Factor, sign: Times, node: Node, scope: Scope) -> Factor:
    if sign is Times.DIVIDE:
        if isinstance(a, AllOnes | Diagonal) and isinstance(b, float):
            inverse = quotient(1.0, b, node, scope)
            return _times(inverse, a, Times.ADJACENT, node, scope)
        return quotient(plain(a, scope), plain(b, scope), node, scope)
    if isinstance(a, AllOnes) or isinstance(b, AllOnes):
        return _with_ones(a, b, sign, node, scope)
    if isinstance(a, Diagonal) or isinstance(b, Diagonal):
        return _with_diagonal(a, b, sign, node, scope)
    if isinstance(a, float) or isinstance(b, float):
        return a * b
    return _arrays(a, b, sign, node, scope)


def _misfit(a: Value, b: Value, node: Node, scope: Scope) -> UnevaluableError:
    return scope.failure(f"Shapes do not fit in a product: {shown(a)} and {shown(b)}.", node, "shape")


def _arrays(a: Array, b: Array, sign: Times, node: Node, scope: Scope) -> Value:
    if sign is Times.ENTRYWISE or (sign is Times.STAR and a.shape == b.shape):
        left, right = fitted(a, b, node, scope, what="a product of entries")
        return left * right
    if sign is Times.OUTER:
        return _outer(a, b, node, scope)
    is_pair = a.shape == b.shape and a.size in a.shape
    if is_pair and (sign is Times.MATRIX or (sign is Times.DOT and scope.readings.dot_is_inner)):
        scope.note("A product of two vectors of one shape is their inner product.")
        return float(np.sum(a * b))
    left = a[:, np.newaxis] if a.ndim == 1 else a
    if left.shape[1] == b.shape[0]:
        _bound(left.shape[0] * (b.size // b.shape[0]), left.shape[1], node, scope)
        return settled(left @ b)
    if a.shape == b.shape:
        scope.note("A product of two values of one shape is taken entry by entry.")
        return a * b
    if sign is Times.STAR:
        one, other = fitted(a, b, node, scope, what="a product")
        return one * other
    raise _misfit(a, b, node, scope)


def _outer(a: Array, b: Array, node: Node, scope: Scope) -> Value:
    if a.size not in a.shape or b.size not in b.shape:
        raise _misfit(a, b, node, scope)
    _bound(a.size * b.size, 1, node, scope)
    return settled(np.outer(a, b))


def _bound(entries: int, terms: int, node: Node, scope: Scope) -> None:
    """Refuse a matrix that is too large, and count the work of one that is not small."""
    if entries > scope.caps.entries:
        raise scope.overworked(node)
    scope.spend(entries * terms // 1_000, node)


def _with_ones(a: Factor, b: Factor, sign: Times, node: Node, scope: Scope) -> Factor:
    if isinstance(a, Diagonal) or isinstance(b, Diagonal):
        raise scope.failure("How long the vector of ones is cannot be told.", node)
    if isinstance(a, AllOnes) and isinstance(b, AllOnes):
        if sign is not Times.ENTRYWISE or a.is_row is not b.is_row:
            raise scope.failure("How long the vector of ones is cannot be told.", node)
        return AllOnes(scale=a.scale * b.scale, is_row=a.is_row)
    if isinstance(a, AllOnes):
        assert not isinstance(b, AllOnes)
        if isinstance(b, float):
            return AllOnes(scale=a.scale * b, is_row=a.is_row)
        return _ones_before(a, b, sign, node, scope)
    assert isinstance(b, AllOnes)
    if isinstance(a, float):
        return AllOnes(scale=a * b.scale, is_row=b.is_row)
    return _ones_behind(a, b, sign, node, scope)


def _ones_before(ones: AllOnes, b: Array, sign: Times, node: Node, scope: Scope) -> Value:
    if sign is Times.ENTRYWISE:
        return ones.scale * b
    if ones.is_row:
        return settled(ones.scale * b.sum(axis=0, keepdims=b.ndim > 1))
    if b.ndim > 1 and b.shape[0] == 1:
        return ones.scale * b  # the row, repeated as often as the matrix that it is added to has rows
    return _ones_inner(ones, b, sign, node, scope)


def _ones_behind(a: Array, ones: AllOnes, sign: Times, node: Node, scope: Scope) -> Value:
    if sign is Times.ENTRYWISE or (ones.is_row and a.ndim == 1):
        return a * ones.scale  # a column times a row of ones: the column, repeated
    if not ones.is_row and a.ndim > 1:
        return settled(a.sum(axis=1) * ones.scale)
    return _ones_inner(ones, a, sign, node, scope)


def _ones_inner(ones: AllOnes, vector: Array, sign: Times, node: Node, scope: Scope) -> Value:
    is_inner = sign is Times.DOT and scope.readings.dot_is_inner
    if vector.ndim == 1 and not ones.is_row and is_inner:
        return float(vector.sum()) * ones.scale
    raise scope.failure("The vector of ones does not fit in the product.", node, "shape")


def _with_diagonal(a: Factor, b: Factor, sign: Times, node: Node, scope: Scope) -> Factor:
    """Multiply by the derivative of entries by entries: a diagonal matrix, however its entries are written down."""
    if isinstance(a, Diagonal) and isinstance(b, Diagonal):
        if a.entries.shape != b.entries.shape:
            raise _misfit(a.entries, b.entries, node, scope)
        return Diagonal(entries=a.entries * b.entries)
    if isinstance(a, float) or isinstance(b, float):
        return Diagonal(entries=np.asarray(_entries(a) * _entries(b)))
    left, right = plain(a, scope), plain(b, scope)
    assert not isinstance(left, float)
    assert not isinstance(right, float)
    if left.shape == right.shape:
        return left * right
    if sign in {Times.ENTRYWISE, Times.OUTER}:
        return _arrays(left, right, sign, node, scope)
    if isinstance(a, Diagonal) and left.ndim == 1 and right.shape[0] == left.size:
        return left[:, np.newaxis] * right
    if isinstance(b, Diagonal) and right.ndim == 1 and left.shape[-1] == right.size and left.ndim > 1:
        return left * right
    raise _misfit(left, right, node, scope)


def _entries(found: Factor) -> Value:
    assert not isinstance(found, AllOnes)
    return found.entries if isinstance(found, Diagonal) else found
