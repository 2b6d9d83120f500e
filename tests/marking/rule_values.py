"""What a written rule comes to, computed from its text with NumPy alone: so a rule is held to what it says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np

from grader.reports.formula_tree import (
    Call,
    Derivative,
    Enclosed,
    Entry,
    Name,
    Negative,
    Number,
    Pair,
    Said,
    Transposed,
    Tree,
    read,
)

Values = Mapping[str, Any]


def readings(text: str, values: Values) -> Iterator[Any]:
    """Yield what the right side of a rule comes to in each reading that a person may have of it.

    Two things are left open by how rules are written: whether a sum without an axis runs over the row or over everything, and which
    numbers N and K are where several things are counted.
    """
    rule = read(text)
    assert isinstance(rule, Pair), text
    counts = {size for value in values.values() for size in (*np.shape(value), np.size(value))}
    n_counts, k_counts = (sorted(counts | {1}) if re.search(rf"\b{name}\b", text) else [1] for name in "NK")
    for n, k, rowwise in product(n_counts, k_counts, ("never", "inside another", "always")):
        try:
            yield _Evaluation({**values, "N": n, "K": k}, rowwise=rowwise).of(rule.right)
        except (ValueError, IndexError):
            continue  # in this reading the shapes do not fit


class _Evaluation:
    def __init__(self, values: Values, *, rowwise: str) -> None:
        self.values, self.rowwise, self.depth = values, rowwise, 0

    def of(self, tree: Tree | str) -> Any:  # noqa: C901, PLR0911, PLR0912  (a line for each kind of part)
        match tree:
            case Name(text):
                return self._name(text)
            case Number(text):
                return float(text)
            case Derivative(of, by):
                return self.values[f"d{of}/d{by}"]
            case Call():
                return self._call(tree)
            case Pair("", Call("softmax'", (s,)), Enclosed(_, right)):
                return _jacobian(self.of(s), self.of(right))
            case Pair("", Pair("*", left, Call("softmax'", (s,))), Enclosed(_, right)):
                return np.multiply(*_alike(self.of(left), _jacobian(self.of(s), self.of(right)), "*"))
            case Pair("", left, Enclosed(_, Said((at, "is largest")))):
                return self.of(left) * _largest(self.of(at), -1)
            case Pair("@", left, Transposed(Name("ones"))):
                return np.sum(self.of(left), axis=-1, keepdims=True)
            case Pair("@", Transposed(Name("ones")), right):
                return np.sum(self.of(right), axis=0, keepdims=True)
            case Pair(sign, left, right):
                return _PAIRS[sign](*_alike(self.of(left), self.of(right), sign))
            case Negative(part):
                return -self.of(part)
            case Transposed(part):
                value = self.of(part)
                return np.swapaxes(value, -1, -2) if np.ndim(value) > 1 else value
            case Entry(part, index):
                rows, labels = self.of(part), self.of(index).astype(int)
                return np.take_along_axis(rows, labels[..., None], axis=-1)[..., 0]
            case Enclosed("|", part):
                return np.abs(self.of(part))
            case Enclosed(_, part):
                return self.of(part)
            case Said((value, "in the shape of", Name(name))):
                shape = np.shape(self.values[name])
                rows = self.of(value)
                spread = (shape[0], int(np.prod(shape[1:])))
                return np.reshape(
                    rows if np.size(rows) == np.prod(shape) else np.broadcast_to(rows, spread), shape
                )
            case Said((value, "where", condition, "else", otherwise)):
                return np.where(self.of(condition), self.of(value), self.of(otherwise))
        raise AssertionError(tree)

    def _name(self, text: str) -> Any:
        return self.values[text]

    def _call(self, call: Call) -> Any:  # noqa: PLR0911  (a line for each kind of function)
        axis = None if call.axis in {"", "None"} else int(call.axis)
        over_rows = self.rowwise == "always" or (self.rowwise == "inside another" and self.depth > 0)
        self.depth += call.function in {"sum", "mean"}
        arguments = [self.of(one) for one in call.arguments]
        self.depth -= call.function in {"sum", "mean"}
        if call.function in {"sum", "max"} and len(arguments) == 1 and over_rows and not call.axis:
            return getattr(np, call.function)(arguments[0], axis=-1, keepdims=True)
        if call.function in {"sum", "mean", "max"} and len(arguments) == 1:
            return getattr(np, call.function)(arguments[0], axis=axis)
        if call.function == "softmax":
            return _softmax(arguments[0], axis if call.axis else -1)
        if call.function == "reshape":
            return np.reshape(arguments[0], (len(arguments[0]), -1))
        if call.function in {"onehot", "columns"}:
            classes = next(v.shape[-1] for v in self.values.values() if np.ndim(v) > 1)
            scores = next((v for k, v in self.values.items() if k in {"scores", "x"}), None)
            classes = classes if scores is None else scores.shape[-1]
            rows = np.eye(classes)[arguments[0].astype(int)]
            return np.broadcast_to(rows.max(axis=0), rows.shape) if call.function == "columns" else rows
        if call.function == "rows":
            return np.shape(arguments[0])[0]
        return _FUNCTIONS[call.function](*arguments)


def _alike(left: Any, right: Any, sign: str) -> tuple[Any, Any]:
    """Spread what each row has one of over the row."""
    if sign in {"*", "/"} and np.ndim(left) == 1 and np.ndim(right) == 2 and np.size(left) == len(right):
        return left[:, None], right
    return left, right


def _softmax(s: Any, axis: int | None) -> Any:
    e = np.exp(s - np.max(s, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def _jacobian(s: Any, g: Any) -> Any:
    p = _softmax(s, -1)
    return p * (g - np.sum(g * p, axis=-1, keepdims=True))


def _largest(a: Any, axis: int) -> Any:
    return (a == np.max(a, axis=axis, keepdims=True)) * 1.0


def _sigmoid(z: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-z))


_PAIRS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    # 0 times the log of what is no probability is 0 in a loss: that class takes no part.
    "*": lambda a, b: np.where(a == 0, 0.0, a * b),
    "": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "@": lambda a, b: a @ b,
    "^": lambda a, b: a**b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "relu": lambda z: np.maximum(z, 0.0),
    "relu'": lambda z: (np.asarray(z) > 0) * 1.0,
    "sigmoid": _sigmoid,
    "tanh": np.tanh,
    "exp": np.exp,
    "log": np.log,
    "sign": np.sign,
    "max": np.maximum,
}
