"""Softmax and cross-entropy as one loss: the mean over the batch of one-hot rows, or of integer labels.

References
----------
Goodfellow, Bengio and Courville (2016), "Deep Learning", section 6.2.2.3 (softmax units).
"""

# ruff: noqa: ARG005 - a rule names all its symbols, whether it uses them or not

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from reference.operation import ForwardSlip, Operation, Slip
from reference.rules.softmax import log_softmax_of, softmax_of


def row_count(logits: Any) -> int:
    """Return over how many rows a mean over samples is taken.

    Parameters
    ----------
    logits : ndarray of shape (..., K)

    Returns
    -------
    int
        The product of all axes but the last.
    """
    return math.prod(np.shape(logits)[:-1])


def softmax_minus(s: Any, t: Any) -> Any:
    """Return d(-sum t log softmax(s))/ds: the p - t of the textbook where each row of t sums to one, as one-hot rows do.

    Parameters
    ----------
    s, t : ndarray of shape (..., K)
        Logits and targets.

    Returns
    -------
    ndarray of shape (..., K)
    """
    return softmax_of(s) * np.sum(t, axis=-1, keepdims=True) - t


def softmax_plus(s: Any, t: Any) -> Any:
    """Return the size of what p - t is the difference of: it cancels where the network is sure, and right.

    Parameters
    ----------
    s, t : ndarray of shape (..., K)

    Returns
    -------
    ndarray of shape (..., K)
    """
    return softmax_of(s) * np.sum(np.abs(t), axis=-1, keepdims=True) + np.abs(t)


_summed_cross_entropy = Operation(
    name="summed softmax cross-entropy",
    forward=lambda s, t: -np.sum(t * log_softmax_of(s)),
    rules=(lambda g, y, s, t: g * softmax_minus(s, t), lambda g, y, s, t: -g * log_softmax_of(s)),
    written="-sum({1} * log(softmax({0})))",
    derivatives=("{g} * (softmax({0}) - {1})", "-{g} * log(softmax({0}))"),
)

_entry_mean_cross_entropy = Operation(
    name="softmax cross-entropy averaged over entries",
    forward=lambda s, t: -np.mean(t * log_softmax_of(s)),
    rules=(
        lambda g, y, s, t: g * softmax_minus(s, t) / np.size(s),
        lambda g, y, s, t: -g * log_softmax_of(s) / np.size(s),
    ),
    written="-mean({1} * log(softmax({0})))",
    derivatives=("{g} * (softmax({0}) - {1}) / (N K)", "-{g} * log(softmax({0})) / (N K)"),
)


def _logit_slips(one_hot: Callable[[Any, Any], Any]) -> tuple[Slip, ...]:
    """Return the mistakes in dL/d(logits) of a mean over rows; `one_hot(s, t)` makes rows of the targets."""
    return (
        Slip(
            name="batch-mean-missing",
            rule=lambda g, y, s, t: g * softmax_minus(s, one_hot(s, t)),
            text="the division by the number of samples is left out",
        ),
        Slip(
            name="batch-mean-twice",
            rule=lambda g, y, s, t: g * softmax_minus(s, one_hot(s, t)) / row_count(s) ** 2,
            text="it is divided by the number of samples twice",
        ),
        Slip(
            name="target-missing",
            rule=lambda g, y, s, t: g * softmax_of(s) / row_count(s),
            text="the target is not subtracted",
        ),
        Slip(
            name="derivative-missing",
            rule=lambda g, y, s, t: g * (s - one_hot(s, t)) / row_count(s),
            text="the logits stand where their softmax belongs",
        ),
        Slip(
            name="wrong-axis",
            rule=lambda g, y, s, t: g * (softmax_of(s, axis=0) - one_hot(s, t)) / row_count(s),
            text="the softmax is taken over the samples",
        ),
        Slip(
            name="scaled",
            rule=lambda g, y, s, t: g * softmax_minus(s, one_hot(s, t)) / np.size(s),
            text="it is divided by the number of classes too",
        ),
    )


softmax_cross_entropy = Operation(
    name="mean softmax cross-entropy",
    forward=lambda s, t: -np.sum(t * log_softmax_of(s)) / row_count(s),
    rules=(
        lambda g, y, s, t: g * softmax_minus(s, t) / row_count(s),
        lambda g, y, s, t: -g * log_softmax_of(s) / row_count(s),
    ),
    written="-sum({1} * log(softmax({0}))) / N",
    derivatives=("{g} * (softmax({0}) - {1}) / N", "-{g} * log(softmax({0})) / N"),
    slips=(_logit_slips(lambda s, t: t), ()),
    forward_slips=(
        ForwardSlip(
            name="wrong-loss",
            operation=_summed_cross_entropy,
            text="the loss is summed over the samples, not averaged",
        ),
        ForwardSlip(
            name="wrong-loss",
            operation=_entry_mean_cross_entropy,
            text="the loss is divided by the number of classes too",
        ),
    ),
    rule_magnitudes=(lambda g, y, s, t: np.abs(g) * softmax_plus(s, t) / row_count(s), None),
)


