"""What is evaluated for all indices at once is what loops over the indices give."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import numpy as np
import pytest
from evaluate_points import H, K, vector_point
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.formulas.tree import (
    Absolute,
    Branch,
    Call,
    Cases,
    Condition,
    Derivative,
    Extreme,
    Fraction,
    Index,
    Indicator,
    Kronecker,
    Negative,
    Number,
    Over,
    Power,
    Product,
    Sum,
    Symbol,
    Times,
    Tree,
    Unknown,
)
from grader.formulas.values.evaluate import UnevaluableError, evaluate_over
from grader.model import Array

POINT = vector_point(seed=5)
LETTERS = {"i": K, "j": H}


@contextmanager
def _loops() -> Iterator[None]:
    """Evaluate entry by entry alone."""
    with (
        patch("grader.formulas.values.counting.entrywise", return_value=None),
        patch("grader.formulas.values.evaluate.entrywise", return_value=None),
    ):
        yield


def _value(tree: Tree) -> Array | None:
    try:
        return evaluate_over(tree, POINT.world, LETTERS).value
    except UnevaluableError:
        return None


letters = st.sampled_from(["i", "j", "k", "i", "j"])
indices = letters.map(lambda one: Index(name=one))


def _of(name: str, *index: Tree) -> Symbol:
    return Symbol(name=name, index=index)


entries: st.SearchStrategy[Tree] = st.one_of(
    indices,
    st.sampled_from([Number(text=one) for one in ("1", "2", "0", "0.5")]),
    st.sampled_from([Symbol(name="eta"), Symbol(name="K"), Symbol(name="L"), Unknown(name="c")]),
    st.tuples(st.sampled_from(["y_hat", "z2", "h", "y", "b1", "x"]), indices).map(lambda two: _of(*two)),
    st.tuples(st.sampled_from(["W1", "W2"]), indices, indices).map(lambda three: _of(*three)),
    st.builds(Kronecker, left=indices, right=indices | st.just(Number(text="2"))),
    st.builds(_of, st.just("y_hat"), st.sampled_from([Index(name="c"), Number(text="2"), Number(text="9")])),
    indices.map(lambda one: Derivative(of=Symbol(name="L"), by=_of("z2", one))),
    st.tuples(indices, indices).map(lambda two: Derivative(of=_of("y_hat", two[0]), by=_of("z2", two[1]))),
)


def _grown(parts: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    signs = st.sampled_from([Times.ADJACENT, Times.DOT, Times.STAR, Times.ENTRYWISE, Times.DIVIDE])
    conditions = st.tuples(parts, parts, st.sampled_from(["<", "=", "!=", ">="])).map(
        lambda three: Condition(operands=three[:2], comparisons=(three[2],))
    )
    sums = st.builds(
        Over,
        kind=st.sampled_from(list(Extreme)),
        indices=st.lists(letters, min_size=1, max_size=2, unique=True).map(tuple),
        body=parts,
        upper=st.none()
        | st.sampled_from([Symbol(name="H"), Number(text="3"), Index(name="i"), Unknown(name="j")]),
        lower=st.none() | st.sampled_from([Number(text="1"), Number(text="2")]),
    )
    return st.one_of(
        st.lists(parts, min_size=2, max_size=3).map(lambda found: Sum(terms=tuple(found))),
        st.tuples(parts, signs, parts).map(lambda two: Product(factors=(two[0], two[2]), signs=(two[1],))),
        parts.map(lambda one: Negative(operand=one)),
        parts.map(lambda one: Absolute(operand=one)),
        st.builds(Fraction, top=parts, bottom=parts),
        st.builds(
            Power,
            base=parts,
            exponent=st.sampled_from([Number(text="2"), Number(text="0.5"), Index(name="i")]),
        ),
        st.tuples(st.sampled_from(["exp", "log", "relu", "sigmoid"]), parts, st.integers(0, 1)).map(
            lambda three: Call(function=three[0], arguments=(three[1],), primes=three[2])
        ),
        sums,
        sums,
        st.builds(Indicator, condition=conditions),
        st.tuples(parts, conditions, parts).map(
            lambda three: Cases(
                branches=(Branch(value=three[0], condition=three[1]), Branch(value=three[2], condition=None))
            )
        ),
    )


@settings(max_examples=400)
@given(st.recursive(entries, _grown, max_leaves=6))
def test_all_at_once_and_one_by_one_are_the_same(tree: Tree) -> None:
    at_once = _value(tree)
    with _loops():
        one_by_one = _value(tree)

    if one_by_one is None:
        assert at_once is None
    else:
        assert at_once is not None
        np.testing.assert_allclose(at_once, one_by_one, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("tex", "value"),
    [
        (r"\sum_{j=1}^{i} j", [[1] * H, [3] * H, [6] * H, [10] * H, [15] * H]),
        (r"\sum_{i=1}^{2} i j", [[3, 6, 9, 12]] * K),
        (r"\sum_{k=1}^{3} 1", [[3] * H] * K),
        (r"\prod_{k=1}^{3} i", [[i**3] * H for i in range(1, K + 1)]),
        (
            r"\delta_{ij} + 1[i > j]",
            [[1.0 if i >= j else 0.0 for j in range(1, H + 1)] for i in range(1, K + 1)],
        ),
        ("1[i = c]", [[1.0 if i == 3 else 0.0] * H for i in range(1, K + 1)]),
    ],
)
def test_letters_that_bounds_hide_or_depend_on_count_as_they_are_written(
    tex: str, value: list[list[float]]
) -> None:
    np.testing.assert_array_equal(evaluate_over(POINT.tree(tex), POINT.world, LETTERS).value, value)


def test_many_entries_of_a_long_sum_are_evaluated_within_the_work_of_one_value() -> None:
    tex = r"\sum_{k} (\hat y_k - y_k) W^{(2)}_{kj} W^{(1)}_{ji} h_j (1 - h_j)"
    W1, W2, h = (POINT.world.value(one) for one in ("W1", "W2", "h"))
    wanted = np.einsum("k,kj,ji,j->ij", POINT.world.gradient("z2"), W2, W1, h * (1 - h))

    found = evaluate_over(POINT.tree(tex), POINT.world, {"i": 3, "j": H}).value
    np.testing.assert_allclose(found, wanted, rtol=1e-12)
