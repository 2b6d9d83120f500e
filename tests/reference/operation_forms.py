"""Every operation of the reference once more, written for autograd, with the inputs to try it on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd.tracer import getval
from hypothesis import strategies as st
from strategies import (
    Array,
    Shape,
    Shapes,
    apart_from_zero,
    around_zero,
    broadcast_shapes,
    equal_shapes,
    matmul_shapes,
    positive,
    single_shapes,
)

from reference.operations import OPERATIONS, Operation


def between_zero_and_one(rng: np.random.Generator, shape: Shape) -> Array:
    """Draw entries that are probabilities, none of them near 0 or 1."""
    return np.asarray(rng.uniform(0.1, 0.9, size=shape))


def labels(rng: np.random.Generator, shape: Shape) -> Array:
    """Draw labels of three classes, as floats."""
    return np.asarray(rng.integers(0, 3, size=shape), float)


@dataclass(frozen=True, kw_only=True)
class Form:
    """An operation as autograd has it."""

    function: Callable[..., Any]
    shapes: st.SearchStrategy[Shapes]
    examples: tuple[Shapes, ...]
    """Shapes for tests that need no drawing: they broadcast, or are square, where that can go wrong."""
    entries: tuple[Callable[[np.random.Generator, Shape], Array], ...] = (around_zero, around_zero)
    """How the entries of each input are drawn, inside the domain and away from kinks."""
    analytic: bool = True
    one_hot: bool = False
    """Whether the second input holds targets, which are one-hot in coursework."""

    def inputs(self, rng: np.random.Generator, shapes: Shapes) -> list[Array]:
        """Draw the inputs."""
        return [draw(rng, shape) for draw, shape in zip(self.entries, shapes, strict=False)]


SINGLE: tuple[Shapes, ...] = (((3, 4),), ((3, 3),), ((4,),))
PAIRS: tuple[Shapes, ...] = (((3, 4), (4,)), ((4,), (3, 4)), ((3, 1), (1, 4)), ((3, 4), (3, 4)))
EQUAL: tuple[Shapes, ...] = (((3, 4), (3, 4)), ((3, 3), (3, 3)))
MATRICES: tuple[Shapes, ...] = (((3, 4),), ((2, 5),), ((1, 3),), ((2, 3, 4),))
LABELLED: tuple[Shapes, ...] = (((4, 3), (4,)), ((1, 4), (1,)), ((5, 3), (5,)))
PRODUCTS: tuple[Shapes, ...] = (((3, 4), (4, 2)), ((3, 3), (3, 3)), ((4,), (4, 2)), ((2, 3, 4), (4, 2)))


def _single(function: Callable[..., Any], **fields: Any) -> Form:
    return Form(function=function, shapes=single_shapes(), examples=SINGLE, **fields)


def _pair(function: Callable[..., Any], **fields: Any) -> Form:
    return Form(function=function, shapes=broadcast_shapes(), examples=PAIRS, **fields)


def _rows(function: Callable[..., Any], **fields: Any) -> Form:
    return Form(function=function, shapes=single_shapes(min_dims=1), examples=SINGLE, **fields)


def _matrices(function: Callable[..., Any], **fields: Any) -> Form:
    """Describe an operation along an axis: the first is not the last."""
    return Form(function=function, shapes=single_shapes(min_dims=2), examples=MATRICES, **fields)


def _cross_entropy(function: Callable[..., Any], **fields: Any) -> Form:
    # Weights that do not sum to one: the rules hold for what is computed, not for one-hot targets only.
    fields = {"entries": (around_zero, positive)} | fields
    return Form(function=function, shapes=equal_shapes(min_dims=1), examples=EQUAL, one_hot=True, **fields)


def _of_probabilities(function: Callable[..., Any]) -> Form:
    return _cross_entropy(function, entries=(between_zero_and_one, between_zero_and_one))


def _labelled(
    function: Callable[..., Any], first: Callable[[np.random.Generator, Shape], Array] = around_zero
) -> Form:
    """Describe an operation on rows of three or more entries, with a label from 0 to 2 for each."""
    shapes = st.tuples(st.lists(st.integers(1, 4), max_size=2).map(tuple), st.integers(3, 5)).map(
        lambda drawn: ((*drawn[0], drawn[1]), drawn[0])
    )
    return Form(function=function, shapes=shapes, examples=LABELLED, entries=(first, labels), analytic=False)


def _softmax(s: Any, axis: int | None = -1) -> Any:
    return anp.exp(s) / anp.sum(anp.exp(s), axis=axis, keepdims=True)


def _summed_cross_entropy(s: Any, t: Any) -> Any:
    return -anp.sum(t * anp.log(_softmax(s)))


def _at_label(rows: Any, y: Any) -> Any:
    """Pick by a product with one-hot rows; the derivative by the label is zero."""
    one_hot_rows = np.eye(rows.shape[-1])[np.rint(getval(y)).astype(int)]
    return anp.sum(rows * one_hot_rows, axis=-1) + 0.0 * y


def _log_before_sum(s: Any, t: Any) -> Any:
    return anp.sum(-t * (s - anp.sum(s, axis=-1, keepdims=True)), axis=-1)


FORMS: dict[str, Form] = {
    "add": _pair(lambda a, b: a + b),
    "subtract": _pair(lambda a, b: a - b),
    "multiply": _pair(lambda a, b: a * b),
    "divide": _pair(lambda a, b: a / b, entries=(around_zero, apart_from_zero)),
    "matmul": Form(function=anp.matmul, shapes=matmul_shapes(), examples=PRODUCTS),
    "sum": _single(anp.sum),
    "mean": _single(anp.mean),
    "sum over the number of rows": _single(
        lambda a: anp.sum(a) / (anp.shape(a)[0] if anp.ndim(a) > 1 else anp.size(a))
    ),
    "exp": _single(anp.exp),
    "log": _single(anp.log, entries=(positive,)),
    "abs": _single(lambda a: anp.where(a > 0, a, -a), analytic=False),
    "relu": _single(lambda z: anp.where(z > 0, z, 0.0 * z), analytic=False),
    "sigmoid": _single(lambda z: 1.0 / (1.0 + anp.exp(-z)), analytic=False),
    "identity": _single(lambda a: 1.0 * a),
    "square": _single(lambda a: a**2),
    "half square": _single(lambda a: a**2 / 2.0),
    "power 2": _single(lambda a: a * a),
    "power 3": _single(lambda a: a * a * a),
    "power -1": _single(lambda a: 1.0 / a, entries=(apart_from_zero,)),
    "transpose": _rows(lambda a: anp.swapaxes(a, 0, -1) if a.ndim < 3 else anp.swapaxes(a, 1, 2)),
    "flatten": Form(
        function=lambda a: anp.reshape(a, (a.shape[0], a.size // a.shape[0])),
        shapes=single_shapes(min_dims=1),
        examples=(((3, 2, 2),), ((4,),), ((1, 5),)),
    ),
    "reshape to (-1,)": _single(anp.ravel),
    "sum over axis 0": _matrices(lambda a: anp.sum(a, axis=0)),
    "sum over axis -1": _matrices(lambda a: anp.sum(a, axis=-1)),
    "sum over axis 0, kept": _matrices(lambda a: anp.sum(a, axis=0, keepdims=True)),
    "sum over axis -1, kept": _matrices(lambda a: anp.sum(a, axis=-1, keepdims=True)),
    "mean over axis 0": _matrices(lambda a: anp.mean(a, axis=0)),
    "mean over axis -1": _matrices(lambda a: anp.mean(a, axis=-1)),
    "mean over axis 0, kept": _matrices(lambda a: anp.mean(a, axis=0, keepdims=True)),
    "mean over axis -1, kept": _matrices(lambda a: anp.mean(a, axis=-1, keepdims=True)),
    "max over axis -1": _matrices(lambda a: anp.max(a, axis=-1), analytic=False),
    "max over axis 0": _matrices(lambda a: anp.max(a, axis=0), analytic=False),
    "max over axis 0, kept": _matrices(lambda a: anp.max(a, axis=0, keepdims=True), analytic=False),
    "max over axis -1, kept": _matrices(lambda a: anp.max(a, axis=-1, keepdims=True), analytic=False),
    "leaky relu 0.01": _single(lambda z: anp.where(z > 0, z, 0.01 * z), analytic=False),
    "tanh": _single(lambda z: (anp.exp(z) - anp.exp(-z)) / (anp.exp(z) + anp.exp(-z))),
    "sum of squares": _single(lambda a: anp.sum(a**2)),
    "half the sum of squares": _single(lambda a: anp.sum(a**2) / 2.0),
    "no penalty": _single(lambda a: 0.0 * anp.sum(a)),
    "not penalised": _single(lambda a: 0.0 * a),
    "add penalty": _pair(lambda a, b: a + b),
    "add 0.5 penalty": _pair(lambda a, b: a + b / 2.0),
    "add 2 penalty": _pair(lambda a, b: a + b + b),
    "loss without penalty": _pair(lambda a, b: a + 0.0 * b),
    "softmax": _rows(_softmax),
    "softmax without shift": _rows(_softmax),
    "softmax with one shift": _rows(_softmax),
    "softmax over axis 0": _rows(lambda s: _softmax(s, axis=0)),
    "softmax over axis 0 without shift": _rows(lambda s: _softmax(s, axis=0)),
    "softmax over axis 0 with one shift": _rows(lambda s: _softmax(s, axis=0)),
    "softmax over all entries": _rows(lambda s: _softmax(s, axis=None)),
    "log softmax": _rows(lambda s: anp.log(_softmax(s))),
    "log softmax without shift": _rows(lambda s: anp.log(_softmax(s))),
    "log softmax over axis 0": _rows(lambda s: anp.log(_softmax(s, axis=0))),
    "mean softmax cross-entropy": _cross_entropy(
        lambda s, t: _summed_cross_entropy(s, t) * s.shape[-1] / s.size
    ),
    "summed softmax cross-entropy": _cross_entropy(_summed_cross_entropy),
    "softmax cross-entropy averaged over entries": _cross_entropy(
        lambda s, t: _summed_cross_entropy(s, t) / s.size
    ),
    "entry at the label": _labelled(_at_label),
    "cross-entropy of rows": _of_probabilities(lambda x, t: -anp.sum(t * anp.log(x), axis=-1)),
    "binary cross-entropy of rows": _of_probabilities(
        lambda x, t: -anp.sum(t * anp.log(x) + (1.0 - t) * anp.log(1.0 - x), axis=-1)
    ),
    "cross-entropy of rows over classes": _of_probabilities(
        lambda x, t: -anp.sum(t * anp.log(x), axis=-1) / x.shape[-1]
    ),
    "cross-entropy of rows without log": _of_probabilities(lambda x, t: -anp.sum(t * x, axis=-1)),
    "cross-entropy of rows without target": _of_probabilities(
        lambda x, t: -anp.sum(anp.log(x), axis=-1) + 0.0 * anp.sum(t, axis=-1)
    ),
    "cross-entropy of rows, softmax of probabilities": _of_probabilities(
        lambda x, t: -anp.sum(t * anp.log(_softmax(x)), axis=-1)
    ),
    "first term only": _pair(lambda a, b: a + 0.0 * b),
    "second term only": _pair(lambda a, b: 0.0 * a + b),
    "first factor only": _pair(lambda a, b: a + 0.0 * b),
    "second factor only": _pair(lambda a, b: 0.0 * a + b),
    "-1 subtract": _pair(lambda a, b: b - a),
}


LOGIT_ROWS: dict[str, Callable[..., Any]] = {
    "softmax cross-entropy of rows": lambda s, t: -anp.sum(t * anp.log(_softmax(s)), axis=-1),
    "softmax cross-entropy of rows without shift": lambda s, t: -anp.sum(t * anp.log(_softmax(s)), axis=-1),
    "softmax cross-entropy of rows over classes": lambda s, t: (
        -anp.sum(t * anp.log(_softmax(s)), axis=-1) / s.shape[-1]
    ),
    "softmax cross-entropy of rows, log of the softmax": lambda s, t: (
        -anp.log(anp.sum(t * _softmax(s), axis=-1))
    ),
    "softmax cross-entropy of rows, log before sum": _log_before_sum,
    "softmax cross-entropy of rows, log before sum of shifted logits": lambda s, t: _log_before_sum(
        s - anp.max(s, axis=-1, keepdims=True), t
    ),
    "softmax cross-entropy of rows, softmax twice": lambda s, t: (
        -anp.sum(t * anp.log(_softmax(_softmax(s))), axis=-1)
    ),
    "softmax cross-entropy of rows without log": lambda s, t: -anp.sum(t * _softmax(s), axis=-1),
}
"""Losses of logits, one for each row: their means, and those of labels, are made of them below."""
PROBABILITY_ROWS = ("cross-entropy of rows", "cross-entropy of rows without log")
"""Losses of probabilities that are taken of logits by mistake."""


def _mean_of(rows: Callable[..., Any]) -> Callable[..., Any]:
    return lambda s, t: anp.sum(rows(s, t)) * s.shape[-1] / s.size


def _with_labels(loss: Callable[..., Any]) -> Callable[..., Any]:
    """Make a loss of one-hot rows one of labels; the derivative by the label is zero."""
    return lambda s, y: loss(s, np.eye(s.shape[-1])[np.rint(getval(y)).astype(int)]) + 0.0 * anp.sum(y)


def _positive_logits(form: Form) -> Form:
    return replace(form, entries=(positive, *form.entries[1:]))


FORMS |= {name: _cross_entropy(loss, analytic="shifted" not in name) for name, loss in LOGIT_ROWS.items()}
FORMS |= {
    f"mean of {name}": _cross_entropy(_mean_of(loss), analytic="shifted" not in name)
    for name, loss in LOGIT_ROWS.items()
}
FORMS |= {
    f"mean of {name}": _positive_logits(_cross_entropy(_mean_of(FORMS[name].function)))
    for name in PROBABILITY_ROWS
}
FORMS |= {
    f"{name} of labels": _labelled(_with_labels(form.function), first=form.entries[0])
    for name, form in FORMS.items()
    if name in ("mean softmax cross-entropy", "summed softmax cross-entropy") or name.startswith("mean of ")
}


def all_operations() -> list[Operation]:
    """Return the operations of the table and those that stand in for them in forward slips, each once."""
    found: dict[int, Operation] = {}

    def visit(operations: Iterable[Operation]) -> None:
        for operation in operations:
            if id(operation) not in found:
                found[id(operation)] = operation
                visit(slip.operation for slip in operation.forward_slips)

    visit(OPERATIONS)
    return list(found.values())
