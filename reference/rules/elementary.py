"""Exponential, logarithm and absolute value."""

# ruff: noqa: ARG005 - a rule names all its symbols, whether it uses them or not

from __future__ import annotations

import numpy as np

from reference.operation import ForwardSlip, Operation, Slip
from reference.rules.arithmetic import half_square, identity, square

exp = Operation(
    name="exp",
    forward=np.exp,
    rules=(lambda g, y, a: g * y,),
    written="exp({0})",
    derivatives=("{g} * exp({0})",),
    slips=(
        (
            Slip(
                name="derivative-missing",
                rule=lambda g, y, a: g,
                written="{g}",
                text="the derivative exp is left out",
            ),
            Slip(
                name="derivative-misplaced",
                rule=lambda g, y, a: g * a,
                written="{g} * {0}",
                text="its argument stands for exp of it",
            ),
        ),
    ),
    forward_slips=(ForwardSlip(name="activation-missing", operation=identity, text="exp is left out"),),
)

log = Operation(
    name="log",
    forward=np.log,
    rules=(lambda g, y, a: g / a,),
    written="log({0})",
    derivatives=("{g} / {0}",),
    slips=(
        (
            Slip(
                name="derivative-missing",
                rule=lambda g, y, a: g,
                written="{g}",
                text="the derivative of the log is left out",
            ),
            Slip(
                name="value-for-derivative",
                rule=lambda g, y, a: g * y,
                written="{g} * log({0})",
                text="log stands for its derivative",
            ),
            Slip(
                name="wrong-factor",
                rule=lambda g, y, a: g * a,
                written="{g} * {0}",
                text="it is multiplied where it is divided",
            ),
        ),
    ),
    forward_slips=(ForwardSlip(name="activation-missing", operation=identity, text="the log is left out"),),
)

absolute = Operation(
    name="abs",
    forward=np.abs,
    rules=(lambda g, y, a: g * np.sign(a),),
    written="|{0}|",
    derivatives=("{g} * sign({0})",),
    slips=(
        (
            Slip(
                name="derivative-missing",
                rule=lambda g, y, a: g,
                written="{g}",
                text="the sign, the derivative of | |, is left out",
            ),
        ),
    ),
    forward_slips=(
        ForwardSlip(
            name="wrong-loss", operation=half_square, text="half the square is taken for the absolute value"
        ),
        ForwardSlip(name="wrong-loss", operation=square, text="the square is taken for the absolute value"),
        ForwardSlip(name="wrong-loss", operation=identity, text="the absolute value is left out"),
    ),
    one_sided=(
        (lambda g, y, a: g * np.where(a > 0, 1.0, -1.0).astype(np.result_type(a)),),
        (lambda g, y, a: g * np.where(a >= 0, 1.0, -1.0).astype(np.result_type(a)),),
    ),
    magnitude=np.abs,
)
