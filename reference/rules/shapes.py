"""What changes the shape of a value and no number in it."""

# ruff: noqa: ARG005 - a rule names all its symbols, whether it uses them or not

from __future__ import annotations

from functools import cache

import numpy as np

from reference.operation import Operation

flattened = Operation(
    name="flatten",
    forward=lambda a: np.reshape(a, (np.shape(a)[0], -1)),
    rules=(lambda g, y, a: np.reshape(g, np.shape(a)),),
    written="{0}.reshape(N, -1)",
    derivatives=("{g} in the shape of {0}",),
    linear=True,
)
"""All axes but the first made one: a sample (d1, .., dk) becomes a row of d1 .. dk entries."""


def reshaped(*shape: int) -> Operation:
    """Return the operation that gives a value another shape, entries in C order.

    Parameters
    ----------
    *shape : int
        The new shape; one side may be -1.

    Returns
    -------
    Operation
        The same object for the same shape.
    """
    return _reshaped(shape)


@cache
def _reshaped(shape: tuple[int, ...]) -> Operation:
    return Operation(
        name=f"reshape to {shape}",
        forward=lambda a: np.reshape(a, shape),
        rules=(lambda g, y, a: np.reshape(g, np.shape(a)),),
        written=f"{{0}}.reshape{shape}",
        derivatives=("{g} in the shape of {0}",),
        linear=True,
    )
