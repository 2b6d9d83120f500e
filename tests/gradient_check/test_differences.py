"""Difference quotients: accurate where the function is smooth, and no quotient where a step crosses a kink."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.gradient_check.differences import (
    COARSE,
    CROSSED,
    DISAGREE,
    FINE,
    FINER,
    SECOND,
    Quotient,
    Undecided,
    quotient,
)
from grader.gradient_check.evaluate import Evaluation
from grader.gradient_check.points import MOST_ENTRIES, Direction, directions
from reference.network import trace
from reference.operations import absolute, relu


def through(
    network: Callable[[Any], None], at: float, base: float, own: Callable[[float], Any] | None = None
) -> Quotient | Undecided:
    """Take the quotient of a network of `w` at a point; `own` puts a student's `h` in."""
    graph = trace(network)

    def evaluation(w: float) -> Evaluation:
        values = {} if own is None else {"h": np.asarray(own(w))}
        return Evaluation(run=graph.forward({"w": w}, given=values), own=values, gradients={})

    steps = (base, base * SECOND)
    pairs = tuple((step, evaluation(at - step), evaluation(at + step)) for step in steps)
    return quotient(graph, evaluation(at), (pairs[0], pairs[1]), base, 0.0)


def with_kink(n: Any) -> None:
    n.h = relu(n.w - 1.0)
    n.L = n.h * 3.0


def with_values(n: Any) -> None:
    n.h = n.w * n.w
    n.L = n.h * 1.0


def test_the_slope_of_a_cube_is_found_to_eight_digits() -> None:
    def cube(n: Any) -> None:
        n.h = n.w * n.w * n.w
        n.L = n.h * 1.0

    found = through(cube, 0.7, FINE)
    assert isinstance(found, Quotient)
    assert found.value == pytest.approx(3 * 0.49, abs=1e-8)
    assert abs(found.value - 1.47) <= found.uncertainty < 1e-7


@pytest.mark.parametrize(("distance", "smaller"), [(5e-6, FINER), (2e-8, FINER)])
def test_a_step_over_a_kink_is_noticed_and_a_smaller_one_asked_for(distance: float, smaller: float) -> None:
    found = through(with_kink, 1.0 + distance, FINE)
    assert found == Undecided(reason=CROSSED, next_step=smaller)


def test_a_smaller_step_that_stays_on_its_side_gives_the_slope_there() -> None:
    found = through(with_kink, 1.0 + 5e-6, FINER)
    assert isinstance(found, Quotient)
    assert found.value == pytest.approx(3.0, rel=1e-6)


def test_on_a_kink_every_step_crosses_it_and_nothing_is_said() -> None:
    assert through(with_kink, 1.0, FINER) == Undecided(reason=CROSSED, next_step=None)


def test_an_absolute_value_has_its_kink_where_its_input_is_zero() -> None:
    def distance(n: Any) -> None:
        n.h = absolute(n.w - 1.0)
        n.L = n.h * 1.0

    assert isinstance(through(distance, 1.0 + 1e-7, FINE), Undecided)
    far = through(distance, 0.5, FINE)
    assert isinstance(far, Quotient)
    assert far.value == pytest.approx(-1.0, rel=1e-9)


def test_a_kink_that_the_network_does_not_know_of_shows_in_steps_that_do_not_agree() -> None:
    """A student's own forward may have a jump anywhere."""
    found = through(with_values, 1.0, FINE, own=lambda w: 0.3 * w if w > 1.0 + 0.7 * FINE else 0.1 * w)
    assert isinstance(found, Undecided)
    assert found.reason == DISAGREE


def test_single_precision_is_noticed_and_taken_with_coarse_steps() -> None:
    def own(w: float) -> Any:
        return np.float32(w) * np.float32(w)

    fine = through(with_values, 0.7, FINE, own=own)
    coarse = through(with_values, 0.7, COARSE, own=own)
    assert isinstance(fine, Undecided)
    assert fine.next_step == COARSE
    assert isinstance(coarse, Quotient)
    assert coarse.value == pytest.approx(1.4, abs=coarse.uncertainty + 1e-3)


def test_a_function_that_does_not_depend_on_the_leaf_has_slope_zero() -> None:
    found = through(with_values, 0.7, FINE, own=lambda _w: 2.0)
    assert isinstance(found, Quotient)
    assert found.value == 0.0


def test_entries_are_bounded_and_a_direction_takes_care_of_the_others() -> None:
    value = np.zeros((5, 7))
    found = list(directions("W", value, (3, 2)))
    assert len(found) == MOST_ENTRIES + 1
    assert found[-1] == Direction(leaf="W", index=None)
    assert (3, 2) in {one.index for one in found}
    assert np.all(found[-1].vector(value) != 0.0)


def test_a_single_number_is_looked_at_once_and_nothing_of_an_empty_array() -> None:
    assert list(directions("w", np.asarray(0.5), None)) == [Direction(leaf="w", index=())]
    assert list(directions("w", np.zeros((0, 3)), None)) == []