# --------------------------------------------------------------------------------------------------------------
# Integer labels


def _places(labels: Any) -> Any:
    return np.rint(labels).astype(np.intp)[..., None]


def _one_hot(s: Any, labels: Any) -> Any:
    rows = np.zeros_like(s)
    np.put_along_axis(rows, _places(labels), 1.0, axis=-1)
    return rows


def _at_labels(rows: Any, labels: Any) -> Any:
    return np.take_along_axis(rows, _places(labels), axis=-1)[..., 0]


def _columns_of_labels(s: Any, labels: Any) -> Any:
    rows = np.zeros_like(s)
    rows[..., _places(labels).ravel()] = 1.0
    return rows


def _spread_over_row(g: Any, rows: Any) -> Any:
    return np.broadcast_to(np.expand_dims(g, -1), np.shape(rows))


_summed_of_labels = Operation(
    name="summed softmax cross-entropy of labels",
    forward=lambda s, y: -np.sum(_at_labels(log_softmax_of(s), y)),
    rules=(lambda g, out, s, y: g * softmax_minus(s, _one_hot(s, y)), lambda g, out, s, y: np.zeros_like(y)),
    written="-sum(log(softmax({0}))[{1}])",
    derivatives=("{g} * (softmax({0}) - onehot({1}))", "0"),
)

_entry_mean_of_labels = Operation(
    name="softmax cross-entropy of labels averaged over entries",
    forward=lambda s, y: -np.sum(_at_labels(log_softmax_of(s), y)) / np.size(s),
    rules=(
        lambda g, out, s, y: g * softmax_minus(s, _one_hot(s, y)) / np.size(s),
        lambda g, out, s, y: np.zeros_like(y),
    ),
    written="-sum(log(softmax({0}))[{1}]) / (N K)",
    derivatives=("{g} * (softmax({0}) - onehot({1})) / (N K)", "0"),
)

softmax_cross_entropy_of_labels = Operation(
    name="mean softmax cross-entropy of labels",
    forward=lambda s, y: -np.sum(_at_labels(log_softmax_of(s), y)) / row_count(s),
    rules=(
        lambda g, out, s, y: g * softmax_minus(s, _one_hot(s, y)) / row_count(s),
        lambda g, out, s, y: np.zeros_like(y),
    ),
    written="-sum(log(softmax({0}))[{1}]) / N",
    derivatives=("{g} * (softmax({0}) - onehot({1})) / N", "0"),
    slips=(
        (
            *_logit_slips(_one_hot),
            Slip(
                name="derivative-misplaced",
                rule=lambda g, out, s, y: g * (softmax_of(s) - _columns_of_labels(s, y)) / row_count(s),
                text="1 is subtracted in the whole column of each label, not in its own row alone",
            ),
        ),
        (),
    ),
    forward_slips=(
        ForwardSlip(
            name="wrong-loss",
            operation=_summed_of_labels,
            text="the loss is summed over the samples, not averaged",
        ),
        ForwardSlip(
            name="wrong-loss",
            operation=_entry_mean_of_labels,
            text="the loss is divided by the number of classes too",
        ),
    ),
    rule_magnitudes=(
        lambda g, out, s, y: np.abs(g) * softmax_plus(s, _one_hot(s, y)) / row_count(s),
        None,
    ),
)
"""Labels are numbers 0 .. K - 1 of any type, one a row: a network's leaves are floats."""

picked = Operation(
    name="entry at the label",
    forward=_at_labels,
    rules=(
        lambda g, out, rows, y: _one_hot(rows, y) * np.expand_dims(g, -1),
        lambda g, out, rows, y: np.zeros_like(y),
    ),
    written="{0}[{1}]",
    derivatives=("{g} at {1}, else 0", "0"),
    slips=(
        (
            Slip(
                name="derivative-misplaced",
                rule=lambda g, out, rows, y: _spread_over_row(g, rows),
                text="every entry of the row gets the gradient, not the one at the label alone",
            ),
        ),
        (),
    ),
    linear=True,
)
