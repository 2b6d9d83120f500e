"""What training is sensitive to: the depth that a gradient passes, and the rounding that a long run amplifies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from reference.network import Graph, trace
from reference.networks.deep_stack import deep_stack
from reference.operations import Operation
from reference.training import Batches, train

Array: TypeAlias = NDArray[Any]


def gradient_norms_by_depth(
    X: Array, weights: Sequence[Array], G: Array, *, activation: Operation, residual: bool = False
) -> Array:
    """Return the norm of dL/dW1 in the stacks of the first 1, 2, .. of some layers, L = sum(H G) with H the last layer's result.

    Parameters
    ----------
    X : ndarray of shape (N, D)
        Input, samples in rows.
    weights : sequence of ndarray of shape (D, D)
        From the input on.
    G : ndarray of shape (N, D)
        The gradient that comes from above the last layer, whichever that is.
    activation : Operation
    residual : bool
        Whether each layer adds what it was given.

    Returns
    -------
    ndarray of shape (len(weights),)
        Entry m - 1 is the Frobenius norm in the stack of the first m layers.

    References
    ----------
    Glorot and Bengio (2010), "Understanding the difficulty of training deep feedforward neural networks", section 4.2.
    """
    norms = []
    for depth in range(1, len(weights) + 1):
        graph = trace(deep_stack(depth, activation, residual=residual))
        leaves = {"X": X, "G": G} | {f"W{k}": W for k, W in enumerate(weights[:depth], start=1)}
        with np.errstate(all="ignore"):
            gradient = graph.gradients_at(graph.forward(leaves), ["W1"], given={})["W1"]
        norms.append(float(np.linalg.norm(gradient)))
    return np.array(norms)


def sensitivity(
    graph: Graph,
    data: Mapping[str, Array],
    parameters: Mapping[str, Array],
    *,
    rate: float,
    epochs: int,
    batches: Batches | None = None,
    disturbance: float = 1e-7,
) -> Array:
    """Train twice, the second time from weights that are a little off, and return how far the curves of the loss part.

    Two right programs round differently. Where a difference in the first weights grows, their curves agree for a while only:
    up to there steps can be compared, after it the behaviour.

    Parameters
    ----------
    graph : Graph
    data, parameters : mapping of str to ndarray
        As `train` takes them.
    rate : float
    epochs : int
    batches : Batches, optional
    disturbance : float
        Relative; entries of each parameter in turn become larger and smaller by it.

    Returns
    -------
    ndarray of shape (epochs + 1,)
        |l' - l| / |l| before the first epoch and after each; infinite where one of the two is not finite.
    """
    disturbed = {name: _disturbed(value, disturbance) for name, value in parameters.items()}
    first, second = (
        train(graph, data, start, rate=rate, epochs=epochs, batches=batches).losses
        for start in (parameters, disturbed)
    )
    with np.errstate(all="ignore"):
        deviation = np.abs(second - first) / np.maximum(np.abs(first), np.finfo(float).tiny)
    return np.where(np.isfinite(first) & np.isfinite(second), deviation, np.inf)


def _disturbed(value: Array, disturbance: float) -> Array:
    signs = np.where(np.arange(np.size(value)) % 2 == 0, 1.0, -1.0).reshape(np.shape(value))
    return np.asarray(value * (1.0 + disturbance * signs))


def steps_before_chaos(deviations: Array, *, limit: float = 1e-4) -> int:
    """Return how many entries of a curve can be compared number by number.

    Parameters
    ----------
    deviations : ndarray of shape (epochs + 1,)
        As `sensitivity` returns them.
    limit : float
        The largest deviation that still counts as rounding.

    Returns
    -------
    int
        The entries before the first one beyond the limit; all where none is.
    """
    beyond = np.flatnonzero(~(np.asarray(deviations) <= limit))
    return int(beyond[0]) if beyond.size else len(deviations)
