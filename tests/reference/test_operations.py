"""Every operation and derivative rule against autograd, differences and hand values."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from gradient_check import check_against_autograd, check_against_differences, disagreement
from hypothesis import given, settings
from hypothesis import strategies as st
from operation_forms import FORMS, all_operations
from strategies import generators, single_shapes

from reference.operations import (
    OPERATIONS,
    Operation,
    absolute,
    averaged,
    cross_entropy_rows,
    exp,
    leaky_relu,
    log_softmax,
    log_softmax_over,
    matmul,
    maximum,
    power,
    relu,
    reshaped,
    scaled,
    sigmoid,
    softmax,
    softmax_cross_entropy,
    softmax_cross_entropy_of_labels,
    softmax_cross_entropy_rows,
    softmax_over,
    subtract,
    summed,
    unbroadcast,
)

NUMPY_1 = np.lib.NumpyVersion(np.__version__) < "2.0.0"
EVERY = pytest.mark.parametrize("operation", all_operations(), ids=lambda operation: operation.name)
IN_TABLE = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)


@EVERY
@settings(max_examples=10)
@given(data=st.data())
def test_forward_values_and_derivative_rules_equal_those_of_autograd(
    operation: Operation, data: st.DataObject
) -> None:
    form = FORMS[operation.name]
    rng = data.draw(generators())
    inputs = form.inputs(rng, data.draw(form.shapes))
    g = rng.standard_normal(np.shape(operation.forward(*inputs)))
    assert check_against_autograd(operation, form.function, inputs, g) == []


@EVERY
@settings(max_examples=4)
@given(data=st.data())
def test_derivative_rules_equal_differences_of_their_own_forward_form(
    operation: Operation, data: st.DataObject
) -> None:
    form = FORMS[operation.name]
    rng = data.draw(generators())
    inputs = form.inputs(rng, data.draw(form.shapes))
    g = rng.standard_normal(np.shape(operation.forward(*inputs)))
    assert check_against_differences(operation, inputs, g, analytic=form.analytic) == []


@pytest.mark.skipif(NUMPY_1, reason="NumPy 1 widens float32 scalars that meet a Python number (NEP 50)")
@EVERY
@settings(max_examples=4)
@given(data=st.data())
def test_float32_stays_float32_forward_and_in_every_rule(operation: Operation, data: st.DataObject) -> None:
    form = FORMS[operation.name]
    rng = data.draw(generators())
    inputs = [np.asarray(a, np.float32) for a in form.inputs(rng, data.draw(form.shapes))]
    out = operation.forward(*inputs)
    g = np.asarray(rng.standard_normal(np.shape(out)), np.float32)
    rules = [*operation.rules, *(rule for side in operation.one_sided for rule in side)]
    dtypes = {np.asarray(out).dtype, *(np.asarray(rule(g, out, *inputs)).dtype for rule in rules)}
    assert dtypes == {np.dtype(np.float32)}


@EVERY
@settings(max_examples=4)
@given(data=st.data())
def test_every_rule_is_linear_in_the_arriving_gradient(operation: Operation, data: st.DataObject) -> None:
    form = FORMS[operation.name]
    rng = data.draw(generators())
    inputs = form.inputs(rng, data.draw(form.shapes))
    out = operation.forward(*inputs)
    g, h = rng.standard_normal((2, *np.shape(out)))
    for rule in operation.rules:
        parts = 2.0 * rule(g, out, *inputs) - 3.0 * rule(h, out, *inputs)
        # Cancellation of the two parts leaves rounding of their size, at most about 100 here.
        assert np.allclose(rule(2.0 * g - 3.0 * h, out, *inputs), parts, rtol=1e-10, atol=1e-11)


@pytest.mark.parametrize(
    "shapes",
    [
        ((3,), (3,)),
        ((3,), (3, 2)),
        ((2, 3), (3,)),
        ((2, 3), (3, 4)),
        ((3,), (5, 3, 2)),
        ((5, 2, 3), (3,)),
        ((5, 2, 3), (3, 4)),
        ((2, 3), (5, 3, 4)),
        ((5, 1, 2, 3), (6, 3, 4)),
        ((1, 1), (1, 1)),
    ],
    ids=str,
)
def test_matmul_rules_hold_for_every_pair_of_ranks(shapes: tuple[tuple[int, ...], ...]) -> None:
    rng = np.random.default_rng(7)
    inputs = [rng.standard_normal(shape) for shape in shapes]
    g = rng.standard_normal(np.shape(np.matmul(*inputs)))
    assert check_against_autograd(matmul, FORMS["matmul"].function, inputs, g) == []


# --------------------------------------------------------------------------------------------------------------
# Kinks

KINKED = pytest.mark.parametrize(
    # A slope that is a power of 2 loses no digit.
    "operation",
    [absolute, relu, leaky_relu(0.25)],
    ids=lambda operation: operation.name,
)


def test_exactly_the_operations_with_a_kink_have_one_sided_rules() -> None:
    kinked = {operation.name for operation in all_operations() if operation.one_sided}
    assert {name for name in kinked if not name.startswith("max over axis")} == {
        "abs",
        "relu",
        "leaky relu 0.01",
    }
    assert sum(name.startswith("max over axis") for name in kinked) == 4


@KINKED
@settings(max_examples=20)
@given(rng=generators(), shapes=single_shapes())
def test_one_sided_rules_equal_one_sided_differences_on_the_kink_and_off_it(
    operation: Operation, rng: np.random.Generator, shapes: tuple[tuple[int, ...], ...]
) -> None:
    z = rng.choice([-1.0, -0.0, 0.0, 1.0], size=shapes[0])
    g, out, step = rng.standard_normal(shapes[0]), operation.forward(z), 2.0**-10
    left, right = operation.one_sided
    # These operations are piecewise linear, so the differences are exact.
    assert np.array_equal(left[0](g, out, z), g * (out - operation.forward(z - step)) / step)
    assert np.array_equal(right[0](g, out, z), g * (operation.forward(z + step) - out) / step)


@pytest.mark.parametrize(
    ("operation", "lowest", "usual"),
    [(relu, 0.0, 0.0), (absolute, -1.0, 0.0), (leaky_relu(0.25), 0.25, 0.25)],
)
def test_on_the_kink_the_usual_rule_is_between_the_one_sided_ones(
    operation: Operation, lowest: float, usual: float
) -> None:
    zero, one = np.zeros(()), np.ones(())
    rules = (operation.one_sided[0][0], operation.rules[0], operation.one_sided[1][0])
    assert [float(rule(one, zero, zero)) for rule in rules] == [lowest, usual, 1.0]


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [0, -1])
def test_one_sided_rules_of_a_maximum_equal_one_sided_differences_where_entries_are_equal(
    axis: int, keepdims: bool
) -> None:
    operation = maximum(axis, keepdims)
    a = np.array([[3.0, 3.0, 1.0], [3.0, 2.0, 5.0]])
    out, step = operation.forward(a), 2.0**-10
    g = np.arange(1.0, 1.0 + np.size(out)).reshape(np.shape(out))
    for side, sign in ((0, -1.0), (1, 1.0)):
        expected = np.zeros_like(a)
        for index in np.ndindex(a.shape):
            moved = a.copy()
            moved[index] += sign * step
            expected[index] = np.sum(g * sign * (operation.forward(moved) - out)) / step
        assert np.array_equal(operation.one_sided[side][0](g, out, a), expected)


def test_of_equal_largest_entries_the_first_gets_the_gradient() -> None:
    a = np.array([[3.0, 3.0, 1.0], [0.0, 5.0, 5.0]])
    g = np.array([2.0, 7.0])
    assert maximum(-1).rules[0](g, np.array([3.0, 5.0]), a).tolist() == [[2.0, 0.0, 0.0], [0.0, 7.0, 0.0]]


# --------------------------------------------------------------------------------------------------------------
# Extreme inputs, by hand


def test_sigmoid_and_its_derivative_are_right_at_logits_of_a_thousand() -> None:
    z = np.array([-1000.0, 0.0, 1000.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        a = sigmoid.forward(z)
        slope = sigmoid.rules[0](np.ones(3), a, z)
    assert a.tolist() == [0.0, 0.5, 1.0]
    assert slope.tolist() == [0.0, 0.25, 0.0]


def test_sigmoid_keeps_its_precision_far_to_the_left() -> None:
    # 1 / (1 + e^40) = e^-40 (1 - e^-40 + ..) = 4.248354255291589e-18
    assert float(sigmoid.forward(np.array(-40.0))) == pytest.approx(4.248354255291589e-18, rel=1e-14)


def test_softmax_and_its_derivative_are_right_at_logits_of_a_thousand() -> None:
    s = np.array([[1000.0, 1000.0, -1000.0], [-1000.0, -1000.0, -1000.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        p = softmax.forward(s)
        ds = softmax.rules[0](np.array([[4.0, 0.0, 7.0], [3.0, 0.0, 0.0]]), p, s)
    assert p[0].tolist() == [0.5, 0.5, 0.0]
    assert p[1] == pytest.approx([1 / 3, 1 / 3, 1 / 3])
    # p (g - sum(g p)): row 0 has sum 2, row 1 has sum 1.
    assert ds[0].tolist() == [1.0, -1.0, 0.0]
    assert ds[1] == pytest.approx([2 / 3, -1 / 3, -1 / 3])


def test_softmax_cross_entropy_is_right_at_logits_of_a_thousand() -> None:
    s = np.array([[1000.0, -1000.0], [1000.0, -1000.0]])
    t = np.array([[0.0, 1.0], [1.0, 0.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loss = softmax_cross_entropy.forward(s, t)
        ds, dt = (rule(np.ones(()), loss, s, t) for rule in softmax_cross_entropy.rules)
    # Sample 0 loses 2000 and sample 1 nothing; both have p = (1, 0).
    assert float(loss) == 1000.0
    assert ds.tolist() == [[0.5, -0.5], [0.0, 0.0]]
    assert dt.tolist() == [[0.0, 1000.0], [0.0, 1000.0]]


@settings(max_examples=20)
@given(rng=generators(), rows=st.integers(1, 5), classes=st.integers(1, 5), size=st.sampled_from([1.0, 1e3]))
def test_rows_of_the_softmax_cross_entropy_gradient_sum_to_zero(
    rng: np.random.Generator, rows: int, classes: int, size: float
) -> None:
    s = size * rng.standard_normal((rows, classes))
    t = np.eye(classes)[rng.integers(0, classes, rows)]
    ds = softmax_cross_entropy.rules[0](1.0, softmax_cross_entropy.forward(s, t), s, t)
    assert np.abs(ds.sum(axis=-1)).max() <= 1e-15 * classes


def test_losses_of_rows_are_right_at_logits_of_a_thousand_and_at_probabilities_of_zero() -> None:
    s = np.array([[1000.0, -1000.0], [1000.0, -1000.0]])
    t = np.array([[0.0, 1.0], [1.0, 0.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows = softmax_cross_entropy_rows.forward(s, t)
        labelled = softmax_cross_entropy_of_labels.forward(s, np.array([1.0, 0.0]))
        ds = softmax_cross_entropy_rows.rules[0](np.array([1.0, 3.0]), rows, s, t)
        x, second = np.array([[1.0, 0.0]]), np.array([[1.0, 0.0]])
        sure = cross_entropy_rows.forward(x, second)
        dx = cross_entropy_rows.rules[0](np.array([2.0]), sure, x, second)
    assert rows.tolist() == [2000.0, 0.0]
    assert float(labelled) == 1000.0
    assert ds.tolist() == [[1.0, -1.0], [0.0, 0.0]]
    assert (sure.tolist(), dx.tolist()) == ([0.0], [[-2.0, 0.0]])


def test_labels_are_told_by_their_value_in_any_type() -> None:
    s = np.log(np.array([[1.0, 3.0], [1.0, 1.0]]))
    # -(log 3/4 + log 1/2) / 2
    expected = pytest.approx(-np.log(3.0 / 8.0) / 2.0)
    for dtype in (np.float32, np.float64, np.int64):
        assert float(softmax_cross_entropy_of_labels.forward(s, np.array([1, 0], dtype))) == expected


@pytest.mark.parametrize("eps", [0.0, 1e-12, 1e-10])
def test_a_loss_with_a_tiny_number_in_its_log_is_the_same_to_a_ten_thousandth(eps: float) -> None:
    x, t = np.array([[0.7, 0.2, 0.1], [0.001, 0.009, 0.99]]), np.eye(3)[[1, 0]]
    with_eps = -np.sum(t * np.log(x + eps), axis=1)
    slope = -t / (x + eps)
    rows = cross_entropy_rows.forward(x, t)
    assert np.allclose(with_eps, rows, rtol=1e-4, atol=0.0)
    assert np.allclose(slope, cross_entropy_rows.rules[0](np.ones(2), rows, x, t), rtol=1e-4, atol=0.0)


# --------------------------------------------------------------------------------------------------------------
# The table and its helpers


def test_equal_arguments_give_the_same_operation_and_others_another() -> None:
    assert power(2) is power(2.0)
    assert power(2) is power(exponent=2.0)
    assert summed(0) is summed(axis=0, keepdims=False)
    assert averaged(-1, True) is averaged(axis=-1, keepdims=True)
    assert maximum(-1) is maximum(axis=-1)
    assert leaky_relu() is leaky_relu(slope=0.01)
    assert softmax_over(-1) is softmax
    assert log_softmax_over(axis=-1) is log_softmax
    assert reshaped(2, -1) is reshaped(2, -1)
    made = {summed(0), summed(-1), summed(0, True), averaged(0), power(2), power(3), reshaped(2), reshaped(3)}
    assert len(made) == 8


def test_what_is_no_power_and_no_leaky_relu_is_refused() -> None:
    with pytest.raises(ValueError, match="a power of 1 is no operation"):
        power(1)
    with pytest.raises(ValueError, match="between 0 and 1, not at 1"):
        leaky_relu(1.0)


@EVERY
def test_an_operation_has_one_written_derivative_per_rule(operation: Operation) -> None:
    inputs = len(operation.rules)
    assert len(operation.derivatives) == inputs
    assert len(operation.slips) in (0, inputs)
    assert all(len(side) == inputs for side in operation.one_sided)


def test_names_of_operations_in_the_table_are_unique() -> None:
    names = [operation.name for operation in OPERATIONS]
    assert len(set(names)) == len(names)


@IN_TABLE
@pytest.mark.parametrize("factor", [-1.0, 2.5])
def test_a_scaled_operation_has_value_and_derivatives_times_the_factor(
    operation: Operation, factor: float
) -> None:
    form = FORMS[operation.name]
    rng = np.random.default_rng(3)
    for shapes in form.examples:
        inputs = form.inputs(rng, shapes)
        g = rng.standard_normal(np.shape(operation.forward(*inputs)))

        def times_factor(*values: Any) -> Any:
            return factor * form.function(*values)

        assert check_against_autograd(scaled(operation, factor), times_factor, inputs, g) == []


def test_one_sided_rules_of_a_scaled_operation_carry_the_factor() -> None:
    left, right = scaled(absolute, -3.0).one_sided
    zero, g = np.zeros(()), np.array(2.0)
    # -3 |z| rises with slope 3 up to 0 and falls with slope 3 after it.
    assert (float(left[0](g, zero, zero)), float(right[0](g, zero, zero))) == (6.0, -6.0)


def test_the_size_of_a_scaled_sum_carries_the_size_of_the_factor() -> None:
    # -3 (5 - 4) sums 15 and 12.
    size = scaled(subtract, -3.0).magnitude
    assert size is not None
    assert float(size(np.array(5.0), np.array(4.0))) == 27.0


def test_the_stated_size_of_a_rule_is_never_below_the_rule_itself() -> None:
    rng, stated = np.random.default_rng(19), 0
    for operation in all_operations():
        for variant in (operation, scaled(operation, -2.0)):
            for position, size in enumerate(variant.rule_magnitudes):
                form = FORMS[operation.name]
                for shapes in form.examples if size else ():
                    inputs = form.inputs(rng, shapes)
                    out = variant.forward(*inputs)
                    g = rng.standard_normal(np.shape(out))
                    assert size is not None
                    amount = size(g, out, *inputs)
                    rule = variant.rules[position](g, out, *inputs)
                    assert np.shape(amount) == np.shape(rule)
                    assert np.all(amount >= np.abs(rule) * (1.0 - 1e-12))
                    stated += 1
    assert stated >= 30


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((2, 3), [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]),
        ((3,), [3.0, 5.0, 7.0]),
        ((1, 3), [[3.0, 5.0, 7.0]]),
        ((2, 1), [[3.0], [12.0]]),
        ((1,), [15.0]),
        ((), 15.0),
    ],
)
def test_unbroadcast_sums_over_the_axes_that_were_broadcast(shape: tuple[int, ...], expected: Any) -> None:
    assert disagreement(unbroadcast(np.arange(6.0).reshape(2, 3), shape), np.array(expected)) is None


def test_an_operation_called_on_numbers_computes() -> None:
    assert float(subtract(5, 2)) == 3.0
    assert float(exp(0)) == 1.0
    assert relu([-1.0, 2.0]).tolist() == [0.0, 2.0]
