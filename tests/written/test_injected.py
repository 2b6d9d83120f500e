"""Errors put into a hand-in, one at a time: none is accepted, nearly all are named, and no other line suffers."""

from __future__ import annotations

from functools import cache

import pytest
from injected import INJECTED
from written_outcomes import ALL, Outcome, counted, outcome_of

SAMPLE = INJECTED[::14]


@cache
def of_the_sample() -> tuple[Outcome, ...]:
    return tuple(outcome_of(error) for error in SAMPLE)


@cache
def of_all() -> tuple[Outcome, ...]:
    return tuple(outcome_of(error) for error in INJECTED)


def test_there_are_more_than_two_hundred_errors_in_lines_of_every_kind() -> None:
    assert len(INJECTED) > 200
    assert len({error.text for error in INJECTED}) == len(INJECTED)
    assert {(error.question, error.quantity) for error in SAMPLE} > {
        ("derivation", "z0"),
        ("derivation", "dL/dz0"),
        ("numbers", "dL/dw1"),
        ("numbers", "w1_new"),
    }


def test_no_error_of_the_sample_is_accepted() -> None:
    assert [(one.error.name, one.verdict) for one in of_the_sample() if one.accepted] == []


def test_no_other_verdict_changes_by_an_error_of_the_sample() -> None:
    assert [(one.error.name, one.others) for one in of_the_sample() if one.others] == []


def test_nine_tenths_of_the_sample_are_named() -> None:
    """Of fewer than fifty, three may be missed before the share of all is in question."""
    assert sum(one.named for one in of_the_sample()) >= 0.9 * len(SAMPLE)


@pytest.mark.slow
def test_no_error_is_accepted_95_percent_are_named_and_no_other_verdict_changes() -> None:
    assert [(one.error.name, one.verdict) for one in of_all() if one.accepted] == []
    assert [(one.error.name, one.others) for one in of_all() if one.others] == []
    assert counted(of_all())[ALL].named >= 0.95 * len(INJECTED)


@pytest.mark.slow
def test_an_error_in_a_line_that_can_be_read_is_called_wrong_and_waits_for_nobody() -> None:
    """All but a few: what is left without any answer may be missing."""
    assert sum(one.verdict in ("wrong", "invalid") for one in of_all()) >= 0.97 * len(INJECTED)
    assert [one.error.name for one in of_all() if one.verdict == "undecided"] == []
