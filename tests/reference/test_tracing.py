"""What tracing makes of a network function, and what it refuses."""

from __future__ import annotations

import doctest
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import reference.network
from reference.network import Edge, NetworkError, trace
from reference.networks.mlp import mlp
from reference.networks.skip_network import skip_network
from reference.networks.softmax_cross_entropy import softmax_with_cross_entropy
from reference.operations import identity, relu, softmax_cross_entropy, total, transpose


def test_skip_network_has_its_leaves_in_the_order_of_reading_and_its_nodes_in_the_order_of_setting() -> None:
    graph = trace(skip_network)
    assert graph.leaves == ("w0", "x", "w1", "ws", "w2", "y")
    assert graph.computed == ("z0", "h0", "z1", "h1", "z2", "y_hat", "L")


def test_gradients_of_the_skip_network_come_from_the_loss_back_with_parameters_before_inputs() -> None:
    order = trace(skip_network).gradient_order(["w0", "w1", "w2", "ws"])
    assert order == ("y", "y_hat", "z2", "ws", "w2", "h1", "z1", "w1", "h0", "z0", "w0", "x")
    asked = [name for name in order if name not in ("x", "y")]
    assert " ".join(asked) == "y_hat z2 ws w2 h1 z1 w1 h0 z0 w0"


def test_gradients_of_an_mlp_come_layer_by_layer() -> None:
    order = trace(mlp(3)).gradient_order(["W1", "b1", "W2", "b2", "W3", "b3"])
    assert " ".join(order) == "T logits W3 b3 A2 Z2 W2 b2 A1 Z1 W1 b1 X"


def test_a_parameter_that_is_read_twice_comes_after_its_last_reader() -> None:
    def shared(n: Any) -> None:
        n.a = n.w * n.x
        n.b = n.w * n.a
        n.L = n.b * n.b

    assert trace(shared).gradient_order(["w"]) == ("b", "a", "w", "x")


def test_setting_a_second_name_makes_an_identity_node() -> None:
    graph = trace(skip_network)
    node = graph.nodes[graph.index["y_hat"]]
    assert node.operation is identity
    assert node.inputs == (graph.index["z2"],)


def test_naming_a_leaf_again_makes_an_identity_node_too() -> None:
    def network(n: Any) -> None:
        n.A0 = n.X
        n.L = total(n.A0)

    graph = trace(network)
    assert graph.leaves == ("X",)
    assert graph.nodes[graph.index["A0"]].operation is identity


def test_a_power_and_a_transpose_are_written_as_numpy_has_them() -> None:
    def network(n: Any) -> None:
        n.Y = n.X @ n.W.T
        n.L = total(n.Y**2)

    graph = trace(network)
    (reader,) = graph.consumers[graph.index["W"]]
    assert graph.nodes[reader.node].operation is transpose
    run = graph.forward({"X": [[1.0, 2.0]], "W": [[3.0, 4.0], [5.0, 6.0], [7.0, 8.0]]})
    # Y = (11, 17, 23); dL/dY = 2 Y, and dL/dW = 2 Y^T X in the shape of W.
    assert graph.value(run, "Y").tolist() == [[11.0, 17.0, 23.0]]
    assert float(graph.value(run, "L")) == 121.0 + 289.0 + 529.0
    assert graph.gradient(graph.backward(run), "W").tolist() == [[22.0, 44.0], [34.0, 68.0], [46.0, 92.0]]


def test_equal_networks_with_a_power_and_a_minus_are_equal_graphs() -> None:
    def network(n: Any) -> None:
        n.L = -(n.x**3) + n.x**-1

    assert trace(network) == trace(network)
    assert hash(trace(network)) == hash(trace(network))


def test_an_exponent_of_the_network_is_refused() -> None:
    def network(n: Any) -> None:
        n.L = n.x**n.y

    with pytest.raises(NetworkError, match="exponent"):
        trace(network)


def test_a_number_in_a_network_is_a_constant_that_no_gradient_flows_to() -> None:
    def network(n: Any) -> None:
        n.a = 3.0 * n.x
        n.L = (1 - n.a) / 2

    graph = trace(network)
    assert graph.leaves == ("x",)
    # Of the inputs of *, - and / only x, a and the difference take a gradient.
    assert graph.edges == (Edge(4, 1), Edge(5, 1), Edge(6, 0))
    run = graph.forward({"x": 5.0})
    assert float(graph.value(run, "L")) == -7.0
    assert float(graph.gradient(graph.backward(run), "x")) == -1.5


def test_a_number_with_a_name_is_a_constant_and_no_leaf() -> None:
    def network(n: Any) -> None:
        n.rate = 0.5
        n.L = n.rate * n.x

    graph = trace(network)
    assert graph.leaves == ("x",)
    assert graph.computed == ("L",)
    run = graph.forward({"x": 4.0})
    assert float(graph.value(run, "L")) == 2.0
    assert graph.gradient_order(["x"]) == ("x",)


