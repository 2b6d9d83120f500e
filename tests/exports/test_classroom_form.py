"""Points as GitHub Classroom's reporter reads them, field by field, and the notices that it makes of them."""

from __future__ import annotations

import base64
import json

from made import flipped, grade, outcome, question

from grader.exports.classroom import encoded, notices, result, total
from grader.model import Status

RESULT = {"version", "status", "max_score", "tests"}
TEST = {
    *("name", "status", "message", "test_code", "task_id", "filename", "line_no", "duration", "score"),
}
"""The fields of version 3 that the runners write and the reporter reads."""


def test_a_result_has_the_fields_of_version_three_and_no_other() -> None:
    document = json.loads(base64.b64decode(encoded(result([outcome(grade(flipped()))]))))
    assert document.keys() == RESULT
    assert (document["version"], document["status"], document["max_score"]) == (3, "fail", 10)
    assert [test.keys() for test in document["tests"]] == [TEST] * 3
    assert [(test["name"], test["status"], test["score"]) for test in document["tests"]] == [
        ("work/alice.py: Forward", "pass", 3),
        ("work/alice.py: Gradients", "fail", 3),
        ("work/alice.py: Update", "pass", 3),
    ]
    wrong = document["tests"][1]
    assert (wrong["filename"], wrong["line_no"]) == ("work/alice.py", 8)
    assert wrong["message"].startswith("At dL/dw0: the sign is flipped.")


def test_the_notices_have_the_titles_and_texts_by_which_points_reach_classroom() -> None:
    assert notices(result([outcome(grade(flipped()))])) == (
        "::notice title=Autograding complete::Points 9/10",
        '::notice title=Autograding report::{"totalPoints":9,"maxPoints":10}',
    )


def test_the_scores_of_the_tests_add_up_to_the_total_of_the_notices() -> None:
    of = result([outcome(grade(question("forward", 3 - 3 / 7, status=Status.FAILED, message="x")))] * 3)
    assert [test["score"] for test in of["tests"][:2]] == [2.57, 4]
    assert total(of) == round(sum(test["score"] for test in of["tests"]), 2) == 28.71
    assert of["max_score"] == 30
    assert "::Points 28.71/30" in "".join(notices(of))


def test_rounding_alone_never_makes_points_full() -> None:
    of = result([outcome(grade(question("gradients", 3.9999, status=Status.FAILED, message="x")))])
    assert of["tests"][1]["score"] == 3.99


def test_right_work_passes() -> None:
    assert result([outcome(grade())])["status"] == "pass"


def test_where_the_grader_failed_no_points_are_reported() -> None:
    """The reporter sends none where there are none to be had."""
    faults = [
        question(name, 0.0, status=Status.FAULT, message="broke", pending_points=1.0)
        for name in ("forward", "gradients", "update")
    ]
    of = result([outcome(grade(*faults, status=Status.FAULT, message="broke"))])
    assert (of["status"], of["max_score"]) == ("error", 0)
    assert notices(of) == ()
