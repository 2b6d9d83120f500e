"""Training by gradient descent: the step, whole runs with what is measured on the way, and several rates side by side.

The recipe of the curves that are known from a right submission to a real course (`RandomState(1234)` from NumPy each time):
data in the type the data set has, parameters in float64, `he_initialised` weights drawn layer by layer from the input on from a
generator of their own, all samples in one batch, the mean softmax cross-entropy of the logits before the first and after each epoch.
XOR with 4 hidden units, 100 epochs at rate 0.1: loss 2.950945 to 0.394516. Spirals with 10 hidden units, 1000 epochs: at rate 0.2 loss
2.043613 to 0.325343, at rate 1 to 0.035329, at rate 5 to ln 3: all units are dead, and every class is as probable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from reference.network import Graph

if TYPE_CHECKING:
    from reference.datasets import Generator

Array: TypeAlias = NDArray[Any]


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


def he_initialised(sizes: Sequence[int], generator: Generator) -> dict[str, Array]:
    """Draw the parameters of an MLP: W ~ N(0, 2 / n_inputs), b = 1.

    Parameters
    ----------
    sizes : sequence of int
        Numbers of inputs, of units in each hidden layer, and of outputs.
    generator : numpy.random.RandomState or numpy.random.Generator
        Is advanced, layer by layer from the input on.

    Returns
    -------
    dict of str to ndarray
        `W1` (sizes[0], sizes[1]), `b1` (sizes[1],), `W2` and so on, in float64.

    References
    ----------
    He et al. (2015), "Delving deep into rectifiers", equation 10. Biases of 1 are a choice of the course.
    """
    parameters: dict[str, Array] = {}
    for k, (before, after) in enumerate(pairwise(sizes), start=1):
        parameters[f"W{k}"] = generator.normal(0.0, np.sqrt(2.0 / before), (before, after))
        parameters[f"b{k}"] = np.ones(after)
    return parameters


# --------------------------------------------------------------------------------------------------------------
# Runs


@dataclass(frozen=True, kw_only=True, slots=True)
class Batches:
    """In which order samples are visited, and how many make a step."""

    orders: Sequence[Array]
    """For each epoch the indices of the samples, shape (N,)."""
    size: int
    """Samples in a step; the last step of an epoch may have fewer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Training:
    """What one run of gradient descent gave; entry 0 is before the first epoch, entry e after epoch e."""

    parameters: Mapping[str, Array]
    """After the last epoch."""
    losses: Array
    """Of all samples, shape (epochs + 1,)."""
    accuracies: Array
    """Share of samples whose largest score is their class, shape (epochs + 1,)."""
    amplitudes: Array
    """Mean absolute weight of each linear layer, from the input on, shape (epochs + 1, layers)."""

    @property
    def relative_amplitudes(self) -> Array:
        """The same, divided by their values before the first epoch."""
        return np.asarray(self.amplitudes / self.amplitudes[0])


def train(
    graph: Graph,
    data: Mapping[str, Array],
    parameters: Mapping[str, Array],
    *,
    rate: float,
    epochs: int,
    batches: Batches | None = None,
    scores: str = "logits",
    targets: str = "T",
) -> Training:
    """Train a network by gradient descent.

    Parameters
    ----------
    graph : Graph
        Its loss is a mean over the samples.
    data : mapping of str to ndarray
        The other leaves: inputs and targets with samples along their first axis, and single numbers.
    parameters : mapping of str to ndarray
        At the start; matrices count as the weights of linear layers, in this order.
    rate : float
        Learning rate.
    epochs : int
        How often every sample is visited.
    batches : Batches, optional
        By default all samples make one step, in their order.
    scores : str
        The node of shape (N, K) whose largest entry in a row is the class that is predicted.
    targets : str
        The leaf with one-hot rows, or labels.

    Returns
    -------
    Training
        Numbers that overflow are infinite or NaN, as in any program: nothing is raised.

    Raises
    ------
    KeyError
        Where a leaf has no value.

    References
    ----------
    Goodfellow, Bengio and Courville (2016), "Deep Learning", algorithm 8.1 (with every batch given).
    """
    current, classes = dict(parameters), _classes(data[targets])
    losses, accuracies, amplitudes = [], [], []
    with np.errstate(all="ignore"):
        for epoch in range(epochs + 1):
            run = graph.forward({**data, **current})
            losses.append(float(graph.value(run, graph.loss)))
            accuracies.append(_share_right(graph.value(run, scores), classes))
            amplitudes.append([float(np.mean(np.abs(w))) for w in current.values() if np.ndim(w) > 1])
            if epoch == epochs:
                break
            if batches is None:
                # The pass that was just measured is the one to step from.
                current = descend(current, graph.gradients_at(run, list(current), given={}), rate)
            else:
                current = _epoch(graph, data, current, rate, batches.orders[epoch], batches.size)
    return Training(
        parameters=current,
        losses=np.array(losses),
        accuracies=np.array(accuracies),
        amplitudes=np.array(amplitudes),
    )


def _epoch(
    graph: Graph,
    data: Mapping[str, Array],
    parameters: dict[str, Array],
    rate: float,
    order: Array,
    size: int,
) -> dict[str, Array]:
    for start in range(0, len(order), size):
        rows = order[start : start + size]
        batch = {name: values[rows] if np.ndim(values) > 0 else values for name, values in data.items()}
        run = graph.forward({**batch, **parameters})
        parameters = descend(parameters, graph.gradients_at(run, list(parameters), given={}), rate)
    return parameters


def accuracy(
    graph: Graph,
    data: Mapping[str, Array],
    parameters: Mapping[str, Array],
    *,
    scores: str = "logits",
    targets: str = "T",
) -> float:
    """Compute the share of samples whose largest score is their class, of samples that may be others than those of training.

    Parameters
    ----------
    graph : Graph
    data, parameters : mapping of str to ndarray
    scores, targets : str
        As `train` takes them.

    Returns
    -------
    float
        From 0 to 1.
    """
    run = graph.forward({**data, **parameters})
    return _share_right(graph.value(run, scores), _classes(data[targets]))


def _share_right(scores: Array, classes: Array) -> float:
    return float(np.mean(np.argmax(scores, axis=-1) == classes))


def _classes(targets: Array) -> Array:
    return np.argmax(targets, axis=-1) if np.ndim(targets) > 1 else np.rint(targets).astype(np.intp)


def learning_rate_sweep(
    graph: Graph,
    data: Mapping[str, Array],
    parameters: Mapping[str, Array],
    *,
    rates: Sequence[float],
    epochs: int,
) -> dict[float, Training]:
    """Train from the same start at several rates, all samples in one batch.

    Parameters
    ----------
    graph : Graph
    data, parameters : mapping of str to ndarray
        As `train` takes them.
    rates : sequence of float
        Learning rates.
    epochs : int

    Returns
    -------
    dict of float to Training
        By rate, in the order given.
    """
    return {rate: train(graph, data, parameters, rate=rate, epochs=epochs) for rate in rates}
