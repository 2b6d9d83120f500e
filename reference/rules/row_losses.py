"""Cross-entropy with one loss per row, of probabilities or of logits.

References
----------
Goodfellow, Bengio and Courville (2016), "Deep Learning", section 6.2.2.3 (softmax units); 6.2.2.2 (the binary loss).
"""

# ruff: noqa: ARG001, ARG005 - a rule names all its symbols, whether it uses them or not

from __future__ import annotations

from typing import Any

import numpy as np

from reference.operation import ForwardSlip, Operation, Slip
from reference.rules.activations import sigmoid
from reference.rules.cross_entropy import row_count, softmax_minus, softmax_plus
from reference.rules.softmax import log_softmax_of, naive_softmax_of, softmax_of, softmax_rule


def _over_rows(g: Any) -> Any:
    return np.expand_dims(g, -1)


def _ratio(t: Any, x: Any) -> Any:
    # A class that is not the target's takes no part in the loss, be its probability rounded to 0 or not.
    return np.where(t == 0, np.zeros_like(t), t / np.where(t == 0, np.ones_like(x), x))


def _times_log(t: Any, x: Any) -> Any:
    return t * np.log(np.where(t == 0, np.ones_like(x), x))


def _classes(rows: Any) -> int:
    return int(np.shape(rows)[-1])


def _probability_target_rule(g: Any, y: Any, x: Any, t: Any) -> Any:
    return -_over_rows(g) * np.log(x)


def _logit_target_rule(g: Any, y: Any, s: Any, t: Any) -> Any:
    return -_over_rows(g) * log_softmax_of(s)


# --------------------------------------------------------------------------------------------------------------
# Of probabilities

_binary_rows = Operation(
    name="binary cross-entropy of rows",
    forward=lambda x, t: -np.sum(t * np.log(x) + (1.0 - t) * np.log(1.0 - x), axis=-1),
    rules=(
        lambda g, y, x, t: _over_rows(g) * (x - t) / (x * (1.0 - x)),
        lambda g, y, x, t: _over_rows(g) * (np.log(1.0 - x) - np.log(x)),
    ),
    written="-sum({1} * log({0}) + (1 - {1}) * log(1 - {0}), axis=-1)",
    derivatives=("{g} * ({0} - {1}) / ({0} (1 - {0}))", "{g} * (log(1 - {0}) - log({0}))"),
)

_rows_over_classes = Operation(
    name="cross-entropy of rows over classes",
    forward=lambda x, t: -np.mean(_times_log(t, x), axis=-1),
    rules=(
        lambda g, y, x, t: -_over_rows(g) * _ratio(t, x) / _classes(x),
        lambda g, y, x, t: _probability_target_rule(g, y, x, t) / _classes(x),
    ),
    written="-mean({1} * log({0}), axis=-1)",
    derivatives=("-{g} * {1} / {0} / K", "-{g} * log({0}) / K"),
)

_rows_without_log = Operation(
    name="cross-entropy of rows without log",
    forward=lambda x, t: -np.sum(t * x, axis=-1),
    rules=(lambda g, y, x, t: -_over_rows(g) * t, lambda g, y, x, t: -_over_rows(g) * x),
    written="-sum({1} * {0}, axis=-1)",
    derivatives=("-{g} * {1}", "-{g} * {0}"),
)

_rows_without_target = Operation(
    name="cross-entropy of rows without target",
    forward=lambda x, t: -np.sum(np.log(x), axis=-1),
    rules=(lambda g, y, x, t: -_over_rows(g) / x, lambda g, y, x, t: np.zeros_like(t)),
    written="-sum(log({0}), axis=-1)",
    derivatives=("-{g} / {0}", "0"),
)

cross_entropy_rows = Operation(
    name="cross-entropy of rows",
    forward=lambda x, t: -np.sum(_times_log(t, x), axis=-1),
    rules=(lambda g, y, x, t: -_over_rows(g) * _ratio(t, x), _probability_target_rule),
    written="-sum({1} * log({0}), axis=-1)",
    derivatives=("-{g} * {1} / {0}", "-{g} * log({0})"),
    slips=(
        (
            Slip(
                name="batch-mean-twice",
                rule=lambda g, y, x, t: -_over_rows(g) * _ratio(t, x) / row_count(x),
                text="it is divided by the number of samples, though each row has its own loss",
            ),
            Slip(
                name="target-missing",
                rule=lambda g, y, x, t: -_over_rows(g) / x,
                text="the target is left out",
            ),
            Slip(
                name="derivative-missing",
                rule=lambda g, y, x, t: -_over_rows(g) * t,
                text="the derivative of the log is left out",
            ),
            Slip(
                name="derivative-misplaced",
                rule=lambda g, y, x, t: _over_rows(g) * (x - t),
                text="the derivative by the logits stands for that by the probabilities",
            ),
            Slip(
                name="value-for-derivative",
                rule=lambda g, y, x, t: -_over_rows(g) * _times_log(t, x),
                text="the terms of the loss stand for their derivatives",
            ),
            Slip(
                name="wrong-factor",
                rule=lambda g, y, x, t: -_over_rows(g) * t * x,
                text="it is multiplied by the probability where it is divided",
            ),
            Slip(
                name="wrong-loss",
                rule=_binary_rows.rules[0],
                text="the derivative is that of the binary cross-entropy",
            ),
            Slip(
                name="scaled",
                rule=_rows_over_classes.rules[0],
                text="it is divided by the number of classes",
            ),
        ),
        (),
    ),
    forward_slips=(
        ForwardSlip(name="activation-missing", operation=_rows_without_log, text="the log is left out"),
        ForwardSlip(name="target-missing", operation=_rows_without_target, text="the target is left out"),
        ForwardSlip(
            name="wrong-loss", operation=_binary_rows, text="the binary cross-entropy is taken of every class"
        ),
        ForwardSlip(
            name="scaled",
            operation=_rows_over_classes,
            text="the loss is divided by the number of classes",
        ),
    ),
)
"""Of one-hot rows the log of sum(t x) is the same number as the sum of t log(x): either order is right."""


