"""Curves are compared step by step before rounding is amplified, then by how they behave."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.marking.curves import Behaviour, behaviour, compare_curves, goes_up

STEPS = np.arange(101.0)
FALLING = np.exp(-STEPS / 20.0)
"""From 1 to exp(-5)."""
NOISE = np.where(np.arange(101) % 2, 1.3, 0.7)
OSCILLATING = 0.5 + 0.4 * np.where(np.arange(101) % 2, 1.0, -1.0)


@pytest.mark.parametrize(
    ("curve", "does"),
    [
        (FALLING, Behaviour.FALLS),
        (np.full(50, np.log(3.0)), Behaviour.STAYS),
        (OSCILLATING, Behaviour.OSCILLATES),
        (np.exp(STEPS / 20.0), Behaviour.DIVERGES),
        (np.append(FALLING[:-1], np.nan), Behaviour.DIVERGES),
    ],
)
def test_what_a_curve_does_is_said_in_a_word(curve: np.ndarray, does: Behaviour) -> None:
    assert behaviour(curve) is does


def test_a_curve_agrees_with_itself_and_with_one_that_is_off_by_rounding() -> None:
    assert compare_curves(FALLING, FALLING, 101).agrees
    assert compare_curves(FALLING * (1.0 + 1e-5 * np.sin(STEPS)), FALLING, 101).agrees


def test_the_first_step_that_is_off_is_named_with_both_values() -> None:
    wrong = FALLING.copy()
    wrong[7] *= 1.1
    found = compare_curves(wrong, FALLING, 101)
    assert (found.agrees, found.index) == (False, 7)
    assert found.reason == "the first step that is off is step 7: it is 0.775157"
    assert found.wanted == "it should be 0.704688 at step 7"


def test_after_the_steps_that_count_one_by_one_only_the_behaviour_counts() -> None:
    chaotic = FALLING.copy()
    chaotic[60:] *= NOISE[60:]
    assert not compare_curves(chaotic, FALLING, 101).agrees
    assert compare_curves(chaotic, FALLING * np.where(STEPS < 60, 1.0, NOISE[::-1]), 60).agrees


def test_a_right_start_does_not_excuse_another_end() -> None:
    stuck = np.where(
        STEPS < 20, FALLING, FALLING[20]
    )  # exp(-1); the other ends in the mean of exp(-k / 20), k = 91 .. 100
    found = compare_curves(stuck, FALLING, 20)
    assert not found.agrees
    assert found.reason == "its first steps are right, but then it ends near 0.3679"
    assert found.wanted == "right is one that ends near 0.008525"


def test_collapse_to_chance_is_right_where_it_is_expected() -> None:
    """A rate of 5 kills all units: the loss ends at ln 3, and who gets that is right."""
    dead = np.where(STEPS < 3, [2.04, 40.0, 7.0] + [0.0] * 98, np.log(3.0))
    assert compare_curves(dead, dead, 2).agrees
    assert not compare_curves(np.where(STEPS < 3, dead, FALLING), dead, 2).agrees


def test_both_diverging_is_the_same_whatever_the_numbers() -> None:
    one, other = np.exp(STEPS / 10.0), np.exp(STEPS / 9.0)
    assert compare_curves(one, np.where(STEPS < 1, one, other), 1).agrees
    assert compare_curves(np.where(STEPS < 50, one, np.nan), one, 10).agrees


@pytest.mark.parametrize("part", [slice(1, None), slice(None, -1)])
def test_the_value_before_the_first_or_after_the_last_step_may_be_left_out(part: slice) -> None:
    assert compare_curves(FALLING[part], FALLING, 50).agrees


@pytest.mark.parametrize("factor", [3.0, 1.0 / 3.0])
def test_a_constant_factor_is_found(factor: float) -> None:
    found = compare_curves(factor * FALLING, FALLING, 101)
    assert not found.agrees
    assert found.factor == pytest.approx(factor)


@pytest.mark.parametrize("shape", [(0,), (50,), (200,), (101, 2), ()])
def test_another_number_of_steps_cannot_be_compared(shape: tuple[int, ...]) -> None:
    found = compare_curves(np.ones(shape), FALLING, 101)
    assert not found.agrees
    assert found.behaviour is None
    assert found.reason == f"its shape is {shape}, expected is (101,)"


def test_a_column_is_as_good_as_a_list() -> None:
    assert compare_curves(FALLING[:, None], FALLING, 101).agrees


@given(
    st.lists(st.floats(allow_nan=True, allow_infinity=True, width=64), min_size=1, max_size=30),
    st.integers(0, 30),
)
def test_no_curve_breaks_the_comparison_and_none_but_a_near_one_agrees(
    values: list[float], steps: int
) -> None:
    with np.errstate(all="ignore"):
        found = compare_curves(np.array(values), FALLING[: len(values)], steps)
    if found.agrees and steps >= len(values):
        assert np.allclose(values, FALLING[: len(values)], rtol=1.1e-3)


# --------------------------------------------------------------------------------------------------------------
# Steps up the gradient

# L = w^2 / 2 from w = 1 at the rate 0.1: w shrinks to nine tenths with each step down, and grows by a tenth with each step up.
DOWN = 0.5 * 0.81 ** np.arange(20)
UP = 0.5 * 1.21 ** np.arange(20)


def test_steps_up_the_gradient_raise_the_loss_by_what_steps_down_take() -> None:
    assert goes_up(UP, DOWN)
    assert goes_up(UP[1:], DOWN), "a loss may be noted after each step only"


@pytest.mark.parametrize(
    "curve",
    [
        np.append(0.5, UP[:19] * 0.9),  # falls first
        0.5 + 0.01 * np.arange(20),  # rises by a tenth of what the step down takes
        np.append(0.5, DOWN[::-1][:19]),  # as small as at the end at once, and rises from there
        np.append([0.7], UP[1:]),  # another loss before any step
        np.full(20, np.nan),
        UP[:1],
    ],
)
def test_a_loss_that_rises_otherwise_has_another_cause(curve: np.ndarray) -> None:
    assert not goes_up(curve, DOWN)


def test_where_the_step_down_raises_the_loss_a_rise_says_nothing() -> None:
    assert not goes_up(UP, np.append(0.5, 3.0 * DOWN[:19]))
