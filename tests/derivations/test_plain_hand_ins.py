"""Hand-ins in plain text: what is written as in code is read, and a formula that cannot be read waits; it is never missing."""

from __future__ import annotations

import pytest
from paper import REPORT, SHEET, SKIP, graded, question, verdicts

PLACES = {
    SHEET: ("Gradients", "gradients"),
    REPORT: ("Forward message", "forward"),
    SKIP: ("Pen and paper\n\n### 1)", "derivation"),
}


def said(line: str, quantity: str, assignment: str) -> str:
    """Return the verdict on a quantity of a hand-in with this line alone; `waits` where a person must look."""
    heading, name = PLACES[assignment]
    result = graded(f"## {heading}\n\n{line}\n", assignment, name="alice.txt")
    verdict = verdicts(result, name)[quantity]
    return "waits" if verdict == "undecided" and question(result, name).pending_points else verdict


@pytest.mark.parametrize(
    ("quantity", "line"),
    [
        ("dL/dh", "dL/dh = W2^T (p - y)"),
        ("dL/dh", "dL/dh = W2.T @ (p - y)"),
        ("dL/dh", "dL/dh = W2^T (p - y) (chain rule)"),
        ("dL/dh", "dL/dh_j = \N{GREEK CAPITAL LETTER SIGMA}_k (p_k - y_k) W2_kj"),
        ("dL/dh", "dL/dh_j = sum_k (p_k - y_k) W2_kj"),
        ("dL/dh", "dL/dh_j = sum_{k=1}^K (p_k - y_k) W2_{kj}"),
        ("dL/dz2", "dL/dz2_k = p_k - y_k"),
        ("dL/dz2", "dL/dz2[k] = p[k] - y[k]"),
        ("dL/dW2", "dL/dW2_{kj} = (p_k - y_k) h_j"),
        ("dL/dW2", "dL/dW2[k,j] = (p[k] - y[k]) * h[j]"),
    ],
)
def test_gradients_of_entries_and_factors_in_brackets_are_read(quantity: str, line: str) -> None:
    assert said(line, quantity, SHEET) == "correct"


@pytest.mark.parametrize(
    ("quantity", "line"),
    [
        ("dL/dh", "dL/dh = W2^T (y - p)"),
        ("dL/dh", "dL/dh = W2 (p - y)"),
        ("dL/dz2", "dL/dz2[k] = y[k] - p[k]"),
        ("dL/dh", "dL/dh_j = sum_{k=1}^K (p_k - y_k) W2_{jk}"),
    ],
)
def test_a_slip_in_them_is_found(quantity: str, line: str) -> None:
    assert said(line, quantity, SHEET) in {"wrong", "invalid"}


@pytest.mark.parametrize("line", ["p_k = e^{s_k} / sum_c e^{s_c}", "p[k] = exp(s[k]) / sum_c exp(s[c])"])
def test_braces_of_scripts_are_read_without_tex(line: str) -> None:
    assert said(line, "p", REPORT) == "correct"


def test_a_mask_below_a_one_is_read_without_tex() -> None:
    assert said("dL/dz1 = sign(y_hat - y) * w2 * 1_{z1 > 0}", "dL/dz1", SKIP) == "correct"


@pytest.mark.parametrize(
    ("assignment", "quantity", "line"),
    [
        (SHEET, "dL/dW2", "dL/dW2 = np.outer(p - y, h)"),
        (SHEET, "dL/dh", "dL/dh = W2.T.dot(p - y)"),
        (SHEET, "dL/dh", "dL/dh_j = sum over k of (p_k - y_k) W2_kj"),
        (SHEET, "dL/dz2", "Damit gilt: dL/dz2 = p - y"),
        (SHEET, "dL/dz2", "The gradient is dL/dz2 = p - y."),
        (REPORT, "p", "p = np.exp(s) / np.sum(np.exp(s))"),
        (SKIP, "h0", "h0 = z0 if z0 > 0 else 0"),
    ],
)
def test_a_formula_that_cannot_be_read_waits_for_a_person(assignment: str, quantity: str, line: str) -> None:
    assert said(line, quantity, assignment) == "waits"


@pytest.mark.parametrize(
    "line",
    [
        "z0 = the value before the activation of the first unit (see the lecture, page 4)",
        "If the unit were off we had dL/dw0 = 0 (that is clear)",
    ],
)
def test_a_sentence_with_an_equals_sign_is_no_formula(line: str) -> None:
    assert said(line, "z0", SKIP) == said(line, "dL/dw0", SKIP) == "missing"


@pytest.mark.parametrize(
    ("quantity", "line"),
    [
        ("dL/dz2", "grad_z2 L = {}"),
        ("dL/dz2", "grad_{{z2}} L = {}"),
        ("dL/dz2", "grad_z2(L) = {}"),
        ("dL/dz2", "dLdz2 = {}"),
        ("dL/dz2", "partial L / partial z2 = {}"),
        ("dL/dz2", "(∂L)/(∂z₂) = {}"),
        ("dL/dz2", "(dL)/(dz2) = {}"),
        ("dL/dz2", "∂L/∂z^(2) = {}"),
        ("dL/dz2", "∂L/∂z^[2] = {}"),
        ("dL/dz2", "delta^(2) = {}"),
        ("dL/dW2", "dLdW2 = ({}) @ h.T"),
    ],
)
def test_derivatives_as_names_in_code_and_in_brackets_are_read(quantity: str, line: str) -> None:
    assert said(line.format("p - y"), quantity, SHEET) == "correct"
    assert said(line.format("y - p"), quantity, SHEET) == "wrong"


def test_a_gradient_named_as_in_code_stands_for_its_value_in_other_lines() -> None:
    assert said("dL/dW2 = dLdz2 h^T\n\ndLdz2 = p - y", "dL/dW2", SHEET) == "correct"
    assert said("dL/dW2 = h dLdz2^T\n\ndLdz2 = p - y", "dL/dW2", SHEET) == "invalid"


@pytest.mark.parametrize(
    ("quantity", "line", "slip"),
    [
        ("dL/dz2", "dL/dz2(k) = p(k) - y(k)", "dL/dz2(k) = y(k) - p(k)"),
        ("dL/dz2", "dL/dz2_k = p(k) - y(k)", "dL/dz2_k = p(k) + y(k)"),
        (
            "dL/dh",
            "dL/dh(j) = sum_k (p(k) - y(k)) W2(k,j)",
            "dL/dh(j) = sum_k (p(k) - y(k)) W2(j,k)",
        ),
    ],
)
def test_letters_that_count_in_brackets_behind_a_name_are_its_indices(
    quantity: str, line: str, slip: str
) -> None:
    assert said(line, quantity, SHEET) == "correct"
    assert said(slip, quantity, SHEET) in {"wrong", "invalid"}


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("z^(2) = W^(2) h + b^(2)", "correct"),
        ("z^[2] = W^[2] h + b^[2]", "correct"),
        ("z^(2) = W^(2) x + b^(2)", "invalid"),
    ],
)
def test_a_layer_in_brackets_is_part_of_the_name(line: str, verdict: str) -> None:
    result = graded(f"## Forward pass\n\n{line}\n", SHEET, name="alice.txt")
    assert verdicts(result, "forward")["z2"] == verdict


def test_brackets_behind_a_name_hold_factors_where_no_letter_counts() -> None:
    assert said("dL/dz1 = W2^T(p - y) * h(1 - h)", "dL/dz1", SHEET) == "correct"
    assert said("dL/dz1 = W2^T(p - y) * h * (1 - h^(2))", "dL/dz1", SHEET) == "wrong"
