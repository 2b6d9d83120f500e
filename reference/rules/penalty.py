"""The penalty on weights (weight decay), and its absence from a bias."""

# ruff: noqa: ARG005 - a rule names all its symbols, whether it uses them or not

from __future__ import annotations

import numpy as np

from reference.operation import ForwardSlip, Operation, Slip
from reference.rules.arithmetic import identity
from reference.rules.broadcasting import first_only, spread, sum_rule

_no_penalty = Operation(
    name="no penalty",
    forward=lambda a: 0.0 * np.sum(a),
    rules=(lambda g, y, a: np.zeros_like(a),),
    written="0",
    derivatives=("0",),
)


def _times_penalty(factor: float) -> Operation:
    return Operation(
        name=f"add {factor:g} penalty",
        forward=lambda a, b: a + factor * b,
        rules=(sum_rule(0), lambda g, y, a, b: factor * sum_rule(1)(g, y, a, b)),
        written=f"{{0}} + {factor:g} {{1}}",
        derivatives=("{g}", f"{factor:g} {{g}}"),
    )


_half_penalty = _times_penalty(0.5)
_twice_penalty = _times_penalty(2.0)

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
                written="0",
                text="the gradient of the squared weights is left out",
            ),
            Slip(
                name="regulariser-factor",
                rule=lambda g, y, a: g * a,
                written="{g} * {0}",
                text="the factor 2 of the squared weights is left out",
            ),
            Slip(
                name="regulariser-factor",
                rule=lambda g, y, a: spread(g * 2.0, a),
                written="{g} * 2",
                text="the weights are left out of the gradient of their squares",
            ),
            Slip(
                name="regulariser-factor",
                rule=lambda g, y, a: 2.0 * a,
                written="2 {0}",
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
    forward=lambda a: 0.0 * a,
    rules=(lambda g, y, a: np.zeros_like(a),),
    written="0",
    derivatives=("0",),
    slips=(
        (
            Slip(
                name="regulariser-on-bias",
                rule=lambda g, y, a: g,
                written="{g}",
                text="biases are penalised as weights are",
            ),
            Slip(
                name="regulariser-on-bias",
                rule=lambda g, y, a: 0.5 * g,
                written="0.5 {g}",
                text="biases are penalised by half their squares",
            ),
        ),
    ),
    forward_slips=(
        ForwardSlip(
            name="regulariser-on-bias", operation=identity, text="biases are penalised as weights are"
        ),
    ),
)
"""A penalty that a loss leaves out on purpose: the place where it is found when it was made, as on biases."""

with_penalty = Operation(
    name="add penalty",
    forward=lambda a, b: a + b,
    rules=(sum_rule(0), sum_rule(1)),
    written="{0} + {1}",
    derivatives=("{g}", "{g}"),
    slips=(
        (),
        (
            Slip(
                name="regulariser-missing",
                rule=lambda g, y, a, b: np.zeros_like(b),
                written="0",
                text="the gradient of the penalty is left out",
            ),
            Slip(
                name="regulariser-factor",
                rule=_half_penalty.rules[1],
                written=_half_penalty.derivatives[1],
                text="the gradient of the penalty is half of what it should be",
            ),
            Slip(
                name="regulariser-factor",
                rule=_twice_penalty.rules[1],
                written=_twice_penalty.derivatives[1],
                text="the gradient of the penalty is twice what it should be",
            ),
        ),
    ),
    forward_slips=(
        ForwardSlip(
            name="regulariser-missing",
            operation=first_only("loss without penalty", "{0}"),
            text="the penalty is left out",
        ),
        ForwardSlip(name="regulariser-factor", operation=_half_penalty, text="half the penalty is taken"),
        ForwardSlip(name="regulariser-factor", operation=_twice_penalty, text="twice the penalty is taken"),
    ),
    linear=True,
    magnitude=lambda a, b: np.abs(a) + np.abs(b),
)
"""The sum of a loss and a penalty on weights, single numbers both: the place where all of the penalty goes wrong at once."""
