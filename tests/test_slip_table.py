"""Slips planted into every shipped network: none is accepted, nearly all are named, and the page says how many."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from planted_networks import NETWORKS, UNITS, expected

from grader.marking.trials import Trial
from grader.validation.alone import marked
from grader.validation.planting import changed_keys, derivative_plants, plants, right_answers
from grader.validation.slip_table import Row, outcomes, table_row

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "accuracy.md"
SEED = 1
SMALLEST = "softmax_with_cross_entropy"
EVERY = (*NETWORKS, *UNITS)
QUICK = (
    SMALLEST,
    *(name for name in UNITS if name.startswith("softmax_cross_entropy/")),
    "mlp_lab/linear_grad",
)
"""Those of the tests that are to be quick: a network, a layer, losses, and a unit with updates."""


def documented() -> dict[str, tuple[int, ...]]:
    """Read the counts of the generated part of the page, by network."""
    text = PAGE.read_text(encoding="utf-8")
    generated = text.split("<!-- generated: slip table -->")[1].split("<!-- end of generated part -->")[0]
    return {
        match["network"]: tuple(int(n) for n in re.findall(r"\| (\d+)", match["cells"]))
        for match in re.finditer(
            r"^\| `(?P<network>[\w/]+)` (?P<cells>(\| \d+[^|]*){6})\|$", generated, re.MULTILINE
        )
    }


def counted(network: str) -> Row:
    everything = expected(network, SEED)
    return table_row(network, outcomes(everything, list(plants(everything))))


@pytest.mark.parametrize(
    "network",
    [pytest.param(name, marks=[] if name in QUICK else [pytest.mark.slow]) for name in EVERY],
)
def test_no_planted_slip_is_accepted_95_percent_are_named_and_placed_and_the_page_has_the_counts(
    network: str,
) -> None:
    row = counted(network)
    assert row.changing > 0, "a network that admits no slip shows nothing"
    assert row.refused == row.changing
    assert row.named >= 0.95 * row.telling
    assert row.placed >= 0.95 * row.telling
    assert documented()[network] == row.counts


def test_the_page_lists_every_network_of_every_assignment() -> None:
    assert list(documented()) == list(EVERY)


def test_every_thirteenth_derivative_slip_of_the_skip_network_is_refused_named_and_found_at_its_place() -> (
    None
):
    everything = expected("skip_network", SEED)
    among = list(derivative_plants(everything))
    found = [entry for entry in outcomes(everything, among[::13], among) if entry.changes]
    assert len(found) > 20
    assert [entry for entry in found if entry.accepted or not entry.named or not entry.placed] == []


@pytest.mark.parametrize("network", EVERY)
def test_right_answers_get_full_points_no_finding_and_no_first_mistake(network: str) -> None:
    everything = expected(network, SEED)
    marks = marked(everything, [Trial(reference=r, answers=right_answers(r)) for r in everything.cases])
    most = {"forward": 3.0, "gradients": 4.0, "update": 3.0}
    assert marks.questions
    assert all(question.points == most[question.id] for question in marks.questions)
    assert marks.first_mistake is None
    assert not any(question.findings for question in marks.questions)


def test_slips_are_planted_on_edges_values_and_updates() -> None:
    kinds = {plant.kind for plant in plants(expected(SMALLEST, SEED))}
    assert kinds == {
        "derivative, all gradients given",
        "derivative, only required gradients given",
        "forward value alone",
        "forward value with its derivative",
        "forward value inside `backward` alone",
        "update, in `update`",
        "update, in `step`",
        "early update",
    }


@pytest.mark.parametrize("network", [name for name in NETWORKS if name != "skip_network"])
def test_array_cases_have_sides_of_different_sizes_and_one_or_more_samples(network: str) -> None:
    everything = expected(network, SEED)
    samples = set()
    for reference in everything.cases:
        leaves = reference.case.leaves
        data = leaves["X" if "X" in leaves else "s"]
        samples.add(data.shape[0])
        sides = {data.shape[0], data.shape[1]}
        weights = [leaves[name] for name in leaves if name.startswith("W")]
        sides.update(weight.shape[1] for weight in weights)
        assert len(sides) == 2 + len(weights), "two sides of one size would hide a missing transpose"
    assert min(samples) == 1
    assert len(samples) > 2


def test_a_number_within_rounding_is_no_change_and_one_beyond_it_is() -> None:
    everything = expected(SMALLEST, SEED)
    reference = everything.cases[0]
    for factor, changed in ((1.0 + 1e-6, False), (1.0 + 1e-3, True), (np.nan, True)):
        answers = right_answers(reference)
        answer = answers["loss", "L"]
        assert answer.value is not None
        answers["loss", "L"] = type(answer)(kind=answer.kind, value=answer.value * factor)
        assert (changed_keys([Trial(reference=reference, answers=answers)]) == {("loss", "L")}) is changed


@pytest.mark.slow
def test_the_script_prints_the_table_and_ends_with_0_where_it_holds() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "slip_table.py"), "--markdown", "--network", SMALLEST],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].startswith(
        "| network | planted | change a number | not accepted | tell something | named |"
    )
    assert f"| `{SMALLEST}` |" in done.stdout
