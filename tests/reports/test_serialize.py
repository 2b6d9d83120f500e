"""Grades survive JSON exactly; arrays become bounded JSON."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from samples import ENVIRONMENT, all_correct, hostile, raised, sign_flipped

from grader.serialize import dumps, json_numbers, loads


@pytest.mark.parametrize("made", [all_correct(), sign_flipped(), raised()])
def test_a_grade_is_read_back_equal(made: Any) -> None:
    assert loads(dumps(made)) == made


@given(text=st.text(st.characters(), max_size=20), points=st.floats(allow_nan=False, allow_infinity=False))
def test_any_text_and_any_points_are_read_back_exactly(text: str, points: float) -> None:
    made = hostile(text)
    first = replace(made.questions[0], points=points)
    made = replace(made, questions=(first, *made.questions[1:]))
    back = loads(dumps(made))
    assert back == made
    assert type(back.questions[0].points) is float


def test_a_grade_that_was_stored_before_limits_were_noted_is_read_without_them() -> None:
    stored = json.loads(dumps(all_correct()))
    del stored["environment"]["limits"]
    before = replace(ENVIRONMENT, limits=None)
    assert loads(json.dumps(stored)) == all_correct(environment=before)


def test_a_lone_surrogate_is_read_back() -> None:
    assert loads(dumps(hostile("\udc80"))).student == "\udc80"


def test_an_int_of_an_array_stays_an_int_and_a_float_a_float() -> None:
    made = sign_flipped()
    row = replace(made.questions[1].quantities[0], expected=[1, 2.0], actual={"shape": [70], "head": [1]})
    made = replace(made, questions=(replace(made.questions[1], quantities=(row,)),))
    back = loads(dumps(made)).questions[0].quantities[0]
    assert [type(number) for number in back.expected] == [int, float]
    assert back.actual == {"shape": [70], "head": [1]}


def test_a_number_that_is_not_finite_is_refused_not_turned_into_null() -> None:
    with pytest.raises(ValueError, match="JSON"):
        dumps(replace(all_correct(), seconds=float("nan")))


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"assignment": 1}'])
def test_what_is_no_grade_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        loads(text)


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.float64(0.5), 0.5),
        (np.array(2), 2),
        (np.array([[1.0, np.nan], [np.inf, -np.inf]]), [[1.0, "nan"], ["inf", "-inf"]]),
        (np.arange(64), list(range(64))),
        (np.zeros((65,), dtype=np.float32), {"shape": [65], "dtype": "float32", "head": [0.0] * 16}),
        (np.full((9, 9), np.nan), {"shape": [9, 9], "dtype": "float64", "head": ["nan"] * 16}),
        (np.zeros((10**9, 0)), {"shape": [10**9, 0], "dtype": "float64", "head": []}),
        (np.array([True]), [True]),
    ],
)
def test_an_array_becomes(array: np.ndarray[Any, Any], expected: object) -> None:
    numbers = json_numbers(array)
    assert numbers == expected
    assert json.loads(json.dumps(numbers, allow_nan=False)) == expected


def test_an_array_of_objects_is_refused() -> None:
    with pytest.raises(TypeError, match="object"):
        json_numbers(np.array([object()]))
