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


def _rows_of_logits(s: Any, t: Any) -> Any:
    return torch.nn.functional.cross_entropy(s, t, reduction="none")


def _early_log(s: Any, t: Any) -> Any:
    return torch.sum(t * (torch.sum(s, dim=-1, keepdim=True) - s), dim=-1)


LOGIT_ROWS: dict[str, Callable[..., Any]] = {
    "softmax cross-entropy of rows": _rows_of_logits,
    "softmax cross-entropy of rows without shift": _rows_of_logits,
    "softmax cross-entropy of rows over classes": lambda s, t: _rows_of_logits(s, t) / s.shape[-1],
    "softmax cross-entropy of rows, log of the softmax": lambda s, t: (
        -torch.log(torch.sum(t * torch.softmax(s, dim=-1), dim=-1))
    ),
    "softmax cross-entropy of rows, log before sum": _early_log,
    "softmax cross-entropy of rows, log before sum of shifted logits": lambda s, t: _early_log(
        s - torch.max(s, dim=-1, keepdim=True)[0], t
    ),
    "softmax cross-entropy of rows, softmax twice": lambda s, t: _rows_of_logits(torch.softmax(s, dim=-1), t),
    "softmax cross-entropy of rows without log": lambda s, t: (
        -torch.sum(t * torch.softmax(s, dim=-1), dim=-1)
    ),
    "cross-entropy of rows": lambda x, t: -torch.sum(t * torch.log(x), dim=-1),
    "cross-entropy of rows without log": lambda x, t: -torch.sum(t * x, dim=-1),
}


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
    "power 2": lambda a: a**2,
    "power 3": lambda a: a**3,
    "power -1": torch.reciprocal,
    "transpose": lambda a: a.transpose(-1, -2) if a.ndim > 1 else torch.clone(a),
    "flatten": lambda a: a.reshape(len(a), -1),
    "reshape to (-1,)": lambda a: a.reshape(-1),
    "sum over axis 0": lambda a: torch.sum(a, dim=0),
    "sum over axis -1": lambda a: torch.sum(a, dim=-1),
    "sum over axis 0, kept": lambda a: torch.sum(a, dim=0, keepdim=True),
    "sum over axis -1, kept": lambda a: torch.sum(a, dim=-1, keepdim=True),
    "mean over axis 0": lambda a: torch.mean(a, dim=0),
    "mean over axis -1": lambda a: torch.mean(a, dim=-1),
    "mean over axis 0, kept": lambda a: torch.mean(a, dim=0, keepdim=True),
    "mean over axis -1, kept": lambda a: torch.mean(a, dim=-1, keepdim=True),
    "max over axis 0": lambda a: torch.max(a, dim=0)[0],
    "max over axis -1": lambda a: torch.max(a, dim=-1)[0],
    "max over axis 0, kept": lambda a: torch.max(a, dim=0, keepdim=True)[0],
    "max over axis -1, kept": lambda a: torch.max(a, dim=-1, keepdim=True)[0],
    "leaky relu 0.01": torch.nn.functional.leaky_relu,
    "tanh": torch.tanh,
    "sum of squares": lambda a: torch.sum(torch.square(a)),
    "half the sum of squares": lambda a: torch.sum(torch.square(a)) / 2,
    "no penalty": lambda a: 0 * torch.sum(a),
    "not penalised": lambda a: 0 * a,
    "softmax": lambda s: torch.softmax(s, dim=-1),
    "softmax without shift": lambda s: torch.softmax(s, dim=-1),
    "softmax with one shift": lambda s: torch.softmax(s, dim=-1),
    "softmax over axis 0": lambda s: torch.softmax(s, dim=0),
    "softmax over axis 0 without shift": lambda s: torch.softmax(s, dim=0),
    "softmax over axis 0 with one shift": lambda s: torch.softmax(s, dim=0),
    "softmax over all entries": lambda s: torch.softmax(s.reshape(-1), dim=0).reshape(s.shape),
    "log softmax": _log_softmax,
    "log softmax without shift": _log_softmax,
    "log softmax over axis 0": lambda s: torch.nn.functional.log_softmax(s, dim=0),
    "mean softmax cross-entropy": torch.nn.functional.cross_entropy,
    "summed softmax cross-entropy": lambda s, t: torch.nn.functional.cross_entropy(s, t, reduction="sum"),
    "softmax cross-entropy averaged over entries": lambda s, t: -torch.mean(t * _log_softmax(s)),
    "add penalty": torch.add,
    "add 0.5 penalty": lambda a, b: torch.add(a, b, alpha=0.5),
    "add 2 penalty": lambda a, b: torch.add(a, b, alpha=2),
    "loss without penalty": lambda a, b: a + 0 * b,
    "entry at the label": lambda rows, y: (
        torch.gather(rows, -1, y.detach().long()[..., None])[..., 0] + 0 * y
    ),
    "cross-entropy of rows": lambda x, t: -torch.sum(t * torch.log(x), dim=-1),
    "binary cross-entropy of rows": lambda x, t: torch.sum(
        torch.nn.functional.binary_cross_entropy(x, t, reduction="none"), dim=-1
    ),
    "cross-entropy of rows over classes": lambda x, t: -torch.mean(t * torch.log(x), dim=-1),
    "cross-entropy of rows without log": lambda x, t: -torch.sum(t * x, dim=-1),
    "cross-entropy of rows without target": lambda x, t: -torch.sum(torch.log(x), dim=-1) + 0 * t.sum(),
    "cross-entropy of rows, softmax of probabilities": _rows_of_logits,
    "first term only": lambda a, b: a + 0 * b,
    "second term only": lambda a, b: 0 * a + b,
    "first factor only": lambda a, b: a + 0 * b,
    "second factor only": lambda a, b: 0 * a + b,
    "-1 subtract": lambda a, b: b - a,
}


def _mean_of(rows: Callable[..., Any]) -> Callable[..., Any]:
    return lambda s, t: torch.mean(rows(s, t))


def _with_labels(loss: Callable[..., Any]) -> Callable[..., Any]:
    """Take the labels as integers, which have no gradient, and add a gradient of zero for them."""
    return lambda s, y: (
        loss(s, torch.nn.functional.one_hot(y.detach().long(), s.shape[-1]).to(s.dtype)) + 0 * y.sum()
    )


TORCH_FORMS |= LOGIT_ROWS
TORCH_FORMS |= {f"mean of {name}": _mean_of(loss) for name, loss in LOGIT_ROWS.items()}
TORCH_FORMS |= {
    f"{name} of labels": _with_labels(loss)
    for name, loss in TORCH_FORMS.items()
    if name in ("mean softmax cross-entropy", "summed softmax cross-entropy") or name.startswith("mean of ")
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


def test_operations_with_a_kink_have_the_subgradient_of_pytorch_on_the_kink() -> None:
    for operation in all_operations():
        if operation.one_sided:
            # Of equal entries of a maximum PyTorch takes the first, too.
            at = np.zeros((2, 3))
            zero, out = _leaf(at), operation.forward(at)
            TORCH_FORMS[operation.name](zero).sum().backward()
            ours = operation.rules[0](np.ones_like(out), out, at)
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
