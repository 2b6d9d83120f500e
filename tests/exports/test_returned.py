"""Which grades go back, and what is said with them."""

from __future__ import annotations

import json

import pytest
from made import flipped, grade, question
from returning import back

from grader.errors import UsageError
from grader.exports.comments import comment_lines
from grader.exports.gradescope import results_json
from grader.exports.returned import Returned, chosen, returned
from grader.exports.tables import csv_text, json_text
from grader.model import Late, Mark, Origin, Status
from grader.reports.view import public_view

LATE = Late(
    days=1, points=2.0, how_late="handed in 1 hour late", why="handed in 1 hour late; a day costs 2 points"
)


def waiting(student: str = "bob") -> Returned:
    """Make a grade of which a question waits."""
    return back(
        student,
        questions=(
            question("forward"),
            question("gradients", 0.0, pending_points=4.0, status=Status.AWAITING),
        ),
    )


def test_a_class_with_a_grade_that_is_not_final_is_refused_with_the_name_and_the_question() -> None:
    with pytest.raises(UsageError, match=r"1 of 2 grades are not final:\n  bob: graded, waits: gradients"):
        chosen([back("alice"), waiting()], provisional=False, only_final=False)


def test_only_final_leaves_out_and_provisional_takes_in() -> None:
    both = [back("alice"), waiting()]
    assert [one.student for one in chosen(both, provisional=False, only_final=True)] == ["alice"]
    assert len(chosen(both, provisional=True, only_final=False)) == 2


@pytest.mark.parametrize("status", [Status.FAULT, Status.AWAITING, Status.UNREADABLE])
def test_a_grade_without_questions_is_not_final(status: Status) -> None:
    assert not back("alice", status=status, questions=()).final


def test_more_than_twenty_that_wait_are_counted() -> None:
    many = [waiting(f"s{number:02}") for number in range(25)]
    with pytest.raises(UsageError, match="and 5 more"):
        chosen(many, provisional=False, only_final=False)


def test_what_a_person_said_goes_back_with_the_points() -> None:
    mark = Mark(
        target="gradients", points=4.0, comment="Fine, I see.", by="kim", at="2026-11-22T10:00:00+00:00"
    )
    made = grade(question("gradients", 4.0, marks=(mark,)))
    lines = comment_lines(returned(made, public_view(made), file_name="a", origin=Origin()))
    assert "Gradients: Fine, I see." in lines


def test_a_long_comment_is_cut_and_says_so() -> None:
    mark = Mark(target="total", points=4.0, comment="x" * 6_000, by="kim", at="2026-11-22T10:00:00+00:00")
    lines = comment_lines(back("alice", marks=(mark,)))
    assert sum(map(len, lines)) < 4_100
    assert lines[-1].endswith("[cut]")


def test_in_a_table_texts_are_no_formulas_and_numbers_are_numbers() -> None:
    made = csv_text([back("=HYPERLINK(1)", origin=Origin(id="+49", email="@x"))])
    assert made.splitlines()[1].startswith("'=HYPERLINK(1),'+49,'@x,,9,10,3,3,3,,graded,yes,")


def test_what_is_not_decided_is_an_empty_cell_and_null() -> None:
    whole = back("bob", questions=(question("forward", 0.0, pending_points=3.0, status=Status.AWAITING),))
    assert csv_text([whole]).splitlines()[1].startswith("bob,,,,,3,,,graded,no,")
    (student,) = json.loads(json_text([whole], "a"))["students"]
    assert (student["points"], student["questions"][0]["points"]) == (None, None)


def test_lateness_is_in_every_format_and_the_points_are_those_that_hold() -> None:
    made = grade(flipped(), late=LATE)
    one = returned(made, public_view(made), file_name="a", origin=Origin())
    assert csv_text([one]).splitlines()[1].startswith("alice,,,,7,10,3,3,3,2,graded,yes,")
    (student,) = json.loads(json_text([one], "a"))["students"]
    assert (student["points"], student["late"]["points"]) == (7.0, 2.0)
    result = json.loads(results_json(one, public_view(made)))
    assert result["score"] == 7.0
    assert [test["score"] for test in result["tests"]] == [3.0, 3.0, 3.0]
    assert "Lateness takes off 2 points" in result["output"]
