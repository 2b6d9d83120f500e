"""Sides about whole networks: what NumPy gives for them, what is right among them and what is not."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from evaluate_points import H, K, N, Point, batch_point, skip_point, vector_point

from grader.formulas.values.evaluate import (
    Evaluated,
    Readings,
    UnevaluableError,
    evaluate,
    evaluate_over,
    ranges,
)
from grader.model import Array

VECTORS = vector_point(seed=3)
BATCH = batch_point(seed=3)
SKIP = skip_point()


def _sigmoid(z: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-z)))


def _two_layers() -> Mapping[str, Array]:
    """Work the network on one sample out by hand, in NumPy."""
    x, W1, b1, W2, b2, y = (VECTORS.world.value(one) for one in ("x", "W1", "b1", "W2", "b2", "y"))
    h = _sigmoid(W1 @ x + b1)
    z = W2 @ h + b2
    p = np.exp(z) / np.exp(z).sum()
    delta1 = (W2.T @ (p - y)) * h * (1 - h)
    return {
        "z1": W1 @ x + b1,
        "h": h,
        "z2": z,
        "p": p,
        "L": -np.log(p[2]),
        "dp/dz": np.diag(p) - np.outer(p, p),
        "dL/dp": -y / p,
        "dL/dz2": p - y,
        "dL/dW2": np.outer(p - y, h),
        "dL/dh": W2.T @ (p - y),
        "dL/dz1": delta1,
        "dL/dW1": np.outer(delta1, x),
        "dL/dx": W1.T @ delta1,
        "W1_new": W1 - 0.3 * np.outer(delta1, x),
    }


def _batch() -> Mapping[str, Array]:
    X, W1, b1, W2, b2, Y = (BATCH.world.value(one) for one in ("X", "W1", "b1", "W2", "b2", "Y"))
    Z1 = X @ W1 + b1
    A1 = np.where(Z1 > 0, Z1, 0)
    Z2 = A1 @ W2 + b2
    P = np.exp(Z2) / np.exp(Z2).sum(axis=1)[:, None]
    dZ2 = (P - Y) / N
    dA1 = dZ2 @ W2.T
    dZ1 = dA1 * (Z1 > 0)
    return {
        "Z1": Z1,
        "A1": A1,
        "P": P,
        "L": -np.log(P[[0, 1], [3, 1]]).sum() / N,
        "dZ2": dZ2,
        "dW2": A1.T @ dZ2,
        "db2": dZ2.sum(axis=0)[None, :],
        "dA1": dA1,
        "dZ1": dZ1,
        "dW1": X.T @ dZ1,
        "W1_new": W1 - 0.3 * X.T @ dZ1,
    }


def _over(point: Point, label: str, tex: str, readings: Readings | None = None) -> Evaluated:
    """Evaluate a side for all indices that its label has, in the label's order."""
    label_tree, tree = point.tree(label), point.tree(tex)
    letters = ranges([label_tree, tree], point.world)
    if letters:
        return evaluate_over(tree, point.world, letters, readings=readings or Readings())
    return evaluate(tree, point.world, readings=readings or Readings())


