"""Pictures of answers as values: which cells are off and by how much, and curves that keep what they do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.assignment import ExperimentSpec
from grader.experiments import Experiment, mark_experiment
from grader.marking.compare import Tolerance, equal
from grader.marking.pictures import MOST_CELLS, error_map, thinned
from grader.marking.result import Statement
from grader.model import Array, CallResult, Ending, Value, Verdict

STRICT = Tolerance(rtol=1e-6, atol=0.0)


def test_the_classes_are_shares_of_the_root_mean_square_of_what_is_expected() -> None:
    expected = np.array([[3.0, -3.0, 3.0], [-3.0, 3.0, 3.0]])  # 3 in the root mean square
    off = np.array([[0.0, 0.02, 0.2], [2.0, 4.0, np.nan]])  # 0, 0.7, 7, 67 and 133 % of it
    found = error_map(expected + off, expected, STRICT)
    assert found is not None
    assert found.rows == ("012", "34x")
    assert found.differing == 5
    assert (found.shape, found.dtype) == ((2, 3), "float64")


def test_the_worst_is_where_the_difference_is_largest() -> None:
    expected = np.ones((3, 4))
    actual = expected.copy()
    actual[0, 1], actual[2, 3] = 1.5, 0.25
    found = error_map(actual, expected, STRICT)
    assert found is not None
    assert found.worst == (2, 3)


def test_what_is_not_finite_is_worse_than_any_difference() -> None:
    actual = np.array([1e300, 1.0, np.inf, np.nan])
    found = error_map(actual, np.ones(4), STRICT)
    assert found is not None
    assert (found.rows, found.worst, found.differing) == (("40xx",), (0, 2), 3)


def test_a_large_array_is_pooled_by_the_worst_of_each_cell() -> None:
    expected = np.ones((48, 100))
    actual = expected.copy()
    actual[47, 99] = 9.0
    actual[1, 0] = 1.05
    found = error_map(actual, expected, STRICT)
    assert found is not None
    assert (len(found.rows), {len(row) for row in found.rows}) == (24, {24})
    assert found.rows[0] == "2" + "0" * 23
    assert found.rows[23] == "0" * 23 + "4"
    assert (found.worst, found.differing) == ((23, 23), 2)


def test_the_last_axis_runs_across_and_the_others_down() -> None:
    expected = np.ones((2, 3, 5))
    actual = expected.copy()
    actual[1, 0, 4] = 2.5
    found = error_map(actual, expected, STRICT)
    assert found is not None
    assert found.rows == ("00000", "00000", "00000", "00004", "00000", "00000")


def test_a_difference_from_nothing_but_zeros_is_of_the_largest_class() -> None:
    found = error_map(np.array([0.0, 1e-9]), np.zeros(2), STRICT)
    assert found is not None
    assert found.rows == ("04",)


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (np.float64(1.0), np.float64(2.0)),
        (np.ones(1), np.zeros(1)),
        (np.ones((2, 3)), np.ones((3, 2))),
        (np.ones((0, 4)), np.ones((0, 4))),
    ],
)
def test_there_is_no_picture_of(actual: Array, expected: Array) -> None:
    assert error_map(np.asarray(actual), np.asarray(expected), STRICT) is None


@given(
    shape=st.lists(st.integers(1, 60), min_size=1, max_size=3),
    seed=st.integers(0, 2**32 - 1),
    size=st.sampled_from([1e-8, 1e-6, 1e-5, 1e-4, 1.0, 1e200]),
    elementwise=st.booleans(),
)
def test_an_array_that_is_not_equal_is_off_somewhere_and_no_picture_is_too_large(
    shape: list[int], seed: int, size: float, *, elementwise: bool
) -> None:
    generator = np.random.default_rng(seed)
    expected = generator.normal(size=shape)
    actual = expected + size * generator.normal(size=shape)
    tolerance = Tolerance(rtol=1e-5, atol=1e-12, elementwise=elementwise)
    found = error_map(actual, expected, tolerance)
    if found is None:
        assert expected.size == 1 or equal(actual, expected, tolerance)
        return
    assert len(found.rows) <= MOST_CELLS
    assert len({len(row) for row in found.rows}) == 1
    assert len(found.rows[0]) <= MOST_CELLS
    assert found.differing > 0
    assert found.worst is not None
    assert found.rows[found.worst[0]][found.worst[1]] != "0"


# --------------------------------------------------------------------------------------------------------------
# Curves


def test_a_short_curve_keeps_all_its_points_with_five_digits() -> None:
    found = thinned(np.array([1.23456789, np.nan, -np.inf, 2.0]))
    assert found is not None
    assert (found.length, found.steps) == (4, (0, 1, 2, 3))
    assert found.values == (1.2346, "nan", "-inf", 2.0)


def test_a_long_curve_keeps_its_ends_its_peaks_and_where_it_is_lost() -> None:
    curve = np.linspace(2.0, 1.0, 100_000)
    curve[34_567], curve[34_569] = 50.0, -3.0
    curve[77_777:77_790] = np.nan
    found = thinned(curve)
    assert found is not None
    assert found.length == 100_000
    assert {0, 34_567, 34_569, 77_777, 99_999} <= set(found.steps)
    assert dict(zip(found.steps, found.values, strict=True))[77_777] == "nan"


@given(
    st.lists(st.floats(width=32), min_size=1, max_size=700),
)
def test_no_curve_has_more_than_200_points_and_its_range_stays(values: list[float]) -> None:
    curve = np.array(values)
    found = thinned(curve)
    assert found is not None
    assert len(found.steps) == len(found.values) <= 200
    assert list(found.steps) == sorted(set(found.steps))
    assert (found.steps[0], found.steps[-1]) == (0, len(values) - 1)
    kept, finite = curve[list(found.steps)], curve[np.isfinite(curve)]
    if finite.size:
        assert kept[np.isfinite(kept)].max() == finite.max()
        assert kept[np.isfinite(kept)].min() == finite.min()
    lost = np.flatnonzero(~np.isfinite(curve))
    assert not lost.size or lost[0] in found.steps


def test_a_column_is_a_curve_and_a_matrix_is_none() -> None:
    column = thinned(np.ones((5, 1)))
    assert column is not None
    assert column.length == 5
    assert thinned(np.ones((2, 3))) is None
    assert thinned(np.ones(0)) is None
    assert thinned(np.ones((2, 1, 1))) is None


# --------------------------------------------------------------------------------------------------------------
# Of experiments

EXPECTED = np.array([4.0, 2.0, 1.0, 0.5])
SPEC = ExperimentSpec(
    name="xor",
    function="XOR",
    setup=lambda: None,
    collector="collect",
    uses=(),
    parts=(),
    curves=("losses",),
    numbers=("accuracy",),
    cpu_s=1.0,
)
EXPERIMENT = Experiment(
    spec=SPEC,
    arguments=(),
    expected={"losses": EXPECTED, "accuracy": np.array(1.0)},
    steps={"losses": 4},
)


def statements(losses: Array) -> dict[str, Statement]:
    """Mark a run that gave these losses, and the right accuracy."""
    value: Value = {"losses": losses, "accuracy": 1.0}
    result = CallResult(key="xor", function="XOR", ending=Ending.FINISHED, value=value)
    return {one.quantity: one for one in mark_experiment(SPEC, EXPERIMENT, result).statements}


@pytest.mark.parametrize(
    ("losses", "verdict"),
    [
        (EXPECTED, Verdict.CORRECT),
        (2 * EXPECTED, Verdict.WRONG),
        (np.array([4.0, np.nan, np.inf, 0.5]), Verdict.WRONG),
        (np.ones(9), Verdict.INVALID),
    ],
)
def test_a_curve_is_kept_beside_the_expected_one_whatever_is_said_of_it(
    losses: Array, verdict: Verdict
) -> None:
    found = statements(losses)["xor.losses"]
    assert found.verdict is verdict
    assert (found.curve, found.expected_curve) == (thinned(losses), thinned(EXPECTED))


def test_a_final_number_and_a_run_that_did_not_end_have_no_curve() -> None:
    assert statements(EXPECTED)["xor.accuracy"].curve is None
    absent = mark_experiment(SPEC, EXPERIMENT, None).statements
    assert [(one.curve, one.expected_curve) for one in absent] == [(None, None), (None, None)]
