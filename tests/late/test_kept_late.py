"""What lateness costs is kept with a class, and whose files have to say so is noted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from test_late_rule import DUE, TEN_PERCENT, grade

from grader.gradebook import Gradebook, entry
from grader.kept_late import adopt, keep_policy, kept_policy, late_changes, note_late
from grader.late.rule import Amount, Extension, Policy, Rule
from grader.model import Origin
from grader.outfolder import stored_grade, stored_grades
from grader.spelling import folded

NOW = datetime(2026, 11, 25, tzinfo=UTC)
RULE = Rule(per_day=TEN_PERCENT, due=DUE.timestamp(), cap=Amount(number=3.0, is_percent=False), days=7)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Gradebook]:
    """Return a gradebook with a grade of 10 points that was handed in an hour late."""
    with Gradebook(tmp_path / "gradebook.sqlite") as made:
        made.put(entry("alice", "key", grade(10.0)), reason="", now=NOW)
        made.set_origins({"alice": Origin(submitted_at=DUE.timestamp() + 3_600)})
        yield made


def test_a_policy_is_read_back_as_it_was_kept(book: Gradebook) -> None:
    policy = Policy(rule=RULE, extensions={"bob": Extension(until=1.5, days=2.0, submitted=None)})
    keep_policy(book, policy)
    assert kept_policy(book) == policy


def test_what_is_read_has_it_taken_off_and_what_is_stored_has_not(book: Gradebook) -> None:
    keep_policy(book, Policy(rule=RULE))
    (stored,) = stored_grades(book)
    one = stored_grade(book, "alice")
    assert one is not None
    assert stored.grade.points == one.grade.points == 9.0
    (kept,) = book.grades()
    assert kept.grade.points == 10.0


def test_files_change_when_lateness_costs_and_when_it_costs_no_more(book: Gradebook) -> None:
    keep_policy(book, Policy(rule=RULE))
    first = book.marks.outdated()
    assert list(first.values()) == ["alice"]
    book.marks.forget_outdated(first)
    keep_policy(book, None)
    assert list(book.marks.outdated().values()) == ["alice"]
    assert kept_policy(book) is None


def test_who_is_not_late_is_not_noted(book: Gradebook) -> None:
    book.set_origins({"alice": Origin(submitted_at=DUE.timestamp())})
    keep_policy(book, Policy(rule=RULE))
    note_late(book)
    assert book.marks.outdated() == {}


def test_the_rule_of_an_assignment_is_taken_over_once(book: Gradebook) -> None:
    adopt(book, RULE)
    assert kept_policy(book) == Policy(rule=RULE)
    keep_policy(book, None)
    adopt(book, RULE)
    assert kept_policy(book) is None
    other = Rule(per_day=Amount(number=1.0, is_percent=False))
    adopt(book, other)
    assert kept_policy(book) == Policy(rule=other)


def test_without_a_rule_in_the_assignment_what_people_said_stands(book: Gradebook) -> None:
    keep_policy(book, Policy(rule=RULE))
    adopt(book, None)
    assert kept_policy(book) == Policy(rule=RULE)


def test_every_change_of_points_by_lateness_is_logged_with_its_author_and_rule(book: Gradebook) -> None:
    """10 points less 10 % for the day that has begun, and 10 again."""
    keep_policy(book, Policy(rule=RULE), by="kim")
    keep_policy(book, Policy(rule=RULE), by="lee")  # changes nothing
    keep_policy(book, None, by="lee")
    assert [(one.student, one.old_points, one.new_points, one.by) for one in late_changes(book)] == [
        ("alice", 10.0, 9.0, "kim"),
        ("alice", 9.0, 10.0, "lee"),
    ]
    assert [one.why for one in late_changes(book)] == [str(RULE), "lateness costs nothing any more"]


def test_whose_points_lateness_leaves_as_they_are_is_not_in_its_log(book: Gradebook) -> None:
    book.set_origins({"alice": Origin(submitted_at=DUE.timestamp())})
    keep_policy(book, Policy(rule=RULE))
    assert late_changes(book) == ()


def test_an_extension_is_found_however_the_letters_of_the_name_are_composed() -> None:
    """A table from a Mac has `o` and two dots where a platform has one letter."""
    extension = Extension(days=1.0)
    policy = Policy(rule=RULE, extensions={folded("Jo\u0308rg_M\u00fcller"): extension})
    origin = Origin(submitted_at=DUE.timestamp() + 3_600)
    assert policy.late("J\u00f6rg Mu\u0308ller", origin, 10.0) is None
