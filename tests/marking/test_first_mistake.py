"""The first mistake: forward in graph order, gradients from the loss back, updates as declared."""

from __future__ import annotations

import itertools

import pytest
from by_hand import INNER, PARAMETERS, WITHOUT_STEP, findings, marks, right, rows, times, verdicts, without

from grader.assignment_file import load
from grader.model import Answer, AnswerKind, Verdict

ORDER = (
    *("z0", "h0", "z1", "h1", "z2", "y_hat", "L"),
    *(f"dL/d{node}" for node in ("y_hat", "z2", "ws", "w2", "h1", "z1", "w1", "h0", "z0", "w0")),
    *("w0_new", "w1_new", "w2_new", "ws_new"),
)
ODD = (0.123, 1.377, -0.791)
"""Numbers that no slip gives."""


def asked(quantity: str) -> str:
    if quantity == "L":
        return "loss/L"
    if quantity.startswith("dL/d"):
        return f"backward/{quantity}"
    return f"update/{quantity}" if quantity.endswith("_new") else f"forward/{quantity}"


def test_quantities_are_marked_in_the_order_by_hand() -> None:
    order = load("skip_network").units[0].order
    assert tuple(name for name in order if name not in ("dL/dx", "dL/dy")) == ORDER


@pytest.mark.parametrize("quantity", ORDER)
def test_a_single_odd_number_is_the_first_mistake_wherever_it_stands(quantity: str) -> None:
    assert marks({asked(quantity): ODD}).first_mistake == quantity


@pytest.mark.parametrize(("earlier", "later"), list(itertools.pairwise(ORDER)))
def test_of_two_odd_numbers_the_earlier_one_is_the_first_mistake(earlier: str, later: str) -> None:
    assert marks({asked(later): ODD, asked(earlier): ODD[::-1]}).first_mistake == earlier


def test_right_work_has_none() -> None:
    assert marks({}).first_mistake is None


def test_missing_work_is_no_mistake() -> None:
    assert marks(without("w1", *INNER)).first_mistake is None


def test_an_answer_that_is_no_number_is_a_mistake() -> None:
    text = Answer(kind=AnswerKind.INVALID, reason="it is text, not a number")
    assert marks({"forward/h0": (text, text, text)}).first_mistake == "h0"


def test_consequences_are_not_the_first_mistake() -> None:
    flipped = {f"backward/dL/d{name}": times(-1.0, f"dL/d{name}") for name in (*PARAMETERS, *INNER)}
    assert marks(flipped).first_mistake == "dL/dy_hat"


def test_it_may_be_a_gradient_that_nobody_gave() -> None:
    flipped = {f"backward/dL/d{name}": times(-1.0, f"dL/d{name}") for name in PARAMETERS}
    found = marks({**without(*INNER), **flipped})
    assert found.first_mistake == "dL/dy_hat"
    row = next(row for row in rows(found, "gradients") if row.name == "dL/dy_hat")
    assert (row.verdict, row.required, row.actual) == (Verdict.WRONG, False, None)
    assert verdicts(found, "gradients")["dL/dws"] is Verdict.FOLLOWS


def test_where_only_the_first_layers_gradients_are_wrong_the_place_lies_between() -> None:
    # The skip path left out: dL/dh0 = dL/dz1 w1 = 0.25, -1, 0, so dL/dw0 = 0.25, 2, 0.
    found = marks({**without(*INNER), "backward/dL/dw0": (0.25, 2.0, 0.0)})
    assert found.first_mistake == "dL/dh0"
    assert [(f.slip, f.at) for f in findings(found)] == [("path-dropped", "dL/dh0")]


def test_exchanged_labels_never_are() -> None:
    exchanged = {"backward/dL/dw1": right("dL/dw2"), "backward/dL/dw2": right("dL/dw1")}
    assert marks({**without(*INNER), **exchanged}).first_mistake is None
    found = marks({**without(*INNER), **exchanged, "update/w2_new": ODD})
    assert found.first_mistake == "w2_new"


def test_changed_inputs_never_are() -> None:
    found = marks({}, functions=(*WITHOUT_STEP, "step"))
    assert found.first_mistake is None


def test_of_a_mistake_in_what_is_not_given_nobody_is_told_to_give_it() -> None:
    # The path through z2 is left out of dL/dh0, which shows in dL/dw0 alone.
    found = marks({**without(*INNER), "backward/dL/dw0": (0.25, 2.0, 0.0)})
    [row] = [row for row in rows(found, "gradients") if row.name == "dL/dh0"]
    assert (row.verdict, row.reason) == (
        Verdict.WRONG,
        "it is not given; what is computed from it shows the mistake",
    )
