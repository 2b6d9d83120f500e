"""Softmax and its logarithm along an axis.

References
----------
Goodfellow, Bengio and Courville (2016), "Deep Learning", section 6.2.2.3 (softmax units) and 4.1 (its overflow).
"""

# ruff: noqa: ARG005 - a rule names all its symbols, whether it uses them or not

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from reference.operation import ForwardSlip, Operation, Slip
from reference.rules.arithmetic import identity
from reference.rules.axes import mistaken_axis
from reference.rules.softmax_values import log_softmax_of, naive_softmax_of, softmax_of, softmax_rule


def _log_rule(g: Any, log_p: Any, axis: int) -> Any:
    return g - np.exp(log_p) * np.sum(g, axis=axis, keepdims=True)


def _place(axis: int | None) -> str:
    if axis is None:
        return " over all entries"
    return "" if axis == -1 else f" over axis {axis}"


def _call(name: str, axis: int | None) -> str:
    return f"{name}({{0}})" if axis == -1 else f"{name}({{0}}, axis={axis})"


@cache
def _plain_softmax(axis: int | None) -> Operation:
    return Operation(
        name=f"softmax{_place(axis)}",
        forward=lambda s: softmax_of(s, axis),
        rules=(lambda g, p, s: softmax_rule(g, p, axis),),
        written=_call("softmax", axis),
        derivatives=("{out} * ({g} - sum({g} * {out}))",),
        # The entries of a row of gradients may cancel against their mean.
        rule_magnitudes=(lambda g, p, s: p * (np.abs(g) + np.sum(np.abs(g) * p, axis=axis, keepdims=True)),),
    )


@cache
def _plain_log_softmax(axis: int) -> Operation:
    return Operation(
        name=f"log softmax{_place(axis)}",
        forward=lambda s: log_softmax_of(s, axis),
        rules=(lambda g, y, s: _log_rule(g, y, axis),),
        written=_call("log_softmax", axis),
        derivatives=("{g} - exp({out}) * sum({g})",),
        rule_magnitudes=(
            lambda g, y, s: np.abs(g) + np.exp(y) * np.sum(np.abs(g), axis=axis, keepdims=True),
        ),
    )


@cache
def _unstable_softmax(axis: int) -> Operation:
    return replace(
        _plain_softmax(axis),
        name=f"softmax{_place(axis)} without shift",
        forward=lambda s: naive_softmax_of(s, axis),
        written="exp({0}) / sum(exp({0}))",
    )


def _shifted_once(s: Any, axis: int) -> Any:
    return naive_softmax_of(s - np.max(s), axis)


@cache
def _softmax_shifted_once(axis: int) -> Operation:
    return replace(
        _plain_softmax(axis),
        name=f"softmax{_place(axis)} with one shift",
        forward=lambda s: _shifted_once(s, axis),
        written="exp({0} - max({0})) / sum(exp({0} - max({0})))",
    )


@cache
def _unstable_log_softmax(axis: int) -> Operation:
    return replace(
        _plain_log_softmax(axis),
        name=f"log softmax{_place(axis)} without shift",
        forward=lambda s: s - np.log(np.sum(np.exp(s), axis=axis, keepdims=True)),
        written="{0} - log(sum(exp({0})))",
    )


def softmax_over(axis: int) -> Operation:
    """Return the softmax along one axis.

    Parameters
    ----------
    axis : int
        -1 where classes stand in a row; 0 where each column is a sample.

    Returns
    -------
    Operation
        The same object for the same axis; `softmax` is that of -1.
    """
    return _softmax_over(axis)


@cache
def _softmax_over(axis: int) -> Operation:
    return replace(
        _plain_softmax(axis),
        slips=(
            (
                Slip(
                    name="derivative-missing",
                    rule=lambda g, p, s: g,
                    written="{g}",
                    text="the derivative of the softmax is left out",
                ),
                Slip(
                    name="value-for-derivative",
                    rule=lambda g, p, s: g * p,
                    written="{g} * {out}",
                    text="p stands for the derivative",
                ),
                Slip(
                    name="jacobian-diagonal",
                    rule=lambda g, p, s: g * p * (1.0 - p),
                    written="{g} * {out} (1 - {out})",
                    text="only the diagonal p (1 - p) of the softmax Jacobian is used",
                ),
            ),
        ),
        forward_slips=(
            ForwardSlip(name="activation-missing", operation=identity, text="the softmax is left out"),
            ForwardSlip(
                name="wrong-axis",
                operation=_plain_softmax(mistaken_axis(axis)),
                text="the softmax is taken over the samples",
            ),
            ForwardSlip(
                name="wrong-axis",
                operation=_plain_softmax(None),
                text="the softmax is taken over all entries together",
            ),
            ForwardSlip(
                name="unstable",
                operation=_unstable_softmax(axis),
                text="the maximum is not subtracted before exp",
            ),
            ForwardSlip(
                name="unstable",
                operation=_softmax_shifted_once(axis),
                text="one maximum is subtracted from all rows, so that a row far below it has no sum",
            ),
        ),
    )


def log_softmax_over(axis: int) -> Operation:
    """Return the logarithm of the softmax along one axis.

    Parameters
    ----------
    axis : int

    Returns
    -------
    Operation
        The same object for the same axis; `log_softmax` is that of -1.
    """
    return _log_softmax_over(axis)


@cache
def _log_softmax_over(axis: int) -> Operation:
    return replace(
        _plain_log_softmax(axis),
        slips=(
            (
                Slip(
                    name="derivative-missing",
                    rule=lambda g, y, s: g,
                    written="{g}",
                    text="the derivative of the log softmax is left out",
                ),
                Slip(
                    name="factor-missing",
                    rule=lambda g, y, s: g - np.exp(y),
                    written="{g} - exp({out})",
                    text="the sum of the arriving gradient is left out",
                ),
                Slip(
                    name="jacobian-diagonal",
                    rule=lambda g, y, s: g * (1.0 - np.exp(y)),
                    written="{g} * (1 - exp({out}))",
                    text="only the diagonal 1 - p of the Jacobian is used",
                ),
            ),
        ),
        forward_slips=(
            ForwardSlip(name="activation-missing", operation=identity, text="the log softmax is left out"),
            ForwardSlip(
                name="activation-missing", operation=_plain_softmax(axis), text="the log is left out"
            ),
            ForwardSlip(
                name="wrong-axis",
                operation=_plain_log_softmax(mistaken_axis(axis)),
                text="the softmax is taken over the samples",
            ),
            ForwardSlip(
                name="unstable",
                operation=_unstable_log_softmax(axis),
                text="the maximum is not subtracted before exp",
            ),
        ),
    )


softmax = softmax_over(-1)
log_softmax = log_softmax_over(-1)
