"""From what a function returned to one answer per quantity."""

from __future__ import annotations

import numpy as np
import pytest

from grader.assignment import FunctionSpec
from grader.assignment_file import load
from grader.marking.answers import read_answers
from grader.model import Answer, AnswerKind, Array, Opaque, Value

SPECS = load("skip_network").units[0].functions
BACKWARD = ("w0", "w1", "w2", "ws", "y_hat", "z2", "h1", "z1", "h0", "z0")


def number(answer: Answer) -> float:
    assert answer.kind is AnswerKind.GIVEN, answer.reason
    assert answer.value is not None
    return float(answer.value)


def loss(value: Value) -> Answer:
    return read_answers(SPECS["loss"], value)["L"]


def array(answer: Answer) -> Array:
    assert answer.kind is AnswerKind.GIVEN, answer.reason
    assert answer.value is not None
    return answer.value


# --------------------------------------------------------------------------------------------------------------
# Where the answers stand


def test_a_dict_is_read_by_its_keys_in_any_order_and_other_keys_are_left_alone() -> None:
    found = read_answers(SPECS["backward"], {"junk": "text", "ws": 4.0, "w0": 1.0, "w2": 3.0, "w1": 2.0})
    assert [number(found[f"dL/d{name}"]) for name in ("w0", "w1", "w2", "ws")] == [1.0, 2.0, 3.0, 4.0]
    assert found["dL/dz0"].kind is AnswerKind.MISSING


@pytest.mark.parametrize("key", ["w0", "dL/dw0", "dL_dw0", "dw0", "grad_w0"])
def test_a_gradient_may_be_spelled_as_its_node_or_as_a_derivative(key: str) -> None:
    assert number(read_answers(SPECS["backward"], {key: 7.0})["dL/dw0"]) == 7.0


def test_the_documented_key_wins_over_another_spelling() -> None:
    assert number(read_answers(SPECS["backward"], {"dw0": 1.0, "w0": 2.0})["dL/dw0"]) == 2.0


@pytest.mark.parametrize("key", ["w1", "w1_new"])
@pytest.mark.parametrize("function", ["update", "step"])
def test_a_new_weight_may_be_called_by_the_weight(function: str, key: str) -> None:
    assert number(read_answers(SPECS[function], {key: 0.25})["w1_new"]) == 0.25


def test_a_forward_value_has_one_spelling() -> None:
    assert read_answers(SPECS["forward"], {"dz0": 1.0})["z0"].kind is AnswerKind.MISSING


def test_a_missing_key_is_said_with_the_keys_that_are_there() -> None:
    reason = read_answers(SPECS["forward"], {"zO": 1.0, "h0": 2.0})["z0"].reason
    assert reason == "`forward` returned no `z0`; its keys are: `zO`, `h0`"


def test_hostile_keys_are_cut_and_counted() -> None:
    value: Value = {("k" * 500 + str(i)): 1.0 for i in range(500)}
    reason = read_answers(SPECS["forward"], value)["z0"].reason
    assert reason is not None
    assert len(reason) < 800


@pytest.mark.parametrize("kind", [tuple, list])
def test_a_sequence_of_all_values_is_in_the_documented_order(kind: type) -> None:
    found = read_answers(SPECS["backward"], kind(float(i) for i in range(10)))
    assert [number(found[f"dL/d{name}"]) for name in BACKWARD] == [float(i) for i in range(10)]


def test_a_sequence_of_the_required_values_leaves_the_welcome_ones_missing() -> None:
    found = read_answers(SPECS["backward"], (1.0, 2.0, 3.0, 4.0))
    assert [number(found[f"dL/d{name}"]) for name in BACKWARD[:4]] == [1.0, 2.0, 3.0, 4.0]
    assert {found[f"dL/d{name}"].kind for name in BACKWARD[4:]} == {AnswerKind.MISSING}


def test_an_array_of_all_values_is_a_sequence() -> None:
    found = read_answers(SPECS["forward"], np.arange(6.0))
    assert [number(found[name]) for name in ("z0", "h0", "z1", "h1", "z2", "y_hat")] == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("value", [(1.0,), (1.0,) * 5, (), np.ones(11), [1.0] * 9])
def test_a_sequence_of_another_length_is_not_guessed_at(value: Value) -> None:
    found = read_answers(SPECS["backward"], value)
    assert {answer.kind for answer in found.values()} == {AnswerKind.MISSING}
    reason = found["dL/dw0"].reason
    assert reason is not None
    assert "values; expected is a dict with `w0`" in reason


@pytest.mark.parametrize("name", list(SPECS))
def test_none_is_missing_and_every_quantity_has_an_entry(name: str) -> None:
    found = read_answers(SPECS[name], None)
    assert list(found) == list(SPECS[name].quantities)
    assert {answer.kind for answer in found.values()} == {AnswerKind.MISSING}


