"""Softmax and cross-entropy as one loss of logits, one for each row; and what is computed in its place.

References
----------
Goodfellow, Bengio and Courville (2016), "Deep Learning", section 6.2.2.3 (softmax units).
"""

# ruff: noqa: ARG001, ARG005 - a rule names all its symbols, whether it uses them or not

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from reference.operation import ForwardSlip, Operation, Slip
from reference.rules.logit_slips import logit_slips
from reference.rules.probability_losses import cross_entropy_rows, rows_without_log
from reference.rules.softmax_values import (
    log_softmax_of,
    naive_softmax_of,
    row_count,
    softmax_minus,
    softmax_of,
    softmax_plus,
    softmax_rule,
)


def _over_rows(g: Any) -> Any:
    return np.expand_dims(g, -1)


def _target_rule(g: Any, y: Any, s: Any, t: Any) -> Any:
    return -_over_rows(g) * log_softmax_of(s)


def _is_largest(s: Any) -> Any:
    largest = np.zeros_like(s)
    np.put_along_axis(largest, np.expand_dims(np.argmax(s, axis=-1), -1), 1.0, axis=-1)
    return largest


def _others(s: Any, t: Any) -> Any:
    """Return by how much a shift counts where the log is taken before the sum: once for each other class."""
    return np.shape(s)[-1] * np.sum(t, axis=-1, keepdims=True) - np.sum(t, axis=-1, keepdims=True)


_log_before_sum = Operation(
    name="softmax cross-entropy of rows, log before sum",
    forward=lambda s, t: np.sum(s, axis=-1) * np.sum(t, axis=-1) - np.sum(t * s, axis=-1),
    rules=(
        lambda g, y, s, t: _over_rows(g) * (np.sum(t, axis=-1, keepdims=True) - t),
        lambda g, y, s, t: _over_rows(g) * (np.sum(s, axis=-1, keepdims=True) - s),
    ),
    written="sum(log(exp({0})), axis=-1) - sum({1} * {0}, axis=-1)",
    derivatives=("{g} * (1 - {1})", "{g} * (sum({0}) - {0})"),
)


def _shifted(s: Any) -> Any:
    return s - np.max(s, axis=-1, keepdims=True)


_shifted_log_before_sum = Operation(
    name="softmax cross-entropy of rows, log before sum of shifted logits",
    forward=lambda s, t: _log_before_sum.forward(_shifted(s), t),
    rules=(
        lambda g, y, s, t: (
            _log_before_sum.rules[0](g, y, s, t) - _over_rows(g) * _others(s, t) * _is_largest(s)
        ),
        lambda g, y, s, t: _log_before_sum.rules[1](g, y, _shifted(s), t),
    ),
    written="-sum({1} * ({0} - max({0}) - sum(log(exp({0} - max({0}))))), axis=-1)",
    derivatives=(
        "{g} * (1 - {1} - (K - 1) ({0} is largest))",
        "{g} * (sum({0} - max({0})) - {0} + max({0}))",
    ),
)


def _softmax_twice_rule(g: Any, y: Any, s: Any, t: Any) -> Any:
    p = softmax_of(s)
    return softmax_rule(_over_rows(g) * softmax_minus(p, t), p)


_softmax_twice = Operation(
    name="softmax cross-entropy of rows, softmax twice",
    forward=lambda s, t: -np.sum(t * log_softmax_of(softmax_of(s)), axis=-1),
    rules=(_softmax_twice_rule, lambda g, y, s, t: -_over_rows(g) * log_softmax_of(softmax_of(s))),
    written="-sum({1} * log(softmax(softmax({0}))), axis=-1)",
    derivatives=(
        "softmax'({0}) ({g} * (softmax(softmax({0})) - {1}))",
        "-{g} * log(softmax(softmax({0})))",
    ),
)

_softmax_without_log = Operation(
    name="softmax cross-entropy of rows without log",
    forward=lambda s, t: -np.sum(t * softmax_of(s), axis=-1),
    rules=(
        lambda g, y, s, t: softmax_rule(-_over_rows(g) * t, softmax_of(s)),
        lambda g, y, s, t: -_over_rows(g) * softmax_of(s),
    ),
    written="-sum({1} * softmax({0}), axis=-1)",
    derivatives=("softmax'({0}) (-{g} * {1})", "-{g} * softmax({0})"),
)

