"""The usual mistakes in the derivative of softmax and cross-entropy by the logits, which is p - t.

Each is written as what stands for p - t. How it is weighted (by the gradient that arrives at a row, or by that at a mean) and
how targets are given (one-hot rows, or labels) is the operation's.
"""

# ruff: noqa: ARG005 - a rule names all its symbols, whether it uses them or not

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from reference.operation import Rule, Slip
from reference.rules.activations import sigmoid
from reference.rules.softmax_values import naive_softmax_of, softmax_minus, softmax_of, softmax_rule


def _through_probabilities(s: Any, t: Any) -> Any:
    with np.errstate(divide="ignore", invalid="ignore"):
        return softmax_rule(-t / softmax_of(s), softmax_of(s))


def _by_probabilities(s: Any, t: Any) -> Any:
    with np.errstate(divide="ignore", invalid="ignore"):
        return -t / softmax_of(s)


def _without_shift(s: Any, t: Any) -> Any:
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        return naive_softmax_of(s) - t


_MISTAKES: tuple[tuple[str, Callable[[Any, Any], Any], str, str], ...] = (
    ("target-missing", lambda s, t: softmax_of(s), "softmax({0})", "the target is not subtracted"),
    ("derivative-missing", lambda s, t: s - t, "({0} - {1})", "the logits stand where their softmax belongs"),
    (
        "derivative-missing",
        _by_probabilities,
        "(-{1} / softmax({0}))",
        "the derivative by the probabilities stands for that by the logits",
    ),
    (
        "jacobian-diagonal",
        lambda s, t: -t * (1.0 - softmax_of(s)),
        "(-{1} * (1 - softmax({0})))",
        "only the diagonal p (1 - p) of the softmax Jacobian is used",
    ),
    (
        "derivative-misplaced",
        lambda s, t: softmax_of(softmax_of(s)) - t,
        "(softmax(softmax({0})) - {1})",
        "the softmax is taken twice",
    ),
    (
        "derivative-misplaced",
        lambda s, t: softmax_rule(softmax_minus(s, t), softmax_of(s)),
        "softmax'({0}) (softmax({0}) - {1})",
        "the Jacobian of the softmax is multiplied on once more",
    ),
    (
        "wrong-axis",
        lambda s, t: softmax_of(s, axis=0) - t,
        "(softmax({0}, axis=0) - {1})",
        "the softmax is taken over the samples",
    ),
    (
        "wrong-axis",
        lambda s, t: softmax_of(s, axis=None) - t,
        "(softmax({0}, axis=None) - {1})",
        "the softmax is taken over all entries together",
    ),
    (
        "wrong-loss",
        lambda s, t: sigmoid.forward(s) - t,
        "(sigmoid({0}) - {1})",
        "the sigmoid stands where the softmax belongs",
    ),
    ("wrong-loss", lambda s, t: 1.0 - t, "(1 - {1})", "the derivative is that of a log taken before the sum"),
    (
        "scaled",
        lambda s, t: softmax_minus(s, t) / np.shape(s)[-1],
        "(softmax({0}) - {1}) / K",
        "it is divided by the number of classes too",
    ),
    (
        "unstable",
        _without_shift,
        "(exp({0}) / sum(exp({0})) - {1})",
        "the maximum is not subtracted before exp",
    ),
    (
        "unstable",
        _through_probabilities,
        "softmax'({0}) (-{1} / softmax({0}))",
        "it is taken through t / p, which is not a number where a probability is rounded to 0",
    ),
)


def logit_slips(
    weight: Callable[[Any, Any], Any], one_hot: Callable[[Any, Any], Any], written: Callable[[str], str]
) -> tuple[Slip, ...]:
    """Return the mistakes in dL/d(logits) of a loss.

    Parameters
    ----------
    weight : callable
        `weight(g, s)`: what p - t is multiplied by, broadcastable to the shape of the logits `s`.
    one_hot : callable
        `one_hot(s, t)`: the targets as rows in the shape of the logits.
    written : callable
        `written(form)`: what stands for p - t, weighted, as it is written.

    Returns
    -------
    tuple of Slip
    """

    def rule(mistake: Callable[[Any, Any], Any]) -> Rule:
        return lambda g, y, s, t: weight(g, s) * mistake(s, one_hot(s, t))

    return tuple(
        Slip(name=name, rule=rule(mistake), written=written(form), text=text)
        for name, mistake, form, text in _MISTAKES
    )
