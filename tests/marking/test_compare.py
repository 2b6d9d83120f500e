"""Comparing an answer with an expectation: one reason, in order, and nothing that is equal by accident."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.marking.compare import EPSILON, Tolerance, compare, equal, fitted, floor, norm
from grader.model import Array

EXACT = Tolerance(rtol=0.0, atol=0.0)
USUAL = Tolerance(rtol=1e-4, atol=0.0)
LOOSE = Tolerance(rtol=1e9, atol=1e9)

FINITE = st.floats(-1e6, 1e6, allow_nan=False, allow_infinity=False)


def arrays(side: int = 3) -> st.SearchStrategy[Array]:
    return hnp.arrays(np.float64, hnp.array_shapes(min_dims=0, max_dims=2, max_side=side), elements=FINITE)


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (np.ones((1, 3)), np.ones(3)),
        (np.ones((3, 1)), np.ones(3)),
        (np.ones(()), np.ones(3)),
        (np.ones(1), np.ones(3)),
        (np.ones((3, 3)), np.ones((1, 3))),
        (np.ones((2, 3)), np.ones((3, 2))),
        (np.ones(3), np.ones(())),
        (np.ones((1, 1, 1)), np.ones(())),
        (np.ones(()), np.ones(1)),
    ],
)
def test_nothing_is_broadcast_or_reshaped(actual: Array, expected: Array) -> None:
    assert not equal(actual, expected, LOOSE)
    found = compare(actual, expected, LOOSE)
    assert not found.agrees
    assert not found.values_compared
    assert found.reason == f"its shape is {actual.shape}, expected is {expected.shape}"


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_a_single_number_may_be_0_d_or_of_shape_1_or_1_1(shape: tuple[int, ...]) -> None:
    assert fitted(np.full(shape, 2.5), np.asarray(2.5)).shape == ()
    assert equal(np.full(shape, 2.5), np.asarray(2.5), EXACT)
    assert compare(np.full(shape, 2.5), np.asarray(2.5), EXACT).agrees


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("shape", [(), (3,)])
def test_nan_and_infinity_never_equal_anything_not_even_themselves(
    bad: float, shape: tuple[int, ...]
) -> None:
    odd, fine = np.full(shape, bad), np.ones(shape)
    assert not equal(odd, odd, LOOSE)
    assert not equal(odd, fine, LOOSE)
    assert not equal(fine, odd, LOOSE)
    found = compare(odd, fine, LOOSE)
    assert not found.agrees
    assert found.reason is not None
    assert found.reason.startswith("it is not finite")


def test_one_nan_among_right_entries_is_named_with_its_index() -> None:
    actual = np.ones((2, 3))
    actual[1, 2] = np.nan
    assert compare(actual, np.ones((2, 3)), USUAL).reason == "it is not finite: nan at index (1, 2)"


def test_the_first_reason_is_the_shape_then_finiteness_then_values() -> None:
    expected = np.ones(2)
    reasons = [
        compare(actual, expected, USUAL).reason
        for actual in (np.full(3, np.nan), np.array([np.nan, 5.0]), np.array([1.0, 5.0]), np.ones(2))
    ]
    assert reasons == [
        "its shape is (3,), expected is (2,)",
        "it is not finite: nan at index (0,)",
        "its value differs",
        None,
    ]


def test_the_worst_entry_is_reported_with_index_absolute_and_relative_error() -> None:
    found = compare(np.array([[1.0, 2.5], [3.0, 3.0]]), np.array([[1.0, 2.0], [3.0, 4.0]]), USUAL)
    assert found.index == (1, 1)
    assert found.abs_error == 1.0
    assert found.rel_error == 0.25
    assert found.differing == 2
    assert found.size == 4
    assert (found.rtol, found.atol) == (1e-4, 0.0)


def test_numbers_whose_difference_is_infinite_differ() -> None:
    huge = np.array([1.7e308, 1.0])
    assert not equal(huge, -huge, USUAL)
    assert compare(huge, -huge, USUAL).reason == "its value differs"


def test_there_is_no_relative_error_beside_an_expected_zero() -> None:
    assert compare(np.array([1.0, 0.5]), np.array([1.0, 0.0]), USUAL).rel_error is None


def test_arrays_are_compared_by_their_norm_and_entry_by_entry_where_asked() -> None:
    # The second entry is off by half of itself, which is 5e-7 of the norm.
    actual, expected = np.array([1.0, 1.5e-6]), np.array([1.0, 1.0e-6])
    assert equal(actual, expected, Tolerance(rtol=1e-6, atol=0.0))
    assert not equal(actual, expected, Tolerance(rtol=1e-6, atol=0.0, elementwise=True))


@pytest.mark.parametrize(
    ("off", "agrees"), [(0.9e-4, True), (1.1e-4, False), (-0.9e-4, True), (-1.1e-4, False)]
)
def test_the_tolerance_is_relative_to_the_expectation(off: float, *, agrees: bool) -> None:
    for size in (1e-300, 1e-200, 1e-17, 1.0, 1e17, 1e200, 1e300):
        assert equal(np.asarray(size * (1 + off)), np.asarray(size), USUAL) is agrees
        assert equal(np.full(3, size * (1 + off)), np.full(3, size), USUAL) is agrees


def test_the_floor_is_precision_times_root_of_the_length_times_the_amount() -> None:
    # 784 terms: root 28; float32 has 23 bits after the leading one.
    assert floor(2.0**-23, 784, 2.0) == pytest.approx(56.0 / 8388608.0)
    assert floor(2.0**-52, 0, 1.0) == 2.0**-52
    assert EPSILON[np.dtype(np.float32)] == 2.0**-23
    assert EPSILON[np.dtype(np.float64)] == 2.0**-52


def test_all_zeros_are_not_the_tiny_gradients_of_a_deep_sigmoid_net() -> None:
    gradients = np.array([[1.9e-17, -4.0e-18], [2.5e-18, 1.1e-17]])
    for epsilon in EPSILON.values():
        tolerance = Tolerance(rtol=1e-4, atol=floor(epsilon, 512, float(np.linalg.norm(gradients))))
        assert not equal(np.zeros((2, 2)), gradients, tolerance)
        assert equal(gradients, gradients, tolerance)
    assert np.allclose(np.zeros((2, 2)), gradients), "the usual comparison would accept them"


@given(arrays(), st.floats(0, 1), st.floats(0, 1), st.booleans())
def test_a_finite_thing_equals_itself(value: Array, rtol: float, atol: float, elementwise: bool) -> None:
    assert equal(value, value, Tolerance(rtol=rtol, atol=atol, elementwise=elementwise))


@settings(max_examples=50)
@given(st.data(), st.booleans())
def test_a_larger_tolerance_never_turns_pass_into_fail(data: st.DataObject, elementwise: bool) -> None:
    expected = data.draw(arrays())
    actual = expected + data.draw(
        hnp.arrays(np.float64, expected.shape, elements=st.floats(-1e-2, 1e-2, allow_nan=False))
    )
    small = st.floats(0, 1e-2)
    rtol, atol, more_r, more_a = (data.draw(small) for _ in range(4))
    before = equal(actual, expected, Tolerance(rtol=rtol, atol=atol, elementwise=elementwise))
    after = equal(
        actual, expected, Tolerance(rtol=rtol + more_r, atol=atol + more_a, elementwise=elementwise)
    )
    assert after or not before


@settings(max_examples=50)
@given(arrays(), arrays(), st.floats(0, 1e-2))
def test_compare_agrees_exactly_where_equal_does(actual: Array, expected: Array, rtol: float) -> None:
    tolerance = Tolerance(rtol=rtol, atol=0.0)
    assert compare(actual, expected, tolerance).agrees is equal(actual, expected, tolerance)


@pytest.mark.parametrize("size", [1e-300, 1e-170, 1e-30, 1.0, 1e30, 1e170, 1e300])
def test_the_norm_of_3_and_4_is_5_at_every_size(size: float) -> None:
    assert norm(np.array([3.0 * size, -4.0 * size])) == pytest.approx(5.0 * size, rel=1e-12)
    assert norm(np.asarray(-4.0 * size)) == pytest.approx(4.0 * size)


def test_the_norm_of_float32_does_not_underflow_or_overflow() -> None:
    assert norm(np.array([3e-30, 4e-30], np.float32)) == pytest.approx(5e-30, rel=1e-6)
    assert norm(np.array([3e30, 4e30], np.float32)) == pytest.approx(5e30, rel=1e-6)


def test_the_norm_of_nothing_is_0_and_nan_and_infinity_are_kept() -> None:
    assert norm(np.zeros((0, 3))) == 0.0
    assert norm(np.zeros((2, 3))) == 0.0
    assert norm(np.array([1.0, np.inf])) == np.inf
    assert np.isnan(norm(np.array([1.0, np.nan])))


def test_float32_is_compared_without_losing_digits_of_the_expectation() -> None:
    # 1/3 in float32 is off by about 1e-8: within 1e-7 and beyond 1e-9.
    third = np.asarray([1.0 / 3.0], np.float32)
    assert equal(third, np.array([1.0 / 3.0]), Tolerance(rtol=1e-7, atol=0.0))
    assert not equal(third, np.array([1.0 / 3.0]), Tolerance(rtol=1e-9, atol=0.0))
