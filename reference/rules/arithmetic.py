"""Sums, differences, products, quotients and powers, entry by entry."""

# ruff: noqa: ARG005 - a rule names all its symbols, whether it uses them or not

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from reference.operation import ForwardSlip, Operation, Slip, scaled
from reference.rules.broadcasting import (
    broadcast_slips,
    first_only,
    second_only,
    spread,
    sum_rule,
    unbroadcast,
)

identity = Operation(
    name="identity",
    forward=lambda a: a,
    rules=(lambda g, y, a: g,),
    written="{0}",
    derivatives=("{g}",),
    linear=True,
)

square = Operation(
    name="square",
    forward=lambda d: d * d,
    rules=(lambda g, y, d: g * 2.0 * d,),
    written="{0}^2",
    derivatives=("{g} * 2 {0}",),
)

half_square = Operation(
    name="half square",
    forward=lambda d: 0.5 * d * d,
    rules=(lambda g, y, d: g * d,),
    written="{0}^2 / 2",
    derivatives=("{g} * {0}",),
)

_sum_first = first_only("first term only", "{0}")
_sum_second = second_only("second term only", "{1}")

subtract = Operation(
    name="subtract",
    forward=lambda a, b: a - b,
    rules=(sum_rule(0), lambda g, y, a, b: -unbroadcast(spread(g, y), b.shape)),
    written="{0} - {1}",
    derivatives=("{g}", "-{g}"),
    slips=(
        broadcast_slips(lambda g, y, a, b: g, of=0, written="{g}"),
        broadcast_slips(lambda g, y, a, b: -g, of=1, written="-{g}"),
    ),
    forward_slips=(
        ForwardSlip(
            name="path-dropped", operation=_sum_first, text="the second term of the difference is left out"
        ),
        ForwardSlip(
            name="path-dropped", operation=_sum_second, text="the first term of the difference is left out"
        ),
    ),
    linear=True,
    magnitude=lambda a, b: np.abs(a) + np.abs(b),
)


