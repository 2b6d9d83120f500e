"""Functions by name, with their derivatives; entry by entry, but for those of a whole vector."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from grader.formulas.tree import Call, Node
from grader.formulas.values.scope import Scope, Value
from grader.formulas.values.shapes import entry, fitted, settled
from grader.model import Array
from reference.rules.softmax_values import softmax_of

_LEAK = 0.01
_LARGEST_DETERMINANT = 64
Entrywise = Callable[[Any], Any]


def _sigmoid(x: Any) -> Any:  # noqa: ANN401 (a number or an array)
    return 0.5 * (1.0 + np.tanh(0.5 * x))


ENTRYWISE: Mapping[str, tuple[Entrywise, Entrywise]] = {
    "exp": (np.exp, np.exp),
    "log": (np.log, lambda x: 1.0 / x),
    "sqrt": (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    "sin": (np.sin, np.cos),
    "cos": (np.cos, lambda x: -np.sin(x)),
    "tan": (np.tan, lambda x: 1.0 / np.cos(x) ** 2),
    "arctan": (np.arctan, lambda x: 1.0 / (1.0 + x * x)),
    "sinh": (np.sinh, np.cosh),
    "cosh": (np.cosh, np.sinh),
    "tanh": (np.tanh, lambda x: 1.0 - np.tanh(x) ** 2),
    "sigmoid": (_sigmoid, lambda x: _sigmoid(x) * (1.0 - _sigmoid(x))),
    "softplus": (lambda x: np.logaddexp(0.0, x), _sigmoid),
    "relu": (lambda x: np.maximum(x, 0.0), lambda x: np.heaviside(x, 0.0)),
    "leaky": (lambda x: np.where(x > 0, x, _LEAK * x), lambda x: np.where(x > 0, 1.0, _LEAK)),
    "leaky_relu": (lambda x: np.where(x > 0, x, _LEAK * x), lambda x: np.where(x > 0, 1.0, _LEAK)),
    "step": (lambda x: np.heaviside(x, 0.0), np.zeros_like),
    "sign": (np.sign, np.zeros_like),
    "abs": (np.abs, np.sign),
    "identity": (lambda x: x, np.ones_like),
    "square": (np.square, lambda x: 2.0 * x),
}
"""Each function and its derivative; relu'(0), sign(0) and abs'(0) are 0."""

_PAIR = 2
ABOVE_ZERO = frozenset({("log", 0), ("log", 1), ("sqrt", 1)})
"""Functions and numbers of primes for which an argument has to be positive."""


def call(node: Call, scope: Scope) -> Value:
    """Evaluate an applied function.

    Raises
    ------
    UnevaluableError
        There is no such function, it takes other arguments, or has no value there.
    """
    arguments = [scope.value(one) for one in node.arguments]
    if node.function in ENTRYWISE and len(arguments) == 1:
        result = _entrywise(node, arguments[0], scope)
    elif node.function in _OF_WHOLE and len(arguments) == 1:
        result = _of_whole(node, arguments[0], scope)
    elif node.function in {"max", "min"} and len(arguments) > 1 and not node.primes:
        result = _extreme(node, arguments, scope)
    elif node.function == "inner" and len(arguments) == _PAIR:
        result = _inner(arguments[0], arguments[1], node, scope)
    else:
        text = f"`{node.function[:20]}` of {len(arguments)} arguments is not evaluated."
        raise scope.failure(text, node)
    if not node.index:
        return result
    if isinstance(result, float):
        raise scope.failure("A single number has no entries.", node, "shape")
    return entry(result, node.index, node, scope)


def _entrywise(node: Call, argument: Value, scope: Scope) -> Value:
    name, primes = node.function, node.primes
    if primes > 1 and name not in {"exp", "identity"}:
        raise scope.failure("A second derivative of a function is not evaluated.", node)
    if (name, primes) in ABOVE_ZERO and not np.all(np.asarray(argument) > 0):
        raise scope.failure(f"`{name}` of what is not positive.", node, "domain")
    if name == "sqrt" and not np.all(np.asarray(argument) >= 0):
        raise scope.failure("`sqrt` of a negative number.", node, "domain")
    function = ENTRYWISE[name][min(primes, 1)]
    result = function(argument)
    return float(result) if isinstance(argument, float) else result


def _inner(left: Value, right: Value, node: Call, scope: Scope) -> Value:
    """Return the sum of the products of entries; a row may stand in the place of a column."""
    a, b = np.asarray(left), np.asarray(right)
    are_vectors = a.size == b.size and a.size in a.shape and b.size in b.shape
    if a.shape != b.shape and not are_vectors:
        raise scope.failure("Shapes do not fit in an inner product.", node, "shape")
    return float(np.sum(a.ravel() * b.ravel()))


def _extreme(node: Call, arguments: list[Value], scope: Scope) -> Value:
    choose = np.maximum if node.function == "max" else np.minimum
    result = arguments[0]
    for other in arguments[1:]:
        a, b = fitted(result, other, node, scope, what=f"`{node.function}`")
        chosen = choose(a, b)
        result = chosen if isinstance(chosen, np.ndarray) else float(chosen)
    return result


# --------------------------------------------------------------------------------------------------------------
# Of a whole vector or matrix


def _of_whole(node: Call, argument: Value, scope: Scope) -> Value:
    array = np.asarray(argument)
    if node.primes:
        if node.function != "softmax" or node.primes > 1:
            raise scope.failure("The derivative of this function is not evaluated.", node, "tensor")
        return _softmax_derivative(array, node, scope)
    return _OF_WHOLE[node.function](array, node, scope)


def _softmax(array: Array, node: Node, scope: Scope) -> Value:
    del node, scope
    return settled(np.asarray(softmax_of(np.atleast_1d(array), -1)))


def _softmax_derivative(array: Array, node: Node, scope: Scope) -> Value:
    """Return the Jacobian: diag(p) - p p^T."""
    if array.size not in array.shape:
        raise scope.failure("The derivative of a softmax of a matrix needs its indices.", node, "tensor")
    p = np.asarray(softmax_of(array.ravel(), -1))
    return np.diag(p) - np.outer(p, p)


def _diagonal(array: Array, node: Node, scope: Scope) -> Value:
    if array.size in array.shape:
        if array.size**2 > scope.caps.entries:
            raise scope.overworked(node)
        return np.diag(array.ravel())
    if array.ndim == 0:
        return float(array)
    return settled(np.diagonal(array))


def _trace(array: Array, node: Node, scope: Scope) -> Value:
    if array.ndim and (array.ndim == 1 or array.shape[0] != array.shape[1]):
        raise scope.failure("The trace of what is not square.", node, "shape")
    return float(np.trace(array)) if array.ndim else float(array)


def _determinant(array: Array, node: Node, scope: Scope) -> Value:
    if array.ndim and (array.ndim == 1 or array.shape[0] != array.shape[1]):
        raise scope.failure("The determinant of what is not square.", node, "shape")
    if array.size > _LARGEST_DETERMINANT**2:
        raise scope.overworked(node)
    return float(np.linalg.det(array)) if array.ndim else float(array)


_OF_WHOLE: Mapping[str, Callable[[Array, Node, Scope], Value]] = {
    "softmax": _softmax,
    "sum": lambda array, *_: float(array.sum()),
    "mean": lambda array, *_: float(array.mean()),
    "logsumexp": lambda array, *_: float(np.logaddexp.reduce(array, axis=None)),
    "max": lambda array, *_: float(array.max()),
    "min": lambda array, *_: float(array.min()),
    "diag": _diagonal,
    "tr": _trace,
    "det": _determinant,
}
