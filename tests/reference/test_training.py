"""The step of gradient descent."""

from __future__ import annotations

import numpy as np
import pytest

from reference.network import trace
from reference.networks.skip_network import skip_network
from reference.training import descend

WORKED = {"x": 1.0, "y": -3.0, "w0": 0.5, "w1": 0.5, "w2": 0.5, "ws": 0.5}


def test_the_worked_step_of_the_skip_network_is_that_of_the_task() -> None:
    """w0 -> -0.25, w1 -> 0.25, w2 -> 0.25 and ws -> 0 at rate 1; after it y_hat = 0 and L = 3."""
    graph = trace(skip_network)
    back = graph.backward(graph.forward(WORKED))
    names = ("w0", "w1", "w2", "ws")

    new = descend(
        {name: WORKED[name] for name in names}, {name: graph.gradient(back, name) for name in names}, 1.0
    )

    assert {name: float(value) for name, value in new.items()} == {
        "w0": -0.25,
        "w1": 0.25,
        "w2": 0.25,
        "ws": 0.0,
    }
    after = graph.forward({**WORKED, **new})
    assert float(graph.value(after, "y_hat")) == 0.0
    assert float(graph.value(after, "L")) == 3.0


def test_the_given_parameters_are_left_as_they_are() -> None:
    """The step returns new arrays."""
    weights = np.array([1.0, 2.0])

    new = descend({"W": weights}, {"W": np.array([0.5, -0.5])}, 0.1)

    assert new["W"].tolist() == [0.95, 2.05]
    assert weights.tolist() == [1.0, 2.0]


def test_float32_parameters_stay_float32() -> None:
    """The rate is a Python number and widens nothing."""
    new = descend({"W": np.ones(3, np.float32)}, {"W": np.ones(3, np.float32)}, 0.1)

    assert new["W"].dtype == np.float32


def test_a_gradient_of_another_shape_is_refused() -> None:
    """It would be broadcast without a word."""
    with pytest.raises(ValueError, match="`b` has shape"):
        descend({"b": np.zeros(3)}, {"b": np.zeros((1, 3))}, 0.1)


def test_a_parameter_without_a_gradient_is_refused() -> None:
    """Nothing is left unchanged by accident."""
    with pytest.raises(KeyError):
        descend({"b": np.zeros(3)}, {}, 0.1)
