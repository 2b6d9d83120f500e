"""Gradients that fade with depth, and curves that part after a disturbance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from reference.datasets import digits, spirals
from reference.dynamics import gradient_norms_by_depth, sensitivity, steps_before_chaos
from reference.network import trace
from reference.networks.mlp import mlp, two_layer_mlp
from reference.operations import half_square, identity, mean, relu, sigmoid
from reference.training import he_initialised


def test_norms_of_a_linear_stack_are_products_of_its_weights() -> None:
    # One sample, one unit: dL/dW1 = X G W2 .. Wm.
    X, G, weights = np.array([[2.0]]), np.array([[3.0]]), [np.array([[w]]) for w in (5.0, -0.5, 4.0)]
    plain = gradient_norms_by_depth(X, weights, G, activation=identity)
    residual = gradient_norms_by_depth(X, weights, G, activation=identity, residual=True)
    assert plain.tolist() == [6.0, 3.0, 12.0]
    # A residual layer has the factor 1 + W: 6, 6 / 2, 3 * 5.
    assert residual.tolist() == [6.0, 3.0, 15.0]


@pytest.mark.parametrize("residual", [False, True])
def test_each_norm_is_that_of_central_differences_in_a_stack_of_that_depth(residual: bool) -> None:
    rng = np.random.default_rng(4)
    X, G = rng.normal(size=(2, 3, 4))
    weights = rng.normal(size=(3, 4, 4))

    def loss(first: Any, depth: int) -> float:
        values = X
        for W in [first, *weights[1:depth]]:
            layer = 1.0 / (1.0 + np.exp(-values @ W))
            values = layer + values if residual else layer
        return float(np.sum(values * G))

    norms = gradient_norms_by_depth(X, list(weights), G, activation=sigmoid, residual=residual)
    for depth in (1, 2, 3):
        numeric = np.empty((4, 4))
        for index in np.ndindex(4, 4):
            shift = np.zeros((4, 4))
            shift[index] = 1e-5
            numeric[index] = (loss(weights[0] + shift, depth) - loss(weights[0] - shift, depth)) / 2e-5
        assert norms[depth - 1] == pytest.approx(np.linalg.norm(numeric), rel=1e-6)


def test_the_gradient_of_a_plain_sigmoid_stack_vanishes_and_a_skip_connection_keeps_it() -> None:
    rng = np.random.default_rng(1)
    X, G = rng.normal(size=(2, 6, 10))
    weights = list(rng.normal(0.0, np.sqrt(2.0 / 10.0), (20, 10, 10)))
    plain = gradient_norms_by_depth(X, weights, G, activation=sigmoid)
    residual = gradient_norms_by_depth(X, weights, G, activation=sigmoid, residual=True)
    deep_relu = gradient_norms_by_depth(X, weights, G, activation=relu)
    assert plain[0] == residual[0]
    assert plain[-1] < 1e-8 * plain[0]
    assert residual[-1] > 1e-2 * residual[0]
    # With variance 2 / D a ReLU keeps the size of a gradient about as it is.
    assert 1e-3 < deep_relu[-1] / deep_relu[0] < 1e3


def _square(n: Any) -> None:
    n.logits = n.X @ n.W
    n.L = mean(half_square(n.logits - n.T))


def test_a_curve_that_does_not_amplify_has_the_deviation_of_the_disturbance() -> None:
    # L = w^2 / 2 and w falls by a tenth: l' / l = (1 + d)^2 in every step.
    data = {"X": np.ones((1, 1)), "T": np.zeros((1, 1))}
    deviation = sensitivity(
        trace(_square), data, {"W": np.ones((1, 1))}, rate=0.1, epochs=5, disturbance=1e-5
    )
    assert deviation == pytest.approx(np.full(6, 2e-5), rel=1e-4)
    assert steps_before_chaos(deviation) == 6


def test_a_loss_that_overflows_deviates_without_bound() -> None:
    data = {"X": np.full((1, 1), 1e3), "T": np.zeros((1, 1))}
    deviation = sensitivity(trace(_square), data, {"W": np.ones((1, 1))}, rate=1.0, epochs=60)
    assert np.isinf(deviation[-1])
    assert 0 < steps_before_chaos(deviation, limit=np.inf) <= 61


@pytest.mark.parametrize(
    ("deviations", "expected"),
    [([0.0, 1e-9, 1e-5], 3), ([0.0, 1e-3, 1e-9], 1), ([np.inf, 0.0], 0), ([0.0, np.nan], 1)],
)
def test_steps_before_chaos_end_at_the_first_deviation_beyond_the_limit(
    deviations: list[float], expected: int
) -> None:
    assert steps_before_chaos(np.array(deviations)) == expected


def test_every_step_of_a_run_on_the_spirals_can_be_compared_at_rate_one() -> None:
    arms = spirals(np.random.RandomState(1234))
    start = he_initialised((2, 10, 3), np.random.RandomState(1234))
    deviation = sensitivity(trace(two_layer_mlp), {"X": arms.X, "T": arms.T}, start, rate=1.0, epochs=200)
    assert steps_before_chaos(deviation) == 201


def test_the_deep_network_on_digits_amplifies_rounding_after_a_few_steps() -> None:
    drawn = digits(np.random.RandomState(1234), samples=300)
    start = he_initialised((784, *(64,) * 5, 10), np.random.RandomState(1234))
    deviation = sensitivity(trace(mlp(6)), {"X": drawn.X, "T": drawn.T}, start, rate=2e-4, epochs=12)
    assert 1 < steps_before_chaos(deviation) < 13
