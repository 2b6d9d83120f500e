"""`grader ci` in a student's repository: what it finds, what it says, and how it ends."""

from __future__ import annotations

import base64
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from installed import call
from repositories import RIGHT, WRONG, on_github, repository

PRACTICE = "Only the worked case and practice cases were run"
PLAIN = {"GITHUB_ACTIONS": "", "GITLAB_CI": ""}


def test_wrong_work_is_told_its_first_mistake_first_and_a_line_per_question(tmp_path: Path) -> None:
    done = call("ci", folder=repository(tmp_path, solution_py=WRONG), variables=PLAIN)
    assert (done.code, done.err) == (1, "")
    lines = done.out.splitlines()
    assert lines[0] == "A network with a skip connection: solution.py"
    assert lines[1].startswith("First mistake: dL/dy_hat")
    assert [" ".join(line.split()[:4]) for line in lines[3:6]] == [
        "passed 3 of 3",
        "FAILED 3 of 4",
        "passed 3 of 3",
    ]
    assert "Gradients by backpropagation (solution.py, line 28)" in lines
    assert "9 of 10 points on practice cases." in lines
    assert lines[-1].startswith(PRACTICE)


def test_right_work_passes_and_is_told_that_marks_come_from_elsewhere(tmp_path: Path) -> None:
    done = call("ci", folder=repository(tmp_path, solution_py=RIGHT), variables=PLAIN)
    assert (done.code, done.err) == (0, "")
    assert "10 of 10 points on practice cases." in done.out
    assert "Marks come from the instructor's own run" in done.out.splitlines()[-1]
    assert "all correct" not in done.out.lower()


def test_on_github_the_mistake_stands_at_its_line_and_points_reach_classroom(tmp_path: Path) -> None:
    step = on_github(repository(tmp_path / "repo", week1__solution_py=WRONG))
    assert (step.done.code, step.done.err) == (1, "")
    error, complete, report = step.commands
    assert error.startswith(
        "::error file=week1/solution.py,line=28,title=Gradients by backpropagation%3A 3 of 4 points::"
        "First mistake: dL/dy_hat"
    )
    assert complete == "::notice title=Autograding complete::Points 9/10"
    assert report == '::notice title=Autograding report::{"totalPoints":9,"maxPoints":10}'
    assert step.summary.startswith(PRACTICE)
    assert "practice cases; marking uses others" in step.summary
    assert "hidden" not in step.summary
    assert step.output.keys() == {"result", "points", "max-points"}
    assert (step.output["points"], step.output["max-points"]) == ("9", "10")
    result = json.loads(base64.b64decode(step.output["result"]))
    assert sum(test["score"] for test in result["tests"]) == 9


def test_in_a_subfolder_the_annotation_names_the_path_from_the_root(tmp_path: Path) -> None:
    repository(tmp_path / "repo", week1__solution_py=WRONG)
    done = call(
        *("ci", "solution.py", "--for-reporter"),
        folder=tmp_path / "repo" / "week1",
        variables={"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(tmp_path / "repo")},
    )
    assert done.out.startswith("::error file=week1/solution.py,line=28,")
    assert "::notice" not in done.out


def test_on_gitlab_a_junit_report_is_written_beside_a_plain_log(tmp_path: Path) -> None:
    folder = repository(tmp_path, solution_py=WRONG)
    done = call(
        "ci",
        folder=folder,
        variables={"GITLAB_CI": "true", "CI_PROJECT_DIR": str(folder), "GITHUB_ACTIONS": ""},
    )
    assert done.code == 1
    assert done.out.startswith("A network with a skip connection: solution.py\n")
    root = ET.fromstring((folder / "grader-junit.xml").read_bytes())
    assert (root.get("tests"), root.get("failures")) == ("3", "1")
    assert "grader-junit.xml" not in {path.name for path in repository(tmp_path / "other").iterdir()}


@pytest.mark.parametrize(("options", "code"), [(["--at-least", "90%"], 0), (["--at-least", "9.5"], 1)])
def test_a_course_decides_from_how_many_points_on_the_job_passes(
    tmp_path: Path, options: list[str], code: int
) -> None:
    assert call("ci", *options, folder=repository(tmp_path, solution_py=WRONG), variables=PLAIN).code == code


def test_a_course_may_want_a_job_that_passes_whatever_the_work_is_worth(tmp_path: Path) -> None:
    done = call(
        "ci", "--no-fail", folder=repository(tmp_path, solution_py="def forward(:\n"), variables=PLAIN
    )
    assert done.code == 0
    assert "FAILED" in done.out


def test_a_number_of_points_that_is_none_is_refused_before_anything_runs(tmp_path: Path) -> None:
    done = call("ci", "--at-least", "most", folder=tmp_path, variables=PLAIN)
    assert done.code == 2
    assert "--at-least most is no number of points" in done.err
