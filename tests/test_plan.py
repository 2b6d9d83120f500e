"""The calls of a submission: every case twice, nothing expected among the arguments; and what becomes of their results."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest

from grader import plan
from grader.assignment_file import load
from grader.cases import cases_of
from grader.marking.expectations import Expectations, expectations
from grader.model import AnswerKind, Call, CallResult, Ending, Opaque, Value

FUNCTIONS = ("forward", "loss", "backward", "update", "step")
NAMES = ("worked", *(f"drawn-{k}" for k in range(1, 7)))


@cache
def known(seed: int = 0) -> Expectations:
    made = load("skip_network").units[0]
    return expectations(made, cases_of(made, np.random.default_rng(seed)))


def numbers(value: Value) -> Iterator[float]:
    if isinstance(value, dict):
        for part in value.values():
            yield from numbers(part)
    elif isinstance(value, float):
        yield value
    else:
        raise TypeError(f"the skip network's arguments are floats and dicts of floats, not {type(value)}")


def results(everything: Expectations) -> dict[str, CallResult]:
    """Return right results of all calls: dicts of the reference's values."""
    by_name = {reference.case.name: reference for reference in everything.cases}
    found = {}
    for call in plan.calls([everything]):
        _, _, name, function = call.key.split("/")
        spec = everything.unit.functions[function]
        value: dict[str, Value] = {
            key: float(by_name[name].by_key[function, quantity].value)
            for key, quantity in zip(spec.keys, spec.quantities, strict=True)
        }
        found[call.key] = CallResult(key=call.key, function=function, ending=Ending.FINISHED, value=value)
    return found


def altered(found: dict[str, CallResult], key: str, **values: float) -> dict[str, CallResult]:
    before = found[key]
    assert isinstance(before.value, dict)
    value: dict[str, Value] = {**before.value, **values}
    return {**found, key: CallResult(key=key, function=before.function, ending=Ending.FINISHED, value=value)}


def ended(found: dict[str, CallResult], key: str, ending: Ending) -> dict[str, CallResult]:
    return {**found, key: CallResult(key=key, function=found[key].function, ending=ending)}


# --------------------------------------------------------------------------------------------------------------
# Calls


def test_every_case_is_called_in_order_and_two_of_them_once_more_in_reverse() -> None:
    once = [f"{name}/{function}" for name in NAMES for function in FUNCTIONS]
    twice = [f"{name}/{function}" for name in ("drawn-3", "worked") for function in reversed(FUNCTIONS)]
    wanted = [f"first//{key}" for key in once] + [f"again//{key}" for key in twice]
    assert [call.key for call in plan.calls([known()])] == wanted


def test_both_rounds_are_called_with_the_same_arguments() -> None:
    by_key = {call.key: call for call in plan.calls([known()])}
    repeated = [key for key in by_key if key.startswith("again/")]
    assert len(repeated) == 2 * len(FUNCTIONS)
    for key in repeated:
        assert by_key[key].arguments == by_key[key.replace("again/", "first/")].arguments


def test_the_worked_case_is_called_with_the_numbers_of_the_task() -> None:
    by_key = {call.key: call for call in plan.calls([known()])}
    weights = {"w0": 0.5, "w1": 0.5, "w2": 0.5, "ws": 0.5}
    gradients = {"w0": 0.75, "w1": 0.25, "w2": 0.25, "ws": 0.5}
    assert by_key["first//worked/forward"].arguments == (1.0, 0.5, 0.5, 0.5, 0.5)
    assert by_key["first//worked/loss"].arguments == (0.375, -3.0)
    assert by_key["first//worked/backward"].arguments == (1.0, -3.0, 0.5, 0.5, 0.5, 0.5)
    assert by_key["first//worked/update"].arguments == (weights, gradients, 1.0)
    assert by_key["first//worked/step"].arguments == (1.0, -3.0, 0.5, 0.5, 0.5, 0.5, 1.0)


@pytest.mark.parametrize("seed", range(3))
def test_no_expected_value_of_a_drawn_case_stands_among_any_arguments(seed: int) -> None:
    everything = known(seed)
    sent = sorted(
        {
            number
            for call in plan.calls([everything])
            if "/worked/" not in call.key
            for part in call.arguments
            for number in numbers(part)
        }
    )
    inputs = {
        float(v) for r in everything.cases for v in (*r.case.leaves.values(), *r.case.spare_leaves.values())
    }
    looked_for = 0
    for reference in everything.cases[1:]:
        for key, expectation in reference.by_key.items():
            value = float(expectation.value)
            if value in inputs or value in (0.0, 1.0, -1.0):
                continue  # a weight without a gradient stays as it is; a sign is no secret
            looked_for += 1
            nearest = sent[int(np.argmin(np.abs(np.asarray(sent) - value)))]
            assert abs(nearest - value) > 1e-12 * abs(value), (reference.case.name, key)
    assert looked_for > 60


def test_attributes_are_read_off_under_both_names_of_a_new_weight() -> None:
    by_key = {call.key: call for call in plan.calls([known()])}
    assert set(by_key["first//worked/step"].attributes) == {
        *("w0_new", "w1_new", "w2_new", "ws_new"),
        *("w0", "w1", "w2", "ws"),
    }
    assert by_key["first//worked/forward"].attributes == ("z0", "h0", "z1", "h1", "z2", "y_hat")


def test_a_call_has_no_room_for_an_expected_value() -> None:
    assert set(Call.__struct_fields__) == {
        "key",
        "function",
        "arguments",
        "attributes",
        "collector",
        "uses",
    }


