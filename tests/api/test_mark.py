"""`grader.mark`: values by name get the verdicts, findings and points that the code behind them would get."""

from __future__ import annotations

import runpy
import traceback
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from corpus import Corpus

import grader
from grader import Grade
from grader.errors import AssignmentError, UsageError
from grader.model import QuantityResult, QuestionResult, Status, Verdict
from grader.secret import digest

CORPUS = Corpus(assignment="skip_network")
WEIGHTS = ("w0", "w1", "w2", "ws")
WORKED = {
    "z0": 0.5, "h0": 0.5, "z1": 0.25, "h1": 0.25, "z2": 0.375, "y_hat": 0.375, "L": 3.375,
    "dL/dw0": 0.75, "dL/dw1": 0.25, "dL/dw2": 0.25, "dL/dws": 0.5,
    "w0_new": -0.25, "w1_new": 0.25, "w2_new": 0.25, "ws_new": 0.0,
}  # fmt: skip
"""The worked case by hand, for x = 1, y = -3, every weight 1/2 and a learning rate of 1."""


def question(grade: Grade, name: str) -> QuestionResult:
    return next(one for one in grade.questions if one.id == name)


def quantity(grade: Grade, name: str) -> QuantityResult:
    return next(entry for one in grade.questions for entry in one.quantities if entry.name == name)