_over_classes = Operation(
    name="softmax cross-entropy of rows over classes",
    forward=lambda s, t: -np.mean(t * log_softmax_of(s), axis=-1),
    rules=(
        lambda g, y, s, t: _over_rows(g) * softmax_minus(s, t) / np.shape(s)[-1],
        lambda g, y, s, t: _target_rule(g, y, s, t) / np.shape(s)[-1],
    ),
    written="-mean({1} * log(softmax({0})), axis=-1)",
    derivatives=("{g} * (softmax({0}) - {1}) / K", "-{g} * log(softmax({0})) / K"),
)

_without_shift = Operation(
    name="softmax cross-entropy of rows without shift",
    forward=lambda s, t: -np.sum(t * np.log(naive_softmax_of(s)), axis=-1),
    rules=(lambda g, y, s, t: _over_rows(g) * softmax_minus(s, t), _target_rule),
    written="-sum({1} * log(exp({0}) / sum(exp({0}))), axis=-1)",
    derivatives=("{g} * (softmax({0}) - {1})", "-{g} * log(softmax({0}))"),
)

_log_of_rounded = replace(
    _without_shift,
    name="softmax cross-entropy of rows, log of the softmax",
    forward=lambda s, t: -np.log(np.sum(t * softmax_of(s), axis=-1)),
    rules=(
        lambda g, y, s, t: softmax_rule(_over_rows(g) * -t / _picked(s, t), softmax_of(s)),
        lambda g, y, s, t: -_over_rows(g) * softmax_of(s) / _picked(s, t),
    ),
    written="-log(sum({1} * softmax({0}), axis=-1))",
)


def _picked(s: Any, t: Any) -> Any:
    return np.sum(t * softmax_of(s), axis=-1, keepdims=True)


softmax_cross_entropy_rows = Operation(
    name="softmax cross-entropy of rows",
    forward=lambda s, t: -np.sum(t * log_softmax_of(s), axis=-1),
    rules=(lambda g, y, s, t: _over_rows(g) * softmax_minus(s, t), _target_rule),
    written="-sum({1} * log(softmax({0})), axis=-1)",
    derivatives=("{g} * (softmax({0}) - {1})", "-{g} * log(softmax({0}))"),
    slips=(
        (
            Slip(
                name="batch-mean-twice",
                rule=lambda g, y, s, t: _over_rows(g) * softmax_minus(s, t) / row_count(s),
                written="{g} * (softmax({0}) - {1}) / N",
                text="it is divided by the number of samples, though each row has its own loss",
            ),
            *logit_slips(lambda g, s: _over_rows(g), lambda s, t: t, lambda form: f"{{g}} * {form}"),
        ),
        (),
    ),
    forward_slips=(
        ForwardSlip(
            name="activation-missing",
            operation=cross_entropy_rows,
            text="the softmax is left out, and the log is that of the logits",
        ),
        ForwardSlip(
            name="activation-missing", operation=rows_without_log, text="the log of the softmax is left out"
        ),
        ForwardSlip(name="activation-missing", operation=_softmax_without_log, text="the log is left out"),
        ForwardSlip(
            name="wrong-loss",
            operation=_log_before_sum,
            text="the log is taken before the sum, where it undoes exp",
        ),
        ForwardSlip(
            name="wrong-loss",
            operation=_shifted_log_before_sum,
            text="the log is taken before the sum, where it undoes exp of the shifted logits",
        ),
        ForwardSlip(name="wrong-loss", operation=_softmax_twice, text="the softmax is taken twice"),
        ForwardSlip(
            name="unstable", operation=_without_shift, text="the maximum is not subtracted before exp"
        ),
        ForwardSlip(
            name="unstable",
            operation=_log_of_rounded,
            text="the log is taken of a probability that is rounded to 0",
        ),
        ForwardSlip(
            name="scaled", operation=_over_classes, text="the loss is divided by the number of classes too"
        ),
    ),
    rule_magnitudes=(lambda g, y, s, t: np.abs(_over_rows(g)) * softmax_plus(s, t), None),
)
