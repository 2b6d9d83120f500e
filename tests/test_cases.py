"""Drawn cases: together they leave no mistake a place to hide, and no asked number reaches the student."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from grader.assignment import LeafRule, NearRule, Unit
from grader.assignment_file import load
from grader.cases import cover, drawn_cases, worked_case
from grader.errors import AssignmentError
from grader.model import Array, Case
from reference.network import trace
from reference.operations import absolute

SEEDS = [pytest.param(seed, marks=[] if seed < 5 else [pytest.mark.slow]) for seed in range(50)]
PARAMETERS = ("w0", "w1", "w2", "ws")


@cache
def drawn(seed: int) -> tuple[Case, ...]:
    return drawn_cases(load("skip_network").units[0], np.random.default_rng(seed))


def passes(leaves: Mapping[str, Array]) -> dict[str, float]:
    """Work the skip network out by its formulas; gradients as `dNAME`."""
    v = {name: float(value) for name, value in leaves.items()}
    v["z0"] = v["w0"] * v["x"]
    v["h0"] = max(v["z0"], 0.0)
    v["z1"] = v["w1"] * v["h0"]
    v["h1"] = max(v["z1"], 0.0)
    v["z2"] = v["y_hat"] = v["ws"] * v["h0"] + v["w2"] * v["h1"]
    v["L"] = abs(v["y"] - v["y_hat"])
    v["dy_hat"] = v["dz2"] = -float(np.sign(v["y"] - v["y_hat"]))
    v["dws"], v["dw2"] = v["dz2"] * v["h0"], v["dz2"] * v["h1"]
    v["dh1"] = v["dz2"] * v["w2"]
    v["dz1"] = v["dh1"] * (v["z1"] > 0)
    v["dw1"] = v["dz1"] * v["h0"]
    v["dh0"] = v["dz2"] * v["ws"] + v["dz1"] * v["w1"]
    v["dz0"] = v["dh0"] * (v["z0"] > 0)
    v["dw0"] = v["dz0"] * v["x"]
    return v


def test_the_worked_case_has_the_numbers_of_the_task() -> None:
    case = worked_case(load("skip_network").units[0])
    assert case is not None
    assert {name: float(value) for name, value in case.leaves.items()} == {
        "x": 1.0, "y": -3.0, "w0": 0.5, "w1": 0.5, "w2": 0.5, "ws": 0.5,
    }  # fmt: skip
    assert (case.name, case.rate) == ("worked", 1.0)
    assert case.spare_leaves == case.leaves
    assert {name: float(value) for name, value in case.given_gradients.items()} == {
        "w0": 0.75, "w1": 0.25, "w2": 0.25, "ws": 0.5,
    }  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
def test_six_cases_show_both_sides_of_every_kink_on_both_sides_of_the_target(seed: int) -> None:
    table = [passes(case.leaves) for case in drawn(seed)]
    strata = sorted((np.sign(v["z0"]), np.sign(v["z1"]), np.sign(v["y"] - v["y_hat"])) for v in table)
    # Where the first ReLU is closed, all four gradients are zero on either side of the target.
    assert [(a, b) for a, b, _ in strata[:2]] == [(-1, 0), (-1, 0)]
    assert strata[2:] == [(1, -1, -1), (1, -1, 1), (1, 1, -1), (1, 1, 1)]


@pytest.mark.parametrize("seed", SEEDS)
def test_behind_a_closed_first_relu_the_second_one_is_open_on_some_case_and_closed_on_another(
    seed: int,
) -> None:
    """What comes through the first one by mistake goes on to w1: only there, and for one sign of w1, the second holds it back."""
    behind = {
        np.sign(v["w1"] * v["z0"]) for v in (passes(case.leaves) for case in drawn(seed)) if v["z0"] < 0
    }
    assert behind == {1.0, -1.0}


@pytest.mark.parametrize("seed", SEEDS)
def test_every_value_and_every_gradient_is_non_zero_on_some_case(seed: int) -> None:
    table = [passes(case.leaves) for case in drawn(seed)]
    for name in table[0]:
        assert any(abs(row[name]) > 1e-3 for row in table), name


@pytest.mark.parametrize("seed", SEEDS)
def test_the_gradient_arriving_at_the_first_relu_has_both_signs_on_both_sides(seed: int) -> None:
    table = [passes(case.leaves) for case in drawn(seed)]
    assert {(row["z0"] > 0, np.sign(row["dh0"])) for row in table} == set(
        itertools.product((True, False), (1.0, -1.0))
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_the_target_is_within_5_percent_of_the_output_on_either_side_and_never_on_it(seed: int) -> None:
    for case in drawn(seed):
        v = passes(case.leaves)
        distance = abs(v["y"] - v["y_hat"])
        if abs(v["y_hat"]) > 0.05:
            assert 0.005 * abs(v["y_hat"]) < distance <= 0.05 * abs(v["y_hat"]) + 1e-12
        else:
            assert 0.1 <= distance <= 1.0


@pytest.mark.parametrize("seed", SEEDS)
def test_no_case_is_decided_by_rounding(seed: int) -> None:
    for case in drawn(seed):
        v = passes(case.leaves)
        for name in ("z0", "z1"):
            assert v[name] == 0.0 or abs(v[name]) > 1e-6
        # neither sum cancels to under 5 % of its terms
        for a, b in ((v["ws"] * v["h0"], v["w2"] * v["h1"]), (v["dz2"] * v["ws"], v["dz1"] * v["w1"])):
            assert (a == b == 0.0) or abs(a + b) >= 0.05 * (abs(a) + abs(b)) * (1 - 1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_leaves_and_learning_rate_lie_in_their_ranges_and_leaves_away_from_zero(seed: int) -> None:
    rates = {case.rate for case in drawn(seed)}
    assert len(rates) == 6
    assert all(0.1 <= rate <= 0.9 for rate in rates)
    for case in drawn(seed):
        for name in PARAMETERS:
            assert 0.16 <= abs(float(case.leaves[name])) <= 1.6
        assert 0.2 <= abs(float(case.leaves["x"])) <= 2.0


@pytest.mark.parametrize("seed", SEEDS)
def test_the_loss_is_asked_for_an_output_that_no_asked_case_has(seed: int) -> None:
    asked = {
        round(passes(case.leaves)[name], 9) for case in drawn(seed) for name in ("y_hat", "z2", "L", "y")
    }
    for case in drawn(seed):
        unit = passes(case.spare_leaves)
        assert round(unit["y_hat"], 9) == 0.0 or round(unit["y_hat"], 9) not in asked
        assert unit["y_hat"] != 0.0 or unit["L"] >= 0.1
        assert case.spare_leaves is not case.leaves


@pytest.mark.parametrize("seed", SEEDS)
def test_update_is_asked_with_gradients_that_are_no_case_s_own(seed: int) -> None:
    own = {round(passes(case.leaves)[f"d{name}"], 9) for case in drawn(seed) for name in PARAMETERS}
    for case in drawn(seed):
        unit = {round(float(case.given_gradients[name]), 9) for name in PARAMETERS}
        assert len(unit) == 4
        assert not unit & own
        assert all(abs(value) >= 0.2 for value in unit)


def test_one_secret_draws_the_same_cases_and_another_one_others() -> None:
    def numbers(seed: int) -> list[float]:
        found = drawn_cases(load("skip_network").units[0], np.random.default_rng(seed))
        return [
            float(value)
            for case in found
            for table in (case.leaves, case.spare_leaves, case.given_gradients)
            for value in table.values()
        ] + [case.rate for case in found]

    assert numbers(3) == numbers(3)
    assert not set(numbers(3)) & set(numbers(4))


def test_cases_are_named_in_order() -> None:
    assert [case.name for case in drawn(0)] == [f"drawn-{k}" for k in range(1, 7)]


def limited(**changes: object) -> Unit:
    made = load("skip_network").units[0]
    return replace(made, cases=replace(made.cases, **changes))


@pytest.mark.parametrize("number", [1, 3, 5])
def test_too_few_cases_to_cover_all_that_can_occur_are_refused(number: int) -> None:
    with pytest.raises(AssignmentError) as caught:
        drawn_cases(limited(drawn=number), np.random.default_rng(0))
    assert f"cases.drawn: {number} cases do not cover all that can occur" in caught.value.message
    assert caught.value.remedy == "raise cases.drawn"


def test_ranges_that_admit_no_case_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cover, "MOST_DRAWS", 300)
    leaves = {**load("skip_network").units[0].cases.leaves, "x": LeafRule(range=(-1e-9, 1e-9))}
    with pytest.raises(AssignmentError) as caught:
        drawn_cases(limited(leaves=leaves), np.random.default_rng(0))
    assert "cases.ranges" in caught.value.message
    assert caught.value.remedy == "widen the ranges"


def test_a_network_of_many_single_numbers_has_cases_though_some_of_them_are_always_alike() -> None:
    """Fifteen leaves can hardly all differ by a tenth."""
    pairs = tuple((f"w{i}", f"x{i}") for i in range(7))

    def network(n: Any) -> None:
        n.p = sum((getattr(n, w) * getattr(n, x) for w, x in pairs[1:]), n.w0 * n.x0)
        n.L = absolute(n.y - n.p)

    names = [name for pair in pairs for name in pair]
    asked = load("skip_network").units[0]
    rules = replace(
        asked.cases,
        leaves=dict.fromkeys(names, LeafRule(range=(-1.0, 1.0))),
        near={"y": NearRule(near="p", within=0.05, otherwise=(0.1, 1.0))},
        worked={name: np.asarray(0.5) for name in names} | {"y": np.asarray(1.0), "lr": np.asarray(1.0)},
    )
    made = replace(
        asked,
        graph=trace(network),
        inputs=tuple(x for _, x in pairs),
        parameters=tuple(w for w, _ in pairs),
        cases=rules,
    )

    cases = drawn_cases(made, np.random.default_rng(1))

    assert len(cases) == 6
    # Both sides of one output, three times.
    for above, below in zip(cases[::2], cases[1::2], strict=True):
        run = made.graph.forward(above.leaves)
        output = float(made.graph.value(run, "p"))
        assert all(above.leaves[name] == below.leaves[name] for name in names)
        assert (float(above.leaves["y"]) - output) * (float(below.leaves["y"]) - output) < 0