def chain(module: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Compute everything on one case with a submission's functions, each from what came before."""
    weights = {name: given[name] for name in WEIGHTS}
    values = dict(module["forward"](given["x"], *weights.values()))
    gradients = dict(module["backward"](given["x"], given["y"], *weights.values()))
    new = module["update"](weights, {name: gradients[name] for name in WEIGHTS}, given["lr"])
    return {
        **values,
        "L": module["loss"](values["y_hat"], given["y"]),
        **{f"dL/d{name}": value for name, value in gradients.items()},
        **{f"{name.removesuffix('_new')}_new": value for name, value in new.items()},
    }


def on_every_case(path: str) -> dict[str, dict[str, Any]]:
    module = runpy.run_path(str(CORPUS.folder / path))
    return {case: chain(module, given) for case, given in grader.inputs("skip_network").items()}


# --------------------------------------------------------------------------------------------------------------
# Verdicts and points


def test_right_values_on_the_worked_case_alone_earn_everything() -> None:
    """A new weight that is 0 there, and would decide nothing among other cases, counts as well."""
    grade = grader.mark("skip_network", WORKED)
    assert (grade.points, grade.max_points, grade.first_mistake, grade.final) == (10.0, 10.0, None, True)
    assert grade.notes == ("Answers were given on 1 of 7 cases; the others say nothing.",)


def test_a_case_that_is_left_out_is_never_held_against_anybody() -> None:
    every = on_every_case("correct/plain_dicts.py")
    for left_out in every:
        some = {case: answers for case, answers in every.items() if case != left_out}
        assert grader.mark("skip_network", some).points == 10.0


def test_what_is_known_by_heart_on_the_worked_case_is_missing_on_the_others() -> None:
    by_heart = {case: WORKED if case == "worked" else {} for case in grader.inputs("skip_network")}
    grade = grader.mark("skip_network", by_heart)
    assert grade.points == 0.0
    assert quantity(grade, "dL/dw0").verdict is Verdict.MISSING


@pytest.mark.parametrize(
    "path",
    [
        "correct/all_gradients_other_subgradient.py",
        "correct/float32_work.py",
        "correct/numpy_scalars.py",
        "correct/weights_only.py",
        "correct/zero_d_arrays.py",
        "follows/half_square_with_its_derivative.py",
        "follows/sign_flipped_then_followed.py",
        "wrong/ascent.py",
        "wrong/both_masks_missing.py",
        "wrong/first_mask_missing_weights_only.py",
        "wrong/h1_for_h0_in_forward.py",
        "wrong/keys_exchanged.py",
        "wrong/made_up_number.py",
        "wrong/rate_twice.py",
        "wrong/relu_for_its_derivative.py",
        "wrong/sign_and_input_factor.py",
        "wrong/skip_path_left_out.py",
        "wrong/sqrt_gives_nan.py",
        "wrong/w1_for_ws_in_dh0.py",
    ],
)
def test_values_get_the_points_and_findings_worked_out_for_the_code_that_gave_them(path: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the square root of a negative number
        grade = grader.mark("skip_network", on_every_case(path))
    expected = CORPUS.expected[path]
    assert (grade.first_mistake or "") == expected["first_mistake"]
    assert {one.id: round(one.points, 10) for one in grade.questions} == expected["points"]
    found = {(one.id, finding.slip) for one in grade.questions for finding in one.findings}
    assert found == {(entry["question"], entry["slip"]) for entry in expected.get("findings", ())}


def test_a_wrong_value_is_followed_into_the_next_question() -> None:
    """By hand: dL/dw1 = 3/4 where it is 1/4, and with it w1 - dL/dw1 = -1/4; one mistake, a fourth of 4 points."""
    grade = grader.mark("skip_network", {**WORKED, "dL/dw1": 0.75, "w1_new": -0.25})
    assert grade.first_mistake == "dL/dw1"
    assert quantity(grade, "w1_new").verdict is Verdict.FOLLOWS
    assert (question(grade, "gradients").points, question(grade, "update").points) == (3.0, 3.0)


def test_a_loss_goes_on_from_the_output_that_was_given() -> None:
    """By hand: y_hat = 1 gives |-3 - 1| = 4, where `loss` alone would be called with 0.375."""
    grade = grader.mark("skip_network", {**WORKED, "y_hat": 1.0, "L": 4.0})
    assert (quantity(grade, "y_hat").verdict, quantity(grade, "L").verdict) == (
        Verdict.WRONG,
        Verdict.FOLLOWS,
    )


def test_of_a_question_whose_quantities_nobody_gave_the_status_is_missing() -> None:
    grade = grader.mark("skip_network", {"z0": 0.5})
    assert question(grade, "forward").status is Status.GRADED
    assert question(grade, "gradients").status is Status.MISSING
    assert question(grade, "gradients").message == "None of the quantities it asks for was given."


def test_units_are_marked_each_by_its_name() -> None:
    """Softmax of (0, 0) by hand is (1/2, 1/2), whatever the other units get."""
    inputs = grader.inputs("softmax_cross_entropy")["worked"]
    logits = np.asarray(inputs["softmax.s"])
    powers = np.exp(logits)
    grade = grader.mark("softmax_cross_entropy", {"softmax.p": powers / powers.sum(axis=1, keepdims=True)})
    assert [one.status for one in grade.questions] == [Status.GRADED, Status.MISSING, Status.MISSING]
    assert question(grade, "softmax").points == question(grade, "softmax").max_points


def test_numbers_of_a_sheet_are_marked_and_its_formulas_wait() -> None:
    gradients = {
        "dL/dy_hat": 1.0,
        "dL/dz2": 1.0,
        "dL/dh1": 0.5,
        "dL/dz1": 0.5,
        "dL/dh0": 0.75,
        "dL/dz0": 0.75,
    }
    grade = grader.mark("skip_network_by_hand", {**WORKED, **gradients})
    numbers = question(grade, "numbers")
    assert (numbers.points, numbers.max_points) == (2.0, 2.0)
    assert question(grade, "derivation").status is Status.AWAITING
    assert (grade.pending_points, grade.final) == (5.0, False)


# --------------------------------------------------------------------------------------------------------------
# What may be given


class Tensor:
    """An array of another library."""

    def __init__(self, values: list[float], *, readable: bool = True) -> None:
        self.values, self.readable = values, readable

    def __array__(self, dtype: object = None, copy: object = None) -> Any:
        if not self.readable:
            raise RuntimeError("call detach() first")
        return np.array(self.values)


@pytest.mark.parametrize(
    "value",
    [0.5, np.float32(0.5), np.float64(0.5), np.array(0.5), np.array([0.5]), [0.5], [[0.5]], Tensor([0.5])],
    ids=lambda value: f"{type(value).__name__}-{np.ndim(value) if not isinstance(value, Tensor) else ''}",
)
def test_a_number_is_taken_from_whatever_holds_it(value: object) -> None:
    assert quantity(grader.mark("skip_network", {"z0": value}), "z0").verdict is Verdict.CORRECT


NESTED: list[Any] = []
NESTED.append(NESTED)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (True, "it is a bool, not a number"),
        ("0.5", "it is text, not a number"),
        (np.float16(0.5), "it is an array of float16; use float64 or float32"),
        (0.5j, "it is an array of complex128; use float64 or float32"),
        ({"a": 1.0}, "it is an object of type dict, not a number"),
        (object(), "it is an object of type object, not a number"),
        ([1.0, [2.0]], "it is a list, not an array of numbers"),
        (
            Tensor([0.5], readable=False),
            "it is an object of type Tensor that NumPy does not read (call detach() first), not a number",
        ),
    ],
    ids=["bool", "text", "half precision", "complex", "dict", "object", "ragged", "unreadable"],
)
def test_what_is_no_number_is_invalid_with_the_reason(value: object, reason: str) -> None:
    entry = quantity(grader.mark("skip_network", {**WORKED, "z0": value}), "z0")
    assert (entry.verdict, entry.reason) == (Verdict.INVALID, reason)


def test_a_list_within_itself_is_invalid_and_no_error() -> None:
    assert quantity(grader.mark("skip_network", {**WORKED, "z0": NESTED}), "z0").verdict is Verdict.INVALID


