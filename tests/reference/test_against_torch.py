"""Operations and a three-layer MLP against PyTorch, where it is installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from gradient_check import disagreement
from operation_forms import FORMS, all_operations

from reference.network import trace
from reference.networks.mlp import three_layer_mlp
from reference.operations import Operation

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
pytestmark = pytest.mark.torch


def _log_softmax(s: Any) -> Any:
    return torch.nn.functional.log_softmax(s, dim=-1)


TORCH_FORMS: dict[str, Callable[..., Any]] = {
    "add": torch.add,
    "subtract": torch.sub,
    "multiply": torch.mul,
    "divide": torch.div,
    "matmul": torch.matmul,
    "sum": torch.sum,
    "mean": torch.mean,
    "exp": torch.exp,
    "log": torch.log,
    "abs": torch.abs,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "identity": torch.clone,
    "square": torch.square,
    "half square": lambda a: torch.square(a) / 2,
    "softmax": lambda s: torch.softmax(s, dim=-1),
    "softmax without shift": lambda s: torch.softmax(s, dim=-1),
    "softmax over the first axis": lambda s: torch.softmax(s, dim=0),
    "mean softmax cross-entropy": torch.nn.functional.cross_entropy,
    "summed softmax cross-entropy": lambda s, t: torch.nn.functional.cross_entropy(s, t, reduction="sum"),
    "softmax cross-entropy averaged over entries": lambda s, t: -torch.mean(t * _log_softmax(s)),
    "first term only": lambda a, b: a + 0 * b,
    "second term only": lambda a, b: 0 * a + b,
    "first factor only": lambda a, b: a + 0 * b,
    "second factor only": lambda a, b: 0 * a + b,
    "-1 subtract": lambda a, b: b - a,
}


def _leaf(value: Any) -> Any:
    return torch.tensor(np.asarray(value), requires_grad=True)


@pytest.mark.parametrize("operation", all_operations(), ids=lambda operation: operation.name)
def test_values_and_derivative_rules_equal_those_of_pytorch(operation: Operation) -> None:
    form, rng = FORMS[operation.name], np.random.default_rng(41)
    for shapes in form.examples:
        inputs = form.inputs(rng, shapes)
        tensors = [_leaf(value) for value in inputs]
        theirs = TORCH_FORMS[operation.name](*tensors)
        out = operation.forward(*inputs)
        g = rng.standard_normal(np.shape(out))
        theirs.backward(torch.tensor(np.asarray(g)))
        assert disagreement(out, theirs.detach().numpy()) is None
        for rule, tensor in zip(operation.rules, tensors, strict=True):
            assert disagreement(rule(g, out, *inputs), tensor.grad.numpy()) is None


def test_relu_and_abs_have_the_subgradient_of_pytorch_on_the_kink() -> None:
    for operation in all_operations():
        if operation.one_sided:
            zero = _leaf(np.zeros(3))
            TORCH_FORMS[operation.name](zero).sum().backward()
            ours = operation.rules[0](np.ones(3), np.zeros(3), np.zeros(3))
            assert disagreement(ours, zero.grad.numpy()) is None


def test_gradients_of_a_three_layer_mlp_equal_those_of_pytorch() -> None:
    rng, sizes, rows = np.random.default_rng(43), (5, 7, 6, 4), 9
    leaves = {"X": rng.standard_normal((rows, 5)), "T": np.eye(4)[rng.integers(0, 4, rows)]}
    for k in (1, 2, 3):
        leaves[f"W{k}"] = rng.standard_normal((sizes[k - 1], sizes[k]))
        leaves[f"b{k}"] = rng.standard_normal(sizes[k])
    graph = trace(three_layer_mlp)
    back = graph.backward(graph.forward(leaves))

    tensors = {name: _leaf(value) for name, value in leaves.items()}
    values = tensors["X"]
    for k in (1, 2, 3):
        # torch.nn.functional.linear takes the weight as (out, in).
        values = torch.nn.functional.linear(values, tensors[f"W{k}"].T, tensors[f"b{k}"])
        values = torch.relu(values) if k < 3 else values
    torch.nn.functional.cross_entropy(values, tensors["T"]).backward()
    for name, tensor in tensors.items():
        assert disagreement(graph.gradient(back, name), tensor.grad.numpy()) is None, name
