"""Whole networks against autograd over random sizes, and the properties that gradients of any network have."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from gradient_check import disagreement
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import Array, around_zero, generators, one_hot

from reference.network import Graph, trace
from reference.networks.mlp import mlp, three_layer_mlp, two_layer_mlp
from reference.networks.skip_network import skip_network
from reference.networks.softmax_cross_entropy import softmax_with_cross_entropy
from reference.operations import Operation, relu, sigmoid

Leaves = dict[str, Array]


def assert_equals_autograd(graph: Graph, function: Any, leaves: Mapping[str, Any]) -> None:
    """Assert that loss and all gradients are those of `function`, which takes the leaves as one dict."""
    run = graph.forward(leaves)
    back = graph.backward(run)
    arrays = {name: np.asarray(value, float) for name, value in leaves.items()}
    expected = autograd.grad(function)(arrays)
    found = {"loss": disagreement(graph.value(run, graph.loss), np.asarray(function(arrays)))}
    found |= {name: disagreement(graph.gradient(back, name), expected[name]) for name in graph.leaves}
    assert {name: text for name, text in found.items() if text} == {}


def mlp_leaves(rng: np.random.Generator, sizes: list[int], rows: int) -> Leaves:
    leaves: Leaves = {
        "X": rng.standard_normal((rows, sizes[0])),
        "T": one_hot(rng, rows, sizes[-1]),
    }
    for k, (before, after) in enumerate(pairwise(sizes), start=1):
        leaves[f"W{k}"] = rng.standard_normal((before, after))
        leaves[f"b{k}"] = around_zero(rng, (after,))
    return leaves


def mlp_loss(layers: int, activation: Any) -> Any:
    """Return the MLP's loss written for autograd from its definition."""

    def loss(leaves: Any) -> Any:
        values = leaves["X"]
        for k in range(1, layers + 1):
            values = anp.dot(values, leaves[f"W{k}"]) + leaves[f"b{k}"]
            values = activation(values) if k < layers else values
        shifted = values - anp.max(values, axis=1, keepdims=True)
        log_p = shifted - anp.log(anp.sum(anp.exp(shifted), axis=1, keepdims=True))
        return -anp.sum(leaves["T"] * log_p) / len(leaves["X"])

    return loss


ACTIVATIONS: dict[str, tuple[Operation, Any]] = {
    "relu": (relu, lambda z: anp.where(z > 0, z, 0.0 * z)),
    "sigmoid": (sigmoid, lambda z: 0.5 * (1.0 + anp.tanh(0.5 * z))),
}


@pytest.mark.parametrize("activation", ACTIVATIONS)
@settings(max_examples=25)
@given(rng=generators(), sizes=st.lists(st.integers(1, 5), min_size=2, max_size=5), rows=st.integers(1, 5))
def test_gradients_of_an_mlp_equal_those_of_autograd(
    activation: str, rng: np.random.Generator, sizes: list[int], rows: int
) -> None:
    ours, theirs = ACTIVATIONS[activation]
    layers = len(sizes) - 1
    assert_equals_autograd(trace(mlp(layers, ours)), mlp_loss(layers, theirs), mlp_leaves(rng, sizes, rows))


def test_the_named_mlps_have_two_and_three_linear_layers() -> None:
    assert trace(two_layer_mlp).computed == ("Z1", "A1", "logits", "L")
    assert trace(three_layer_mlp).computed == ("Z1", "A1", "Z2", "A2", "logits", "L")
    assert trace(three_layer_mlp).leaves == ("X", "W1", "b1", "W2", "b2", "W3", "b3", "T")