# --------------------------------------------------------------------------------------------------------------
# Of logits


def _softmax_twice_rule(g: Any, y: Any, s: Any, t: Any) -> Any:
    p = softmax_of(s)
    return softmax_rule(_over_rows(g) * softmax_minus(p, t), p)


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

_logit_rows_over_classes = Operation(
    name="softmax cross-entropy of rows over classes",
    forward=lambda s, t: -np.mean(t * log_softmax_of(s), axis=-1),
    rules=(
        lambda g, y, s, t: _over_rows(g) * softmax_minus(s, t) / _classes(s),
        lambda g, y, s, t: _logit_target_rule(g, y, s, t) / _classes(s),
    ),
    written="-mean({1} * log(softmax({0})), axis=-1)",
    derivatives=("{g} * (softmax({0}) - {1}) / K", "-{g} * log(softmax({0})) / K"),
)

_unstable_rows = Operation(
    name="softmax cross-entropy of rows without shift",
    forward=lambda s, t: -np.sum(t * np.log(naive_softmax_of(s)), axis=-1),
    rules=(lambda g, y, s, t: _over_rows(g) * softmax_minus(s, t), _logit_target_rule),
    written="-sum({1} * log(exp({0}) / sum(exp({0}))), axis=-1)",
    derivatives=("{g} * (softmax({0}) - {1})", "-{g} * log(softmax({0}))"),
)

softmax_cross_entropy_rows = Operation(
    name="softmax cross-entropy of rows",
    forward=lambda s, t: -np.sum(t * log_softmax_of(s), axis=-1),
    rules=(lambda g, y, s, t: _over_rows(g) * softmax_minus(s, t), _logit_target_rule),
    written="-sum({1} * log(softmax({0})), axis=-1)",
    derivatives=("{g} * (softmax({0}) - {1})", "-{g} * log(softmax({0}))"),
    slips=(
        (
            Slip(
                name="batch-mean-twice",
                rule=lambda g, y, s, t: _over_rows(g) * softmax_minus(s, t) / row_count(s),
                text="it is divided by the number of samples, though each row has its own loss",
            ),
            Slip(
                name="target-missing",
                rule=lambda g, y, s, t: _over_rows(g) * softmax_of(s),
                text="the target is not subtracted",
            ),
            Slip(
                name="derivative-missing",
                rule=lambda g, y, s, t: _over_rows(g) * (s - t),
                text="the logits stand where their softmax belongs",
            ),
            Slip(
                name="derivative-missing",
                rule=lambda g, y, s, t: -_over_rows(g) * t / softmax_of(s),
                text="the derivative by the probabilities stands for that by the logits",
            ),
            Slip(
                name="derivative-misplaced",
                rule=lambda g, y, s, t: _over_rows(g) * (softmax_of(softmax_of(s)) - t),
                text="the softmax is taken twice",
            ),
            Slip(
                name="derivative-misplaced",
                rule=lambda g, y, s, t: softmax_rule(_over_rows(g) * softmax_minus(s, t), softmax_of(s)),
                text="the Jacobian of the softmax is multiplied on once more",
            ),
            Slip(
                name="wrong-axis",
                rule=lambda g, y, s, t: _over_rows(g) * (softmax_of(s, axis=0) - t),
                text="the softmax is taken over the samples",
            ),
            Slip(
                name="wrong-loss",
                rule=lambda g, y, s, t: _over_rows(g) * (sigmoid.forward(s) - t),
                text="the sigmoid stands where the softmax belongs",
            ),
            Slip(
                name="wrong-loss",
                rule=_log_before_sum.rules[0],
                text="the derivative is that of a log taken before the sum",
            ),
            Slip(
                name="scaled",
                rule=_logit_rows_over_classes.rules[0],
                text="it is divided by the number of classes",
            ),
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
            name="activation-missing",
            operation=_rows_without_log,
            text="the log of the softmax is left out",
        ),
        ForwardSlip(
            name="wrong-loss",
            operation=_log_before_sum,
            text="the log is taken before the sum, where it is undone",
        ),
        ForwardSlip(name="wrong-loss", operation=_softmax_twice, text="the softmax is taken twice"),
        ForwardSlip(
            name="unstable", operation=_unstable_rows, text="the maximum is not subtracted before exp"
        ),
        ForwardSlip(
            name="scaled",
            operation=_logit_rows_over_classes,
            text="the loss is divided by the number of classes",
        ),
    ),
    rule_magnitudes=(lambda g, y, s, t: np.abs(_over_rows(g)) * softmax_plus(s, t), None),
)
