"""The verdict of a quantity: five rules in order on one case, and the worst statement over all cases."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from by_hand import (
    CASES,
    OPEN,
    Changes,
    case,
    everything,
    findings,
    given,
    marks,
    right,
    rows,
    trials,
    verdicts,
)

from grader.assignment import Unit
from grader.assignment_file import load
from grader.cases import cases_of
from grader.marking.expectations import Key, expectations
from grader.marking.mark import mark
from grader.marking.trials import Trial, work
from grader.marking.verdicts import Judgement, Statement, judge, state
from grader.model import Answer, AnswerKind, Array, Case, Verdict

Z1: Key = ("forward", "z1")
DW2: Key = ("backward", "dL/dw2")


def said(
    answer: Answer | None,
    prediction: Array | float,
    *,
    key: Key = Z1,
    name: str = "worked",
    others: tuple[Array, ...] = (),
) -> Statement:
    table = {} if answer is None else {key: answer}
    trial = Trial(reference=case(name), answers=table)
    ways = [{key: np.asarray(number)} for number in (prediction, *others)]
    return state(work(everything(), [trial]), key, trial, lambda _: ways)


def test_the_numbers_by_hand_are_the_references() -> None:
    for name, (_, _, numbers) in CASES.items():
        for (function, quantity), expectation in case(name).by_key.items():
            assert float(expectation.value) == pytest.approx(numbers[quantity], abs=1e-12), (name, function)


# --------------------------------------------------------------------------------------------------------------
# One case. z1 = 0.25 on the worked case.


@pytest.mark.parametrize(
    "answer",
    [
        Answer(kind=AnswerKind.INVALID, reason="it is text, not a number"),
        given(np.array([0.25, 0.25])),
        given(np.full((1, 1, 1), 0.25)),
        given(np.nan),
        given(np.inf),
    ],
)
def test_rule_1_no_number_another_shape_or_not_finite_is_invalid(answer: Answer) -> None:
    assert said(answer, 0.25) is Statement.INVALID


def test_no_answer_is_missing() -> None:
    assert said(None, 0.25) is Statement.MISSING
    assert said(Answer(kind=AnswerKind.MISSING), 0.25) is Statement.MISSING


@pytest.mark.parametrize("prediction", [0.25, 0.35, np.nan, 1e9])
def test_rule_2_the_references_number_is_correct_whatever_was_predicted(prediction: float) -> None:
    assert said(given(0.25), prediction) is Statement.CORRECT
    assert said(given(np.full((1, 1), 0.25 * (1 + 0.9e-4))), prediction) is Statement.CORRECT


def test_rule_2_agreeing_with_an_exact_zero_only_agrees() -> None:
    # h1 = 0 on the case with the second ReLU closed, so dL/dw2 = 0.
    assert said(given(0.0), 0.0, key=DW2, name="drawn-2") is Statement.AGREES


def test_rule_3_another_number_where_the_references_is_predicted_is_wrong() -> None:
    assert said(given(0.26), 0.25) is Statement.WRONG
    assert said(given(0.5), 0.0, key=DW2, name="drawn-2") is Statement.WRONG


# The largest |z1| over the three cases is 2, so in range is 0.002 to 2000.
@pytest.mark.parametrize("prediction", [np.nan, np.inf, 0.0, 0.0019, 2001.0])
@pytest.mark.parametrize("value", [0.7, -1.0])
def test_rule_4_a_prediction_out_of_range_says_nothing(prediction: float, value: float) -> None:
    assert said(given(value), prediction) is Statement.NOTHING


@pytest.mark.parametrize("prediction", [0.0, 0.0019, 2001.0])
def test_rule_4_a_step_from_a_vanishing_base_earns_no_follows(prediction: float) -> None:
    assert said(given(prediction), prediction) is Statement.NOTHING


@pytest.mark.parametrize("prediction", [0.0021, 0.35, -1.0, 1999.0])
def test_rule_5_the_predicted_number_follows_and_any_other_is_wrong(prediction: float) -> None:
    assert said(given(prediction), prediction) is Statement.FOLLOWS
    assert said(given(prediction * 1.01), prediction) is Statement.WRONG


def test_rule_5_an_alternative_prediction_is_as_good() -> None:
    assert said(given(0.7), 0.35, others=(np.asarray(0.7),)) is Statement.FOLLOWS


def test_an_alternative_equal_to_the_reference_makes_nothing_follow() -> None:
    assert said(given(0.3), 0.35, others=(np.asarray(0.25),)) is Statement.WRONG


# x < 0 with w0 > 0: z0 = -2, h0 = z1 = 0, exactly on the second kink.
ON_KINK = Case(
    name="drawn-1",
    leaves={
        k: np.asarray(v) for k, v in {"x": -2.0, "y": 1.0, "w0": 1.0, "w1": 0.5, "w2": 2.0, "ws": 1.0}.items()
    },
    rate=0.5,
    spare_leaves={
        k: np.asarray(v) for k, v in {"x": -2.0, "y": 1.0, "w0": 1.0, "w1": 0.5, "w2": 2.0, "ws": 1.0}.items()
    },
    given_gradients={k: np.asarray(1.0) for k in ("w0", "w1", "w2", "ws")},
)


@pytest.mark.parametrize("node", ["z1", "h0"])
@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (0.0, Statement.AGREES),
        (-2.0, Statement.AGREES),
        (17.0, Statement.AGREES),
        (np.nan, Statement.INVALID),
    ],
)
def test_where_a_kink_leaves_the_derivative_open_an_answer_is_only_checked_for_being_finite(
    node: str, value: float, wanted: Statement
) -> None:
    known = expectations(load("skip_network").units[0], [ON_KINK])
    key = ("backward", f"dL/d{node}")
    trial = Trial(reference=known.cases[0], answers={key: given(value)})
    assert state(work(known, [trial]), key, trial, lambda _: [{key: np.asarray(0.0)}]) is wanted


def test_only_what_differs_between_the_two_derivatives_is_open() -> None:
    known = expectations(load("skip_network").units[0], [ON_KINK])
    free = {
        quantity
        for (function, quantity), e in known.cases[0].by_key.items()
        if e.free and function == "backward"
    }
    # dL/dw1 = dL/dz1 h0 and dL/dz0 = dL/dh0 [z0 > 0] are 0 either way.
    assert free == {"dL/dz1", "dL/dh0"}


@pytest.mark.parametrize("from_value", [True, False])
def test_a_slope_follows_whether_it_is_taken_of_the_own_value_or_of_its_argument(*, from_value: bool) -> None:
    """Every sigmoid comes out a fifth too large: its slope is h (1 - h) of that, or that of the z it was computed from."""
    unit = next(one for one in load("vanishing_gradients").units if one.name == "sigmoid_plain")
    worked = cases_of(unit, np.random.default_rng(1))[0]
    X, G, *weights = (worked.leaves[name] for name in ("X", "G", "W1", "W2", "W3"))
    inputs, slopes, values = [X], [], {}
    for layer, W in enumerate(weights, start=1):
        sigmoid = 1.0 / (1.0 + np.exp(-inputs[-1] @ W))
        values[f"H{layer}"] = 1.2 * sigmoid
        inputs.append(1.2 * sigmoid)
        slopes.append(inputs[-1] * (1.0 - inputs[-1]) if from_value else sigmoid * (1.0 - sigmoid))
    arriving = G
    for layer in (3, 2, 1):
        dZ = arriving * slopes[layer - 1]
        values[f"dL/dW{layer}"] = inputs[layer - 1].T @ dZ
        arriving = dZ @ weights[layer - 1].T
    assert said_of_stack(unit, worked, values)[3:] == [Verdict.FOLLOWS] * 3


def said_of_stack(unit: Unit, worked: Case, values: Mapping[str, object]) -> list[Verdict]:
    """Return the verdicts of H1, H2, H3 and of dL/dW3, dL/dW2, dL/dW1 on the worked case alone."""
    known = expectations(unit, [worked])
    answers = {
        (name, quantity): given(np.asarray(values[quantity]))
        for name, spec in unit.functions.items()
        for quantity in spec.quantities
    }
    trial = Trial(reference=known.cases[0], answers=answers)
    found = mark(known, [trial], answered=frozenset(unit.functions), changed={})
    said_of = {entry.quantity: entry.verdict for entry in found.statements}
    return [said_of[unit.label(name)] for name in ("H1", "H2", "H3", "dL/dW3", "dL/dW2", "dL/dW1")]


@pytest.mark.parametrize("slope", [0.0, 0.5, 1.0])
def test_on_a_kink_that_only_the_own_values_stand_on_gradients_follow_with_any_usual_derivative(
    slope: float,
) -> None:
    """Three residual layers whose forward pass forgets the skips: with G = dL/dH3, the last product is 0 in one place."""
    unit = next(one for one in load("vanishing_gradients").units if one.name == "relu_residual")
    worked = cases_of(unit, np.random.default_rng(1))[0]
    a, b = -1.5 + slope, -0.5 * slope  # dL/dH2 of the second sample
    numbers = {
        "H1": [[1.5, 0.0], [0.0, 2.25]],
        "H2": [[1.5, 0.0], [1.125, 2.25]],
        "H3": [[0.75, 1.5], [2.8125, 0.0]],
        "dL/dW3": [[0.375, 3.0 + 1.125 * slope], [-2.25, 2.25 * slope]],
        "dL/dW2": [[5.25, 0.0], [2.25 * a, 2.25 * b]],
        "dL/dW1": [[7.0, 0.5 * (0.5 * a + 2.0 * b)], [-7.0, 2.0 * (0.5 * a + 2.0 * b)]],
    }
    last = Verdict.CORRECT if slope == 0.0 else Verdict.FOLLOWS  # with 0 it happens to be the right one
    assert said_of_stack(unit, worked, numbers)[3:] == [Verdict.FOLLOWS, Verdict.FOLLOWS, last]


# --------------------------------------------------------------------------------------------------------------
# Over the cases


def judged(*statements: Statement, edges: tuple[str, ...] = ()) -> Judgement:
    known = everything(edges=edges)
    trials = [Trial(reference=reference, answers={}) for reference in known.cases]
    return judge(Z1, list(zip(trials, statements, strict=True)))


ORDER = (
    Statement.INVALID,
    Statement.MISSING,
    Statement.WRONG,
    Statement.FOLLOWS,
    Statement.CORRECT,
)


@pytest.mark.parametrize("worse", range(4))
@pytest.mark.parametrize("place", range(3))
def test_the_worst_statement_counts_and_names_its_case(worse: int, place: int) -> None:
    statements = [ORDER[worse + 1]] * 3
    statements[place] = ORDER[worse]
    found = judged(*statements)
    assert found.verdict.value == ORDER[worse].value
    assert found.trial is not None
    assert found.trial.reference.case.name == tuple(CASES)[place]


@pytest.mark.parametrize("nothing", [Statement.AGREES, Statement.NOTHING])
def test_agreements_and_no_statements_decide_nothing(nothing: Statement) -> None:
    assert judged(nothing, Statement.AGREES, nothing).verdict is Verdict.UNDECIDED
    for statement in ORDER:
        assert judged(nothing, statement, Statement.AGREES).verdict.value == statement.value


def test_an_edge_case_makes_no_usual_number_vanish_beside_it() -> None:
    # dL/dw0 is 0.75, 4 and -1; without the second case the largest is 1.
    known = everything(edges=("drawn-1",))
    sizes = (0.0009, 0.0011, 3900.0, 4100.0)
    assert [known.in_range(("backward", "dL/dw0"), size) for size in sizes] == [False, True, True, False]


def test_failing_on_edge_cases_alone_is_known() -> None:
    edge = ("drawn-2",)
    assert judged(Statement.CORRECT, Statement.CORRECT, Statement.WRONG, edges=edge).only_edges
    assert not judged(Statement.CORRECT, Statement.WRONG, Statement.WRONG, edges=edge).only_edges
    assert not judged(Statement.CORRECT, Statement.CORRECT, Statement.CORRECT, edges=edge).only_edges
    assert not judged(Statement.AGREES, Statement.AGREES, Statement.WRONG, edges=edge).only_edges
    assert not judged(Statement.CORRECT, Statement.CORRECT, Statement.WRONG).only_edges


# --------------------------------------------------------------------------------------------------------------
# A whole submission


def test_right_work_is_correct_everywhere() -> None:
    found = marks({})
    for question in ("forward", "gradients", "update"):
        assert set(verdicts(found, question).values()) == {Verdict.CORRECT}
    assert findings(found) == []


def test_later_values_follow_from_a_wrong_one() -> None:
    # z0 = 0.7, 2.9, 1.9 for 0.5, 3, 2; all after it by the network's own rules.
    z0 = (0.7, 2.9, 1.9)
    z1 = (0.35, 1.45, -1.9)
    h1 = (0.35, 1.45, 0.0)
    z2 = (0.525, 5.8, 0.95)
    found = marks(
        {
            "forward/z0": z0,
            "forward/h0": z0,
            "forward/z1": z1,
            "forward/h1": h1,
            "forward/z2": z2,
            "forward/y_hat": z2,
        }
    )
    got = verdicts(found, "forward")
    assert got.pop("z0") is Verdict.WRONG
    assert got.pop("L") is Verdict.CORRECT
    assert set(got.values()) == {Verdict.FOLLOWS}


def test_a_right_number_behind_a_wrong_one_is_correct() -> None:
    found = marks({"forward/z0": (0.7, 2.9, 1.9)})
    got = verdicts(found, "forward")
    assert got["z0"] is Verdict.WRONG
    assert {got[name] for name in ("h0", "z1", "h1", "z2", "y_hat", "L")} == {Verdict.CORRECT}


def test_gradients_may_be_taken_at_the_students_own_forward_values_or_at_the_networks() -> None:
    # dL/dws = dL/dz2 h0: with h0 = 0.7, 2.9, 1.9 it is 0.7, -2.9, -1.9; with the right h0 0.5, -3, -2.
    z0 = (0.7, 2.9, 1.9)
    forward = {"forward/z0": z0, "forward/h0": z0}
    own = verdicts(marks({**forward, "backward/dL/dws": (0.7, -2.9, -1.9)}), "gradients")
    assert own["dL/dws"] is Verdict.FOLLOWS
    assert verdicts(marks(forward), "gradients")["dL/dws"] is Verdict.CORRECT


def test_all_zero_gradients_earn_no_correct_and_no_follows() -> None:
    zeros = {f"backward/{quantity}": (0.0, 0.0, 0.0) for quantity in OPEN if quantity.startswith("dL/d")}
    got = verdicts(marks(zeros), "gradients")
    assert not {Verdict.CORRECT, Verdict.FOLLOWS} & {got[f"dL/d{name}"] for name in ("w0", "w1", "w2", "ws")}


def test_a_base_of_1e_12_followed_by_zeros_earns_no_follows() -> None:
    changes = {f"backward/{quantity}": (0.0, 0.0, 0.0) for quantity in OPEN if quantity.startswith("dL/d")}
    changes["backward/dL/dy_hat"] = (1e-12, 1e-12, 1e-12)
    assert Verdict.FOLLOWS not in verdicts(marks(changes), "gradients").values()


def test_one_wrong_case_is_enough_and_is_the_one_shown() -> None:
    values = (right("z1")[0], right("z1")[1], -2.5)
    row = next(row for row in rows(marks({"forward/z1": values}), "forward") if row.name == "z1")
    assert (row.verdict, row.case, row.expected, row.actual) == (Verdict.WRONG, "drawn-2", -2.0, -2.5)
    assert row.error is not None
    assert (row.error.abs, row.error.rel) == (0.5, 0.25)


def test_one_float32_answer_sets_the_floor_for_all() -> None:
    # 1e-9 beside an expected zero is rounding in float32, and none in float64. Case drawn-2 has dL/dw2 = 0.
    values = (*right("dL/dw2")[:2], 1e-9)
    assert verdicts(marks({"backward/dL/dw2": values}), "gradients")["dL/dw2"] is Verdict.WRONG
    single = Answer(kind=AnswerKind.GIVEN, value=np.asarray(0.5, np.float32))
    changes: Changes = {"backward/dL/dw2": values, "forward/z0": (single, *right("z0")[1:])}
    assert verdicts(marks(changes), "gradients")["dL/dw2"] is Verdict.CORRECT


def test_trials_of_the_helper_hold_what_was_changed() -> None:
    first, *_ = trials({"forward/z0": (0.75, 3.0, 2.0)})
    number = first.number(("forward", "z0"))
    assert number is not None
    assert float(number) == 0.75