@settings(max_examples=25)
@given(rng=generators(), batch=st.lists(st.integers(1, 4), max_size=2), classes=st.integers(1, 5))
def test_gradients_of_softmax_then_cross_entropy_equal_those_of_autograd(
    rng: np.random.Generator, batch: list[int], classes: int
) -> None:
    def loss(leaves: Any) -> Any:
        p = anp.exp(leaves["s"]) / anp.sum(anp.exp(leaves["s"]), axis=-1, keepdims=True)
        return -anp.sum(leaves["t"] * anp.log(p))

    shape = (*batch, classes)
    leaves = {"s": around_zero(rng, shape), "t": np.eye(classes)[rng.integers(0, classes, size=tuple(batch))]}
    assert_equals_autograd(trace(softmax_with_cross_entropy), loss, leaves)


def test_softmax_then_cross_entropy_of_equal_logits_is_right_by_hand() -> None:
    graph = trace(softmax_with_cross_entropy)
    run = graph.forward({"s": [0.0, 0.0], "t": [0.0, 1.0]})
    back = graph.backward(run)
    assert float(graph.value(run, "L")) == pytest.approx(np.log(2.0))
    assert graph.gradient(back, "p").tolist() == [0.0, -2.0]
    assert graph.gradient(back, "s").tolist() == [0.5, -0.5]


@settings(max_examples=40)
@given(rng=generators())
def test_gradients_of_the_skip_network_equal_those_of_autograd(rng: np.random.Generator) -> None:
    def loss(n: Any) -> Any:
        h0 = anp.where(n["w0"] * n["x"] > 0, n["w0"] * n["x"], 0.0)
        h1 = anp.where(n["w1"] * h0 > 0, n["w1"] * h0, 0.0)
        d = n["y"] - (n["ws"] * h0 + n["w2"] * h1)
        return anp.where(d > 0, d, -d)

    names = ("x", "y", "w0", "w1", "w2", "ws")
    leaves = dict(zip(names, around_zero(rng, (6,)), strict=True))
    assert_equals_autograd(trace(skip_network), loss, leaves)


# --------------------------------------------------------------------------------------------------------------
# Properties


@settings(max_examples=20)
@given(rng=generators(), rows=st.integers(1, 6))
def test_the_batch_gradient_of_a_mean_loss_is_the_mean_of_those_of_its_samples(
    rng: np.random.Generator, rows: int
) -> None:
    graph = trace(mlp(2))
    leaves = mlp_leaves(rng, [3, 4, 3], rows)
    whole = graph.backward(graph.forward(leaves))
    single = [
        graph.backward(graph.forward(leaves | {"X": leaves["X"][i : i + 1], "T": leaves["T"][i : i + 1]}))
        for i in range(rows)
    ]
    for name in ("W1", "b1", "W2", "b2"):
        mean = np.mean([graph.gradient(run, name) for run in single], axis=0)
        assert disagreement(graph.gradient(whole, name), mean) is None


@settings(max_examples=20)
@given(rng=generators(), rows=st.integers(1, 5))
def test_rows_of_the_logits_gradient_of_an_mlp_sum_to_zero(rng: np.random.Generator, rows: int) -> None:
    graph = trace(mlp(2))
    back = graph.backward(graph.forward(mlp_leaves(rng, [3, 4, 3], rows)))
    assert np.abs(graph.gradient(back, "logits").sum(axis=1)).max() <= 1e-15


@settings(max_examples=20)
@given(rng=generators())
def test_the_backward_pass_is_linear_in_the_gradient_put_in(rng: np.random.Generator) -> None:
    graph = trace(mlp(2))
    run = graph.forward(mlp_leaves(rng, [3, 4, 3], 2))
    g, h = rng.standard_normal((2, 2, 4))
    at_g, at_h, at_both = (graph.backward(run, given={"A1": v}) for v in (g, h, 2.0 * g - 3.0 * h))
    for name in ("Z1", "W1", "b1", "X"):
        combined = 2.0 * graph.gradient(at_g, name) - 3.0 * graph.gradient(at_h, name)
        assert np.allclose(graph.gradient(at_both, name), combined, rtol=1e-12, atol=1e-12)
