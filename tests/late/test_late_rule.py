"""What lateness costs: by the day that has begun, up to a cap, with grace and extensions, and never more than was earned."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from grader.errors import UsageError
from grader.late.files import read_extensions, read_rule
from grader.late.rule import Amount, Extension, Policy, Rule, with_late
from grader.model import Environment, Grade, Mark, Origin, QuestionResult, Status

DUE = datetime.fromisoformat("2026-11-20T23:59:00+01:00")
TEN_PERCENT = Amount(number=10.0, is_percent=True)
ENVIRONMENT = Environment(grader="0.1.0", numpy="2.4.6", isolation="jail", seed_sha256="9f" * 32)


def grade(points: float, **more: Any) -> Grade:
    """Make a grade of one question of 10 points."""
    question = QuestionResult(id="q", title="Q", points=points, max_points=10.0, status=Status.GRADED)
    given: dict[str, Any] = {"questions": (question,), **more}
    return Grade(
        assignment="a",
        student="alice",
        files=(),
        sha256="",
        status=Status.GRADED,
        environment=ENVIRONMENT,
        **given,
    )


def came(**after: float) -> Origin:
    """Say that something came so much after it was due."""
    return Origin(submitted_at=(DUE + timedelta(**after)).timestamp())


def policy(*, extensions: dict[str, Extension] | None = None, **more: Any) -> Policy:
    """Make a policy of 10 % a day."""
    rule = Rule(**{"per_day": TEN_PERCENT, "due": DUE.timestamp(), **more})
    return Policy(rule=rule, extensions=extensions or {})


@pytest.mark.parametrize(
    ("after", "points"),
    [
        ({"minutes": -1}, 10.0),
        ({"minutes": 0}, 10.0),
        ({"seconds": 1}, 9.0),
        ({"hours": 24}, 9.0),
        ({"hours": 24, "seconds": 1}, 8.0),
        ({"days": 20}, 0.0),
    ],
)
def test_each_day_that_has_begun_costs_and_points_never_fall_below_zero(
    after: dict[str, float], points: float
) -> None:
    assert with_late(grade(10.0), policy(), came(**after)).points == points


def test_a_share_is_of_all_points_and_not_of_those_that_were_earned() -> None:
    assert with_late(grade(6.5), policy(), came(hours=1)).points == 5.5


def test_who_is_within_the_grace_is_not_late_and_who_is_not_is_late_from_the_start() -> None:
    graced = policy(grace_s=900.0)
    assert with_late(grade(10.0), graced, came(minutes=15)).late is None
    assert with_late(grade(10.0), graced, came(hours=24, minutes=1)).points == 8.0


def test_the_cap_is_the_most_that_is_taken_off() -> None:
    capped = policy(cap=Amount(number=2.5, is_percent=False))
    late = with_late(grade(10.0), capped, came(days=6))
    assert late.points == 7.5
    assert late.late is not None
    assert (
        late.late.why
        == "handed in 6 days late; each day that has begun costs 10 % of all points, at most 2.5 points"
    )


def test_later_than_the_last_day_earns_nothing() -> None:
    assert with_late(grade(10.0), policy(days=2), came(days=2)).points == 8.0
    assert with_late(grade(10.0), policy(days=2, cap=TEN_PERCENT), came(days=2, minutes=1)).points == 0.0


def test_a_late_mark_without_a_time_counts_as_a_day() -> None:
    late = with_late(grade(10.0), policy(), Origin(late=True))
    assert late.points == 9.0
    assert late.late is not None
    assert late.late.how_late == "the platform marks it as late"


def test_a_late_mark_costs_nothing_where_the_student_had_more_time_and_no_time_is_known() -> None:
    granted = policy(extensions={"alice": Extension(days=2.0)})
    assert with_late(grade(10.0), granted, Origin(late=True)).late is None


@pytest.mark.parametrize("who", ["alice", "s17", "a@x.org"])
def test_an_extension_is_found_by_name_id_or_address(who: str) -> None:
    origin = Origin(submitted_at=(DUE + timedelta(days=3)).timestamp(), id="S17", email="A@x.org")
    until = policy(extensions={who: Extension(until=(DUE + timedelta(days=2)).timestamp())})
    days = policy(extensions={who: Extension(days=3.0)})
    assert with_late(grade(10.0), until, origin).points == 9.0
    assert with_late(grade(10.0), days, origin).points == 10.0


def test_the_time_in_the_table_of_extensions_is_believed_before_the_platform() -> None:
    told = policy(extensions={"alice": Extension(submitted=DUE.timestamp())})
    assert with_late(grade(10.0), told, came(days=3)).points == 10.0


def test_what_the_platform_says_of_lateness_is_taken_without_a_time() -> None:
    told = replace(policy(due=None), late_by={"alice": 90_000.0})
    assert with_late(grade(10.0), told, None).points == 8.0
    granted = replace(told, extensions={"alice": Extension(days=1.0)})
    assert with_late(grade(10.0), granted, None).points == 9.0


def test_nothing_is_taken_off_the_total_that_a_person_decided() -> None:
    mark = Mark(target="total", points=7.0, by="kim", at="2026-11-22T10:00:00+00:00")
    assert with_late(grade(10.0, marks=(mark,)), policy(), came(days=1)).points == 7.0


def test_the_marked_grade_stays_under_what_is_taken_off() -> None:
    marked = grade(10.0)
    late = with_late(marked, policy(), came(days=1))
    assert late.points_before_late == 10.0
    assert late.questions == marked.questions
    assert with_late(marked, None, came(days=1)) is marked


def test_a_rule_is_read_with_all_its_keys() -> None:
    text = 'due = 2026-11-20T23:59:00+01:00\ngrace = "15 minutes"\nper_day = "1.5 points"\ncap = "50 %"\ndays = 7\n'
    expected = Rule(
        per_day=Amount(number=1.5, is_percent=False),
        due=DUE.timestamp(),
        grace_s=900.0,
        cap=Amount(number=50.0, is_percent=True),
        days=7,
    )
    assert read_rule(text, "late.toml") == expected
    assert read_rule(f"[late]\n{text}", "late.toml") == expected


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "per_day"),
        ('per_day = "10"', "per_day"),
        ('per_day = "110 %"', "per_day"),
        ('per_day = "-1 points"', "per_day"),
        ("per_day = 10", "per_day"),
        ('per_day = "10 %"\ndue = 2026-11-20T23:59:00', "due"),
        ('per_day = "10 %"\ndue = 2026-11-20', "due"),
        ('per_day = "10 %"\ngrace = "soon"', "grace"),
        ('per_day = "10 %"\ndays = true', "days"),
        ('per_day = "10 %"\nperday = "1 %"', "perday"),
    ],
)
def test_a_rule_that_cannot_be_used_names_its_key(text: str, key: str) -> None:
    with pytest.raises(UsageError, match=f"late.toml: `{key}`"):
        read_rule(text, "late.toml")


@pytest.mark.parametrize(
    "row",
    [
        {"student": "", "days": "1"},
        {"student": "alice"},
        {"student": "alice", "days": "soon"},
        {"student": "alice", "until": "2026-11-20"},
    ],
)
def test_an_extension_that_cannot_be_used_names_its_line(row: dict[str, str]) -> None:
    with pytest.raises(UsageError, match=r"e\.csv, line 2"):
        read_extensions([(2, row)], "e.csv")


def test_two_extensions_of_one_student_are_refused() -> None:
    rows = [(2, {"student": "alice", "days": "1"}), (3, {"student": "Alice", "days": "2"})]
    with pytest.raises(UsageError, match=r"e\.csv, line 3"):
        read_extensions(rows, "e.csv")
