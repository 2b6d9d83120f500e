"""The data of the experiments: what they are, and that a seed gives them again."""

from __future__ import annotations

import time

import numpy as np
from clock import allowed

from reference.datasets import digits, spirals, xor
from reference.network import trace
from reference.networks.mlp import two_layer_mlp
from reference.training import Batches, he_initialised, train


def test_xor_is_true_in_column_0_where_exactly_one_input_is() -> None:
    data = xor()
    assert data.X.tolist() == [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    assert data.T.tolist() == [[0.0, 1.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]


def test_arms_of_a_spiral_have_the_radii_and_angles_of_the_task() -> None:
    noise = np.random.RandomState(5)
    data = spirals(np.random.RandomState(5), classes=2, samples=4)
    # The radii are 0, 5/6, 5/3, 5/2; the angles of arm 1 are 4, 16/3, 20/3, 8, and those of arm 0 lie 4 below.
    for arm, angles in enumerate(([0, 4 / 3, 8 / 3, 4], [4, 16 / 3, 20 / 3, 8])):
        t = np.array(angles) + 0.2 * noise.randn(4)
        expected = np.array([0, 5 / 6, 5 / 3, 5 / 2])[:, None] * np.stack([np.sin(t), np.cos(t)], axis=1)
        assert np.allclose(data.X[4 * arm : 4 * arm + 4], expected, rtol=0.0, atol=2e-7)
    assert data.X.dtype == np.float32
    assert data.T.tolist() == 4 * [[1.0, 0.0]] + 4 * [[0.0, 1.0]]


def test_a_test_set_is_drawn_after_the_training_set_from_the_same_generator() -> None:
    generator = np.random.RandomState(1234)
    first, second = spirals(generator), spirals(generator)
    assert np.array_equal(first.X, spirals(np.random.RandomState(1234)).X)
    assert not np.array_equal(first.X, second.X)
    assert first.X.shape == second.X.shape == (300, 2)


def test_digits_are_whole_grey_values_in_ten_classes_that_take_turns() -> None:
    data = digits(np.random.RandomState(3), samples=50)
    assert data.X.shape == (50, 784)
    assert np.array_equal(data.X, np.rint(data.X))
    assert (data.X.min(), data.X.max()) == (0.0, 255.0)
    assert np.argmax(data.T, axis=1).tolist() == 5 * list(range(10))


def test_the_same_seed_gives_the_same_digits_and_another_gives_others() -> None:
    first = digits(np.random.RandomState(3), samples=20)
    assert np.array_equal(first.X, digits(np.random.RandomState(3), samples=20).X)
    assert not np.array_equal(first.X, digits(np.random.RandomState(4), samples=20).X)
    assert digits(np.random.default_rng(3), samples=20).X.shape == first.X.shape


def test_digits_are_dark_strokes_in_the_middle_of_white_paper() -> None:
    mean = digits(np.random.RandomState(3), samples=500).X.mean(axis=0).reshape(28, 28)
    border = np.concatenate([mean[0], mean[-1], mean[:, 0], mean[:, -1]])
    assert border.min() > 210.0
    assert mean[5:23, 8:20].mean() < 160.0


def test_no_two_digits_of_a_class_are_the_same_and_those_of_other_classes_are_farther() -> None:
    data = digits(np.random.RandomState(3), samples=120)
    labels = np.argmax(data.T, axis=1)
    distance = np.linalg.norm(data.X[:, None, :] - data.X[None, :, :], axis=2)
    same = (labels[:, None] == labels[None, :]) & ~np.eye(120, dtype=bool)
    assert distance[same].min() > 500.0
    assert distance[same].mean() < distance[labels[:, None] != labels[None, :]].mean()


def test_a_small_network_learns_digits_and_knows_those_it_has_not_seen() -> None:
    generator = np.random.RandomState(1234)
    seen, unseen = digits(generator, samples=1000), digits(generator, samples=500)
    graph, start = trace(two_layer_mlp), he_initialised((784, 32, 10), np.random.RandomState(1234))
    # Centred and small, as one should: what is not scaled is what the deep network's overflow comes from.
    inputs = [(data.X - seen.X.mean(axis=0)) / 128.0 for data in (seen, unseen)]
    order = np.random.RandomState(0)
    batches = Batches(orders=[order.permutation(1000) for _ in range(6)], size=50)
    done = train(graph, {"X": inputs[0], "T": seen.T}, start, rate=0.1, epochs=6, batches=batches)
    run = graph.forward({"X": inputs[1], "T": unseen.T, **done.parameters})
    predicted = np.argmax(graph.value(run, "logits"), axis=1)
    assert done.accuracies[0] < 0.3
    assert done.accuracies[-1] > 0.95
    assert np.mean(predicted == np.argmax(unseen.T, axis=1)) > 0.85


def test_three_thousand_digits_take_less_than_two_seconds_of_processor() -> None:
    before = time.process_time()
    assert digits(np.random.RandomState(1234)).X.shape == (3000, 784)
    assert time.process_time() - before < allowed(2.0)