def _mean_missing(of: int) -> Slip:
    """Return the mistake of a bias whose gradient is summed where the loss is a mean; of equal shapes nothing changes."""

    def summed(g: Any, y: Any, *inputs: Any) -> Any:
        contribution = unbroadcast(spread(g, y), inputs[of].shape)
        return contribution * (np.size(y) // max(np.size(inputs[of]), 1))

    return Slip(
        name="batch-mean-missing",
        rule=summed,
        written="N * {g}",
        text="it is not divided by the number of samples",
    )


add = Operation(
    name="add",
    forward=lambda a, b: a + b,
    rules=(sum_rule(0), sum_rule(1)),
    written="{0} + {1}",
    derivatives=("{g}", "{g}"),
    slips=(
        (*broadcast_slips(lambda g, y, a, b: g, of=0, written="{g}"), _mean_missing(0)),
        (*broadcast_slips(lambda g, y, a, b: g, of=1, written="{g}"), _mean_missing(1)),
    ),
    forward_slips=(
        ForwardSlip(name="path-dropped", operation=_sum_first, text="the second term of the sum is left out"),
        ForwardSlip(name="path-dropped", operation=_sum_second, text="the first term of the sum is left out"),
        ForwardSlip(name="sign-flipped", operation=subtract, text="the second term is subtracted, not added"),
        ForwardSlip(
            name="sign-flipped",
            operation=scaled(subtract, -1.0),
            text="the first term is subtracted, not added",
        ),
    ),
    linear=True,
    magnitude=lambda a, b: np.abs(a) + np.abs(b),
)


def _product_slips(of: int) -> tuple[Slip, ...]:
    def own_value(g: Any, y: Any, *inputs: Any) -> Any:
        return unbroadcast(spread(g * inputs[of], y), inputs[of].shape)

    return (
        Slip(
            name="factor-missing",
            rule=sum_rule(of),
            written="{g}",
            text="the other factor of the product is left out",
        ),
        Slip(
            name="wrong-factor",
            rule=own_value,
            written=f"{{g}} * {{{of}}}",
            text="its own value stands where the other factor belongs",
        ),
    )


multiply = Operation(
    name="multiply",
    forward=lambda a, b: a * b,
    rules=(
        lambda g, y, a, b: unbroadcast(spread(g * b, y), a.shape),
        lambda g, y, a, b: unbroadcast(spread(g * a, y), b.shape),
    ),
    written="{0} * {1}",
    derivatives=("{g} * {1}", "{g} * {0}"),
    slips=(
        (*_product_slips(0), *broadcast_slips(lambda g, y, a, b: g * b, of=0, written="{g} * {1}")),
        (*_product_slips(1), *broadcast_slips(lambda g, y, a, b: g * a, of=1, written="{g} * {0}")),
    ),
    forward_slips=(
        ForwardSlip(
            name="factor-missing",
            operation=first_only("first factor only", "{0}"),
            text="the second factor of the product is left out",
        ),
        ForwardSlip(
            name="factor-missing",
            operation=second_only("second factor only", "{1}"),
            text="the first factor of the product is left out",
        ),
    ),
    linear=True,
)

divide = Operation(
    name="divide",
    forward=lambda a, b: a / b,
    rules=(
        lambda g, y, a, b: unbroadcast(spread(g / b, y), a.shape),
        lambda g, y, a, b: unbroadcast(spread(-g * a / (b * b), y), b.shape),
    ),
    written="{0} / {1}",
    derivatives=("{g} / {1}", "-{g} * {0} / {1}^2"),
    slips=(
        (
            Slip(
                name="factor-missing",
                rule=sum_rule(0),
                written="{g}",
                text="the division by the denominator is left out",
            ),
            Slip(
                name="wrong-factor",
                rule=lambda g, y, a, b: unbroadcast(spread(g * b, y), a.shape),
                written="{g} * {1}",
                text="it is multiplied by the denominator, not divided",
            ),
        ),
        (
            Slip(
                name="factor-missing",
                rule=lambda g, y, a, b: unbroadcast(spread(-g / (b * b), y), b.shape),
                written="-{g} / {1}^2",
                text="the numerator is left out",
            ),
            Slip(
                name="factor-missing",
                rule=lambda g, y, a, b: unbroadcast(spread(-g * a / b, y), b.shape),
                written="-{g} * {0} / {1}",
                text="the denominator is not squared",
            ),
        ),
    ),
)


def power(exponent: float) -> Operation:
    """Return the operation a^p.

    Parameters
    ----------
    exponent : float
        p, neither 0 nor 1. Where p is no integer, a is positive; where p is negative, a is not 0.

    Returns
    -------
    Operation
        The same object for the same exponent, so that equal networks are equal.

    Raises
    ------
    ValueError
        Where the exponent is 0 or 1: such a power is no operation.
    """
    if exponent in {0, 1}:
        raise ValueError(f"a power of {exponent:g} is no operation: write the value itself")
    return _power(float(exponent))


@cache
def _power(p: float) -> Operation:
    return Operation(
        name=f"power {p:g}",
        forward=lambda a: a**p,
        rules=(lambda g, y, a: g * p * a ** (p - 1.0),),
        written=f"{{0}}^{p:g}",
        derivatives=(f"{{g}} * {p:g} {{0}}^{p - 1.0:g}".removesuffix("^1"),),
        slips=(
            (
                Slip(
                    name="derivative-missing",
                    rule=sum_rule(0),
                    written="{g}",
                    text="the derivative of the power is left out",
                ),
                Slip(
                    name="factor-missing",
                    rule=lambda g, y, a: g * a ** (p - 1.0),
                    written=f"{{g}} * {{0}}^{p - 1.0:g}".removesuffix("^1"),
                    text=f"the factor {p:g}, the exponent, is left out",
                ),
                Slip(
                    name="derivative-misplaced",
                    rule=lambda g, y, a: g * p * y,
                    written=f"{{g}} * {p:g} {{0}}^{p:g}",
                    text="the exponent is not lowered by one",
                ),
                Slip(
                    name="value-for-derivative",
                    rule=lambda g, y, a: g * y,
                    written=f"{{g}} * {{0}}^{p:g}",
                    text="the power stands where its derivative belongs",
                ),
            ),
        ),
        forward_slips=(
            ForwardSlip(name="activation-missing", operation=identity, text="the power is left out"),
        ),
    )
