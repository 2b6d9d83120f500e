"""The forms that `grader validate` gives to autograd compute what the operations compute, and differentiate as their rules do."""

from __future__ import annotations

import numpy as np
import pytest
from gradient_check import check_against_autograd
from operation_forms import FORMS as TRIED
from operation_forms import all_operations

from grader.validation.autograd_forms import FORMS

OPERATIONS = {operation.name: operation for operation in all_operations()}
BOTH = sorted(FORMS.keys() & OPERATIONS.keys() & TRIED.keys())


@pytest.mark.parametrize("name", BOTH)
def test_a_form_agrees_with_its_operation(name: str) -> None:
    tried, rng = TRIED[name], np.random.default_rng(7)
    for shapes in tried.examples:
        inputs = tried.inputs(rng, shapes)
        g = rng.normal(size=np.shape(OPERATIONS[name].forward(*inputs)))
        if tried.one_hot:
            inputs[1] = np.eye(shapes[1][-1])[rng.integers(shapes[1][-1], size=shapes[1][:-1])]
        found = check_against_autograd(OPERATIONS[name], FORMS[name], inputs, np.asarray(g))
        # Nobody asks for the gradient by targets: with one-hot ones the shift cancels.
        assert [text for text in found if not (tried.one_hot and text.startswith("rule 1"))] == []


def test_most_forms_are_of_operations_that_ship() -> None:
    assert len(BOTH) >= len(FORMS) - 2
