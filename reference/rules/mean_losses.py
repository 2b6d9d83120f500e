"""Softmax and cross-entropy as one loss of logits, averaged over the batch: of one-hot rows, or of integer labels.

References
----------
Goodfellow, Bengio and Courville (2016), "Deep Learning", section 6.2.2.3 (softmax units).
"""

# ruff: noqa: ARG001, ARG005 - a rule names all its symbols, whether it uses them or not

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from reference.operation import ForwardSlip, Operation, Rule, Slip
from reference.rules.logit_losses import softmax_cross_entropy_rows
from reference.rules.logit_slips import logit_slips
from reference.rules.softmax_values import log_softmax_of, row_count, softmax_minus, softmax_of, softmax_plus

# --------------------------------------------------------------------------------------------------------------
# Made from losses of rows: what stands in slips alone, so that it need not be fast


def _mean_of(rows: Operation) -> Operation:
    """Return the mean over the rows of a loss of rows."""

    def averaged(rule: Rule) -> Rule:
        def of_mean(g: Any, y: Any, s: Any, t: Any) -> Any:
            losses = rows.forward(s, t)
            return rule(np.broadcast_to(g / row_count(s), np.shape(losses)), losses, s, t)

        return of_mean

    return Operation(
        name=f"mean of {rows.name}",
        forward=lambda s, t: np.sum(rows.forward(s, t)) / row_count(s),
        rules=tuple(averaged(rule) for rule in rows.rules),
        written=f"mean({rows.written})",
        derivatives=tuple(f"{form} / N" for form in rows.derivatives),
    )


_summed_cross_entropy = Operation(
    name="summed softmax cross-entropy",
    forward=lambda s, t: -np.sum(t * log_softmax_of(s)),
    rules=(lambda g, y, s, t: g * softmax_minus(s, t), lambda g, y, s, t: -g * log_softmax_of(s)),
    written="-sum({1} * log(softmax({0})))",
    derivatives=("{g} * (softmax({0}) - {1})", "-{g} * log(softmax({0}))"),
)

_MEAN_FORWARD_SLIPS: tuple[ForwardSlip, ...] = (
    ForwardSlip(
        name="wrong-loss",
        operation=_summed_cross_entropy,
        text="the loss is summed over the samples, not averaged",
    ),
    *(
        # Of a loss itself a factor is another loss; of losses by row it is a factor in what follows.
        ForwardSlip(
            name="wrong-loss" if slip.name == "scaled" else slip.name,
            operation=_mean_of(slip.operation),
            text=slip.text,
        )
        for slip in softmax_cross_entropy_rows.forward_slips
    ),
)


def _mean_slips(one_hot: Callable[[Any, Any], Any], target: str) -> tuple[Slip, ...]:
    """Return the mistakes in dL/d(logits) of a mean over rows; `one_hot(s, t)` makes rows of the targets, written as `target`."""

    def written(form: str) -> str:
        weighted = f"{{g}} * {form} / N".replace(" / K / N", " / (K * N)")
        return weighted.replace("{1}", target)

    return (
        Slip(
            name="batch-mean-missing",
            rule=lambda g, y, s, t: g * softmax_minus(s, one_hot(s, t)),
            written=f"{{g}} * (softmax({{0}}) - {target})",
            text="the division by the number of samples is left out",
        ),
        Slip(
            name="batch-mean-twice",
            rule=lambda g, y, s, t: g * softmax_minus(s, one_hot(s, t)) / row_count(s) ** 2,
            written=f"{{g}} * (softmax({{0}}) - {target}) / N^2",
            text="it is divided by the number of samples twice",
        ),
        *logit_slips(lambda g, s: g / row_count(s), one_hot, written),
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
    slips=(_mean_slips(lambda s, t: t, "{1}"), ()),
    forward_slips=_MEAN_FORWARD_SLIPS,
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


def _of_labels(operation: Operation) -> Operation:
    """Return a loss of one-hot rows as one of labels, which have no derivative."""
    rule = operation.rules[0]
    return Operation(
        name=f"{operation.name} of labels",
        forward=lambda s, y: operation.forward(s, _one_hot(s, y)),
        rules=(
            lambda g, out, s, y: rule(g, out, s, _one_hot(s, y)),
            lambda g, out, s, y: np.zeros_like(y),
        ),
        written=operation.written.replace("{1}", "onehot({1})"),
        derivatives=(operation.derivatives[0].replace("{1}", "onehot({1})"), "0"),
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
            *_mean_slips(_one_hot, "onehot({1})"),
            Slip(
                name="derivative-misplaced",
                rule=lambda g, out, s, y: g * (softmax_of(s) - _columns_of_labels(s, y)) / row_count(s),
                written="{g} * (softmax({0}) - columns({1})) / N",
                text="1 is subtracted in the whole column of each label, not in its own row alone",
            ),
        ),
        (),
    ),
    forward_slips=tuple(
        ForwardSlip(name=slip.name, operation=_of_labels(slip.operation), text=slip.text)
        for slip in _MEAN_FORWARD_SLIPS
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
                rule=lambda g, out, rows, y: np.broadcast_to(np.expand_dims(g, -1), np.shape(rows)),
                written="{g}",
                text="every entry of the row gets the gradient, not the one at the label alone",
            ),
        ),
        (),
    ),
    linear=True,
)
