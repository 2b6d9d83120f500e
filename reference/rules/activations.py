"""Activations of a unit, entry by entry: ReLU, leaky ReLU, sigmoid, tanh."""

# ruff: noqa: ARG001, ARG005 - a rule names all its symbols, whether it uses them or not

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from reference.operation import ForwardSlip, Operation, Slip
from reference.rules.arithmetic import identity


def _sigmoid(z: Any) -> Any:
    # exp of a negative number alone: it never overflows.
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, e) / (1.0 + e)


def _mask_by_quotient(g: Any, a: Any, z: Any) -> Any:
    with np.errstate(invalid="ignore"):
        return g * np.maximum(z / np.abs(z), 0.0)


def _missing(activation: str) -> tuple[ForwardSlip, ...]:
    return (ForwardSlip(name="activation-missing", operation=identity, text=f"the {activation} is left out"),)


relu = Operation(
    name="relu",
    forward=lambda z: np.maximum(z, 0.0),
    rules=(lambda g, a, z: g * (z > 0),),
    written="relu({0})",
    derivatives=("{g} * relu'({0})",),
    slips=(
        (
            Slip(
                name="derivative-missing",
                rule=lambda g, a, z: g,
                written="{g}",
                text="the derivative of the ReLU (its mask) is left out",
            ),
            Slip(
                name="derivative-misplaced",
                rule=lambda g, a, z: g * (g > 0),
                written="{g} * relu'({g})",
                text="the mask is taken of the incoming gradient",
            ),
            Slip(
                name="derivative-misplaced",
                rule=lambda g, a, z: g * (z <= 0),
                written="{g} * (1 - relu'({0}))",
                text="the mask is inverted",
            ),
            Slip(
                name="derivative-misplaced",
                rule=_mask_by_quotient,
                written="{g} * max({0} / |{0}|, 0)",
                text="the mask is made of z / |z|, which is not a number at 0",
            ),
            Slip(
                name="derivative-misplaced",
                rule=lambda g, a, z: _mask_by_quotient(g, a, a),
                written="{g} * max({out} / |{out}|, 0)",
                text="the mask is made of a / |a|, which is not a number where the unit is off",
            ),
            Slip(
                name="value-for-derivative",
                rule=lambda g, a, z: g * a,
                written="{g} * {out}",
                text="the value relu(z) stands where its derivative belongs",
            ),
            Slip(
                name="value-for-derivative",
                rule=lambda g, a, z: g * z,
                written="{g} * {0}",
                text="the argument z stands where the derivative belongs",
            ),
        ),
    ),
    forward_slips=_missing("ReLU"),
    one_sided=((lambda g, a, z: g * (z > 0),), (lambda g, a, z: g * (z >= 0),)),
)


def leaky_relu(slope: float = 0.01) -> Operation:
    """Return the ReLU that keeps a slope below zero.

    Parameters
    ----------
    slope : float
        Between 0 and 1, both excluded.

    Returns
    -------
    Operation
        The same object for the same slope; its derivative at 0 is the slope.

    Raises
    ------
    ValueError
        Where the slope is another activation's, or none's.

    References
    ----------
    Maas, Hannun and Ng (2013), "Rectifier nonlinearities improve neural network acoustic models", section 2.
    """
    if not 0.0 < slope < 1.0:
        raise ValueError(f"the slope of a leaky ReLU lies between 0 and 1, not at {slope:g}")
    return _leaky_relu(slope)


@cache
def _leaky_relu(slope: float) -> Operation:
    def where(above: Any, z: Any, below: float = slope) -> Any:
        return np.where(above, 1.0, below).astype(np.result_type(z))

    return Operation(
        name=f"leaky relu {slope:g}",
        forward=lambda z: z * where(z > 0, z),
        rules=(lambda g, a, z: g * where(z > 0, z),),
        written=f"leaky_relu({{0}}, {slope:g})",
        derivatives=(f"{{g}} * (1 where {{0}} > 0, else {slope:g})",),
        slips=(
            (
                Slip(
                    name="derivative-missing",
                    rule=lambda g, a, z: g,
                    written="{g}",
                    text="the derivative of the leaky ReLU is left out",
                ),
                Slip(
                    name="factor-missing",
                    rule=lambda g, a, z: g * (z > 0),
                    written="{g} * relu'({0})",
                    text="the slope below zero is left out of the derivative",
                ),
                Slip(
                    name="derivative-misplaced",
                    rule=lambda g, a, z: g * where(g > 0, z),
                    written=f"{{g}} * (1 where {{g}} > 0, else {slope:g})",
                    text="the mask is taken of the incoming gradient",
                ),
                Slip(
                    name="derivative-misplaced",
                    rule=lambda g, a, z: g * where(z <= 0, z),
                    written=f"{{g}} * ({slope:g} where {{0}} > 0, else 1)",
                    text="the mask is inverted",
                ),
                Slip(
                    name="value-for-derivative",
                    rule=lambda g, a, z: g * a,
                    written="{g} * {out}",
                    text="the value of the leaky ReLU stands where its derivative belongs",
                ),
            ),
        ),
        forward_slips=(
            *_missing("leaky ReLU"),
            ForwardSlip(name="factor-missing", operation=relu, text="the slope below zero is left out"),
        ),
        one_sided=((lambda g, a, z: g * where(z > 0, z),), (lambda g, a, z: g * where(z >= 0, z),)),
    )