def test_none_is_no_answer() -> None:
    assert quantity(grader.mark("skip_network", {**WORKED, "z0": None}), "z0").verdict is Verdict.MISSING


def test_a_name_that_means_nothing_is_noted_with_the_one_it_is_like() -> None:
    grade = grader.mark("skip_network", {**WORKED, "cache": {"z0": 1.0}, "y_het": 2.0})
    assert grade.points == 10.0
    assert grade.notes[:2] == (
        "`cache` is no quantity of skip_network",
        "`y_het` is no quantity of skip_network; did you mean `y_hat`?",
    )


def test_an_unknown_case_is_an_error_that_names_the_cases() -> None:
    with pytest.raises(UsageError, match="`drawn-9` is no case of skip_network") as error:
        grader.mark("skip_network", {"worked": WORKED, "drawn-9": WORKED})
    assert error.value.remedy == (
        "its cases are: worked, drawn-1, drawn-2, drawn-3, drawn-4, drawn-5, drawn-6"
    )


def test_an_error_that_nobody_catches_shows_what_to_do() -> None:
    with pytest.raises(UsageError) as error:
        grader.inputs("skip_netwrk")
    shown = "".join(traceback.format_exception(error.value))
    assert "there is no assignment `skip_netwrk`\nwhat to do: did you mean `skip_network`?" in shown


def test_answers_that_are_no_mapping_are_an_error_that_says_what_is_one() -> None:
    with pytest.raises(UsageError, match="answers are list, not a mapping"):
        grader.mark("skip_network", [0.5])  # type: ignore[arg-type]


def test_an_unknown_assignment_is_an_error_that_names_the_like() -> None:
    with pytest.raises(UsageError) as error:
        grader.mark("skip_netwrk", WORKED)
    assert error.value.remedy.startswith("did you mean `skip_network`?")


# --------------------------------------------------------------------------------------------------------------
# Cases


def test_the_worked_case_stands_first_with_the_numbers_of_the_task() -> None:
    every = grader.inputs("skip_network")
    assert list(every)[0] == "worked"  # noqa: RUF015  the order is the claim
    assert every["worked"] == {"x": 1.0, "y": -3.0, "w0": 0.5, "w1": 0.5, "w2": 0.5, "ws": 0.5, "lr": 1.0}


def test_inputs_are_the_callers_own() -> None:
    np.asarray(grader.inputs("softmax_cross_entropy")["worked"]["softmax.s"])[:] = 0.0
    assert np.any(grader.inputs("softmax_cross_entropy")["worked"]["softmax.s"])


def test_labels_are_whole_numbers() -> None:
    labels = np.asarray(grader.inputs("two_layer_net")["worked"]["softmax.y"])
    assert labels.dtype == np.int64


def test_another_secret_draws_other_cases_and_leaves_the_worked_one() -> None:
    practice, hidden = grader.inputs("skip_network"), grader.inputs("skip_network", secret="seed 1")
    assert practice["worked"] == hidden["worked"]
    assert practice["drawn-1"] != hidden["drawn-1"]
    assert grader.mark("skip_network", WORKED, secret="seed 1").environment.seed_sha256 == digest("seed 1")


def test_a_changed_assignment_is_read_anew(tmp_path: Path) -> None:
    text = (
        'schema = 1\ntitle = "Twice"\nnetwork = "network.py:double"\ninputs = ["x"]\ntargets = []\nparameters = []\n'
        '[functions.loss]\narguments = ["x"]\nreturns = "L"\n'
        '[[questions]]\nid = "all"\nfunctions = ["loss"]\npoints = POINTS\n'
        "[cases]\nranges = { x = [1.0, 2.0] }\n[cases.worked]\nx = 3.0\n"
    )
    (tmp_path / "network.py").write_text("def double(n):\n    n.L = 2.0 * n.x\n", encoding="utf-8")
    for points in (1, 2):
        (tmp_path / "assignment.toml").write_text(text.replace("POINTS", str(points)), encoding="utf-8")
        assert grader.mark(tmp_path, {"L": 6.0}).points == points
    (tmp_path / "assignment.toml").write_text("schema = 2\n", encoding="utf-8")
    with pytest.raises(AssignmentError):
        grader.mark(tmp_path, {"L": 6.0})


# --------------------------------------------------------------------------------------------------------------
# Purity


def test_the_same_answers_get_the_same_grade() -> None:
    every = on_every_case("wrong/skip_path_left_out.py")
    assert grader.mark("skip_network", every) == grader.mark("skip_network", every)


def test_other_answers_have_another_digest() -> None:
    one, other = (grader.mark("skip_network", {"z0": value}) for value in (0.5, 0.25))
    assert one.sha256 != other.sha256
