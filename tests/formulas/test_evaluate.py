"""Sides have the value that they say: numbers, vectors, indices, conditions and functions by name."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from evaluate_points import H, K, Point, batch_point, skip_point, vector_point

from grader.formulas.limits import Budget, Caps, ExhaustedError
from grader.formulas.tree import (
    Application,
    Call,
    Cases,
    Derivative,
    Entry,
    Function,
    Index,
    Matrix,
    Negative,
    Number,
    Ones,
    Power,
    Primed,
    Symbol,
    Transpose,
    Tree,
    Unknown,
)
from grader.formulas.values.evaluate import Readings, UnevaluableError, evaluate, evaluate_over, ranges
from grader.model import Array

SKIP = skip_point()
VECTORS = vector_point()
BATCH = batch_point()


def _at(point: Point, *names: str) -> list[Array]:
    return [point.world.value(name) for name in names]


def _refused(point: Point, tex: str | Tree, **keywords: object) -> UnevaluableError:
    tree = point.tree(tex) if isinstance(tex, str) else tex
    with pytest.raises(UnevaluableError) as caught:
        evaluate(tree, point.world, axes=point.table.axes, **keywords)  # type: ignore[arg-type]
    return caught.value


# --------------------------------------------------------------------------------------------------------------
# Numbers


@pytest.mark.parametrize(
    ("tex", "value"),
    [
        ("2 + 3 - 4", 1.0),
        (r"2 \cdot 3 * 4", 24.0),
        ("-2^2", -4.0),
        ("2^{-2}", 0.25),
        (r"\frac{3}{4} - \frac12", 0.25),
        (r"8 / 2 / 4 \cdot 3", 3.0),
        ("|2 - 5|", 3.0),
        (r"\sqrt{2.25}", 1.5),
        ("e^{0} + e", 1.0 + math.e),
        (r"2 \pi", 2 * math.pi),
        (r"\log e^3", 3.0),
        (r"\max(1, 4, 2) - \min(1, 4)", 3.0),
        (r"\tanh(0.5)", math.tanh(0.5)),
        (r"\sin(1)^2 + \cos(1)^2", 1.0),
        ("ReLU(-2) + ReLU(3)", 3.0),
        ("ReLU'(0) + u(0) + sign(0)", 0.0),
        ("sign(-0.1)", -1.0),
        (r"\sum_{k=1}^{4} k", 10.0),
        (r"\sum_{k=2}^{4} k^2", 29.0),
        (r"\prod_{k=1}^{5} k", 120.0),
        (r"\sum_{i=1}^{3} \sum_{j=1}^{i} j", 10.0),
        (r"\sum_{i=1}^{2} \sum_{k=1, k \neq i}^{3} k", 9.0),
        (r"\sum_{k=3}^{2} k", 0.0),
        ("1[2 > 1] + 1[1 < 2 < 1]", 1.0),
        (r"\begin{cases} 5 & \text{if } 1 > 2 \\ 7 & \text{otherwise} \end{cases}", 7.0),
    ],
)
def test_numbers_have_the_value_that_is_worked_out_by_hand(tex: str, value: float) -> None:
    found = SKIP.value(tex)

    assert found.shape == ()
    assert found == pytest.approx(value, rel=1e-14)


def test_names_stand_for_the_values_of_the_point() -> None:
    assert SKIP.value(r"\omega_0 x_1") == pytest.approx(0.5 * 1.3)
    assert SKIP.value(r"\omega_s h_0 + \omega_2 h_1") == pytest.approx(0.9 * 0.65 + 0.6 * 0.7 * 0.65)
    assert SKIP.value(r"\mathcal{L}(\hat{y}, y)") == pytest.approx(3.0 + 0.9 * 0.65 + 0.6 * 0.7 * 0.65)


def test_a_parameter_after_the_step_is_another_value() -> None:
    assert SKIP.value("w_0^{new}") == 0.25
    assert SKIP.value("w_0") == 0.5
    assert _refused(SKIP, "w_1^{new}").kind == "unknown"


def test_a_result_that_is_not_finite_is_a_value() -> None:
    assert SKIP.value(r"10^{64} \cdot 10^{64} \cdot 10^{64} \cdot 10^{64} \cdot 10^{64}") == math.inf
    assert SKIP.value("e^{1000} - e^{1000}") != SKIP.value("e^{1000}")


# --------------------------------------------------------------------------------------------------------------
# Vectors and matrices

Expected = Callable[..., Array]


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        ("x", lambda v: v("x")[:, None]),
        ("x^T", lambda v: v("x")[None, :]),
        ("W_1 x", lambda v: (v("W1") @ v("x"))[:, None]),
        (r"W_1 \cdot x", lambda v: (v("W1") @ v("x"))[:, None]),
        (r"W_1 * x", lambda v: (v("W1") @ v("x"))[:, None]),
        ("x^T W_1^T", lambda v: (v("W1") @ v("x"))[None, :]),
        ("x^T x", lambda v: v("x") @ v("x")),
        (r"x \otimes h", lambda v: np.outer(v("x"), v("h"))),
        ("h x^T", lambda v: np.outer(v("h"), v("x"))),
        (r"h \odot h", lambda v: v("h")[:, None] ** 2),
        (r"(h \odot h) x^T", lambda v: np.outer(v("h") ** 2, v("x"))),
        (r"h \odot h x^T", lambda v: np.outer(v("h") ** 2, v("x"))),
        ("2 h - 1", lambda v: 2 * v("h")[:, None] - 1),
        ("h / 4", lambda v: v("h")[:, None] / 4),
        ("h^2", lambda v: v("h")[:, None] ** 2),
        (r"\frac{1}{h}", lambda v: 1 / v("h")[:, None]),
        (r"\frac{h}{1 + h}", lambda v: (v("h") / (1 + v("h")))[:, None]),
        (r"\|h\|", lambda v: math.sqrt(sum(v("h") ** 2))),
        (r"\|x\|_1", lambda v: sum(abs(v("x")))),
        (r"\|W_1\|_F", lambda v: math.sqrt((v("W1") ** 2).sum())),
        ("|x|", lambda v: abs(v("x"))[:, None]),
        (r"diag(h) W_1", lambda v: np.diag(v("h")) @ v("W1")),
        (r"tr(W_1 W_1^T)", lambda v: (v("W1") ** 2).sum()),
        ("mean(h)", lambda v: v("h").sum() / H),
        (r"\max(x)", lambda v: max(v("x"))),
        (r"\max(0, x)", lambda v: np.where(v("x") > 0, v("x"), 0)[:, None]),
        (r"\mathbf{1}^T h", lambda v: v("h").sum()),
        (r"h^T \mathbf{1}", lambda v: v("h").sum()),
        (r"\frac{1}{H} \mathbf{1}^T h", lambda v: v("h").sum() / H),
        (r"\frac{\mathbf{1}^T}{H} h", lambda v: v("h").sum() / H),
        (r"W_1 \mathbf{1}", lambda v: v("W1").sum(axis=1)[:, None]),
        (r"\mathbf{1}^T W_1", lambda v: v("W1").sum(axis=0)[None, :]),
        (r"W_1 \frac{\mathbf{1}}{2}", lambda v: v("W1").sum(axis=1)[:, None] / 2),
        (r"(\mathbf{1}^T - h^T) h", lambda v: (1 - v("h")) @ v("h")),
        (r"\mathbf{1} - h", lambda v: 1 - v("h")[:, None]),
        (r"\mathbf{1} \odot h", lambda v: v("h")[:, None]),
        ("1[x > 0]", lambda v: np.array([[1.0 if one > 0 else 0.0] for one in v("x")])),
        (
            r"\begin{cases} x & \text{if } x > 0 \\ -2 & \text{otherwise} \end{cases}",
            lambda v: np.array([[one if one > 0 else -2.0] for one in v("x")]),
        ),
        (
            r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix} \begin{pmatrix} 5 \\ 6 \end{pmatrix}",
            lambda v: [[17], [39]],
        ),
        ("(1, 2, 3)^T x", lambda v: v("x")[0] + 2 * v("x")[1] + 3 * v("x")[2]),
        (r"(x_1, \dots, x_3)", lambda v: v("x")[:, None]),
    ],
)
def test_vectors_are_columns_and_products_those_of_matrices(tex: str, expected: Expected) -> None:
    wanted = np.asarray(expected(VECTORS.world.value))
    found = VECTORS.value(tex)

    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=1e-13)


@pytest.mark.parametrize(
    ("tex", "note"),
    [
        ("h h", "A product of two values of one shape is taken entry by entry."),
        ("h^2", "A power of a vector or matrix is taken entry by entry."),
        (r"\|W_1\|", "The norm of a matrix is read as that of all its entries."),
        (
            r"\frac{\partial h}{\partial z_1}",
            "A derivative of entries by entries is read as a value of their shape.",
        ),
        ("W_1 + h", "A row or column is repeated along the matrix that it is joined with."),
    ],
)
def test_what_can_be_read_in_several_ways_is_noted(tex: str, note: str) -> None:
    assert VECTORS.evaluated(tex).notes == (note,)


@pytest.mark.parametrize(
    ("tex", "shapes"),
    [
        ("x W_1", "3 x 1 and 4 x 3"),
        ("W_1 h", "4 x 3 and 4 x 1"),
        (r"x \odot h", "3 x 1 and 4 x 1"),
        ("x + h", "3 x 1 and 4 x 1"),
        ("x + x^T", "3 x 1 and 1 x 3"),
        (r"\frac{x}{h}", "3 x 1 and 4 x 1"),
        (r"W_1 \odot W_1^T", "4 x 3 and 3 x 4"),
    ],
)
def test_shapes_that_do_not_fit_are_told(tex: str, shapes: str) -> None:
    error = _refused(VECTORS, tex)

    assert error.kind == "shape"
    assert shapes in error.reason


def test_a_place_in_the_document_is_told_with_the_reason() -> None:
    error = _refused(VECTORS, "h + W_1 h")

    assert (error.start, error.end) == (4, 9)


def test_a_vector_that_could_be_a_row_or_a_column_of_a_square_matrix_is_neither() -> None:
    assert _refused(VECTORS, "h h^T + h").kind == "shape"


@pytest.mark.parametrize("tex", [r"\langle h, h \rangle", r"\langle h^T, h \rangle", "h^T h"])
def test_an_inner_product_is_the_sum_of_the_products_of_entries(tex: str) -> None:
    h = VECTORS.world.value("h")
    np.testing.assert_allclose(VECTORS.value(tex), h @ h)


def test_an_inner_product_of_matrices_is_that_of_their_entries() -> None:
    w = VECTORS.world.value("W1")
    np.testing.assert_allclose(VECTORS.value(r"\langle W_1, W_1 \rangle"), np.sum(w * w))


def test_an_inner_product_of_what_has_several_sizes_has_no_value() -> None:
    with pytest.raises(UnevaluableError, match="inner product"):
        VECTORS.value(r"\langle h, x \rangle")


def test_a_dot_between_vectors_is_their_inner_product_in_that_reading_alone() -> None:
    h = VECTORS.world.value("h")

    assert VECTORS.value(r"h \cdot h").shape == (H, 1)
    np.testing.assert_allclose(VECTORS.value(r"h \cdot h", readings=Readings(dot_is_inner=True)), h @ h)
    assert VECTORS.value("h h", readings=Readings(dot_is_inner=True)).shape == (H, 1)


def test_in_rows_a_bias_is_added_to_every_sample() -> None:
    flat = batch_point(flat_bias=True)
    X, W1, b1 = _at(flat, "X", "W1", "b1")

    for readings in (Readings(), Readings(vectors_are_rows=True)):
        np.testing.assert_allclose(flat.value("X W_1 + b_1", readings=readings), X @ W1 + b1, rtol=1e-13)
        np.testing.assert_allclose(flat.value(r"X W_1 + \mathbf{1} b_1^T"), X @ W1 + b1, rtol=1e-13)
    assert flat.value("b_1").shape == (H, 1)
    assert flat.value("b_1", readings=Readings(vectors_are_rows=True)).shape == (1, H)


# --------------------------------------------------------------------------------------------------------------
# Indices


def test_a_side_with_free_indices_has_a_value_for_each() -> None:
    W1, x = _at(VECTORS, "W1", "x")

    np.testing.assert_array_equal(VECTORS.value("W^{(1)}_{ij} x_j"), W1 * x)
    np.testing.assert_allclose(VECTORS.value("(W_1 x)_i"), W1 @ x, rtol=1e-13)


def test_how_far_indices_count_is_told_by_any_side_and_the_first_one_is_right() -> None:
    trees = [VECTORS.tree(r"\delta_{ij}"), VECTORS.tree("z_i"), VECTORS.tree("W^{(1)}_{ij}")]

    assert ranges(trees, VECTORS.world) == {"i": K, "j": 3}
    assert list(ranges([VECTORS.tree("W^{(1)}_{ji}")], VECTORS.world)) == ["j", "i"]


def test_the_letter_of_the_true_class_is_not_free() -> None:
    p = VECTORS.world.value("y_hat")

    assert ranges([VECTORS.tree(r"\hat{y}_c \hat{y}_k")], VECTORS.world) == {"k": K}
    assert VECTORS.value(r"\hat{y}_c") == p[2]
    np.testing.assert_array_equal(VECTORS.value(r"\hat y_k 1[k = c]"), [0, 0, p[2], 0, 0])
    np.testing.assert_array_equal(VECTORS.value(r"\hat y_k 1[k = y]"), [0, 0, p[2], 0, 0])


def test_a_range_that_nothing_tells_is_refused() -> None:
    with pytest.raises(UnevaluableError, match="How far `i` counts"):
        ranges([VECTORS.tree(r"\delta_{ij}")], VECTORS.world)
    with pytest.raises(UnevaluableError, match="How far `i` counts"):
        VECTORS.value(r"\sum_i 1")


def test_an_index_may_be_moved_and_must_stay_inside() -> None:
    x = VECTORS.world.value("x")

    np.testing.assert_allclose(VECTORS.value(r"\sum_{k=1}^{2} x_k x_{k+1}"), x[0] * x[1] + x[1] * x[2])
    assert _refused(VECTORS, r"\sum_{k=1}^{3} x_{k+1}").reason == "An index runs past the end."
    assert _refused(VECTORS, "x_0").kind == "shape"
    assert _refused(VECTORS, "x_4").kind == "shape"


def test_the_first_index_may_be_0() -> None:
    x = VECTORS.world.value("x")
    tex = r"\sum_{k=0}^{2} k x_k"

    np.testing.assert_allclose(VECTORS.value(tex, readings=Readings(first_index=0)), x[1] + 2 * x[2])
    assert _refused(VECTORS, tex).kind == "shape"
    np.testing.assert_allclose(VECTORS.value("x_1", indices={"q": 0}), x[0])


def test_extremes_over_an_index_are_those_of_the_entries() -> None:
    x = VECTORS.world.value("x")

    assert VECTORS.value(r"\max_j x_j") == max(x)
    assert VECTORS.value(r"\min_j x_j") == min(x)


def test_a_sum_whose_upper_bound_is_no_name_of_the_task_goes_over_all_and_that_is_noted() -> None:
    found = VECTORS.evaluated(r"\sum_{k=1}^{M} y_k")

    assert found.value == 1.0
    assert found.notes == ("The upper bound is not known; the index goes as far as what it counts.",)


def test_rows_of_a_matrix_are_summed_as_rows() -> None:
    P, Y = _at(BATCH, "P", "Y")

    np.testing.assert_allclose(BATCH.value(r"\sum_{i=1}^N (P_i - Y_i)"), (P - Y).sum(axis=0)[None, :])


def test_an_entry_that_is_no_single_number_is_refused() -> None:
    with pytest.raises(UnevaluableError, match="A single number is expected"):
        evaluate_over(VECTORS.tree("x_i h"), VECTORS.world, {"i": 3})


# --------------------------------------------------------------------------------------------------------------
# Functions


@pytest.mark.parametrize(
    "name", ["sigmoid", "tanh", "softplus", "relu", "sin", "cosh", "exp", "arctan", "abs"]
)
def test_the_derivative_of_a_function_is_the_slope_of_its_values(name: str) -> None:
    step = 1e-6

    def value(at: float, primes: int = 0) -> float:
        argument = Number(text=repr(abs(at)))
        tree = Call(
            function=name, arguments=(argument if at >= 0 else Negative(operand=argument),), primes=primes
        )
        return float(evaluate(tree, SKIP.world).value)

    for at in (-1.3, -0.2, 0.4, 2.1):
        assert value(at, 1) == pytest.approx(
            (value(at + step) - value(at - step)) / (2 * step), rel=1e-6, abs=1e-9
        )


def test_functions_have_the_values_that_the_mathematics_library_gives() -> None:
    for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "log", "sqrt"):
        tree = Call(function=name, arguments=(Number(text="0.7"),))
        assert evaluate(tree, SKIP.world).value == pytest.approx(getattr(math, name)(0.7), rel=1e-14)
    assert VECTORS.value(r"\sigma(0.7)") == pytest.approx(1 / (1 + math.exp(-0.7)), rel=1e-14)
    assert VECTORS.value("softplus(0.7)") == pytest.approx(math.log(1 + math.exp(0.7)), rel=1e-14)


def test_softmax_is_over_all_of_a_vector_and_over_each_row_of_a_matrix() -> None:
    z, P = VECTORS.world.value("z2"), BATCH.world.value("Z2")

    np.testing.assert_allclose(VECTORS.value("softmax(z)"), (np.exp(z) / np.exp(z).sum())[:, None])
    np.testing.assert_allclose(VECTORS.value("softmax(z^T)"), (np.exp(z) / np.exp(z).sum())[None, :])
    np.testing.assert_allclose(BATCH.value("softmax(Z_2)"), np.exp(P) / np.exp(P).sum(axis=1)[:, None])
    np.testing.assert_allclose(
        VECTORS.value("softmax(z)_2", indices={"q": 0}), np.exp(z[1]) / np.exp(z).sum()
    )


def test_the_derivative_of_a_softmax_is_its_jacobian() -> None:
    p = VECTORS.world.value("y_hat")
    wanted = [[p[i] * ((i == j) - p[j]) for j in range(K)] for i in range(K)]

    np.testing.assert_allclose(VECTORS.value("softmax'(z)"), wanted, rtol=1e-12)


@pytest.mark.parametrize(
    "tex", [r"\log 0", r"\log y", r"\log(-2)", r"\frac{1}{0}", "1 / (2 - 2)", r"\frac{x}{y}"]
)
def test_outside_of_a_domain_there_is_no_value(tex: str) -> None:
    assert _refused(VECTORS, tex).kind in {"domain", "shape"}
    assert _refused(VECTORS, r"\frac{1}{y}").kind == "domain"
    assert _refused(SKIP, "(-2)^{0.5}").kind == "domain"
    assert _refused(SKIP, "0^{-1}").kind == "domain"
    assert _refused(SKIP, r"\sqrt{-1}").kind == "domain"


def test_where_no_case_is_meant_there_is_no_value() -> None:
    assert _refused(SKIP, r"\begin{cases} 1 & \text{if } x < 0 \end{cases}").kind == "domain"


@pytest.mark.parametrize(
    ("tree", "kind"),
    [
        (Unknown(name="q"), "unknown"),
        (Symbol(name="q"), "unknown"),
        (Index(name="k"), "unknown"),
        (Function(name="relu"), "other"),
        (Primed(operand=Number(text="1")), "other"),
        (Call(function="argmax", arguments=(Number(text="1"),)), "other"),
        (Call(function="softmax", arguments=(Number(text="1"), Number(text="1"))), "other"),
        (Application(of=Unknown(name="f"), arguments=(Number(text="1"),)), "unknown"),
        (Entry(operand=Number(text="1"), index=(Number(text="1"),)), "shape"),
        (Symbol(name="x", index=(Number(text="1"),)), "shape"),
        (Power(base=Number(text="2"), exponent=Number(text="65")), "work"),
        (Matrix(rows=((Number(text="1"),), (Number(text="1"), Number(text="2")))), "shape"),
        (Transpose(operand=Ones()), "other"),
        (Cases(branches=()), "domain"),
        (Derivative(of=Symbol(name="L"), by=Unknown(name="q")), "unknown"),
        (Derivative(of=Symbol(name="L"), by=Symbol(name="lr")), "unknown"),
    ],
)
def test_what_has_no_value_says_of_which_kind_the_reason_is(tree: Tree, kind: str) -> None:
    assert _refused(SKIP, tree).kind == kind


def test_a_name_that_is_not_known_is_told_by_its_name() -> None:
    assert _refused(SKIP, Unknown(name="q")).reason == "`q` is not a name of this task."
    assert _refused(SKIP, "v_3").reason == "`v_3` is not a name of this task."


# --------------------------------------------------------------------------------------------------------------
# Work


def test_nodes_are_taken_off_the_budget() -> None:
    budget = Budget(Caps(steps=100))
    evaluate(SKIP.tree("w_0 + x + y"), SKIP.world, budget=budget)

    assert budget.left == 96

    for _ in range(24):
        evaluate(SKIP.tree("w_0 + x + y"), SKIP.world, budget=budget)
    with pytest.raises(ExhaustedError):
        evaluate(SKIP.tree("w_0 + x + y"), SKIP.world, budget=budget)


def test_a_side_that_is_too_much_work_costs_the_document_no_more_than_one_value_may() -> None:
    budget = Budget(Caps())
    with pytest.raises(UnevaluableError, match="too much work"):
        evaluate(
            SKIP.tree(r"\sum_{i=1}^{99} \sum_{j=1}^{99} \sum_{k=1}^{99} i j k"), SKIP.world, budget=budget
        )

    assert budget.left == Caps().steps - Caps().evaluations
