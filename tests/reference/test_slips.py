"""Every slip of the table is a mistake: it gives other numbers than the right rule, and has a name of the contract."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from operation_forms import FORMS
from strategies import Array, Shapes, generators

from reference.operations import OPERATIONS, ForwardSlip, Operation, Slip

CONTRACT = {
    "sign-flipped",
    "path-dropped",
    "factor-missing",
    "wrong-factor",
    "scaled",
    "batch-mean-missing",
    "batch-mean-twice",
    "not-summed",
    "not-transposed",
    "derivative-missing",
    "derivative-misplaced",
    "value-for-derivative",
    "jacobian-diagonal",
    "target-missing",
    "activation-missing",
    "wrong-operand",
    "wrong-axis",
    "unstable",
    "regulariser-missing",
    "regulariser-factor",
    "regulariser-on-bias",
    "wrong-loss",
    "other-convention",
    "ascent",
    "step-missing",
    "rate-missing",
    "rate-twice",
    "updated-weights-used",
    "mislabelled",
    "input-changed",
    "not-repeatable",
    "gradients-kept",
    "unexplained",
}
"""Names of slips that results files may hold."""

SLIPS = [
    pytest.param(operation, position, slip, id=f"{operation.name}-{position}-{number}-{slip.name}")
    for operation in OPERATIONS
    for position, slips in enumerate(operation.slips)
    for number, slip in enumerate(slips)
]
FORWARD_SLIPS = [
    pytest.param(operation, slip, id=f"{operation.name}-{slip.operation.name}")
    for operation in OPERATIONS
    for slip in operation.forward_slips
]


def _cases(operation: Operation, sizes: tuple[float, ...] = (1.0,)) -> Iterator[list[Array]]:
    """Yield inputs of every example shape; targets of a cross-entropy are one-hot, as they are in coursework."""
    form, rng = FORMS[operation.name], np.random.default_rng(23)
    for size in sizes:
        for shapes in form.examples:
            inputs = form.inputs(rng, shapes)
            inputs[0] = size * inputs[0]
            if form.one_hot:
                rows, classes = shapes[1]
                inputs[1] = np.eye(classes)[rng.integers(0, classes, rows)]
            yield inputs
    if operation.one_sided:
        yield [np.array([[-1.0, 0.0], [0.0, 2.0]])]  # on the kink


def _differs(actual: Any, expected: Any) -> bool:
    """Whether numbers differ in shape, in being finite, or by more than a percent."""
    if np.shape(actual) != np.shape(expected):
        return True
    return not np.linalg.norm(actual - expected) <= 1e-2 * np.linalg.norm(expected)


@pytest.mark.parametrize(("operation", "position", "slip"), SLIPS)
def test_a_slip_gives_other_numbers_than_the_right_rule(
    operation: Operation, position: int, slip: Slip
) -> None:
    rng, differing = np.random.default_rng(29), 0
    # What is unstable is right until exp overflows, or a probability is rounded to 0.
    for inputs in _cases(operation, (1.0, 1000.0) if slip.name == "unstable" else (1.0,)):
        out = operation.forward(*inputs)
        g = rng.standard_normal(np.shape(out))
        try:
            wrong = slip.rule(g, out, *inputs)
        except ValueError:
            continue
        differing += _differs(wrong, operation.rules[position](g, out, *inputs))
    assert differing >= 1


@pytest.mark.parametrize(("operation", "slip"), FORWARD_SLIPS)
def test_a_forward_slip_gives_other_values_than_the_right_operation(
    operation: Operation, slip: ForwardSlip
) -> None:
    # The softmax without a shift is right until exp overflows.
    sizes = (1.0, 1000.0)
    with np.errstate(all="ignore"):
        assert any(
            _differs(slip.operation.forward(*inputs), operation.forward(*inputs))
            for inputs in _cases(operation, sizes)
        )


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
@settings(max_examples=10)
@given(data=st.data())
def test_a_slip_gives_numbers_or_says_by_value_error_that_shapes_forbid_it(
    operation: Operation, data: st.DataObject
) -> None:
    form, rng = FORMS[operation.name], data.draw(generators())
    shapes: Shapes = data.draw(form.shapes)
    inputs = form.inputs(rng, shapes)
    out = operation.forward(*inputs)
    g = rng.standard_normal(np.shape(out))
    for slip in (slip for slips in operation.slips for slip in slips):
        try:
            wrong = slip.rule(g, out, *inputs)
        except ValueError:
            continue
        assert np.asarray(wrong).dtype == np.float64


def test_every_slip_has_a_name_of_the_contract_and_a_text_that_ends_a_sentence() -> None:
    slips: list[Slip | ForwardSlip] = [
        slip for operation in OPERATIONS for slips in operation.slips for slip in slips
    ]
    slips += [slip for operation in OPERATIONS for slip in operation.forward_slips]
    assert {slip.name for slip in slips} <= CONTRACT
    assert all(slip.text and slip.text[-1] not in ".!?" and slip.text == slip.text.strip() for slip in slips)


@pytest.mark.parametrize(("operation", "slip"), FORWARD_SLIPS)
def test_a_forward_slip_takes_as_many_inputs_as_the_operation_it_replaces(
    operation: Operation, slip: ForwardSlip
) -> None:
    assert len(slip.operation.rules) == len(operation.rules)
