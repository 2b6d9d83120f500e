"""Notations of textbooks are read as they are meant, and a slip in them is found: a right sheet with its gradients in another dress."""

from __future__ import annotations

import pytest
from paper import SHEET, findings, graded, lines, not_correct, points, question, read_as
from skip_sheet import EXPLICIT, NUMBERS, sheet

from grader.model import Grade, LineVerdict

FORWARD = r"""
$$z^{(1)} = W^{(1)} x + b^{(1)}, \quad h = \sigma(z^{(1)})$$
$$z^{(2)} = W^{(2)} h + b^{(2)}, \quad \hat y = \mathrm{softmax}(z^{(2)})$$
$$L = -\sum_k y_k \log \hat y_k$$
"""
REST = r"""
$$\frac{\partial L}{\partial W^{(2)}} = (\hat y - y) h^\top$$
$$\frac{\partial L}{\partial b^{(2)}} = \hat y - y$$
$$\frac{\partial L}{\partial h} = W^{(2)\top} (\hat y - y)$$
$$\frac{\partial L}{\partial z^{(1)}} = W^{(2)\top} (\hat y - y) \odot h \odot (1 - h)$$
$$\frac{\partial L}{\partial W^{(1)}} = \frac{\partial L}{\partial z^{(1)}} x^\top$$
$$\frac{\partial L}{\partial b^{(1)}} = \frac{\partial L}{\partial z^{(1)}}$$
"""
"""All gradients but the first one."""
DZ2 = r"$$\frac{\partial L}{\partial z^{(2)}} = \hat y - y$$"
UNDER = 4.0 / 7.0
"""Points of a gradient."""

ONE_NAME_FOR_ALL = r"""
$$g \leftarrow \nabla_{z^{(2)}} L = \hat y - y$$
$$\nabla_{b^{(2)}} L = g$$
$$\nabla_{W^{(2)}} L = g h^\top$$
$$g \leftarrow \nabla_h L = W^{(2)\top} g$$
$$g \leftarrow \nabla_{z^{(1)}} L = g \odot \sigma'(z^{(1)})$$
$$\nabla_{b^{(1)}} L = g$$
$$\nabla_{W^{(1)}} L = g x^\top$$
"""
"""As an algorithm: one name, given a new value at each layer."""
LETTERS_FOR_LAYERS = r"""
$$\delta_k \equiv \frac{\partial L}{\partial z^{(2)}_k} = \hat y_k - y_k$$
$$\frac{\partial L}{\partial h_j} = \sum_k W^{(2)}_{kj} \delta_k$$
$$\delta_j \equiv \frac{\partial L}{\partial z^{(1)}_j} = h_j (1 - h_j) \sum_k W^{(2)}_{kj} \delta_k$$
$$\frac{\partial L}{\partial W^{(1)}_{ji}} = \delta_j x_i, \quad \frac{\partial L}{\partial W^{(2)}_{kj}} = \delta_k h_j$$
$$\frac{\partial L}{\partial b^{(1)}_j} = \delta_j, \quad \frac{\partial L}{\partial b^{(2)}_k} = \delta_k$$
"""
"""One name for two layers, told apart by the letter of its index."""


def with_gradients(gradients: str, forward: str = FORWARD) -> Grade:
    """Grade the sheet on two layers with these gradients, and without its steps."""
    return graded(f"## Forward pass\n{forward}\n## Gradients\n{gradients}\n", SHEET)


def waiting(result: Grade, name: str) -> float:
    return round(question(result, name).pending_points, 6)


# --------------------------------------------------------------------------------------------------------------
# Names of the student's own


@pytest.mark.parametrize(
    "gradients", [DZ2 + REST, ONE_NAME_FOR_ALL, LETTERS_FOR_LAYERS], ids=["usual", "one name", "letters"]
)
def test_right_gradients_get_all_points_however_they_are_named(gradients: str) -> None:
    result = with_gradients(gradients)

    assert points(result)["gradients"] == 4.0
    assert findings(result) == []


@pytest.mark.parametrize(
    ("gradients", "old", "new", "at"),
    [
        (ONE_NAME_FOR_ALL, r"W^{(2)\top} g", "W^{(2)} g", "dL/dh"),
        (ONE_NAME_FOR_ALL, r"\sigma'(z^{(1)})", "h", "dL/dz1"),
        (LETTERS_FOR_LAYERS, r"\delta_k h_j", r"\delta_j h_j", "dL/dW2"),
        (LETTERS_FOR_LAYERS, "h_j (1 - h_j)", "h_j", "dL/dz1"),
    ],
)
def test_a_slip_under_a_name_with_several_meanings_is_charged_where_it_is(
    gradients: str, old: str, new: str, at: str
) -> None:
    """What is taken by the name behind it has the student's own meaning, so that one gradient is lost and no other."""
    assert gradients.count(old) == 1
    result = with_gradients(gradients.replace(old, new))

    assert result.first_mistake == at
    assert points(result)["gradients"] == pytest.approx(4.0 - UNDER)


