"""The two-layer classifier in columns against autograd over random sizes, against textbook formulas, and by hand."""

from __future__ import annotations

from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from gradient_check import disagreement
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import Array, around_zero, generators, one_hot
from test_networks import assert_equals_autograd

from reference.network import trace
from reference.networks.two_layer_softmax import two_layer_softmax

SIZES = st.tuples(*[st.integers(1, 5)] * 3)


def _leaves(rng: np.random.Generator, sizes: tuple[int, int, int]) -> dict[str, Array]:
    inputs, hidden, classes = sizes
    return {
        "x": rng.standard_normal((inputs, 1)),
        "y": one_hot(rng, 1, classes).T,
        "W1": rng.standard_normal((hidden, inputs)),
        "b1": around_zero(rng, (hidden, 1)),
        "W2": rng.standard_normal((classes, hidden)),
        "b2": around_zero(rng, (classes, 1)),
    }


def _loss(n: Any) -> Any:
    h = 1.0 / (1.0 + anp.exp(-(anp.dot(n["W1"], n["x"]) + n["b1"])))
    z2 = anp.dot(n["W2"], h) + n["b2"]
    return -anp.sum(n["y"] * (z2 - anp.log(anp.sum(anp.exp(z2)))))


@settings(max_examples=25)
@given(rng=generators(), sizes=SIZES)
def test_gradients_of_the_classifier_in_columns_equal_those_of_autograd(
    rng: np.random.Generator, sizes: tuple[int, int, int]
) -> None:
    assert_equals_autograd(trace(two_layer_softmax), _loss, _leaves(rng, sizes))


@settings(max_examples=25)
@given(rng=generators(), sizes=SIZES)
def test_gradients_are_those_that_the_textbook_derives(
    rng: np.random.Generator, sizes: tuple[int, int, int]
) -> None:
    """Bishop (2006), equations 5.53 to 5.67, with softmax and cross-entropy at the output."""
    leaves = _leaves(rng, sizes)
    graph = trace(two_layer_softmax)
    run = graph.forward(leaves)
    back = graph.backward(run)
    h = 1.0 / (1.0 + np.exp(-(leaves["W1"] @ leaves["x"] + leaves["b1"])))
    exponentials = np.exp(leaves["W2"] @ h + leaves["b2"])
    delta2 = exponentials / np.sum(exponentials) - leaves["y"]
    delta1 = leaves["W2"].T @ delta2 * h * (1.0 - h)
    expected = {
        "z2": delta2,
        "W2": delta2 @ h.T,
        "b2": delta2,
        "h": leaves["W2"].T @ delta2,
        "z1": delta1,
        "W1": delta1 @ leaves["x"].T,
        "b1": delta1,
        "x": leaves["W1"].T @ delta1,
    }
    found = {name: disagreement(graph.gradient(back, name), value) for name, value in expected.items()}
    assert {name: text for name, text in found.items() if text} == {}


def test_every_vector_is_a_column_and_the_loss_a_single_number() -> None:
    graph, rng = trace(two_layer_softmax), np.random.default_rng(5)
    run = graph.forward(_leaves(rng, (2, 3, 4)))
    shapes = {name: graph.value(run, name).shape for name in ("z1", "h", "z2", "y_hat", "L")}
    assert shapes == {"z1": (3, 1), "h": (3, 1), "z2": (4, 1), "y_hat": (4, 1), "L": ()}


def test_its_names_stand_in_the_order_of_the_formula_sheet() -> None:
    graph = trace(two_layer_softmax)
    assert set(graph.leaves) == {"x", "y", "W1", "b1", "W2", "b2"}
    assert graph.computed == ("z1", "h", "z2", "y_hat", "L")


def test_a_network_of_zeros_is_right_by_hand() -> None:
    """All of h is 1/2, each of three classes has probability 1/3; nothing goes back through a W2 of zeros."""
    graph = trace(two_layer_softmax)
    leaves = {"x": [[2.0]], "y": [[0.0], [1.0], [0.0]], "W1": np.zeros((2, 1)), "b1": np.zeros((2, 1))}
    run = graph.forward(leaves | {"W2": np.zeros((3, 2)), "b2": np.zeros((3, 1))})
    back = graph.backward(run)
    third = 1.0 / 3.0
    assert float(graph.value(run, "L")) == pytest.approx(np.log(3.0))
    assert graph.gradient(back, "z2") == pytest.approx(np.array([[third], [-2 * third], [third]]))
    assert graph.gradient(back, "W2") == pytest.approx(
        np.array([[third / 2, third / 2], [-third, -third], [third / 2, third / 2]])
    )
    assert graph.gradient(back, "W1").tolist() == [[0.0], [0.0]]