@pytest.mark.parametrize(("name", "quantity"), [("forward", "z0"), ("loss", "L")])
def test_nothing_returned_asks_for_the_missing_return(name: str, quantity: str) -> None:
    """Of many values or of one: the question's message is this sentence alone, without a name before it."""
    assert read_answers(SPECS[name], None)[quantity].reason == (
        f"`{name}` returned nothing (None): is a `return` missing?"
    )


@pytest.mark.parametrize(
    ("value", "said"),
    [(3.0, "a single number"), ("text", "text"), (True, "a bool"), (np.asarray(3.0), "an array of shape ()")],
)
def test_one_thing_for_many_quantities_is_missing_and_says_what_it_is(value: Value, said: str) -> None:
    answer = read_answers(SPECS["forward"], value)["z0"]
    assert answer.kind is AnswerKind.MISSING
    assert answer.reason is not None
    assert answer.reason.startswith(f"`forward` returned {said}; expected is a dict with `z0`, `h0`")


@pytest.mark.parametrize("value", [2.5, (2.5,), {"L": 2.5}])
def test_the_single_value_may_stand_alone_in_a_tuple_of_one_or_in_a_dict(value: Value) -> None:
    assert number(loss(value)) == 2.5


def test_a_list_of_one_is_an_array_of_one_row() -> None:
    """`[g / n for g in gradients]` of a batch of one sample must not lose its axis."""
    assert array(loss([2.5])).shape == (1,)
    assert array(loss([np.full(3, 2.5)])).shape == (1, 3)


def test_a_single_array_keeps_its_shape() -> None:
    assert array(loss(np.full((1, 1), 2.5))).shape == (1, 1)


# --------------------------------------------------------------------------------------------------------------
# What is a number


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (3, 3.0),
        (-0.5, -0.5),
        (np.asarray(3), 3.0),
        (np.asarray(2, np.uint8), 2.0),
        (np.asarray(0.5, np.float32), 0.5),
    ],
)
def test_floats_and_integers_count_by_their_value(value: Value, wanted: float) -> None:
    assert number(loss(value)) == wanted


def test_float32_stays_float32_so_that_its_precision_is_known() -> None:
    assert array(loss(np.asarray(0.5, np.float32))).dtype == np.float32


def test_nan_and_infinity_are_given_numbers_that_marking_refuses_later() -> None:
    assert np.isnan(array(loss(float("nan"))))
    assert np.isinf(array(loss(float("inf"))))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (True, "it is a bool, not a number"),
        ("3.375", "it is text, not a number"),
        (np.asarray(True), "it is an array of bool; use float64 or float32"),
        (np.asarray([1.0], np.float16), "it is an array of float16; use float64 or float32"),
        (np.asarray([1 + 2j]), "it is an array of complex128; use float64 or float32"),
        (10**400, "it is an integer too large for a float"),
        (-(10**400), "it is an integer too large for a float"),
        (Opaque(type_name="Tensor", reason="a torch tensor"), "it is a torch tensor, not a number"),
        ([[1.0, 2.0], [3.0]], "it is a list, not an array of numbers"),
        ([1.0, None], "it is a list, not an array of numbers"),
        ((1.0, "2"), "it is text, not a number"),
        ([], "it is a list, not an array of numbers"),
        ([True, 1.0], "it is a bool, not a number"),
    ],
)
def test_what_is_no_number_is_invalid_with_the_reason(value: Value, said: str) -> None:
    answer = read_answers(SPECS["forward"], {"z0": value})["z0"]
    assert answer.kind is AnswerKind.INVALID
    assert answer.value is None
    assert answer.reason == said


def test_none_under_a_key_is_missing() -> None:
    answer = read_answers(SPECS["forward"], {"z0": None})["z0"]
    assert answer.kind is AnswerKind.MISSING


@pytest.mark.parametrize(
    "value", [[[1.0, 2], [3.0, 4.0]], ((1, 2), (3, 4)), [np.array([1, 2]), np.array([3.0, 4])]]
)
def test_nested_lists_of_one_shape_are_an_array(value: Value) -> None:
    answer = read_answers(SPECS["forward"], {"z0": value})["z0"]
    assert array(answer).tolist() == [[1.0, 2.0], [3.0, 4.0]]


def test_lists_nested_too_deep_are_refused_and_stop_nothing() -> None:
    nested: Value = 1.0
    for _ in range(60):
        nested = [nested]
    assert read_answers(SPECS["forward"], {"z0": nested})["z0"].kind in (AnswerKind.GIVEN, AnswerKind.INVALID)


def test_one_bad_value_does_not_spoil_the_others() -> None:
    found = read_answers(SPECS["forward"], {"z0": "text", "h0": 2.0})
    assert found["z0"].kind is AnswerKind.INVALID
    assert number(found["h0"]) == 2.0


def test_every_function_gives_an_answer_for_every_quantity_of_its_dict() -> None:
    def full(spec: FunctionSpec) -> dict[str, Value]:
        return {key: float(i) for i, key in enumerate(spec.keys)}

    for spec in SPECS.values():
        found = read_answers(spec, full(spec))
        assert [number(found[name]) for name in spec.quantities] == [float(i) for i in range(len(spec.keys))]