def test_a_name_means_what_it_was_given_before_the_line_and_not_behind_it() -> None:
    """The gradient by W2 is written with g after g has become dL/dz1: shapes do not fit."""
    line = r"$$\nabla_{W^{(2)}} L = g h^\top$$" + "\n"
    result = with_gradients(ONE_NAME_FOR_ALL.replace(line, "") + line)

    assert not_correct(result, "gradients") == {"dL/dW2": "invalid"}


def test_a_transpose_on_the_left_is_one_on_the_right() -> None:
    label = r"\frac{\partial L}{\partial h} = W^{(2)\top} (\hat y - y)"
    row = r"\left(\frac{\partial L}{\partial h}\right)^\top = "
    right = with_gradients(DZ2 + REST.replace(label, row + r"(\hat y - y)^\top W^{(2)}"))
    wrong = with_gradients(DZ2 + REST.replace(label, row + r"W^{(2)\top} (\hat y - y)"))

    assert not_correct(right, "gradients") == {}
    assert not_correct(wrong, "gradients") == {"dL/dh": "invalid"}


def test_a_name_that_is_said_to_be_a_gradient_gives_it_where_it_is_worked_out() -> None:
    """`w_0-bar = ...` and, elsewhere, that it means dL/dw0."""
    s = r"\mathrm{sign}(\hat y - y)"
    own = rf"\bar w = {s} (w_s + w_1 w_2 u(z_1)) u(z_0) x"
    meant = r"\bar w = \frac{\partial L}{\partial \omega_0}"
    result = graded(sheet({**EXPLICIT, "dL/dw0": f"{own}$$\n\n$${meant}"}))

    assert not_correct(result, "derivation") == {}


def test_a_name_that_no_line_explains_waits_with_what_it_stands_for() -> None:
    """Words may explain it: `let e be the error`."""
    result = with_gradients(
        r"Let $e$ be the difference of both. $$\frac{\partial L}{\partial z^{(2)}} = e$$" + REST
    )
    alone = REST.replace(r"$$\frac{\partial L}{\partial b^{(2)}} = \hat y - y$$", "")
    waits = with_gradients(
        r"Let $e$ be the difference of both. $$\frac{\partial L}{\partial z^{(2)}} = e$$" + alone
    )

    assert points(result)["gradients"] == 4.0, "dL/db2 gives it"
    assert not_correct(waits, "gradients") == {"dL/dz2": "undecided", "dL/db2": "missing"}
    assert waiting(waits, "gradients") == pytest.approx(UNDER, abs=1e-6)


# --------------------------------------------------------------------------------------------------------------
# Formulas


def test_the_logarithm_of_a_row_of_ones_goes_over_what_that_is_multiplied_with() -> None:
    loss = r"L = -y^\top z^{(2)} + \log \mathbf 1^\top e^{z^{(2)}}"
    result = with_gradients(DZ2 + REST, FORWARD.replace(r"L = -\sum_k y_k \log \hat y_k", loss))

    assert not_correct(result, "forward") == {}


@pytest.mark.parametrize(
    "relation", [r"\overset{(2)}{=}", r"\stackrel{!}{=}", r"\overset{\text{def}}{=}", r"\underset{c}="]
)
def test_what_stands_over_an_equals_sign_changes_nothing(relation: str) -> None:
    result = with_gradients((DZ2 + REST).replace("} = ", f"}} {relation} "))

    assert points(result)["gradients"] == 4.0


def test_an_equals_sign_with_a_question_mark_claims_nothing() -> None:
    result = with_gradients(
        DZ2
        + REST.replace(r"\frac{\partial L}{\partial h} =", r"\frac{\partial L}{\partial h} \overset{?}{=}")
    )

    assert not_correct(result, "gradients") == {"dL/dh": "undecided"}
    assert waiting(result, "gradients") == pytest.approx(UNDER, abs=1e-6)


