"""The checking helper is checked: wrong rules that are planted must be caught, every one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from gradient_check import (
    central_difference,
    check_against_autograd,
    check_against_differences,
    complex_step,
    disagreement,
)
from operation_forms import FORMS

from reference.operations import OPERATIONS, Rule


def _off_by_a_thousandth(rule: Rule) -> Rule:
    return lambda *values: rule(*values) * 1.001


def _sign_flipped(rule: Rule) -> Rule:
    return lambda *values: -rule(*values)


def _transposed(rule: Rule) -> Rule:
    return lambda *values: np.transpose(rule(*values))


def _term_dropped(rule: Rule) -> Rule:
    """Leave out what arrives at the last entry of the result."""

    def dropped(g: Any, *values: Any) -> Any:
        kept = np.array(g)
        kept.flat[-1] = 0.0
        return rule(kept, *values)

    return dropped


def _one_nan(rule: Rule) -> Rule:
    def poisoned(*values: Any) -> Any:
        result = np.array(rule(*values))
        result.flat[-1] = np.nan
        return result

    return poisoned


def _one_cell_off(rule: Rule) -> Rule:
    def changed(*values: Any) -> Any:
        result = np.array(rule(*values))
        result.flat[0] += 1e-3 * np.max(np.abs(result))
        return result

    return changed


FAULTS = (_off_by_a_thousandth, _sign_flipped, _transposed, _term_dropped, _one_nan, _one_cell_off)
WITHOUT_DERIVATIVE = {
    ("not penalised", 0),
    ("mean softmax cross-entropy of labels", 1),
    ("entry at the label", 1),
}
"""Rules that are zero everywhere: a factor too many changes nothing there."""
RULES = [
    pytest.param(operation, position, id=f"{operation.name}-{position}")
    for operation in OPERATIONS
    for position in range(len(operation.rules))
    if (operation.name, position) not in WITHOUT_DERIVATIVE
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__.strip("_"))
@pytest.mark.parametrize(("operation", "position"), RULES)
def test_a_planted_fault_is_caught_by_autograd_and_by_differences(
    operation: Any, position: int, fault: Callable[[Rule], Rule]
) -> None:
    rules = list(operation.rules)
    rules[position] = fault(rules[position])
    faulty = replace(operation, rules=tuple(rules))
    form, rng = FORMS[operation.name], np.random.default_rng(11)
    told_apart = 0
    for shapes in form.examples:
        inputs = form.inputs(rng, shapes)
        # Where everything is positive no entry of relu or abs is flat.
        inputs = [np.abs(a) for a in inputs]
        out = operation.forward(*inputs)
        g = rng.uniform(0.5, 1.5, np.shape(out))
        if fault is _transposed and _is_own_transpose(operation.rules[position](g, out, *inputs)):
            continue
        told_apart += 1
        assert check_against_autograd(operation, form.function, inputs, g) == []
        assert check_against_autograd(faulty, form.function, inputs, g) != []
        assert check_against_differences(faulty, inputs, g, analytic=form.analytic) != []
    # A sum has the same gradient everywhere, so there its shape alone tells the transpose.
    assert told_apart >= 1


def _is_own_transpose(gradient: Any) -> bool:
    return np.shape(gradient) == np.shape(np.transpose(gradient)) and np.allclose(
        gradient, np.transpose(gradient)
    )


def test_right_rules_pass_both_checks_on_the_same_inputs() -> None:
    rng, checked = np.random.default_rng(5), 0
    for operation in OPERATIONS:
        form = FORMS[operation.name]
        for shapes in form.examples:
            inputs = form.inputs(rng, shapes)
            g = rng.standard_normal(np.shape(operation.forward(*inputs)))
            assert check_against_autograd(operation, form.function, inputs, g) == []
            assert check_against_differences(operation, inputs, g, analytic=form.analytic) == []
            checked += 1
    assert checked >= 2 * len(OPERATIONS)


@pytest.mark.parametrize(
    ("actual", "expected", "text"),
    [
        (np.zeros((2, 3)), np.zeros((3, 2)), "shape (2, 3), not (3, 2)"),
        (np.zeros(3, np.float32), np.zeros(3), "dtype float32, not float64"),
        (np.array([0.0, np.nan]), np.zeros(2), "not finite at [1]"),
        (np.array([[1.0, 2.0], [3.0, 4.5]]), np.array([[1.0, 2.0], [3.0, 4.0]]), "4.5 for 4.0 at [1, 1]"),
        (np.array([1e-8, 0.0]), np.zeros(2), "1e-08 for 0.0 at [0]"),
    ],
)
def test_a_disagreement_is_told_by_its_first_reason(actual: Any, expected: Any, text: str) -> None:
    assert disagreement(actual, expected) == text


def test_both_differences_give_the_derivative_of_a_cube() -> None:
    z, g = np.array([1.0, -2.0]), np.array([1.0, 0.5])
    # 3 z^2 g = (3, 6)
    assert complex_step(lambda x: x**3, z, g) == pytest.approx([3.0, 6.0], rel=1e-14)
    assert central_difference(lambda x: x**3, z, g) == pytest.approx([3.0, 6.0], rel=1e-8)