@pytest.mark.parametrize(
    ("function", "value"),
    [
        (lambda x: x + 2, 10.0),
        (lambda x: 2 + x, 10.0),
        (lambda x: x - 2, 6.0),
        (lambda x: 2 - x, -6.0),
        (lambda x: x * 2, 16.0),
        (lambda x: 2 * x, 16.0),
        (lambda x: x / 2, 4.0),
        (lambda x: 2 / x, 0.25),
        (lambda x: -x, -8.0),
    ],
)
def test_every_sign_of_arithmetic_is_recorded_with_its_sides_in_order(
    function: Callable[[Any], Any], value: float
) -> None:
    def network(n: Any) -> None:
        n.L = function(n.x)

    graph = trace(network)
    assert float(graph.value(graph.forward({"x": 8.0}), "L")) == value


def test_a_product_of_matrices_is_recorded_with_its_sides_in_order() -> None:
    def network(n: Any) -> None:
        n.Z = n.A @ n.B
        n.L = total(n.Z)

    graph = trace(network)
    run = graph.forward({"A": [[1.0, 2.0]], "B": [[3.0], [4.0]]})
    assert graph.value(run, "Z").tolist() == [[11.0]]


def test_readers_of_a_value_are_all_places_that_read_it() -> None:
    def network(n: Any) -> None:
        n.s = n.x * n.x
        n.L = n.s + n.x

    assert trace(network).consumers == ((Edge(1, 0), Edge(1, 1), Edge(2, 1)), (Edge(2, 0),), ())


# --------------------------------------------------------------------------------------------------------------
# What is refused


def _set_twice(n: Any) -> None:
    n.a = 2 * n.x
    n.a = 3 * n.x
    n.L = n.a


def _set_after_reading(n: Any) -> None:
    n.L = 2 * n.a
    n.a = 3 * n.x


def _text(n: Any) -> None:
    n.L = n.x + "1"


def _array(n: Any) -> None:
    n.L = np.ones(2)


def _nothing(n: Any) -> None:
    n.L = None


def _branch(n: Any) -> None:
    n.L = n.x or n.y


def _too_many_inputs(n: Any) -> None:
    n.L = relu(n.x, n.y)


def _too_few_inputs(n: Any) -> None:
    n.L = softmax_cross_entropy(n.x)


def _without_loss(n: Any) -> None:
    n.z = 2 * n.x


def _loss_only_read(n: Any) -> None:
    n.z = 2 * n.L


def _loss_is_a_number(n: Any) -> None:
    n.L = 1.0


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (_set_twice, "`a` is set after it was read or set"),
        (_set_after_reading, "`a` is set after it was read or set"),
        (_text, "named values and numbers, not of str"),
        (_array, "named values and numbers, not of ndarray"),
        (_nothing, "named values and numbers, not of NoneType"),
        (_branch, "no branches"),
        (_too_many_inputs, "relu takes 1 inputs, not 2"),
        (_too_few_inputs, "mean softmax cross-entropy takes 2 inputs, not 1"),
        (_without_loss, "does not set its loss `L`"),
        (_loss_only_read, "does not set its loss `L`"),
        (_loss_is_a_number, "does not set its loss `L`"),
    ],
    ids=lambda value: getattr(value, "__name__", "").strip("_"),
)
def test_a_function_that_is_no_network_is_refused_with_what_to_change(
    network: Callable[[Any], None], message: str
) -> None:
    with pytest.raises(NetworkError, match=message):
        trace(network)


def test_a_value_kept_from_another_trace_is_refused() -> None:
    kept: list[Any] = []

    def network(n: Any) -> None:
        kept.append(2 * n.x)
        n.L = kept[0] * n.y

    trace(network)
    with pytest.raises(NetworkError, match="another network"):
        trace(network)


def test_a_loss_may_have_another_name() -> None:
    def network(n: Any) -> None:
        n.J = n.x * n.x

    graph = trace(network, loss="J")
    assert float(graph.gradient(graph.backward(graph.forward({"x": 3.0})), "x")) == 6.0


def test_a_leaf_without_a_value_is_named_in_the_error() -> None:
    with pytest.raises(KeyError, match="t"):
        trace(softmax_with_cross_entropy).forward({"s": [0.0, 1.0]})


def test_the_example_in_the_documentation_of_a_graph_runs() -> None:
    result = doctest.testmod(reference.network)
    assert result.attempted >= 5
    assert result.failed == 0


def test_leaves_stand_before_everything_computed_in_the_order_of_their_first_use() -> None:
    """A node may then be given any leaf by mistake, also one that the network reads later on."""
    graph = trace(skip_network)
    first = len(graph.leaves)

    assert [node.name for node in graph.nodes[:first]] == ["w0", "x", "w1", "ws", "w2", "y"]
    assert all(node.operation is not None for node in graph.nodes[first:])
    assert graph.computed == ("z0", "h0", "z1", "h1", "z2", "y_hat", "L")