def test_what_is_only_proportional_waits() -> None:
    part = FORWARD.replace(r"\hat y = \mathrm{softmax}(z^{(2)})", r"\hat y_k \propto e^{z^{(2)}_k}")
    result = with_gradients(DZ2 + REST, part)
    whole = with_gradients(DZ2 + REST, FORWARD + r"$$\hat y_k \propto e^{z^{(2)}_k}$$")

    assert not_correct(result, "forward") == {"y_hat": "undecided"}
    assert waiting(result, "forward") == pytest.approx(0.4)
    assert not_correct(whole, "forward") == {}


@pytest.mark.parametrize(
    "line",
    [
        r"\operatorname{vec}(\nabla_{W^{(2)}} L) = (h \otimes I_K) (\hat y - y)",
        r"\frac{\partial L}{\partial \operatorname{vec}(W^{(2)})} = h \otimes (\hat y - y)",
    ],
)
def test_a_gradient_that_stands_in_a_left_side_nobody_can_read_waits(line: str) -> None:
    own = r"\frac{\partial L}{\partial W^{(2)}} = (\hat y - y) h^\top"
    result = with_gradients(DZ2 + REST.replace(own, line))

    assert not_correct(result, "gradients") == {"dL/dW2": "undecided"}
    assert waiting(result, "gradients") == pytest.approx(UNDER, abs=1e-6)


def test_what_stands_on_a_line_that_cannot_be_read_waits_with_it() -> None:
    """Nobody can tell that the unreadable line is the gradient by z2: the chain rule behind it may be a full answer."""
    unreadable = r"$$\frac{\partial L}{\partial z^{(2)}} \overset{?}{=} \hat y - y$$"
    chain = r"""
$$\frac{\partial L}{\partial W^{(2)}} = \frac{\partial L}{\partial z^{(2)}} h^\top$$
$$\frac{\partial L}{\partial b^{(2)}} = \frac{\partial L}{\partial z^{(2)}}$$
"""
    result = with_gradients(unreadable + chain)

    assert {line[1]: line[2] for line in read_as(result, "gradients") if line[1]} == {
        "dL/dW2": LineVerdict.UNREAD,
        "dL/db2": LineVerdict.UNREAD,
    }
    assert waiting(result, "gradients") == pytest.approx(4.0)
    assert "a person looks at both" in "".join(line.text for line in lines(result, "gradients"))


def test_the_old_value_before_an_arrow_is_no_claim() -> None:
    arrows = {
        "w0_new": r"w_0: 0.5 \to -0.25",
        "w1_new": r"w_1: 0.5 \to 0.25",
        "w2_new": r"w_2: 0.5 \to 0.3",
        "ws_new": r"w_s: 0.5 \to 0",
    }
    result = graded(sheet(EXPLICIT, {**NUMBERS, **arrows}))

    assert not_correct(result, "numbers") == {"w2_new": "wrong"}


# --------------------------------------------------------------------------------------------------------------
# Words beside formulas


@pytest.mark.parametrize(
    "words",
    [
        "No, that is wrong: the shapes do not fit.\n",
        "Nein, falsch, richtig ist:\n",
        "Ups, falsch! Die Transponierte fehlt:\n",
        "\nOh no, this is wrong. It should read\n\n",
        "Wait, this is not right.\n",
    ],
)
def test_who_takes_a_line_back_in_words_is_marked_on_the_next_one(words: str) -> None:
    right = r"$$\frac{\partial L}{\partial h} = W^{(2)\top} (\hat y - y)$$"
    wrong = r"$$\frac{\partial L}{\partial h} = W^{(2)} (\hat y - y)$$"
    result = with_gradients(DZ2 + REST.replace(right, f"{wrong}\n{words}{right}"))
    unsaid = with_gradients(DZ2 + REST.replace(right, f"{wrong}\n{right}"))

    assert points(result)["gradients"] == 4.0
    assert waiting(result, "gradients") == 0.0
    assert not_correct(unsaid, "gradients") == {"dL/dh": "invalid"}


def test_a_case_of_two_indices_is_not_said_of_lines_without_indices() -> None:
    cases = r"""
For $k = j$:
$$\frac{\partial \hat y_k}{\partial z_j} = \hat y_k (1 - \hat y_k)$$
and for $k \ne j$:
$$\frac{\partial \hat y_k}{\partial z_j} = -\hat y_k \hat y_j$$
Hence
"""
    result = with_gradients(cases + DZ2 + REST)
    held = with_gradients(
        r"For $k \ne j$:" + "\n" + REST + r"$$\frac{\partial L}{\partial z_j} = \hat y_j - y_j$$"
    )

    assert points(result)["gradients"] == 4.0
    assert (None, "dL/dz2", LineVerdict.RIGHT) not in read_as(held, "gradients")
