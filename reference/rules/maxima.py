"""The maximum along an axis: a choice that the gradient follows."""

# ruff: noqa: ARG005 - a rule names all its symbols, whether it uses them or not

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from typing import Any

import numpy as np

from reference.operation import ForwardSlip, Operation, Slip
from reference.rules.axes import mistaken_axis, spread_along, written_along


def _is_first_largest(a: Any, axis: int) -> Any:
    chosen = np.zeros(np.shape(a), bool)
    np.put_along_axis(chosen, np.expand_dims(np.argmax(a, axis=axis), axis), True, axis=axis)
    return chosen


def _is_largest(a: Any, axis: int) -> Any:
    return a == np.max(a, axis=axis, keepdims=True)


def _is_largest_alone(a: Any, axis: int) -> Any:
    largest = _is_largest(a, axis)
    return largest & (np.sum(largest, axis=axis, keepdims=True) == 1)


def maximum(axis: int, keepdims: bool = False) -> Operation:
    """Return the maximum along one axis.

    Parameters
    ----------
    axis : int
        -1 for the largest of a row.
    keepdims : bool
        Whether the axis stays, with length 1.

    Returns
    -------
    Operation
        The same object for the same arguments. Where several entries are the largest there is a kink: the rule gives all to the
        first of them; from the left none of them counts, from the right each does.
    """
    return _maximum(axis, keepdims)


@cache
def _maximum(axis: int, keepdims: bool) -> Operation:
    over = partial(spread_along, axis=axis, keepdims=keepdims)
    return replace(
        _plain_maximum(axis, keepdims),
        slips=(
            (
                Slip(
                    name="derivative-missing",
                    rule=lambda g, y, a: over(g, a),
                    written="{g}",
                    text="every entry gets the gradient, not the largest alone",
                ),
                Slip(
                    name="value-for-derivative",
                    rule=lambda g, y, a: over(g * y, a) * _is_first_largest(a, axis),
                    written="{g} * {out} where {0} is largest",
                    text="the largest value stands where its derivative, 1, belongs",
                ),
            ),
        ),
        forward_slips=(
            ForwardSlip(
                name="wrong-axis",
                operation=_plain_maximum(mistaken_axis(axis), keepdims),
                text="the maximum is taken over the wrong axis",
            ),
        ),
    )


@cache
def _plain_maximum(axis: int, keepdims: bool) -> Operation:
    over = partial(spread_along, axis=axis, keepdims=keepdims)
    return Operation(
        name=f"max over axis {axis}{', kept' if keepdims else ''}",
        forward=lambda a: np.max(a, axis=axis, keepdims=keepdims),
        rules=(lambda g, y, a: over(g, a) * _is_first_largest(a, axis),),
        written=written_along("max", axis, keepdims=keepdims),
        derivatives=("{g} where {0} is largest",),
        one_sided=(
            (lambda g, y, a: over(g, a) * _is_largest_alone(a, axis),),
            (lambda g, y, a: over(g, a) * _is_largest(a, axis),),
        ),
    )
