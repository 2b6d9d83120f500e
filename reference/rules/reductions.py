"""Sums and means, over everything or along one axis."""

# ruff: noqa: ARG005 - a rule names all its symbols, whether it uses them or not

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from typing import Any

import numpy as np

from reference.operation import ForwardSlip, Operation, Slip
from reference.rules.axes import mistaken_axis, spread_along, written_along
from reference.rules.broadcasting import spread

total = Operation(
    name="sum",
    forward=np.sum,
    rules=(lambda g, y, a: spread(g, a),),
    written="sum({0})",
    derivatives=("{g}",),
    linear=True,
    magnitude=lambda a: np.sum(np.abs(a)),
)


def _samples(a: Any) -> int:
    """Return the number of rows, or of entries where there is one axis at most."""
    return int(np.shape(a)[0]) if np.ndim(a) > 1 else int(np.size(a))


_row_mean = Operation(
    name="sum over the number of rows",
    forward=lambda a: np.sum(a) / _samples(a),
    rules=(lambda g, y, a: spread(g / _samples(a), a),),
    written="sum({0}) / N",
    derivatives=("{g} / N",),
    linear=True,
)

mean = Operation(
    name="mean",
    forward=np.mean,
    rules=(lambda g, y, a: spread(g / np.size(a), a),),
    written="mean({0})",
    derivatives=("{g} / N",),
    slips=(
        (
            Slip(
                name="batch-mean-missing",
                rule=lambda g, y, a: spread(g, a),
                written="{g}",
                text="the division by the number of entries is left out",
            ),
            Slip(
                name="batch-mean-twice",
                rule=lambda g, y, a: spread(g / np.size(a) ** 2, a),
                written="{g} / N^2",
                text="it is divided by the number of entries twice",
            ),
            Slip(
                name="scaled",
                rule=lambda g, y, a: spread(g / _samples(a), a),
                written="{g} / rows({0})",
                text="it is divided by the number of rows, not by that of all entries",
            ),
        ),
    ),
    forward_slips=(
        ForwardSlip(name="wrong-loss", operation=total, text="the sum is taken where the mean belongs"),
        ForwardSlip(
            name="wrong-loss",
            operation=_row_mean,
            text="the sum is divided by the number of rows, not by that of all entries",
        ),
    ),
    linear=True,
    magnitude=lambda a: np.mean(np.abs(a)),
)


# --------------------------------------------------------------------------------------------------------------
# Along an axis


def _name(reduction: str, axis: int, keepdims: bool) -> str:
    return f"{reduction} over axis {axis}{', kept' if keepdims else ''}"


@cache
def _plain_sum(axis: int, keepdims: bool) -> Operation:
    over = partial(spread_along, axis=axis, keepdims=keepdims)
    return Operation(
        name=_name("sum", axis, keepdims),
        forward=lambda a: np.sum(a, axis=axis, keepdims=keepdims),
        rules=(lambda g, y, a: over(g, a),),
        written=written_along("sum", axis, keepdims=keepdims),
        derivatives=("{g}",),
        linear=True,
        magnitude=lambda a: np.sum(np.abs(a), axis=axis, keepdims=keepdims),
    )


@cache
def _plain_mean(axis: int, keepdims: bool) -> Operation:
    over = partial(spread_along, axis=axis, keepdims=keepdims)
    return Operation(
        name=_name("mean", axis, keepdims),
        forward=lambda a: np.mean(a, axis=axis, keepdims=keepdims),
        rules=(lambda g, y, a: over(g / a.shape[axis], a),),
        written=written_along("mean", axis, keepdims=keepdims),
        derivatives=("{g} / N",),
        linear=True,
        magnitude=lambda a: np.mean(np.abs(a), axis=axis, keepdims=keepdims),
    )


def summed(axis: int, keepdims: bool = False) -> Operation:
    """Return the sum along one axis.

    Parameters
    ----------
    axis : int
        0 for the samples, -1 for what stands in a row.
    keepdims : bool
        Whether the axis stays, with length 1.

    Returns
    -------
    Operation
        The same object for the same arguments.
    """
    # Here every way of passing the arguments comes together, so that one key of the cache stands for them.
    return _summed(axis, keepdims)


@cache
def _summed(axis: int, keepdims: bool) -> Operation:
    over = partial(spread_along, axis=axis, keepdims=keepdims)
    divided = Slip(
        name="batch-mean-twice" if axis == 0 else "scaled",
        rule=lambda g, y, a: over(g / a.shape[axis], a),
        written="{g} / N" if axis == 0 else "{g} / K",
        text="it is divided by the number of terms, though they are summed",
    )
    return replace(
        _plain_sum(axis, keepdims),
        slips=((divided,),),
        forward_slips=(
            ForwardSlip(
                name="wrong-axis",
                operation=_plain_sum(mistaken_axis(axis), keepdims),
                text="the sum is taken over the wrong axis",
            ),
            ForwardSlip(
                name="scaled",
                operation=_plain_mean(axis, keepdims),
                text="the mean is taken where the sum belongs",
            ),
        ),
    )


def averaged(axis: int, keepdims: bool = False) -> Operation:
    """Return the mean along one axis.

    Parameters
    ----------
    axis : int
        0 for the samples, -1 for what stands in a row.
    keepdims : bool
        Whether the axis stays, with length 1.

    Returns
    -------
    Operation
        The same object for the same arguments.
    """
    return _averaged(axis, keepdims)


@cache
def _averaged(axis: int, keepdims: bool) -> Operation:
    over = partial(spread_along, axis=axis, keepdims=keepdims)
    missing = Slip(
        name="batch-mean-missing",
        rule=lambda g, y, a: over(g, a),
        written="{g}",
        text="the division by the number of averaged entries is left out",
    )
    twice = Slip(
        name="batch-mean-twice",
        rule=lambda g, y, a: over(g / a.shape[axis] ** 2, a),
        written="{g} / N^2",
        text="it is divided by the number of averaged entries twice",
    )
    return replace(
        _plain_mean(axis, keepdims),
        slips=((missing, twice),),
        forward_slips=(
            ForwardSlip(
                name="wrong-axis",
                operation=_plain_mean(mistaken_axis(axis), keepdims),
                text="the mean is taken over the wrong axis",
            ),
            ForwardSlip(
                name="scaled",
                operation=_plain_sum(axis, keepdims),
                text="the sum is taken where the mean belongs",
            ),
        ),
    )
