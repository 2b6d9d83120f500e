"""Training: the step of gradient descent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


def descend(
    parameters: Mapping[str, Any], gradients: Mapping[str, Any], rate: float
) -> dict[str, NDArray[Any]]:
    """Take one step of gradient descent: W <- W - rate dL/dW.

    Parameters
    ----------
    parameters : mapping of str to array_like
        By name, any shape, float32 or float64.
    gradients : mapping of str to array_like
        dL/d(parameter) for each parameter, in its shape.
    rate : float
        Learning rate.

    Returns
    -------
    dict of str to ndarray
        The new parameters; the given ones are left as they are.

    Raises
    ------
    KeyError
        Where a parameter has no gradient.
    ValueError
        Where a gradient has another shape than its parameter: it would be broadcast without a word.

    References
    ----------
    Goodfellow, Bengio and Courville (2016), "Deep Learning", equation 4.5.

    Examples
    --------
    >>> {name: float(value) for name, value in descend({"w0": 0.5}, {"w0": 0.75}, 1.0).items()}
    {'w0': -0.25}
    """
    new = {}
    for name, value in parameters.items():
        weight, gradient = np.asarray(value), np.asarray(gradients[name])
        if weight.shape != gradient.shape:
            raise ValueError(
                f"the gradient of `{name}` has shape {gradient.shape}, the parameter {weight.shape}"
            )
        new[name] = np.asarray(weight - rate * gradient)
    return new
