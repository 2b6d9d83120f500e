"""Right work in float32 is right, and zeros are not the small gradients of a deep network."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from planted_networks import array_unit, mlp_shapes

from grader.marking.expectations import Expectations, Key, expectations
from grader.marking.result import Marks
from grader.marking.trials import Trial
from grader.model import Answer, Case, Verdict
from grader.validation.alone import marked
from grader.validation.planting import given
from reference.network import trace
from reference.networks.mlp import mlp
from reference.operations import Operation, relu, sigmoid

Array = NDArray[Any]
SIDES = (128, 256, 256, 10)


def setting(
    sides: tuple[int, ...],
    samples: int,
    rng: np.random.Generator,
    *,
    gain: float,
    activation: Operation = relu,
) -> Expectations:
    """Return an MLP with one case; weights are normal with variance gain / fan-in."""
    layers = len(sides) - 1
    made = array_unit(layers, trace(mlp(layers, activation)))
    leaves: dict[str, Array] = {}
    for name, shape in mlp_shapes(sides, samples).items():
        if name == "T":
            leaves[name] = np.eye(sides[-1])[rng.integers(0, sides[-1], size=samples)]
        elif name.startswith("W"):
            leaves[name] = rng.normal(size=shape) * np.sqrt(gain / shape[0])
        else:
            leaves[name] = rng.normal(size=shape)
    case = Case(
        name="drawn-1",
        leaves=leaves,
        rate=0.5,
        spare_leaves=leaves,
        given_gradients={name: rng.normal(size=leaves[name].shape) for name in made.parameters},
    )
    return expectations(made, [case])


def worked_out(
    leaves: dict[str, Array], layers: int, dtype: type, *, logistic: bool = False
) -> dict[Key, Answer]:
    """Work the forward and backward pass of an MLP out with plain NumPy, in one precision throughout."""
    a: dict[str, Array] = {name: value.astype(dtype) for name, value in leaves.items()}
    values: dict[str, Array] = {"A0": a["X"]}
    for k in range(1, layers):
        z = values[f"A{k - 1}"] @ a[f"W{k}"] + a[f"b{k}"]
        values[f"Z{k}"] = z
        values[f"A{k}"] = dtype(1) / (dtype(1) + np.exp(-z)) if logistic else np.where(z > 0, z, dtype(0))
    s = values[f"A{layers - 1}"] @ a[f"W{layers}"] + a[f"b{layers}"]
    samples = s.shape[0]
    shifted = s - s.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -(a["T"] * log_p).sum() / dtype(samples)
    g = (np.exp(log_p) - a["T"]) / dtype(samples)
    gradients = {"logits": g}
    for k in range(layers, 0, -1):
        gradients[f"W{k}"] = values[f"A{k - 1}"].T @ g
        gradients[f"b{k}"] = g.sum(axis=0)
        if k > 1:
            gradients[f"A{k - 1}"] = g @ a[f"W{k}"].T
            slope = values[f"A{k - 1}"] * (1 - values[f"A{k - 1}"]) if logistic else values[f"Z{k - 1}"] > 0
            g = gradients[f"Z{k - 1}"] = gradients[f"A{k - 1}"] * slope
    answers = {("forward", name): given(v) for name, v in (values | {"logits": s}).items() if name != "A0"}
    answers["loss", "L"] = given(loss)
    return answers | {("backward", f"dL/d{name}"): given(v) for name, v in gradients.items()}


def asked(known: Expectations, answers: dict[Key, Answer]) -> Marks:
    updates = {
        key: given(expectation.value)
        for key, expectation in known.cases[0].by_key.items()
        if key[0] == "update"
    }
    return marked(known, [Trial(reference=known.cases[0], answers=answers | updates)])


def not_correct(found: Marks) -> list[str]:
    return [
        row.name
        for question in found.questions
        for row in question.quantities
        if row.verdict is not Verdict.CORRECT
    ]


def float32_work(seed: int) -> list[str]:
    known = setting(SIDES, 64, np.random.default_rng(seed), gain=2.0)
    answers = worked_out(dict(known.cases[0].case.leaves), 3, np.float32)
    assert {answer.value.dtype for answer in answers.values() if answer.value is not None} == {np.dtype("f4")}
    return not_correct(asked(known, answers))


@pytest.mark.parametrize("seed", range(3))
def test_a_right_float32_pass_of_a_3_layer_mlp_is_correct_throughout(seed: int) -> None:
    assert float32_work(seed) == []


@pytest.mark.slow
def test_a_right_float32_pass_is_correct_on_50_of_50_seeds() -> None:
    assert [seed for seed in range(50) if float32_work(seed)] == []


def test_the_usual_comparison_refuses_that_right_float32_pass() -> None:
    known = setting(SIDES, 64, np.random.default_rng(0), gain=2.0)
    answers = worked_out(dict(known.cases[0].case.leaves), 3, np.float32)
    same = [
        np.allclose(answer.value, known.cases[0].by_key[key].value)
        for key, answer in answers.items()
        if answer.value is not None
    ]
    assert not all(same)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_all_zero_gradients_of_that_mlp_are_never_correct(dtype: type) -> None:
    known = setting(SIDES, 64, np.random.default_rng(0), gain=2.0)
    answers = worked_out(dict(known.cases[0].case.leaves), 3, dtype)
    zeros = {
        key: given(np.zeros_like(answer.value))
        if key[0] == "backward" and answer.value is not None
        else answer
        for key, answer in answers.items()
    }
    found = asked(known, zeros)
    wrong = not_correct(found)
    assert all(f"dL/d{letter}{k}" in wrong for k in (1, 2, 3) for letter in ("W", "b"))
    assert next(q for q in found.questions if q.id == "gradients").points == 0.0


# Each layer scales a gradient by about sqrt(gain / 2) (ReLU) or sqrt(gain) / 4 (sigmoid).
DEEP = [
    pytest.param(12, 1e-4, sigmoid, id="sigmoid, vanishing"),
    pytest.param(20, 1e-3, sigmoid, id="sigmoid, vanishing far below 1e-30"),
    pytest.param(12, 2.0, relu, id="ReLU, steady"),
    pytest.param(10, 1e4, relu, id="ReLU, exploding"),
]


@pytest.mark.parametrize(("layers", "gain", "activation"), DEEP)
def test_a_deep_network_is_graded_at_its_own_scale(layers: int, gain: float, activation: Operation) -> None:
    sides = (*(8 for _ in range(layers)), 3)
    known = setting(sides, 16, np.random.default_rng(7), gain=gain, activation=activation)
    answers = worked_out(dict(known.cases[0].case.leaves), layers, np.float64, logistic=activation is sigmoid)
    assert not_correct(asked(known, answers)) == []
    first = answers["backward", "dL/dW1"].value
    assert first is not None
    assert np.any(first)
    for wrong in (np.zeros_like(first), first * 1.001, -first):
        changed = answers | {("backward", "dL/dW1"): given(wrong)}
        assert "dL/dW1" in not_correct(asked(known, changed))
    if layers == 20:
        assert np.abs(first).max() < 1e-30, "the case is not what its name says"
        assert np.allclose(np.zeros_like(first), first), "the usual comparison would accept zeros"