# --------------------------------------------------------------------------------------------------------------
# Trials


def test_a_second_round_that_says_the_same_is_left_out() -> None:
    everything = known()
    trials = plan.trials(everything, list(results(everything).values()))
    assert [trial.reference.case.name for trial in trials] == list(NAMES)
    assert not any(trial.repeated for trial in trials)


def test_a_second_round_that_differs_anywhere_is_kept_whole_and_in_the_order_of_the_calls() -> None:
    everything = known()
    found = altered(results(everything), "again//drawn-3/backward", w0=0.125)
    trials = plan.trials(everything, list(found.values()))
    assert [trial.reference.case.name for trial in trials] == [*NAMES, "drawn-3", "worked"]
    assert [trial.repeated for trial in trials] == [False] * 7 + [True] * 2
    number = trials[7].number(("backward", "dL/dw0"))
    assert number is not None
    assert float(number) == 0.125


@pytest.mark.parametrize("ending", [Ending.TIMEOUT, Ending.MEMORY, Ending.RAISED, Ending.KILLED])
def test_a_second_call_that_did_not_finish_says_nothing_new(ending: Ending) -> None:
    everything = known()
    found = ended(results(everything), "again//drawn-3/backward", ending)
    assert len(plan.trials(everything, list(found.values()))) == 7


def test_a_first_call_that_did_not_finish_leaves_no_answer() -> None:
    everything = known()
    found = ended(results(everything), "first//drawn-1/loss", Ending.RAISED)
    found = ended(found, "again//drawn-3/loss", Ending.RAISED)
    trials = plan.trials(everything, list(found.values()))
    assert ("loss", "L") not in trials[1].answers
    assert trials[1].answers["backward", "dL/dw0"].kind is AnswerKind.GIVEN


def test_without_any_result_there_is_no_answer() -> None:
    assert [dict(trial.answers) for trial in plan.trials(known(), [])] == [{}] * 7


def test_the_same_nan_twice_is_no_difference() -> None:
    everything = known()
    found = altered(results(everything), "first//drawn-3/loss", L=float("nan"))
    found = altered(found, "again//drawn-3/loss", L=float("nan"))
    assert len(plan.trials(everything, list(found.values()))) == 7


def test_only_the_first_round_counts_for_the_status() -> None:
    kept = plan.first_round(list(results(known()).values()))
    assert len(kept) == 35
    assert all(result.key.startswith("first/") for result in kept)


# --------------------------------------------------------------------------------------------------------------
# A second round that says nothing new is told from its values, whatever their kind


def returned(first: Value, again: Value) -> int:
    """Return how many trials there are where `loss` gave one value in the first round and another in the second."""
    found = results(known())
    for key in [key for key in found if key.endswith("/loss")]:
        value = first if key.startswith("first/") else again
        found[key] = CallResult(key=key, function="loss", ending=Ending.FINISHED, value=value)
    return len(plan.trials(known(), list(found.values())))


NAN = float("nan")
ONE_ROUND, TWO_ROUNDS = 7, 9


@pytest.mark.parametrize(
    ("first", "again", "wanted"),
    [
        (2.5, 2.5, ONE_ROUND),
        (2.5, 2.5000001, TWO_ROUNDS),
        (NAN, NAN, ONE_ROUND),
        (0.0, -0.0, ONE_ROUND),
        (2, 2.0, ONE_ROUND),
        (2.0, np.asarray(2.0), ONE_ROUND),
        (1.0, True, TWO_ROUNDS),
        (np.asarray([2.5]), np.asarray([2.5]), ONE_ROUND),
        (np.asarray([2.5]), np.asarray(2.5), TWO_ROUNDS),
        (np.asarray([NAN, 1.0]), np.asarray([NAN, 1.0]), ONE_ROUND),
        (np.asarray([0.0]), np.asarray([-0.0]), ONE_ROUND),
        (np.asarray(2.5, np.float32), np.asarray(2.5), ONE_ROUND),
        ({"L": 1.0}, {"L": 1.0, "junk": 2.0}, ONE_ROUND),
        ({"L": 1.0}, {"l": 1.0}, TWO_ROUNDS),
        ([1.0], [1.0], ONE_ROUND),
        (1.0, (1.0,), ONE_ROUND),
        ([1.0], (1.0,), TWO_ROUNDS),
        ([1.0, 2.0], [1.0], TWO_ROUNDS),
        ("text", "text", ONE_ROUND),
        ("text", "another text", ONE_ROUND),
        ("text", 1.0, TWO_ROUNDS),
        (None, None, ONE_ROUND),
        (None, 1.0, TWO_ROUNDS),
        (
            Opaque(type_name="Tensor", reason="a tensor"),
            Opaque(type_name="Tensor", reason="a tensor"),
            ONE_ROUND,
        ),
    ],
)
def test_the_second_round_counts_where_an_answer_in_it_is_another(
    first: Value, again: Value, wanted: int
) -> None:
    """Kinds without a number are one: only what can be put into words differs between them."""
    assert returned(first, again) == wanted


def test_labels_are_whole_numbers_whatever_a_function_computes() -> None:
    """They index arrays, in a loss as in its gradient."""
    made = next(unit for unit in load("two_layer_net").units if unit.name == "softmax")
    asked = plan.calls([expectations(made, cases_of(made, np.random.default_rng(0)))])
    assert {call.function for call in asked} == {"softmax_loss (loss)", "softmax_loss (dx)"}
    assert {np.asarray(call.arguments[1]).dtype for call in asked} == {np.dtype(np.int64)}
