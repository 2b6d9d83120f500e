"""The extreme logits of the lab: only a softmax that takes the largest logit out of each row survives them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from grader.assignment_file import load
from grader.cases import cases_of


def softmax_of(shifted: Any) -> Any:
    powers = np.exp(shifted)
    return powers / powers.sum(axis=1, keepdims=True)


def survived(softmax: Callable[[Any], Any]) -> Iterator[bool]:
    """Yield for each extreme case of the softmax layer whether a softmax is right there.

    p_k = 1 / sum_c exp(x_c - x_k) needs no shift: where a power is infinite, the probability is 0.
    """
    unit = next(one for one in load("mlp_lab").units if one.name == "softmax")
    for case in cases_of(unit, np.random.default_rng(1)):
        if case.edge:
            X = case.leaves["X"]
            with np.errstate(all="ignore"):
                right = 1.0 / np.exp(X[:, None, :] - X[:, :, None]).sum(axis=2)
                yield np.allclose(softmax(X), right, rtol=1e-9, atol=1e-300)


def test_a_softmax_without_the_largest_logit_of_each_row_survives_all() -> None:
    assert all(survived(lambda X: softmax_of(X - X.max(axis=1, keepdims=True))))


@pytest.mark.parametrize(
    "shifted",
    [
        lambda X: X,
        lambda X: X - X.mean(axis=1, keepdims=True),
        lambda X: X - X.min(axis=1, keepdims=True),
        lambda X: X - X.max(),
        lambda X: X - X.max(axis=0),
        lambda X: np.clip(X, -500.0, 500.0),
    ],
    ids=["none", "mean", "least", "largest of the batch", "largest of each class", "clipped"],
)
def test_a_softmax_with_another_shift_fails_on_one(shifted: Callable[[Any], Any]) -> None:
    assert not all(survived(lambda X: softmax_of(shifted(X))))
