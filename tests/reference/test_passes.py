"""The forward and backward pass with values, gradients, rules and operations put in, on numbers worked by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from reference.network import Backward, Edge, Forward, Graph, trace
from reference.networks.mlp import mlp
from reference.networks.skip_network import skip_network
from reference.operations import (
    Operation,
    exp,
    half_square,
    identity,
    mean,
    multiply,
    relu,
    sigmoid,
    softmax_cross_entropy,
    tanh,
    total,
)

GRAPH = trace(skip_network)
WORKED = {"x": 1.0, "y": -3.0, "w0": 0.5, "w1": 0.5, "w2": 0.5, "ws": 0.5}
GRADIENTS = {
    "y_hat": 1.0,
    "z2": 1.0,
    "ws": 0.5,
    "w2": 0.25,
    "h1": 0.5,
    "z1": 0.5,
    "w1": 0.25,
    "h0": 0.75,
    "z0": 0.75,
    "w0": 0.75,
}


def values(run: Forward, graph: Graph = GRAPH) -> dict[str, float]:
    return {name: float(graph.value(run, name)) for name in graph.computed}


def gradients(run: Backward, graph: Graph = GRAPH) -> dict[str, float]:
    return {name: float(graph.gradient(run, name)) for name in GRADIENTS}


def edge(reader: str, source: str) -> Edge:
    """Return the edge by which a named node reads a named one, through unnamed nodes where they are between."""
    wanted = GRAPH.index[source]
    (found,) = (
        e for e in GRAPH.consumers[wanted] if e.node == GRAPH.index[reader] or _feeds(e.node, GRAPH.index[reader])
    )  # fmt: skip
    return found


def _feeds(node: int, reader: int) -> bool:
    return GRAPH.nodes[node].name is None and node in GRAPH.nodes[reader].inputs


# --------------------------------------------------------------------------------------------------------------
# Forward


def test_forward_values_of_the_worked_case_are_those_worked_by_hand() -> None:
    assert values(GRAPH.forward(WORKED)) == {
        "z0": 0.5,
        "h0": 0.5,
        "z1": 0.25,
        "h1": 0.25,
        "z2": 0.375,
        "y_hat": 0.375,
        "L": 3.375,
    }


def test_a_value_put_in_stands_for_the_node_in_all_that_comes_after_it() -> None:
    run = GRAPH.forward(WORKED, given={"h0": 2.0})
    # h0 itself is still predicted to be 0.5; z2 = 0.5 * 2 + 0.5 * 1.
    assert values(run) == {"z0": 0.5, "h0": 0.5, "z1": 1.0, "h1": 1.0, "z2": 1.5, "y_hat": 1.5, "L": 4.5}
    assert float(run.used[GRAPH.index["h0"]]) == 2.0


def test_several_values_put_in_each_stand_for_their_own_node() -> None:
    run = GRAPH.forward(WORKED, given={"h0": 2.0, "z1": -1.0, "y_hat": 1.0})
    assert values(run) == {"z0": 0.5, "h0": 0.5, "z1": 1.0, "h1": 0.0, "z2": 1.0, "y_hat": 1.0, "L": 4.0}


def test_nothing_is_put_in_for_a_leaf_for_none_or_for_an_unknown_name() -> None:
    run = GRAPH.forward(WORKED, given={"x": 9.0, "h0": None, "q": 7.0})
    assert values(run) == values(GRAPH.forward(WORKED))


def test_putting_in_the_right_values_changes_nothing() -> None:
    right = values(GRAPH.forward(WORKED))
    assert values(GRAPH.forward(WORKED, given=right)) == right


@pytest.mark.skipif(
    np.lib.NumpyVersion(np.__version__) < "2.0.0",
    reason="NumPy 1 widens float32 scalars that meet a Python number (NEP 50)",
)
@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ((np.float32, np.float32), np.float32),
        ((np.float32, np.float64), np.float64),
        ((np.float64, np.float64), np.float64),
        ((np.float16, np.float32), np.float32),
    ],
)
def test_a_pass_is_in_the_widest_type_of_its_leaves_and_never_below_float32(
    types: tuple[Any, Any], expected: Any
) -> None:
    def network(n: Any) -> None:
        n.a = relu(0.1 * n.x - n.y) / 3.0
        n.L = mean(-n.a)

    graph = trace(network)
    run = graph.forward({"x": np.ones(3, types[0]), "y": np.ones(3, types[1])})
    back = graph.backward(run)
    assert {np.asarray(a).dtype for a in (*run.computed, *back.computed)} == {np.dtype(expected)}


def test_a_pass_does_not_change_what_it_is_given() -> None:
    leaves = {name: np.array(value) for name, value in WORKED.items()}
    given = {"h0": np.array(2.0)}
    GRAPH.backward(GRAPH.forward(leaves, given=given), given={"z2": np.array(-1.0)})
    assert {name: float(value) for name, value in leaves.items()} == WORKED
    assert float(given["h0"]) == 2.0


# --------------------------------------------------------------------------------------------------------------
# Backward


def test_gradients_of_the_worked_case_are_those_worked_by_hand() -> None:
    assert gradients(GRAPH.backward(GRAPH.forward(WORKED))) == GRADIENTS


def test_a_wrong_sign_put_in_at_the_output_flips_every_gradient_after_it() -> None:
    run = GRAPH.backward(GRAPH.forward(WORKED), given={"y_hat": -1.0})
    flipped = {name: -value for name, value in GRADIENTS.items()}
    # dL/dy_hat itself is still predicted to be 1.
    assert gradients(run) == flipped | {"y_hat": 1.0}


def test_a_gradient_put_in_in_the_middle_reaches_only_what_lies_behind_it() -> None:
    run = GRAPH.backward(GRAPH.forward(WORKED), given={"h1": 1.5})
    # dz1 = 1.5, dw1 = 1.5 * 0.5, dh0 = 0.5 + 0.5 * 1.5.
    assert gradients(run) == GRADIENTS | {"z1": 1.5, "w1": 0.75, "h0": 1.25, "z0": 1.25, "w0": 1.25}


def test_a_gradient_put_in_for_the_loss_scales_all() -> None:
    run = GRAPH.backward(GRAPH.forward(WORKED), given={"L": 2.0})
    assert gradients(run) == {name: 2.0 * value for name, value in GRADIENTS.items()}


def test_a_gradient_put_in_for_a_leaf_changes_no_prediction() -> None:
    run = GRAPH.backward(GRAPH.forward(WORKED), given={"w1": 99.0})
    assert gradients(run) == GRADIENTS


def test_derivatives_are_taken_at_the_values_that_were_put_in() -> None:
    run = GRAPH.backward(GRAPH.forward(WORKED, given={"h0": 2.0}))
    expected = {"ws": 2.0, "w2": 1.0, "h1": 0.5, "z1": 0.5, "w1": 1.0, "h0": 0.75, "z0": 0.75, "w0": 0.75}
    assert gradients(run) == {"y_hat": 1.0, "z2": 1.0} | expected
    # A value of z1 below zero closes the mask of h1: only the skip path is left.
    closed = GRAPH.backward(GRAPH.forward(WORKED, given={"h0": 2.0, "z1": -1.0}))
    expected = {"ws": 2.0, "w2": 0.0, "h1": 0.5, "z1": 0.0, "w1": 0.0, "h0": 0.5, "z0": 0.5, "w0": 0.5}
    assert gradients(closed) == {"y_hat": 1.0, "z2": 1.0} | expected


def test_a_node_that_the_loss_does_not_depend_on_has_gradient_zero() -> None:
    def network(n: Any) -> None:
        n.spare = n.a * n.b
        n.L = total(n.a)

    graph = trace(network)
    run = graph.backward(graph.forward({"a": [1.0, 2.0], "b": [3.0, 4.0]}))
    assert graph.gradient(run, "spare").tolist() == [0.0, 0.0]
    assert graph.gradient(run, "b").tolist() == [0.0, 0.0]
    assert graph.gradient(run, "a").tolist() == [1.0, 1.0]


# --------------------------------------------------------------------------------------------------------------
# Rules and operations replaced


def test_a_rule_replaced_on_one_edge_changes_what_flows_through_that_edge_only() -> None:
    run = GRAPH.forward(WORKED)
    dropped = {edge("z2", "h0"): lambda g, _out, _ws, h0: np.zeros_like(h0)}
    # Without the skip path dh0 is w1 dz1 alone; dws stays.
    assert gradients(GRAPH.backward(run, rules=dropped)) == GRADIENTS | dict.fromkeys(
        ("h0", "z0", "w0"), 0.25
    )


def test_a_mask_left_out_on_one_relu_opens_it_and_not_the_other() -> None:
    run = GRAPH.forward(WORKED | {"w1": -0.5})
    open_mask = {edge("h1", "z1"): lambda g, _out, _z: g}
    right = gradients(GRAPH.backward(run))
    wrong = gradients(GRAPH.backward(run, rules=open_mask))
    assert (right["z1"], right["w1"], right["h0"]) == (0.0, 0.0, 0.5)
    # dz1 = w2 = 0.5, dw1 = 0.5 h0, dh0 = ws + w1 dz1.
    assert (wrong["z1"], wrong["w1"], wrong["h0"]) == (0.5, 0.25, 0.25)


def test_another_loss_put_at_the_loss_has_its_own_value_and_derivative() -> None:
    variant = GRAPH.replaced(GRAPH.index["L"], half_square)
    run = variant.forward(WORKED)
    # d = y - y_hat = -3.375, L = d^2 / 2, dL/dy_hat = -d.
    assert float(variant.value(run, "L")) == 5.6953125
    assert gradients(variant.backward(run), variant)["y_hat"] == 3.375
    assert gradients(GRAPH.backward(GRAPH.forward(WORKED))) == GRADIENTS


def test_an_activation_left_out_is_left_out_in_both_directions() -> None:
    variant = GRAPH.replaced(GRAPH.index["h1"], identity)
    run = variant.forward(WORKED | {"w1": -0.5})
    # z1 = h1 = -0.25, z2 = 0.25 - 0.125.
    assert values(run, variant)["z2"] == 0.125
    assert gradients(variant.backward(run), variant)["w1"] == 0.25


def test_another_input_put_at_a_node_is_read_and_gets_the_gradient() -> None:
    at = edge("z2", "h1").node
    inputs = (GRAPH.index["w2"], GRAPH.index["h0"])
    variant = GRAPH.replaced(at, multiply, inputs)
    run = variant.forward(WORKED)
    back = gradients(variant.backward(run), variant)
    # z2 = ws h0 + w2 h0 = 0.5, dh0 = ws + w2, nothing reaches h1.
    assert values(run, variant)["z2"] == 0.5
    assert (back["w2"], back["h0"], back["h1"], back["w1"]) == (0.5, 1.0, 0.0, 0.0)


# --------------------------------------------------------------------------------------------------------------
# Kinks


@pytest.mark.parametrize(
    ("side", "z1", "h0"),
    [(None, 0.0, 0.5), ("left", 0.0, 0.5), ("right", 0.5, 0.75), ("middle", 0.25, 0.625)],
)
def test_a_relu_on_its_kink_takes_the_derivative_of_the_side_asked_for(
    side: Any, z1: float, h0: float
) -> None:
    # z0 = -0.5, so h0 = z1 = 0: the second ReLU stands on its kink, the first one does not.
    run = GRAPH.forward(WORKED | {"x": -1.0})
    back = gradients(GRAPH.backward(run, side=side))
    assert (back["z1"], back["h0"], back["z0"]) == (z1, h0, 0.0)


@pytest.mark.parametrize(("side", "y_hat"), [(None, 0.0), ("left", 1.0), ("right", -1.0), ("middle", 0.0)])
def test_an_absolute_value_on_its_kink_takes_the_side_asked_for_of_its_own_argument(
    side: Any, y_hat: float
) -> None:
    run = GRAPH.forward(WORKED | {"y": 0.375})
    assert gradients(GRAPH.backward(run, side=side))["y_hat"] == y_hat


def test_a_side_changes_nothing_away_from_kinks() -> None:
    run = GRAPH.forward(WORKED)
    assert gradients(GRAPH.backward(run, side="left")) == GRADIENTS
    assert gradients(GRAPH.backward(run, side="right")) == GRADIENTS


# --------------------------------------------------------------------------------------------------------------
# What an honest rounding error may be


def _size(network: Any, leaves: Mapping[str, Any], name: str) -> tuple[float, int]:
    graph = trace(network)
    return graph.forward_magnitudes(graph.forward(leaves))[name]


def _product(n: Any) -> None:
    n.Z = n.X @ n.W
    n.L = total(n.Z)


def _linear(n: Any) -> None:
    n.Z = n.X @ n.W + n.b
    n.L = total(n.G * n.Z)


def _sum(n: Any) -> None:
    n.L = total(n.a)


def _mean(n: Any) -> None:
    n.L = mean(n.a)


def _factor_of_difference(n: Any) -> None:
    n.L = 2.0 * (n.a - n.b)


def _exp_of_difference(n: Any) -> None:
    n.L = exp(n.a - n.b)


X, W, B = [[1.0, -2.0]], [[3.0], [1.0]], [-1.0]


@pytest.mark.parametrize(
    ("network", "leaves", "name", "expected"),
    [
        # |1| |3| + |-2| |1|, two terms, though the value is 1.
        (_product, {"X": X, "W": W}, "Z", (5.0, 2)),
        # The product inside Z is not named, so its terms and the bias are one sum of 3.
        (_linear, {"X": X, "W": W, "b": B, "G": [[1.0]]}, "Z", (6.0, 3)),
        (_product, {"X": np.ones((2, 3)), "W": np.ones((5, 3, 4))}, "Z", (3.0 * np.sqrt(40.0), 3)),
        (_product, {"X": np.ones(3), "W": np.ones(3)}, "Z", (3.0, 3)),
        (_sum, {"a": [1.0, -2.0, 4.0, -1.0]}, "L", (8.0, 4)),
        (_mean, {"a": [1.0, -2.0, 4.0, -1.0]}, "L", (2.0, 4)),
        (_sum, {"a": [3.0, -4.0]}, "a", (5.0, 1)),
        # ws h0 + w2 h1 with ws = -0.5: |-0.25| + |0.125|.
        (skip_network, WORKED | {"ws": -0.5}, "z2", (0.375, 2)),
        # 2 (|3| + |-3|) of a difference of 0: a product passes on the size of what it multiplies.
        (_factor_of_difference, {"a": 3.0, "b": 3.0}, "L", (12.0, 2)),
        # An operation that is no sum of products has its own size, here e^0.
        (_exp_of_difference, {"a": 3.0, "b": 3.0}, "L", (1.0, 2)),
        # |y - y_hat| sums y and y_hat, however near they are.
        (skip_network, WORKED | {"y": 0.25}, "L", (0.625, 2)),
    ],
)
def test_the_size_of_a_value_is_that_of_all_it_sums(
    network: Any, leaves: Mapping[str, Any], name: str, expected: tuple[float, int]
) -> None:
    assert _size(network, leaves, name) == pytest.approx(expected)


def test_the_size_of_a_gradient_is_that_of_all_its_contributions() -> None:
    run = GRAPH.forward(WORKED | {"ws": -0.5})
    back = GRAPH.backward(run)
    # dh0 = ws + w1 dz1 = -0.5 + 0.25 in two places that read h0.
    assert float(GRAPH.gradient(back, "h0")) == -0.25
    assert GRAPH.backward_magnitudes(run, back)["h0"] == (0.75, 3)
    assert GRAPH.backward_magnitudes(run, back)["L"] == (1.0, 1)


def test_the_size_of_a_gradient_over_a_batch_grows_with_the_samples_summed() -> None:
    graph = trace(_linear)
    g = np.array([[1.0], [-1.0], [1.0], [-1.0]])
    run = graph.forward({"X": 2.0 * np.ones((4, 1)), "W": [[1.0]], "b": [0.0], "G": g})
    back = graph.backward(run)
    sizes = graph.backward_magnitudes(run, back)
    # Both gradients cancel to 0 over the four samples.
    assert float(graph.gradient(back, "b")[0]) == float(graph.gradient(back, "W")[0, 0]) == 0.0
    assert sizes["b"] == (4.0, 5)
    assert sizes["W"] == (8.0, 5)


def test_the_size_of_a_gradient_of_logits_is_that_of_p_and_t_not_of_their_difference() -> None:
    def network(n: Any) -> None:
        n.L = softmax_cross_entropy(n.s, n.t)

    graph = trace(network)
    run = graph.forward({"s": [[40.0, 0.0]], "t": [[1.0, 0.0]]})
    back = graph.backward(run)
    # p - t is left over from 1 - 1: p_1 = e^-40, and p_0 + t_0 = 2 is what rounding is of.
    assert np.abs(graph.gradient(back, "s")).max() < 1e-15
    norm, _ = graph.backward_magnitudes(run, back)["s"]
    assert norm == pytest.approx(2.0)


@pytest.mark.parametrize(("activation", "expected"), [(sigmoid, 2.0), (tanh, 2.0)])
def test_the_size_of_the_gradient_before_a_saturated_unit_is_that_of_one_and_a(
    activation: Operation, expected: float
) -> None:
    def network(n: Any) -> None:
        n.L = activation(n.z)

    graph = trace(network)
    run = graph.forward({"z": 30.0})
    back = graph.backward(run)
    assert float(graph.gradient(back, "z")) < 1e-12
    assert graph.backward_magnitudes(run, back)["z"][0] == pytest.approx(expected)


def test_rounding_of_a_float32_gradient_of_logits_stays_within_its_stated_size() -> None:
    def network(n: Any) -> None:
        n.L = softmax_cross_entropy(n.s, n.t)

    graph, beyond_relative = trace(network), 0
    for size in (1.0, 10.0, 15.0):
        single = {"s": np.array([[size, 0.0, 0.3]], np.float32), "t": np.array([[1, 0, 0]], np.float32)}
        exact = graph.forward({name: value.astype(np.float64) for name, value in single.items()})
        rounded = graph.forward(single)
        back = graph.backward(exact)
        norm, terms = graph.backward_magnitudes(exact, back)["s"]
        right = graph.gradient(back, "s")
        error = np.linalg.norm(graph.gradient(graph.backward(rounded), "s") - right)
        assert error <= 2.0 * 2.0**-23 * np.sqrt(terms) * norm
        beyond_relative += error > 1e-4 * np.linalg.norm(right)
    assert beyond_relative >= 1


def test_rounding_of_float32_stays_within_a_few_times_the_stated_size() -> None:
    """Also where the bias cancels the product, so that no relative tolerance would do."""
    graph, rng, eps, beyond_relative = trace(mlp(2)), np.random.default_rng(31), 2.0**-23, 0
    for width in (1, 7, 64, 500):
        leaves = {
            "X": rng.standard_normal((1, width)),
            "W1": rng.standard_normal((width, 3)),
            "W2": rng.standard_normal((3, 2)),
            "b2": rng.standard_normal(2),
            "T": np.array([[0.0, 1.0]]),
        }
        leaves["b1"] = -(leaves["X"] @ leaves["W1"])[0]
        single = {name: value.astype(np.float32) for name, value in leaves.items()}
        exact = graph.forward({name: value.astype(np.float64) for name, value in single.items()})
        rounded = graph.forward(single)
        norm, terms = graph.forward_magnitudes(exact)["Z1"]
        error = np.linalg.norm(graph.value(rounded, "Z1") - graph.value(exact, "Z1"))
        assert error <= 2.0 * eps * np.sqrt(terms) * norm
        beyond_relative += error > 1e-4 * np.linalg.norm(graph.value(exact, "Z1"))
    assert beyond_relative >= 1
