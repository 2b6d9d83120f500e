"""Cross-entropy of probabilities, one loss for each row.

References
----------
Goodfellow, Bengio and Courville (2016), "Deep Learning", section 6.2.2.3 (softmax units) and 6.2.2.2 (the binary loss).
"""

# ruff: noqa: ARG001, ARG005 - a rule names all its symbols, whether it uses them or not

from __future__ import annotations

from typing import Any

import numpy as np

from reference.operation import ForwardSlip, Operation, Slip
from reference.rules.softmax_values import log_softmax_of, row_count, softmax_of


def _over_rows(g: Any) -> Any:
    return np.expand_dims(g, -1)


def _ratio(t: Any, x: Any) -> Any:
    # A class that is not the target's takes no part in the loss, be its probability rounded to 0 or not.
    return np.where(t == 0, np.zeros_like(t), t / np.where(t == 0, np.ones_like(x), x))


def _times_log(t: Any, x: Any) -> Any:
    return t * np.log(np.where(t == 0, np.ones_like(x), x))


def _classes(rows: Any) -> int:
    return int(np.shape(rows)[-1])


def _target_rule(g: Any, y: Any, x: Any, t: Any) -> Any:
    return -_over_rows(g) * np.log(x)


binary_rows = Operation(
    name="binary cross-entropy of rows",
    forward=lambda x, t: -np.sum(t * np.log(x) + (1.0 - t) * np.log(1.0 - x), axis=-1),
    rules=(
        lambda g, y, x, t: _over_rows(g) * (x - t) / (x * (1.0 - x)),
        lambda g, y, x, t: _over_rows(g) * (np.log(1.0 - x) - np.log(x)),
    ),
    written="-sum({1} * log({0}) + (1 - {1}) * log(1 - {0}), axis=-1)",
    derivatives=("{g} * ({0} - {1}) / ({0} (1 - {0}))", "{g} * (log(1 - {0}) - log({0}))"),
)

rows_over_classes = Operation(
    name="cross-entropy of rows over classes",
    forward=lambda x, t: -np.mean(_times_log(t, x), axis=-1),
    rules=(
        lambda g, y, x, t: -_over_rows(g) * _ratio(t, x) / _classes(x),
        lambda g, y, x, t: _target_rule(g, y, x, t) / _classes(x),
    ),
    written="-mean({1} * log({0}), axis=-1)",
    derivatives=("-{g} * {1} / {0} / K", "-{g} * log({0}) / K"),
)

rows_without_log = Operation(
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


def _of_softmax_rule(g: Any, y: Any, x: Any, t: Any) -> Any:
    return _over_rows(g) * (softmax_of(x) * np.sum(t, axis=-1, keepdims=True) - t)


_rows_of_softmax = Operation(
    name="cross-entropy of rows, softmax of probabilities",
    forward=lambda x, t: -np.sum(t * log_softmax_of(x), axis=-1),
    rules=(_of_softmax_rule, lambda g, y, x, t: -_over_rows(g) * log_softmax_of(x)),
    written="-sum({1} * log(softmax({0})), axis=-1)",
    derivatives=("{g} * (softmax({0}) - {1})", "-{g} * log(softmax({0}))"),
)

cross_entropy_rows = Operation(
    name="cross-entropy of rows",
    forward=lambda x, t: -np.sum(_times_log(t, x), axis=-1),
    rules=(lambda g, y, x, t: -_over_rows(g) * _ratio(t, x), _target_rule),
    written="-sum({1} * log({0}), axis=-1)",
    derivatives=("-{g} * {1} / {0}", "-{g} * log({0})"),
    slips=(
        (
            Slip(
                name="batch-mean-twice",
                rule=lambda g, y, x, t: -_over_rows(g) * _ratio(t, x) / row_count(x),
                written="-{g} * {1} / {0} / N",
                text="it is divided by the number of samples, though each row has its own loss",
            ),
            Slip(
                name="target-missing",
                rule=lambda g, y, x, t: -_over_rows(g) / x,
                written="-{g} / {0}",
                text="the target is left out",
            ),
            Slip(
                name="derivative-missing",
                rule=lambda g, y, x, t: -_over_rows(g) * t,
                written="-{g} * {1}",
                text="the derivative of the log is left out",
            ),
            Slip(
                name="derivative-misplaced",
                rule=lambda g, y, x, t: _over_rows(g) * (x - t),
                written="{g} * ({0} - {1})",
                text="the derivative by the logits stands for that by the probabilities",
            ),
            Slip(
                name="value-for-derivative",
                rule=lambda g, y, x, t: -_over_rows(g) * _times_log(t, x),
                written="-{g} * {1} * log({0})",
                text="the terms of the loss stand for their derivatives",
            ),
            Slip(
                name="wrong-factor",
                rule=lambda g, y, x, t: -_over_rows(g) * t * x,
                written="-{g} * {1} * {0}",
                text="it is multiplied by the probability where it is divided",
            ),
            Slip(
                name="wrong-loss",
                rule=binary_rows.rules[0],
                written=binary_rows.derivatives[0],
                text="the derivative is that of the binary cross-entropy",
            ),
            Slip(
                name="scaled",
                rule=rows_over_classes.rules[0],
                written=rows_over_classes.derivatives[0],
                text="it is divided by the number of classes too",
            ),
        ),
        (),
    ),
    forward_slips=(
        ForwardSlip(name="activation-missing", operation=rows_without_log, text="the log is left out"),
        ForwardSlip(name="target-missing", operation=_rows_without_target, text="the target is left out"),
        ForwardSlip(
            name="wrong-operand",
            operation=_rows_of_softmax,
            text="a softmax is taken of what are probabilities already",
        ),
        ForwardSlip(
            name="wrong-loss", operation=binary_rows, text="the binary cross-entropy is taken of every class"
        ),
        ForwardSlip(
            name="scaled",
            operation=rows_over_classes,
            text="the loss is divided by the number of classes too",
        ),
    ),
)
"""Of one-hot rows the log of sum(t x) is the same number as the sum of t log(x): either order is right."""
