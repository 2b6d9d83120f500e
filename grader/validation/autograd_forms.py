"""The usual operations once more, written for autograd and by nobody's derivative rule; imports autograd, an extra."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd.tracer import getval


def _softmax(s: Any, axis: int | None = -1) -> Any:
    e = anp.exp(s - getval(anp.max(s, axis=axis, keepdims=True)))
    return e / anp.sum(e, axis=axis, keepdims=True)


def _log_softmax(s: Any) -> Any:
    shifted = s - getval(anp.max(s, axis=-1, keepdims=True))
    return shifted - anp.log(anp.sum(anp.exp(shifted), axis=-1, keepdims=True))


def _rows(s: Any, t: Any) -> Any:
    return -anp.sum(t * _log_softmax(s), axis=-1)


def _one_hot(labels: Any, classes: int) -> Any:
    return np.eye(classes)[np.rint(getval(labels)).astype(int)]


def _mean_rows(s: Any, t: Any) -> Any:
    return anp.sum(_rows(s, t)) * s.shape[-1] / s.size


def _per_row(a: Any) -> Any:
    return anp.sum(a) / (anp.shape(a)[0] if anp.ndim(a) > 1 else anp.size(a))


def _transposed(a: Any) -> Any:
    return anp.swapaxes(a, 0, -1) if a.ndim < 3 else anp.swapaxes(a, 1, 2)  # noqa: PLR2004  batches of matrices


FORMS: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "matmul": anp.matmul,
    "identity": lambda a: 1.0 * a,
    "-1 identity": lambda a: -1.0 * a,
    "square": lambda a: a**2,
    "half square": lambda a: a**2 / 2.0,
    "power 2": lambda a: a * a,
    "power 3": lambda a: a * a * a,
    "power -1": lambda a: 1.0 / a,
    "exp": anp.exp,
    "log": anp.log,
    "abs": lambda a: anp.where(a > 0, a, -a),
    "relu": lambda z: anp.where(z > 0, z, 0.0 * z),
    "leaky relu 0.01": lambda z: anp.where(z > 0, z, 0.01 * z),
    "sigmoid": lambda z: 1.0 / (1.0 + anp.exp(-z)),
    "tanh": lambda z: (anp.exp(z) - anp.exp(-z)) / (anp.exp(z) + anp.exp(-z)),
    "sum": anp.sum,
    "mean": anp.mean,
    "sum over the number of rows": _per_row,
    "sum over axis 0": lambda a: anp.sum(a, axis=0),
    "sum over axis -1": lambda a: anp.sum(a, axis=-1),
    "sum over axis 0, kept": lambda a: anp.sum(a, axis=0, keepdims=True),
    "sum over axis -1, kept": lambda a: anp.sum(a, axis=-1, keepdims=True),
    "mean over axis 0": lambda a: anp.mean(a, axis=0),
    "mean over axis -1": lambda a: anp.mean(a, axis=-1),
    "transpose": _transposed,
    "flatten": lambda a: anp.reshape(a, (a.shape[0], a.size // a.shape[0])),
    "sum of squares": lambda a: anp.sum(a**2),
    "half the sum of squares": lambda a: anp.sum(a**2) / 2.0,
    "add penalty": lambda a, b: a + b,
    "not penalised": lambda a: 0.0 * a,
    "softmax": _softmax,
    "softmax over axis 0": lambda s: _softmax(s, axis=0),
    "log softmax": _log_softmax,
    "cross-entropy of rows": lambda x, t: -anp.sum(t * anp.log(x), axis=-1),
    "softmax cross-entropy of rows": _rows,
    "mean softmax cross-entropy": _mean_rows,
    "summed softmax cross-entropy": lambda s, t: anp.sum(_rows(s, t)),
    "mean softmax cross-entropy of labels": lambda s, y: (
        _mean_rows(s, _one_hot(y, s.shape[-1])) + 0.0 * anp.sum(y)
    ),
}
"""By the name of the operation."""
