"""The step of gradient descent, whole runs, and the anchors that are known from a right submission."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from reference.datasets import digits, spirals, xor
from reference.network import Graph, trace
from reference.networks.mlp import mlp, mlp_with_softmax_layer, two_layer_mlp
from reference.networks.skip_network import skip_network
from reference.operations import half_square, mean, softmax, total
from reference.training import (
    Batches,
    Training,
    accuracy,
    descend,
    he_initialised,
    learning_rate_sweep,
    train,
)

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


# --------------------------------------------------------------------------------------------------------------
# Runs, by hand


def _square(n: Any) -> None:
    n.logits = n.X @ n.W
    n.L = mean(half_square(n.logits - n.T))


DATA = {"X": np.array([[1.0], [2.0]]), "T": np.zeros((2, 1))}
START = {"W": np.ones((1, 1))}


def test_a_run_on_all_samples_at_once_is_right_by_hand() -> None:
    """L = 5/4 w^2 and dL/dw = 5/2 w: at rate 0.1 w is 1, 3/4, 9/16."""
    done = train(trace(_square), DATA, START, rate=0.1, epochs=2)

    assert done.parameters["W"].item() == pytest.approx(9 / 16)
    assert done.losses == pytest.approx(1.25 * np.array([1, 9 / 16, 81 / 256]))
    assert done.amplitudes == pytest.approx(np.array([[1], [3 / 4], [9 / 16]]))
    assert START["W"].item() == 1.0


def test_a_run_in_batches_takes_them_in_the_order_given() -> None:
    """Of one sample dL/dw = x^2 w: first x = 2, w = 0.6, then x = 1, w = 0.54; then the other way round 0.486 and 0.2916."""
    batches = Batches(orders=[np.array([1, 0]), np.array([0, 1])], size=1)

    done = train(trace(_square), DATA, START, rate=0.1, epochs=2, batches=batches)

    assert done.amplitudes[:, 0] == pytest.approx([1.0, 0.54, 0.2916])
    assert done.losses == pytest.approx(1.25 * np.array([1.0, 0.54**2, 0.2916**2]))


def test_a_last_batch_may_be_smaller() -> None:
    """Batches of 2 and 1: the step of the last sample divides by 1."""
    data = {"X": np.array([[1.0], [2.0], [1.0]]), "T": np.zeros((3, 1))}
    batches = Batches(orders=[np.array([0, 1, 2])], size=2)

    done = train(trace(_square), data, START, rate=0.1, epochs=1, batches=batches)

    assert done.parameters["W"].item() == pytest.approx(0.75 * 0.9)


def test_batches_of_all_samples_in_their_order_are_the_run_at_once() -> None:
    """To the last bit."""
    arms = spirals(np.random.RandomState(2), samples=10)
    data, start = {"X": arms.X, "T": arms.T}, he_initialised((2, 5, 3), np.random.RandomState(3))
    batches = Batches(orders=[np.arange(30)] * 4, size=30)

    once = train(trace(two_layer_mlp), data, start, rate=0.5, epochs=4)
    batched = train(trace(two_layer_mlp), data, start, rate=0.5, epochs=4, batches=batches)

    assert once.losses.tolist() == batched.losses.tolist()


def test_a_single_number_among_the_data_is_no_sample() -> None:
    """A strength of penalty goes whole to every batch; labels count as classes."""

    def penalised(n: Any) -> None:
        n.logits = n.X @ n.W
        n.L = mean(half_square(n.logits)) + n.reg * total(half_square(n.W))

    data = {"X": np.array([[1.0], [2.0]]), "reg": np.array(1.0), "y": np.zeros(2)}
    batches = Batches(orders=[np.array([0, 1])], size=1)

    done = train(trace(penalised), data, START, rate=0.1, epochs=1, batches=batches, targets="y")

    # dL/dw = (x^2 + 1) w: 1 - 0.2 = 0.8, then 0.8 - 0.4 = 0.4.
    assert done.parameters["W"].item() == pytest.approx(0.4)
    assert done.accuracies.tolist() == [1.0, 1.0]


def test_accuracy_is_the_share_of_rows_whose_largest_score_is_at_their_class() -> None:
    """Of one-hot rows as of labels."""

    def network(n: Any) -> None:
        n.logits = n.X @ n.W
        n.L = mean(n.logits)

    X, W = np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 1.0]]), np.eye(2)
    one_hot = {"X": X, "T": np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]])}

    assert accuracy(trace(network), one_hot, {"W": W}) == pytest.approx(2 / 3)
    assert accuracy(trace(network), {"X": X, "y": np.array([0.0, 1.0, 0.0])}, {"W": W}, targets="y") == 1.0


def test_relative_amplitudes_start_at_one() -> None:
    """Each layer is divided by its own first value."""
    done = Training(
        parameters={},
        losses=np.zeros(2),
        accuracies=np.zeros(2),
        amplitudes=np.array([[2.0, 4.0], [3.0, 1.0]]),
    )

    assert done.relative_amplitudes.tolist() == [[1.0, 1.0], [1.5, 0.25]]


def test_weights_are_drawn_with_variance_two_over_the_inputs_layer_by_layer() -> None:
    """One generator for all layers, biases of one."""
    drawn, again = he_initialised((50, 40, 2), np.random.RandomState(7)), np.random.RandomState(7)

    assert np.array_equal(drawn["W1"], again.normal(0.0, 0.2, (50, 40)))
    assert np.array_equal(drawn["W2"], again.normal(0.0, np.sqrt(0.05), (40, 2)))
    assert (drawn["b1"].tolist(), drawn["b2"].tolist()) == ([1.0] * 40, [1.0] * 2)


# --------------------------------------------------------------------------------------------------------------
# Anchors: measured with a right submission to a real course


def test_xor_goes_from_2_950945_to_0_394516_and_ends_right() -> None:
    data = xor()

    done = train(
        trace(two_layer_mlp),
        {"X": data.X, "T": data.T},
        he_initialised((2, 4, 2), np.random.RandomState(1234)),
        rate=0.1,
        epochs=100,
    )

    assert (round(done.losses[0], 6), round(done.losses[-1], 6)) == (2.950945, 0.394516)
    assert done.accuracies[-1] == 1.0


@cache
def _on_spirals() -> tuple[Graph, dict[str, Any], dict[float, Training]]:
    """Train at three rates, once; also return the test set."""
    generator = np.random.RandomState(1234)
    seen, unseen = spirals(generator), spirals(generator)
    graph, start = trace(two_layer_mlp), he_initialised((2, 10, 3), np.random.RandomState(1234))
    runs = learning_rate_sweep(graph, {"X": seen.X, "T": seen.T}, start, rates=(0.2, 1.0, 5.0), epochs=1000)
    return graph, {"X": unseen.X, "T": unseen.T}, runs


@pytest.mark.parametrize(
    ("rate", "loss", "train_accuracy", "test_accuracy"),
    [
        (0.2, 0.325343, 0.8767, 0.8600),
        (1.0, 0.035329, 0.9933, 0.9833),
        # Every unit is dead: ln 3, and a third of the samples by chance. That is the right result.
        (5.0, 1.098612, 0.3333, 0.3333),
    ],
)
def test_spirals_end_at_the_losses_and_accuracies_of_the_anchors(
    rate: float, loss: float, train_accuracy: float, test_accuracy: float
) -> None:
    graph, unseen, runs = _on_spirals()

    done = runs[rate]

    assert round(done.losses[0], 4) == 2.0436
    assert round(done.losses[-1], 6) == loss
    assert round(done.accuracies[-1], 4) == train_accuracy
    assert round(accuracy(graph, unseen, done.parameters), 4) == test_accuracy


@cache
def _digits() -> tuple[dict[str, Any], dict[str, Any]]:
    drawn = digits(np.random.RandomState(1234))
    start = he_initialised((784, 64, 64, 64, 64, 64, 10), np.random.RandomState(1234))
    return {"X": drawn.X, "T": drawn.T}, start


def test_a_naive_softmax_overflows_in_the_first_pass_of_the_deep_network_on_digits() -> None:
    """Exp of 709.79 is no number any more; the stable softmax of the same logits is right."""
    data, start = _digits()
    graph = trace(mlp_with_softmax_layer(6))
    (naive,) = (s.operation for s in softmax.forward_slips if s.text.startswith("the maximum is not"))
    run = graph.forward({**data, **start})

    assert graph.value(run, "logits").max() > 709.79
    broken = graph.replaced(graph.index["p"], naive).forward({**data, **start})
    assert np.isnan(graph.value(broken, "p")).any()
    assert np.allclose(graph.value(run, "p").sum(axis=1), 1.0)


def test_the_deep_network_with_a_stable_loss_trains_on_digits() -> None:
    data, start = _digits()

    done = train(trace(mlp(6)), data, start, rate=1e-4, epochs=4)

    assert np.isfinite(done.losses).all()
    assert done.losses[-1] < 0.5 * done.losses[0]
    assert done.relative_amplitudes.shape == (5, 6)
    # The layer before the loss moves most, and all move little.
    moved = np.abs(done.relative_amplitudes[-1] - 1.0)
    assert np.argmax(moved) == 5
    assert moved.max() < 0.05
