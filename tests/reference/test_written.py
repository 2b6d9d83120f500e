"""Rules as text: what a formula sheet would say, with brackets where they are needed and nowhere else."""

from __future__ import annotations

import doctest
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import reference.training
import reference.written
from reference.network import trace
from reference.networks import layers
from reference.networks.mlp import two_layer_mlp
from reference.networks.skip_network import skip_network
from reference.networks.two_layer_net import two_layer_net
from reference.operations import half_square, picked, square, summed, total
from reference.written import gradient_rule, value_rule


def test_the_examples_of_the_docstrings_run() -> None:
    for module in (reference.written, reference.training):
        found = doctest.testmod(module)
        assert found.attempted > 0
        assert found.failed == 0


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (lambda n: square(n.a - n.b), "(a - b)^2"),
        (lambda n: square(n.a), "a^2"),
        (lambda n: (n.a * n.b) ** 3, "(a * b)^3"),
        (lambda n: (n.a @ n.b).T, "(a @ b).T"),
        (lambda n: n.a @ n.b.T, "a @ b.T"),
        (lambda n: half_square(n.a - n.b), "(a - b)^2 / 2"),
        (lambda n: -(n.a + n.b), "-(a + b)"),
        (lambda n: n.a - (n.b - n.a), "a - (b - a)"),
        (lambda n: n.a / (n.b * n.a), "a / (b * a)"),
        (lambda n: summed(0)(n.a * n.b), "sum(a * b, axis=0)"),
        (lambda n: picked(n.a + n.b, n.y), "(a + b)[y]"),
        (lambda n: total(n.a + n.b), "sum(a + b)"),
    ],
)
def test_a_value_is_written_with_the_brackets_it_needs(write: Callable[[Any], Any], expected: str) -> None:
    def network(n: Any) -> None:
        n.c = write(n)
        n.L = total(n.c)

    assert value_rule(trace(network), "c") == f"c = {expected}"


def _rules(network: Callable[[Any], None], leaves: dict[str, tuple[int, ...]], *names: str) -> list[str]:
    graph = trace(network)
    run = graph.forward({name: np.ones(shape) for name, shape in leaves.items()})
    return [gradient_rule(graph, name, run).split(" = ")[1] for name in names]


def test_gradients_of_the_skip_network_are_those_of_the_formula_sheet() -> None:
    leaves: dict[str, tuple[int, ...]] = dict.fromkeys(("x", "y", "w0", "w1", "w2", "ws"), ())
    assert _rules(skip_network, leaves, "y_hat", "ws", "h0", "z0", "w0") == [
        "-sign(y - y_hat)",
        "dL/dz2 * h0",
        "dL/dz1 * w1 + dL/dz2 * ws",
        "dL/dh0 * relu'(z0)",
        "dL/dz0 * x",
    ]


def test_gradients_of_an_mlp_bring_their_sums_and_transposes() -> None:
    leaves = {"X": (3, 4), "W1": (4, 5), "b1": (5,), "W2": (5, 2), "b2": (2,), "T": (3, 2)}
    assert _rules(two_layer_mlp, leaves, "logits", "W2", "b2", "Z1") == [
        "(softmax(logits) - T) / N",
        "A1.T @ dL/dlogits",
        "sum(dL/dlogits, axis=0)",
        "dL/dA1 * relu'(Z1)",
    ]


def test_a_branch_that_does_not_lead_to_the_loss_brings_no_term() -> None:
    assert _rules(layers.softmax_mean_cross_entropy, {"s": (3, 2), "t": (3, 2)}, "s", "p") == [
        "(softmax(s) - t) / N",
        "0",
    ]


def test_what_a_penalty_leaves_out_is_written_nowhere() -> None:
    leaves = {"X": (3, 4), "W1": (4, 5), "b1": (5,), "W2": (5, 2), "b2": (2,), "y": (3,), "reg": ()}
    labels = "-sum(log(softmax(scores))[y]) / N"
    assert value_rule(trace(two_layer_net), "L") == f"L = {labels} + reg * (sum(W1^2) + sum(W2^2))"
    graph = trace(two_layer_net)
    run = graph.forward({name: np.zeros(shape) for name, shape in leaves.items()})
    assert gradient_rule(graph, "W1", run) == "dL/dW1 = X.T @ dL/dZ1 + reg * 2 W1"
    assert gradient_rule(graph, "b1", run) == "dL/db1 = sum(dL/dZ1, axis=0)"
