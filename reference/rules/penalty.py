"""The penalty on weights (weight decay), and its absence from a bias."""

# ruff: noqa: ARG005 - a rule names all its symbols, whether it uses them or not

from __future__ import annotations

import numpy as np

from reference.operation import ForwardSlip, Operation, Slip
from reference.rules.broadcasting import spread

_no_penalty = Operation(
    name="no penalty",
    forward=lambda a: 0.0 * np.sum(a),
    rules=(lambda g, y, a: np.zeros_like(a),),
    written="0",
    derivatives=("0",),
)

_half_sum_of_squares = Operation(
    name="half the sum of squares",
    forward=lambda a: 0.5 * np.sum(a * a),
    rules=(lambda g, y, a: g * a,),
    written="sum({0}^2) / 2",
    derivatives=("{g} * {0}",),
)

sum_of_squares = Operation(
    name="sum of squares",
    forward=lambda a: np.sum(a * a),
    rules=(lambda g, y, a: g * 2.0 * a,),
    written="sum({0}^2)",
    derivatives=("{g} * 2 {0}",),
    slips=(
        (
            Slip(
                name="regulariser-missing",
                rule=lambda g, y, a: np.zeros_like(a),
                text="the gradient of the squared weights is left out",
            ),
            Slip(
                name="regulariser-factor",
                rule=lambda g, y, a: g * a,
                text="the factor 2 of the squared weights is left out",
            ),
            Slip(
                name="regulariser-factor",
                rule=lambda g, y, a: spread(g * 2.0, a),
                text="the weights are left out of the gradient of their squares",
            ),
            Slip(
                name="regulariser-factor",
                rule=lambda g, y, a: 2.0 * a,
                text="the strength of the penalty is left out of its gradient",
            ),
        ),
    ),
    forward_slips=(
        ForwardSlip(
            name="regulariser-missing", operation=_no_penalty, text="the squared weights are left out"
        ),
        ForwardSlip(
            name="regulariser-factor",
            operation=_half_sum_of_squares,
            text="half the squared weights are taken",
        ),
    ),
)
"""The penalty on the weights of a layer."""

not_penalised = Operation(
    name="not penalised",
    forward=lambda b: 0.0 * np.sum(b),
    rules=(lambda g, y, b: np.zeros_like(b),),
    written="0 sum({0}^2)",
    derivatives=("0",),
    slips=(
        (
            Slip(
                name="regulariser-on-bias",
                rule=lambda g, y, b: g * 2.0 * b,
                text="the bias is penalised as the weights are",
            ),
            Slip(
                name="regulariser-on-bias",
                rule=lambda g, y, b: g * b,
                text="the bias is penalised by half its square",
            ),
        ),
    ),
    forward_slips=(
        ForwardSlip(
            name="regulariser-on-bias",
            operation=sum_of_squares,
            text="the bias is penalised as the weights are",
        ),
    ),
)
"""Zero, of a parameter that a loss must leave alone: the place where a penalty on it is found when it was made."""