RIGHT_OF_VECTORS = [
    ("z1", "z^{(1)}", [r"W^{(1)} x + b^{(1)}"]),
    ("h", "h", [r"\sigma(z^{(1)})"]),
    ("z2", "z^{(2)}", [r"W^{(2)} h + b^{(2)}"]),
    ("p", r"\hat{y}", [r"\mathrm{softmax}(z^{(2)})"]),
    ("p", r"\hat y_k", [r"\frac{e^{z_k}}{\sum_j e^{z_j}}"]),
    (
        "L",
        "L",
        [
            r"-y^T \log \hat y",
            r"-\sum_{k=1}^{K} y_k \log \hat y_k",
            r"-\log \hat{y}_c",
            r"-\log \frac{e^{z_c}}{\sum_j e^{z_j}}",
            r"-z_c + \log \sum_j e^{z_j}",
        ],
    ),
    (
        "dp/dz",
        r"\frac{\partial \hat y_i}{\partial z_j}",
        [
            (
                r"\begin{cases} \hat y_i (1 - \hat y_i) & \text{if } i = j \\ -\hat y_i \hat y_j & \text{if } i \neq j"
                r" \end{cases}"
            ),
            r"\hat y_i (\delta_{ij} - \hat y_j)",
            r"\hat y_i (\mathbb{1}[i=j] - \hat y_j)",
            r"\hat{y}_i (\mathbf{1}_{i=j} - \hat{y}_j)",
        ],
    ),
    ("dL/dp", r"\frac{\partial L}{\partial \hat y_i}", [r"-\frac{y_i}{\hat y_i}"]),
    (
        "dL/dz2",
        r"\frac{\partial L}{\partial z_j}",
        [
            r"\sum_i \frac{\partial L}{\partial \hat y_i} \frac{\partial \hat y_i}{\partial z_j}",
            r"-\sum_i \frac{y_i}{\hat y_i} \hat y_i (\delta_{ij} - \hat y_j)",
            r"-\sum_i y_i \delta_{ij} + \hat y_j \sum_i y_i",
            r"\hat y_j - y_j",
            r"\hat{y}_j - \mathbb{1}[j = c]",
        ],
    ),
    ("dL/dz2", r"\delta^{(2)}", [r"\hat y - y", r"\frac{\partial L}{\partial b^{(2)}}"]),
    ("dL/dW2", r"\frac{\partial L}{\partial W^{(2)}}", [r"\delta^{(2)} h^\top", r"(\hat y - y) h^T"]),
    ("dL/dW2", r"\frac{\partial L}{\partial W^{(2)}_{ij}}", [r"(\hat y_i - y_i) h_j"]),
    ("dL/dh", r"\frac{\partial L}{\partial h_j}", [r"\sum_{i=1}^K W^{(2)}_{ij} (\hat y_i - y_i)"]),
    ("dL/dh", r"\frac{\partial L}{\partial h}", [r"W^{(2)\top} \delta^{(2)}", r"(W^{(2)})^T (\hat y - y)"]),
    (
        "dL/dz1",
        r"\delta^{(1)}",
        [
            r"\frac{\partial L}{\partial h} \odot \sigma'(z^{(1)})",
            r"\frac{\partial L}{\partial h} \odot \frac{\partial h}{\partial z^{(1)}}",
            r"W^{(2)\top} \delta^{(2)} \odot h \odot (1 - h)",
            r"(W_2^T (\hat{y}-y)) \circ \sigma(z_1) \circ (1-\sigma(z_1))",
            r"\mathrm{diag}(\sigma'(z_1)) W_2^T (p - y)",
            r"\nabla_{b^{(1)}} L",
        ],
    ),
    (
        "dL/dW1",
        r"\frac{\partial L}{\partial W^{(1)}}",
        [r"\delta^{(1)} x^T", r"[W_2^T (\hat y - y) \odot h \odot (\mathbf{1} - h)] x^\top"],
    ),
    (
        "dL/dW1",
        r"\frac{\partial L}{\partial W^{(1)}_{jk}}",
        [r"\sum_i (\hat y_i - y_i) W^{(2)}_{ij} h_j (1 - h_j) x_k"],
    ),
    ("dL/dx", r"\frac{\partial L}{\partial x}", [r"W^{(1)\top} \delta^{(1)}"]),
    (
        "W1_new",
        "W^{(1)}_{new}",
        [r"W^{(1)} - \eta \frac{\partial L}{\partial W^{(1)}}", r"W^{(1)} - \eta \delta^{(1)} x^T"],
    ),
]