sigmoid = Operation(
    name="sigmoid",
    forward=_sigmoid,
    rules=(lambda g, a, z: g * a * (1.0 - a),),
    written="sigmoid({0})",
    derivatives=("{g} * {out} (1 - {out})",),
    slips=(
        (
            Slip(
                name="derivative-missing",
                rule=lambda g, a, z: g,
                written="{g}",
                text="the derivative of the sigmoid is left out",
            ),
            Slip(
                name="derivative-misplaced",
                rule=lambda g, a, z: g * _sigmoid(a) * (1.0 - _sigmoid(a)),
                written="{g} * sigmoid({out}) (1 - sigmoid({out}))",
                text="the derivative is taken at the activation, not at its argument",
            ),
            Slip(
                name="derivative-misplaced",
                rule=lambda g, a, z: g * z * (1.0 - z),
                written="{g} * {0} (1 - {0})",
                text="z (1 - z) stands for a (1 - a)",
            ),
            Slip(
                name="derivative-misplaced",
                rule=lambda g, a, z: g * (1.0 - a * a),
                written="{g} * (1 - {out}^2)",
                text="the derivative of tanh stands for that of the sigmoid",
            ),
            Slip(
                name="derivative-misplaced",
                rule=lambda g, a, z: g * (1.0 - z * z),
                written="{g} * (1 - {0}^2)",
                text="1 - z^2 stands for a (1 - a)",
            ),
            Slip(
                name="value-for-derivative",
                rule=lambda g, a, z: g * a,
                written="{g} * {out}",
                text="a stands for a (1 - a)",
            ),
            Slip(
                name="value-for-derivative",
                rule=lambda g, a, z: g * (1.0 - a),
                written="{g} * (1 - {out})",
                text="1 - a stands for a (1 - a)",
            ),
            Slip(
                name="value-for-derivative",
                rule=lambda g, a, z: g * a * a,
                written="{g} * {out}^2",
                text="a a stands for a (1 - a)",
            ),
        ),
    ),
    forward_slips=_missing("sigmoid"),
    # Where a is near 1, 1 - a is what is left of 1.
    rule_magnitudes=(lambda g, a, z: np.abs(g) * a * (1.0 + a),),
)

tanh = Operation(
    name="tanh",
    forward=np.tanh,
    rules=(lambda g, a, z: g * (1.0 - a * a),),
    written="tanh({0})",
    derivatives=("{g} * (1 - {out}^2)",),
    slips=(
        (
            Slip(
                name="derivative-missing",
                rule=lambda g, a, z: g,
                written="{g}",
                text="the derivative of tanh is left out",
            ),
            Slip(
                name="derivative-misplaced",
                rule=lambda g, a, z: g * (1.0 - np.tanh(a) ** 2),
                written="{g} * (1 - tanh({out})^2)",
                text="the derivative is taken at the activation, not at its argument",
            ),
            Slip(
                name="derivative-misplaced",
                rule=lambda g, a, z: g * (1.0 - z * z),
                written="{g} * (1 - {0}^2)",
                text="1 - z^2 stands for 1 - a^2",
            ),
            Slip(
                name="derivative-misplaced",
                rule=lambda g, a, z: g * a * (1.0 - a),
                written="{g} * {out} (1 - {out})",
                text="the derivative of the sigmoid stands for that of tanh",
            ),
            Slip(
                name="value-for-derivative",
                rule=lambda g, a, z: g * a,
                written="{g} * {out}",
                text="a stands for 1 - a^2",
            ),
            Slip(
                name="value-for-derivative",
                rule=lambda g, a, z: g * a * a,
                written="{g} * {out}^2",
                text="a^2 stands for 1 - a^2",
            ),
            Slip(
                name="value-for-derivative",
                rule=lambda g, a, z: g * (1.0 - a),
                written="{g} * (1 - {out})",
                text="1 - a stands for 1 - a^2",
            ),
        ),
    ),
    forward_slips=_missing("tanh"),
    rule_magnitudes=(lambda g, a, z: np.abs(g) * (1.0 + a * a),),
)
