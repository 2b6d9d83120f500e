"""Single layers, the two-layer classifier, stacks and MLPs against autograd over random sizes, and by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from operation_forms import between_zero_and_one
from strategies import Array, around_zero, generators, one_hot
from test_networks import ACTIVATIONS, assert_equals_autograd, mlp_leaves

from reference.network import trace
from reference.networks import layers
from reference.networks.deep_stack import deep_stack
from reference.networks.mlp import (
    mlp,
    mlp_with_softmax_layer,
    sigmoid_mlp,
    softmax_mlp,
    tanh_mlp,
)
from reference.networks.two_layer_net import two_layer_net
from reference.operations import tanh

Loss = Callable[[Any], Any]


def _softmax(s: Any) -> Any:
    e = anp.exp(s - anp.max(s, axis=-1, keepdims=True))
    return e / anp.sum(e, axis=-1, keepdims=True)


def _linear(n: Any) -> Any:
    return anp.sum((anp.dot(n["X"], n["W"]) + n["b"]) * n["G"])


def _relu(z: Any) -> Any:
    return anp.where(z > 0, z, 0.0 * z)


UNITS: Mapping[str, tuple[Callable[[Any], None], Loss]] = {
    "relu": (layers.relu_layer, lambda n: anp.sum(_relu(n["X"]) * n["G"])),
    "sigmoid": (layers.sigmoid_layer, lambda n: anp.sum(n["G"] / (1.0 + anp.exp(-n["X"])))),
    "tanh": (layers.tanh_layer, lambda n: anp.sum(anp.tanh(n["X"]) * n["G"])),
    "softmax": (layers.softmax_layer, lambda n: anp.sum(_softmax(n["X"]) * n["G"])),
}


@pytest.mark.parametrize("name", UNITS)
@settings(max_examples=10)
@given(rng=generators(), rows=st.integers(1, 5), units=st.integers(1, 5))
def test_gradients_of_an_activation_layer_equal_those_of_autograd(
    name: str, rng: np.random.Generator, rows: int, units: int
) -> None:
    network, loss = UNITS[name]
    leaves = {"X": around_zero(rng, (rows, units)), "G": rng.standard_normal((rows, units))}
    assert_equals_autograd(trace(network), loss, leaves)


@settings(max_examples=15)
@given(rng=generators(), sizes=st.tuples(*[st.integers(1, 5)] * 3))
def test_gradients_of_linear_layers_equal_those_of_autograd(
    rng: np.random.Generator, sizes: tuple[int, int, int]
) -> None:
    rows, inputs, units = sizes
    leaves = {
        "X": rng.standard_normal((rows, inputs)),
        "W": rng.standard_normal((inputs, units)),
        "b": rng.standard_normal(units),
        "G": rng.standard_normal((rows, units)),
    }
    assert_equals_autograd(trace(layers.linear), _linear, leaves)
    assert_equals_autograd(trace(layers.linear_averaged), lambda n: _linear(n) / rows, leaves)


@settings(max_examples=10)
@given(rng=generators(), rows=st.integers(1, 4), shape=st.lists(st.integers(1, 3), min_size=1, max_size=3))
def test_gradients_of_the_affine_layer_equal_those_of_autograd_for_samples_of_any_shape(
    rng: np.random.Generator, rows: int, shape: list[int]
) -> None:
    size = int(np.prod(shape))
    leaves = {
        "x": rng.standard_normal((rows, *shape)),
        "w": rng.standard_normal((size, 4)),
        "b": rng.standard_normal(4),
        "dout": rng.standard_normal((rows, 4)),
    }

    def loss(n: Any) -> Any:
        flat = anp.reshape(n["x"], (rows, size))
        return anp.sum((anp.dot(flat, n["w"]) + n["b"]) * n["dout"])

    assert_equals_autograd(trace(layers.affine), loss, leaves)


@settings(max_examples=10)
@given(rng=generators(), rows=st.integers(1, 5), classes=st.integers(2, 5))
def test_gradients_of_the_loss_layers_equal_those_of_autograd(
    rng: np.random.Generator, rows: int, classes: int
) -> None:
    s, t = around_zero(rng, (rows, classes)), one_hot(rng, rows, classes)
    x = between_zero_and_one(rng, (rows, classes))
    assert_equals_autograd(
        trace(layers.cross_entropy_layer), lambda n: -anp.sum(n["T"] * anp.log(n["X"])), {"X": x, "T": t}
    )
    assert_equals_autograd(
        trace(layers.softmax_cross_entropy_layer),
        lambda n: -anp.sum(n["T"] * anp.log(_softmax(n["X"]))),
        {"X": s, "T": t},
    )
    assert_equals_autograd(
        trace(layers.softmax_mean_cross_entropy),
        lambda n: -anp.sum(n["t"] * anp.log(_softmax(n["s"]))) / rows,
        {"s": s, "t": t},
    )
    assert_equals_autograd(
        trace(layers.label_cross_entropy),
        lambda n: -anp.sum(t * anp.log(_softmax(n["x"]))) / rows + 0.0 * anp.sum(n["y"]),
        {"x": s, "y": np.argmax(t, axis=1).astype(float)},
    )


def test_the_backward_pass_of_a_linear_layer_is_right_by_hand() -> None:
    graph = trace(layers.linear)
    run = graph.forward(
        {
            "X": [[1.0, 2.0], [3.0, 4.0]],
            "W": [[1.0, 0.0, 2.0], [0.0, 1.0, -1.0]],
            "b": [1.0, 2.0, 3.0],
            "G": [[1.0, 0.0, 2.0], [0.0, -1.0, 1.0]],
        }
    )
    back = graph.backward(run)
    assert graph.value(run, "Y").tolist() == [[2.0, 4.0, 3.0], [4.0, 6.0, 5.0]]
    assert graph.gradient(back, "Y").tolist() == [[1.0, 0.0, 2.0], [0.0, -1.0, 1.0]]
    assert graph.gradient(back, "X").tolist() == [[5.0, -2.0], [2.0, -2.0]]
    assert graph.gradient(back, "W").tolist() == [[1.0, -3.0, 5.0], [2.0, -4.0, 8.0]]
    assert graph.gradient(back, "b").tolist() == [1.0, -1.0, 3.0]


def test_the_loss_of_logits_is_right_where_a_probability_is_rounded_to_zero() -> None:
    graph = trace(layers.softmax_mean_cross_entropy)
    run = graph.forward({"s": [[1000.0, -1000.0, 999.0]], "t": [[0.0, 1.0, 0.0]]})
    assert float(graph.value(run, "L")) == pytest.approx(2000.0 + np.log1p(np.exp(-1.0)))
    assert graph.value(run, "p")[0, 1] == 0.0
    p = 1.0 / (1.0 + np.exp(-1.0))
    assert graph.gradient(graph.backward(run), "s") == pytest.approx(np.array([[p, -1.0, 1.0 - p]]))


# --------------------------------------------------------------------------------------------------------------
# The two-layer classifier


def _classifier(rng: np.random.Generator, sizes: tuple[int, int, int, int]) -> dict[str, Array]:
    rows, inputs, hidden, classes = sizes
    return {
        "X": rng.standard_normal((rows, inputs)),
        "W1": rng.standard_normal((inputs, hidden)),
        "b1": around_zero(rng, (hidden,)),
        "W2": rng.standard_normal((hidden, classes)),
        "b2": rng.standard_normal(classes),
        "y": rng.integers(0, classes, rows).astype(float),
        "reg": np.asarray(rng.uniform(0.1, 1.0)),
    }


@settings(max_examples=15)
@given(rng=generators(), sizes=st.tuples(*[st.integers(1, 5)] * 4))
def test_gradients_of_the_two_layer_classifier_equal_those_of_autograd(
    rng: np.random.Generator, sizes: tuple[int, int, int, int]
) -> None:
    leaves = _classifier(rng, sizes)
    targets = np.eye(sizes[3])[leaves["y"].astype(int)]

    def loss(n: Any) -> Any:
        hidden = _relu(anp.dot(n["X"], n["W1"]) + n["b1"])
        log_p = anp.log(_softmax(anp.dot(hidden, n["W2"]) + n["b2"]))
        data = -anp.sum(targets * log_p) / sizes[0] + 0.0 * anp.sum(n["y"])
        return data + n["reg"] * (anp.sum(n["W1"] ** 2) + anp.sum(n["W2"] ** 2))

    assert_equals_autograd(trace(two_layer_net), loss, leaves)


def test_the_penalty_is_added_whole_and_biases_carry_none() -> None:
    graph, rng = trace(two_layer_net), np.random.default_rng(3)
    leaves = _classifier(rng, (4, 3, 5, 2))
    runs = [graph.forward({**leaves, "reg": reg}) for reg in (0.0, 0.5)]
    without, penalised = (graph.backward(run) for run in runs)
    squares = np.sum(leaves["W1"] ** 2) + np.sum(leaves["W2"] ** 2)
    assert float(graph.value(runs[1], "L") - graph.value(runs[0], "L")) == pytest.approx(0.5 * squares)
    for name in ("W1", "W2"):
        added = graph.gradient(penalised, name) - graph.gradient(without, name)
        assert added == pytest.approx(leaves[name])
    for name in ("b1", "b2"):
        assert graph.gradient(penalised, name).tolist() == graph.gradient(without, name).tolist()


# --------------------------------------------------------------------------------------------------------------
# MLPs and stacks


@pytest.mark.parametrize("activation", ACTIVATIONS)
@settings(max_examples=10)
@given(rng=generators(), sizes=st.lists(st.integers(2, 5), min_size=2, max_size=4), rows=st.integers(1, 5))
def test_gradients_of_an_mlp_with_a_softmax_layer_equal_those_of_autograd(
    activation: str, rng: np.random.Generator, sizes: list[int], rows: int
) -> None:
    ours, theirs = ACTIVATIONS[activation]
    depth = len(sizes) - 1
    leaves = mlp_leaves(rng, sizes, rows)
    leaves = {name: value / 3.0 if name[0] == "W" else value for name, value in leaves.items()}

    def loss(n: Any) -> Any:
        values = n["X"]
        for k in range(1, depth + 1):
            values = anp.dot(values, n[f"W{k}"]) + n[f"b{k}"]
            values = theirs(values) if k < depth else _softmax(values)
        return -anp.sum(n["T"] * anp.log(values)) / rows

    assert_equals_autograd(trace(mlp_with_softmax_layer(depth, ours)), loss, leaves)


def test_the_named_mlps_differ_by_their_activation_and_their_last_layer() -> None:
    assert trace(sigmoid_mlp).computed == trace(tanh_mlp).computed == ("Z1", "A1", "logits", "L")
    assert trace(softmax_mlp).computed == ("Z1", "A1", "logits", "p", "losses", "L")
    assert trace(mlp(2, tanh)) == trace(tanh_mlp) != trace(sigmoid_mlp)


@pytest.mark.parametrize("residual", [False, True])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@settings(max_examples=8)
@given(rng=generators(), depth=st.integers(1, 5), width=st.integers(1, 4), rows=st.integers(1, 4))
def test_gradients_of_a_deep_stack_equal_those_of_autograd(
    activation: str, residual: bool, rng: np.random.Generator, depth: int, width: int, rows: int
) -> None:
    ours, theirs = ACTIVATIONS[activation]
    leaves = {f"W{k}": rng.standard_normal((width, width)) for k in range(1, depth + 1)}
    leaves |= {"X": rng.standard_normal((rows, width)), "G": rng.standard_normal((rows, width))}

    def loss(n: Any) -> Any:
        values = n["X"]
        for k in range(1, depth + 1):
            layer = theirs(anp.dot(values, n[f"W{k}"]))
            values = layer + values if residual else layer
        return anp.sum(values * n["G"])

    assert_equals_autograd(trace(deep_stack(depth, ours, residual)), loss, leaves)


def test_a_residual_stack_with_zero_weights_passes_its_input_and_its_gradient_through() -> None:
    graph = trace(deep_stack(3, tanh, residual=True))
    x, g = np.array([[1.0, -2.0]]), np.array([[3.0, 5.0]])
    run = graph.forward({"X": x, "G": g, **{f"W{k}": np.zeros((2, 2)) for k in (1, 2, 3)}})
    back = graph.backward(run)
    assert graph.value(run, "H3").tolist() == x.tolist()
    assert graph.gradient(back, "X").tolist() == g.tolist()