WRONG_OF_VECTORS = [
    ("dL/dz2", r"\delta^{(2)}", r"y - \hat y"),
    ("dL/dW2", r"\frac{\partial L}{\partial W^{(2)}}", r"h \delta^{(2)\top}"),
    ("dL/dW2", r"\frac{\partial L}{\partial W^{(2)}}", r"h^T \delta^{(2)}"),
    ("dL/dW2", r"\frac{\partial L}{\partial W^{(2)}}", r"\delta^{(2)} x^\top"),
    ("dL/dh", r"\frac{\partial L}{\partial h}", r"W^{(2)} \delta^{(2)}"),
    ("dL/dz1", r"\delta^{(1)}", r"W^{(2)\top} \delta^{(2)} \odot \sigma(z^{(1)})"),
    ("dL/dz1", r"\delta^{(1)}", r"W^{(2)\top} \delta^{(2)} \odot \sigma'(h)"),
    ("dL/dz1", r"\delta^{(1)}", r"W^{(2)\top} \delta^{(2)} \odot (1 - h)"),
    ("dL/dz1", r"\delta^{(1)}", r"W^{(2)\top} \delta^{(2)}"),
    ("dL/dW1", r"\frac{\partial L}{\partial W^{(1)}}", r"\delta^{(1)} h^T"),
    ("dp/dz", r"\frac{\partial \hat y_i}{\partial z_j}", r"\hat y_i (\delta_{ij} - \hat y_i)"),
    ("dp/dz", r"\frac{\partial \hat y_i}{\partial z_j}", r"\hat y_i (1 - \hat y_j)"),
    ("dL/dz2", r"\frac{\partial L}{\partial z_j}", r"y_j - \hat y_j"),
    ("dL/dz2", r"\frac{\partial L}{\partial z_j}", r"\hat y_j"),
    ("dL/dW2", r"\frac{\partial L}{\partial W^{(2)}_{ij}}", r"(\hat y_j - y_j) h_i"),
    ("dL/dh", r"\frac{\partial L}{\partial h_j}", r"\sum_{i=1}^K W^{(2)}_{ji} (\hat y_i - y_i)"),
    ("L", "L", r"-\sum_k \hat y_k \log y_k"),
    ("L", "L", r"\sum_k y_k \log \hat y_k"),
    ("p", r"\hat y_k", r"\frac{e^{z_k}}{\sum_j z_j}"),
    ("dL/dp", r"\frac{\partial L}{\partial \hat y_i}", r"-\frac{1}{\hat y_i}"),
    ("W1_new", "W^{(1)}_{new}", r"W^{(1)} + \eta \frac{\partial L}{\partial W^{(1)}}"),
]

RIGHT_OF_BATCHES = [
    ("Z1", "Z^{[1]}", ["X W^{[1]} + b^{[1]}"]),
    ("A1", "A^{[1]}", [r"\max(0, Z^{[1]})", "ReLU(Z_1)"]),
    ("P", "P", [r"\text{softmax}(A_1 W_2 + b_2)"]),
    ("P", "P_{ij}", [r"\frac{e^{Z^{[2]}_{ij}}}{\sum_{k=1}^{C} e^{Z^{[2]}_{ik}}}"]),
    ("L", "L", [r"-\frac{1}{N} \sum_{i=1}^{N} \sum_{j=1}^{C} Y_{ij} \log P_{ij}"]),
    ("dZ2", "dZ^{[2]}", [r"\frac{1}{N}(P - Y)", r"\frac{P - Y}{N}"]),
    ("dW2", "dW^{[2]}", [r"A^{[1]T} dZ^{[2]}", r"\frac1N A_1^T (P - Y)"]),
    ("db2", "db^{[2]}", [r"\mathbf{1}^T dZ^{[2]}", r"\frac{1}{N}\sum_{i=1}^N (P_i - Y_i)"]),
    ("dA1", "dA^{[1]}", ["dZ^{[2]} W^{[2]T}"]),
    (
        "dZ1",
        "dZ^{[1]}",
        [
            r"dA^{[1]} \odot \mathbb{1}[Z^{[1]} > 0]",
            r"dA^{[1]} * \text{ReLU}'(Z^{[1]})",
            r"dA^{[1]} \circ (Z_1 > 0)",
            r"dA^{[1]} \odot \frac{\partial A_1}{\partial Z_1}",
        ],
    ),
    (
        "dW1",
        r"\frac{\partial L}{\partial W^{[1]}}",
        [r"X^T dZ^{[1]}", r"\frac{1}{N} X^\top \left[ (P-Y) W_2^\top \odot \mathbb{1}_{Z_1 > 0} \right]"],
    ),
    (
        "dW1",
        r"\frac{\partial L}{\partial W^{[1]}_{dh}}",
        [
            r"\frac{1}{N}\sum_{i} X_{id} \, \mathbb{1}[Z^{[1]}_{ih} > 0] \sum_{c} (P_{ic} - Y_{ic}) W^{[2]}_{hc}"
        ],
    ),
    ("W1_new", r"W^{[1]} - \eta X^T dZ_1", [r"W^{[1]} - \eta \, dW^{[1]}"]),
]

