"""The last section of a report states the policy in force, and nothing that does not apply."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from samples import all_correct

from grader.assignment_file import load, read
from grader.reports.conditions import Feedback, MarkingFacts, conditions
from grader.work import facts

ASSIGNMENTS = Path(__file__).parent.parent.parent / "assignments"


def said(told: MarkingFacts) -> Mapping[str, str]:
    return {one.term: one.text for one in conditions(all_correct(), Feedback.HINTS, told)}


def test_what_an_author_changes_of_the_marking_stands_there(tmp_path: Path) -> None:
    text = (ASSIGNMENTS / "skip_network" / "assignment.toml").read_text(encoding="utf-8")
    policy = "[marking]\nrtol = 0.01\natol = 0.003\ncompare = 'elementwise'\nfollow_share = 0.6\nconvention_share = 0.7\n"
    (tmp_path / "assignment.toml").write_text(f"{text}\n{policy}", encoding="utf-8")
    lines = said(facts(read(tmp_path)))
    assert "An entry agrees" in lines["Tolerance"]
    assert "at most 0.01 of its size, and by 0.003 besides" in lines["Tolerance"]
    assert "earn 60 % of their share" in lines["Points"]
    assert "in another convention earns 70 %" in lines["Points"]


def test_an_absolute_tolerance_that_comes_from_the_expected_values_is_not_told() -> None:
    assert "by rounding where that size is near zero" in said(facts(load("skip_network")))["Tolerance"]


def test_extreme_inputs_and_what_they_cost_are_told_where_there_are_any() -> None:
    lines = said(facts(load("softmax_cross_entropy")))
    # Two for the softmax, two for the loss of logits.
    assert "4 more have extreme inputs." in lines["Cases"]
    assert "up to 5 hidden cases for each part" in lines["Cases"]
    assert "wrong on extreme inputs only loses 20 % of its share" in lines["Points"]
    without = said(facts(load("skip_network")))
    assert "extreme" not in without["Cases"] + without["Points"]
    assert "and 6 hidden cases, the same for everybody" in without["Cases"]


def test_written_work_has_the_shares_of_labels_and_of_the_chain_rule_and_no_limits() -> None:
    lines = said(facts(load("skip_network_by_hand")))
    assert "under another label loses 25 % of its share" in lines["Written lines"]
    assert "earns 50 %" in lines["Written lines"]
    assert "rounded to the digits that are given" in lines["Tolerance"]
    assert "Limits" not in lines
    assert "Written lines" not in said(facts(load("skip_network")))


@pytest.mark.parametrize(
    ("name", "has_parts", "trains"),
    [("skip_network", False, False), ("softmax_cross_entropy", True, False), ("mlp_lab", True, True)],
)
def test_known_good_parts_and_training_runs_are_told_where_there_are_any(
    name: str, has_parts: bool, trains: bool
) -> None:
    lines = said(facts(load(name)))
    assert ("Several parts" in lines) is has_parts
    assert ("Training runs" in lines) is trains