WRONG_OF_BATCHES = [
    ("dZ2", "dZ^{[2]}", "P - Y"),
    ("dW2", "dW^{[2]}", "dZ^{[2]} A^{[1]T}"),
    ("dZ1", "dZ^{[1]}", r"dA^{[1]} \odot A^{[1]}"),
    ("db2", "db^{[2]}", "dZ^{[2]}"),
]


def _value_or_kind(point: Point, label: str, side: str) -> tuple[Array | None, str]:
    try:
        return _over(point, label, side).value, ""
    except UnevaluableError as error:
        return None, error.kind


def _agrees(found: Array, wanted: Array) -> bool:
    """Whether a value is the right one, a vector as a column where no index goes over it."""
    wanted = np.asarray(wanted)
    if wanted.ndim == 1 and found.ndim > 1:
        wanted = wanted[:, None]
    return found.shape == wanted.shape and np.allclose(found, wanted, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize(("name", "label", "sides"), RIGHT_OF_VECTORS)
def test_right_sides_on_columns_have_the_value_that_numpy_gives(
    name: str, label: str, sides: list[str]
) -> None:
    wanted = _two_layers()[name]

    for side in [label, *sides]:
        assert _agrees(_over(VECTORS, label, side).value, wanted), side


@pytest.mark.parametrize(("name", "label", "side"), WRONG_OF_VECTORS)
def test_wrong_sides_on_columns_have_another_value_or_none(name: str, label: str, side: str) -> None:
    found, kind = _value_or_kind(VECTORS, label, side)

    assert kind in {"shape", "domain"} if found is None else not _agrees(found, _two_layers()[name])


@pytest.mark.parametrize(("name", "label", "sides"), RIGHT_OF_BATCHES)
def test_right_sides_on_a_batch_have_the_value_that_numpy_gives(
    name: str, label: str, sides: list[str]
) -> None:
    wanted = _batch()[name]

    for side in [label, *sides]:
        assert _agrees(_over(BATCH, label, side).value, wanted), side


@pytest.mark.parametrize(("name", "label", "side"), WRONG_OF_BATCHES)
def test_wrong_sides_on_a_batch_have_another_value_or_none(name: str, label: str, side: str) -> None:
    found, kind = _value_or_kind(BATCH, label, side)

    assert kind == "shape" if found is None else not _agrees(found, _batch()[name])


# --------------------------------------------------------------------------------------------------------------
# Derivatives of nodes by nodes

# At the point: x = 1.3, w0 = 0.5, w1 = 0.7, w2 = 0.6, ws = 0.9, both units on, y below y_hat.


@pytest.mark.parametrize(
    ("tex", "value"),
    [
        (r"\frac{\partial z_1}{\partial h_0}", 0.7),
        (r"\frac{\partial z_2}{\partial h_0}", 0.9),
        (r"\frac{\partial z_2}{\partial z_1}", 0.6),
        (r"\frac{\partial z_2}{\partial w_1}", 0.6 * 0.65),
        (r"\frac{\partial z_2}{\partial w_0}", (0.9 + 0.6 * 0.7) * 1.3),
        (r"\frac{\partial h_0}{\partial z_2}", 0.0),
        (r"\frac{\partial w_0}{\partial w_0}", 1.0),
        (r"\frac{\partial L}{\partial L}", 1.0),
        (r"\frac{\partial L}{\partial h_0}", 0.9 + 0.6 * 0.7),
        (r"\frac{\partial L(\hat{y}, y)}{\partial y}", -1.0),
        (
            (
                r"\frac{\partial L}{\partial z_1}\frac{\partial z_1}{\partial h_0}"
                r" + \frac{\partial L}{\partial z_2}\frac{\partial z_2}{\partial h_0}"
            ),
            0.9 + 0.6 * 0.7,
        ),
    ],
)
def test_a_derivative_by_what_a_node_is_computed_from_is_the_direct_one(tex: str, value: float) -> None:
    assert SKIP.value(tex) == pytest.approx(value, rel=1e-14)


def test_a_total_derivative_goes_over_all_paths() -> None:
    tex = r"\frac{\partial z_2}{\partial h_0}"

    assert SKIP.value(tex, readings=Readings(total=True)) == pytest.approx(0.9 + 0.6 * 0.7)


def test_a_vector_derived_by_a_vector_is_its_jacobian() -> None:
    W2, p = VECTORS.world.value("W2"), VECTORS.world.value("y_hat")
    h = VECTORS.world.value("h")
    jacobian = np.diag(p) - np.outer(p, p)

    np.testing.assert_allclose(VECTORS.value(r"\frac{\partial z_2}{\partial h}"), W2)
    np.testing.assert_allclose(VECTORS.value(r"\frac{\partial \hat y}{\partial z}"), jacobian, atol=1e-15)
    np.testing.assert_allclose(
        VECTORS.value(r"\frac{\partial \hat y_2}{\partial z}", indices={"q": 0}), jacobian[1][:, None]
    )
    np.testing.assert_allclose(
        VECTORS.value(r"\frac{\partial z_2}{\partial z_1}"), W2 * h * (1 - h), rtol=1e-12
    )


def test_a_jacobian_that_is_a_diagonal_multiplies_as_one_and_stands_for_its_entries() -> None:
    W2, h = VECTORS.world.value("W2"), VECTORS.world.value("h")
    slope = h * (1 - h)
    found = VECTORS.evaluated(r"\frac{\partial h}{\partial z_1}")

    assert found.is_diagonal
    np.testing.assert_allclose(found.value, slope[:, None], rtol=1e-12)
    for tex, wanted in [
        (r"\frac{\partial z_2}{\partial h} \frac{\partial h}{\partial z_1}", W2 * slope),
        (r"\frac{\partial h}{\partial z_1} W_2^T", slope[:, None] * W2.T),
        (
            r"(\frac{\partial h}{\partial z_1})^T \frac{\partial L}{\partial h}",
            slope[:, None] * VECTORS.value(r"\frac{\partial L}{\partial h}"),
        ),
        (r"2 \cdot \frac{\partial h}{\partial z_1}", 2 * slope[:, None]),
        (r"1 - \frac{\partial h}{\partial z_1}", 1 - slope[:, None]),
    ]:
        np.testing.assert_allclose(VECTORS.value(tex), wanted, rtol=1e-12)
    assert not VECTORS.evaluated("h").is_diagonal


def test_gradients_are_rows_in_numerator_layout_and_chains_go_from_left_to_right() -> None:
    rows = Readings(gradients_are_rows=True)
    label = VECTORS.value(r"\frac{\partial L}{\partial x}", readings=rows)
    chain = (
        r"\frac{\partial L}{\partial z_2} \frac{\partial z_2}{\partial h} \frac{\partial h}{\partial z_1}"
        r" \frac{\partial z_1}{\partial x}"
    )

    assert label.shape == (1, 3)
    np.testing.assert_allclose(VECTORS.value(chain, readings=rows), label, rtol=1e-12)


@pytest.mark.parametrize(
    "tex",
    [
        r"\frac{\partial z_1}{\partial W_1}",
        r"\frac{\partial Z_1}{\partial W_1}",
        r"\frac{\partial Z_2}{\partial A_1}",
    ],
)
def test_a_derivative_with_more_axes_than_a_matrix_is_refused_as_a_tensor(tex: str) -> None:
    point = BATCH if "Z" in tex else VECTORS
    with pytest.raises(UnevaluableError) as caught:
        point.value(tex)

    assert caught.value.kind == "tensor"


def test_with_indices_a_derivative_by_a_matrix_has_its_entry() -> None:
    x = VECTORS.world.value("x")
    wanted = np.einsum("ij,k->ijk", np.eye(H), x)

    np.testing.assert_array_equal(VECTORS.value(r"\frac{\partial z^{(1)}_i}{\partial W^{(1)}_{jk}}"), wanted)


# --------------------------------------------------------------------------------------------------------------
# Derivatives of expressions


@pytest.mark.parametrize(
    ("tex", "value"),
    [
        (r"\frac{\partial (w_s h_0 + w_2 h_1)}{\partial h_0}", 0.9),
        (r"\frac{\partial (w_0 x)}{\partial w_0}", 1.3),
        (r"\frac{\partial |y - \hat{y}|}{\partial \hat{y}}", 1.0),
        (r"\frac{\partial |y - \hat{y}|}{\partial w_0}", (0.9 + 0.6 * 0.7) * 1.3),
        (r"\frac{\partial (x^3)}{\partial x}", 3 * 1.3**2),
        (r"\frac{\partial (-L)}{\partial w_s}", -0.65),
        (r"\frac{\partial (w_0 - \alpha x)}{\partial \alpha}", -1.3),
    ],
)
def test_an_expression_is_derived_to_nine_digits(tex: str, value: float) -> None:
    assert SKIP.value(tex) == pytest.approx(value, rel=1e-9)


def test_an_expression_is_derived_over_all_paths_in_that_reading() -> None:
    tex = r"\frac{\partial (w_s h_0 + w_2 h_1)}{\partial h_0}"

    assert SKIP.value(tex, readings=Readings(total=True)) == pytest.approx(0.9 + 0.6 * 0.7, rel=1e-9)


def test_what_an_expression_holds_fixed_is_noted_where_that_makes_a_difference() -> None:
    assert SKIP.evaluated(r"\frac{\partial (w_s h_0 + w_2 h_1)}{\partial h_0}").notes == (
        "Only where `h0` itself stands is it varied in this derivative.",
    )
    assert SKIP.evaluated(r"\frac{\partial (w_s h_0 + w_2 x)}{\partial h_0}").notes == ()


def test_the_loss_with_a_penalty_is_derived_over_all_paths() -> None:
    found = SKIP.value(r"\frac{\partial (L + 3 w_s^2)}{\partial w_s}")

    assert found == pytest.approx(0.65 + 6 * 0.9, rel=1e-9)


def test_the_logarithm_of_a_softmax_is_derived_by_its_scores() -> None:
    p = VECTORS.world.value("y_hat")

    np.testing.assert_allclose(
        VECTORS.value(r"\frac{\partial (-\log \hat{y}_c)}{\partial z_k}"), p - np.eye(K)[2], rtol=1e-9
    )
    np.testing.assert_allclose(
        VECTORS.value(r"\frac{\partial (\log \sum_j e^{z_j})}{\partial z_k}"), p, rtol=1e-9
    )
    np.testing.assert_allclose(
        VECTORS.value(r"\frac{\partial (\log \sum_j e^{z_j})}{\partial z}"), p[:, None], rtol=1e-9
    )


def test_a_vector_of_expressions_is_derived_to_a_jacobian_or_its_diagonal() -> None:
    W1, h = VECTORS.world.value("W1"), VECTORS.world.value("h")

    np.testing.assert_allclose(VECTORS.value(r"\frac{\partial (W_1 x)}{\partial x}"), W1, rtol=1e-9)
    found = VECTORS.evaluated(r"\frac{\partial (h \odot h)}{\partial h}")
    assert found.is_diagonal
    np.testing.assert_allclose(found.value, 2 * h[:, None], rtol=1e-9)


def test_on_a_kink_an_expression_has_no_derivative() -> None:
    point = skip_point({"x": 0.0})
    with pytest.raises(UnevaluableError) as caught:
        point.value(r"\frac{\partial |x|}{\partial x}")

    assert caught.value.kind == "other"


def test_near_a_kink_or_the_end_of_a_domain_the_derivative_is_that_of_its_side() -> None:
    point = skip_point({"x": 3e-4})

    assert point.value(r"\frac{\partial |x|}{\partial x}") == pytest.approx(1.0, rel=1e-9)
    assert point.value(r"\frac{\partial (\sqrt{x + 0.01})}{\partial x}") == pytest.approx(
        0.5 / 0.0103**0.5, rel=1e-7
    )


# --------------------------------------------------------------------------------------------------------------
# Definitions


def test_the_students_own_names_stand_for_what_they_were_defined_as() -> None:
    own = VECTORS.definitions(
        {"g": (r"\hat y_k - y_k", ("k",), ()), "e": (r"\hat y - y", (), ()), "S": (r"\sum_j e^{z_j}", (), ())}
    )
    delta = VECTORS.world.gradient("z2")

    np.testing.assert_allclose(VECTORS.value("g_k", definitions=own), delta, rtol=1e-13)
    np.testing.assert_allclose(
        VECTORS.value("g_j h_k", definitions=own), np.outer(delta, VECTORS.world.value("h")), rtol=1e-13
    )
    np.testing.assert_allclose(
        VECTORS.value("g h^T", definitions=own), VECTORS.world.gradient("W2"), rtol=1e-12
    )
    np.testing.assert_allclose(VECTORS.value(r"\sum_j g_j", definitions=own), delta.sum(), atol=1e-12)
    np.testing.assert_allclose(
        VECTORS.value("e^{z_k} / S", definitions=own), VECTORS.world.value("y_hat"), rtol=1e-12
    )


def test_an_own_name_with_a_number_below_is_a_name_of_its_own() -> None:
    own = SKIP.definitions({"q_2": ("3 x", (), ()), "q_1": ("2 q_2", (), ())})

    assert SKIP.value("q_1 + q_2", definitions=own) == pytest.approx(9 * 1.3)
    assert SKIP.value(r"\frac{\partial (q_1)}{\partial x}", definitions=own) == pytest.approx(6.0, rel=1e-9)


def test_circular_definitions_are_refused() -> None:
    own = SKIP.definitions({"q": ("x + r", (), ()), "r": ("2 q", (), ()), "f": ("f(t)", (), ("t",))})

    for tex in ("q", "r + 1", "f(x)"):
        with pytest.raises(UnevaluableError, match="is defined by itself"):
            SKIP.value(tex, definitions=own)


def test_the_general_rule_for_the_absolute_value_of_a_function_holds() -> None:
    for body in ("x^2 - 3", "7 - x^3"):
        own = SKIP.definitions({"f": (body, (), ("x",))})
        label = SKIP.value(r"\frac{\delta |f(x)|}{\delta x}", definitions=own)
        side = SKIP.value(r"sign(f(x)) \frac{\delta f(x)}{\delta x}", definitions=own)

        assert abs(label) > 1
        assert side == pytest.approx(label, rel=1e-9)


def test_a_function_is_derived_by_an_own_name() -> None:
    own = SKIP.definitions({"f": ("t^2", (), ("t",)), "t": ("3", (), ())})

    assert SKIP.value(r"\frac{\partial f(t)}{\partial t}", definitions=own) == pytest.approx(6.0, rel=1e-9)
    assert SKIP.value("f(2 + 1)", definitions=own) == 9.0


def test_a_value_at_shifted_scores_is_computed_anew() -> None:
    own = VECTORS.definitions(
        {"z'": ("z_k + d", ("k",), ()), "d": ("0.7", (), ()), "z''": ("2 z_k", ("k",), ())}
    )
    z, p = VECTORS.world.value("z2"), VECTORS.world.value("y_hat")
    own |= {"z2'": own["z'"], "z2''": own["z''"]}

    np.testing.assert_allclose(VECTORS.value("p_k(z'_k)", definitions=own), p, rtol=1e-12)
    np.testing.assert_allclose(
        VECTORS.value("p_k(z'')", definitions=own), np.exp(2 * z) / np.exp(2 * z).sum(), rtol=1e-12
    )
    np.testing.assert_allclose(
        VECTORS.value(r"\frac{e^{z'_k}}{\sum_j e^{z'_j}}", definitions=own), p, rtol=1e-12
    )
    with pytest.raises(UnevaluableError, match="is not a name of this task"):
        VECTORS.value("p_k(z'_k)")
