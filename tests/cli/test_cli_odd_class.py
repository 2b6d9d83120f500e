"""A class with every odd thing that students hand in: each gets a grade or a status, and none stops the others."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest
from classes import HOSTILE_NAMES, ODD, RIGHT, GradedClass, Outcome
from installed import call, results, without_measurements
from result_schema import violations


@pytest.mark.parametrize(("student", "outcome"), ODD.items(), ids=ODD)
def test_each_odd_submission_gets_its_status_its_points_and_a_clear_message(
    student: str, outcome: Outcome, odd: GradedClass
) -> None:
    result = results(odd.out)[student]

    assert result["status"] == outcome.status
    assert tuple(question["status"] for question in result["questions"]) == outcome.questions
    assert result["points"] == pytest.approx(outcome.points)
    assert result["final"] == (outcome.status == "graded")
    messages = "\n".join(question["message"] or "" for question in result["questions"])
    assert outcome.message in messages
    report = (odd.out / "reports" / f"{student}.md").read_text(encoding="utf-8")
    assert outcome.note.replace("`", "") in report.replace("\\", "").replace("`", "")


def test_every_entry_of_the_class_is_graded_and_nothing_else(odd: GradedClass) -> None:
    """Hidden files, `__pycache__` and the output folder inside the class are no submissions."""
    given = results(odd.out)
    assert len(given) == len(ODD) + len(HOSTILE_NAMES)
    assert "graded" not in given
    assert set(ODD) <= set(given)
    assert f"{len(given)} graded, 0 unchanged" in odd.printed


def test_the_run_says_at_its_end_how_many_wait_for_a_person(odd: GradedClass) -> None:
    """What cannot be read is no zero, so somebody has to see to it; grades alone do not tell."""
    given = results(odd.out).values()
    waiting = [result["status"] for result in given if not result["final"]]
    assert (
        f"  waiting for a person: {len(waiting)} (somebody must choose: {waiting.count('awaiting')}, "
        f"could not be read: {waiting.count('unreadable')}); see the class page" in odd.printed.splitlines()
    )


def test_hostile_names_cost_nothing_and_become_safe_file_names(odd: GradedClass) -> None:
    hostile = [result for student, result in results(odd.out).items() if student not in ODD]
    assert [result["points"] for result in hostile] == [10.0] * len(HOSTILE_NAMES)
    for folder, suffixes in (("results", {".json"}), ("reports", {".html", ".md"})):
        for path in (odd.out / folder).iterdir():
            assert path.suffix in suffixes
            assert not set(path.name) & set("<>|[]\n\x1b;$'\"\u202e ")
            assert len(path.name) < 100


def test_hostile_names_reach_no_page_and_no_terminal_unescaped(odd: GradedClass) -> None:
    page = (odd.out / "index.html").read_text(encoding="utf-8")
    assert "<img" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "\x1b" not in page + odd.printed + odd.errors
    assert "\u202e" not in page


def test_every_result_file_follows_the_contract(odd: GradedClass) -> None:
    assert {student: violations(result) for student, result in results(odd.out).items()} == {
        student: [] for student in results(odd.out)
    }


def test_numbers_that_are_not_finite_are_named_in_the_result_file(odd: GradedClass) -> None:
    quantities = results(odd.out)["not_finite"]["questions"][0]["quantities"]
    given = {entry["name"]: (entry["actual"], entry["verdict"]) for entry in quantities}
    assert given["z0"] == ("nan", "invalid")
    assert given["h0"] == ("-inf", "invalid")


def test_an_array_of_more_than_64_entries_is_given_by_shape_type_and_head(odd: GradedClass) -> None:
    (z0, *_) = results(odd.out)["large"]["questions"][0]["quantities"]
    assert z0["actual"] == {"shape": [2, 50], "dtype": "float64", "head": [0.0] * 16}
    assert z0["verdict"] == "invalid"


def test_two_submissions_of_one_student_wait_and_the_message_has_both_paths(odd: GradedClass) -> None:
    result = results(odd.out)["carol"]
    message = result["questions"][0]["message"]
    assert f"{odd.folder / 'carol'} and {odd.folder / 'carol.py'}" in message
    assert (result["points"], result["pending_points"]) == (0.0, 10.0)


def test_the_csv_has_a_column_per_question_and_leaves_open_what_is_open(odd: GradedClass) -> None:
    with (odd.out / "grades.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["student", "points", "max_points", "forward", "gradients", "update", "status"]
    by_student = {row["student"]: list(row.values())[1:] for row in rows}
    assert by_student["bom"] == ["10", "10", "3", "4", "3", "graded"]
    assert by_student["misnamed"] == ["6", "10", "3", "0", "3", "graded"]
    assert by_student["broken"] == ["", "10", "", "", "", "unreadable"]
    assert by_student["carol"] == ["", "10", "", "", "", "awaiting"]
    assert len(rows) == len(ODD) + len(HOSTILE_NAMES)
    assert not any(student.startswith(("=", "-", "+", "@")) for student in by_student)


@pytest.mark.slow
def test_one_worker_and_two_come_to_the_same_results_on_every_odd_thing(
    odd: GradedClass, tmp_path: Path
) -> None:
    """All but time and memory; the first run had two workers."""
    done = call("grade", "skip_network", odd.folder, "-o", tmp_path / "out", "--seed", "7", "-j", "1")
    assert done.code == 0, done.err
    # The output folder of the first run is in the class, and for this run it is a submission like any other.
    again = {name: entry for name, entry in results(tmp_path / "out").items() if name != "graded"}
    first = results(odd.out)
    assert again.keys() == first.keys()
    assert {name: without_measurements(entry) for name, entry in again.items()} == {
        name: without_measurements(entry) for name, entry in first.items()
    }


def test_latest_takes_the_newer_of_two_submissions(tmp_path: Path) -> None:
    (tmp_path / "class").mkdir()
    for name, text, time_s in (("carol.py", "", 1_000_000), ("carol.ipynb", '{"cells": []}', 2_000_000)):
        (tmp_path / "class" / name).write_text(text)
        os.utime(tmp_path / "class" / name, (time_s, time_s))

    done = call("grade", "skip_network", tmp_path / "class", "-o", tmp_path / "out", "--latest")

    assert done.code == 0, done.err
    result = results(tmp_path / "out")["carol"]
    assert (result["status"], result["submission"]["files"]) == ("graded", ["carol.ipynb"])


def test_single_makes_a_folder_one_submission(tmp_path: Path) -> None:
    """Without it each of its two files would be a student."""
    (tmp_path / "alice").mkdir()
    forward, rest = RIGHT.split("def backward")
    (tmp_path / "alice" / "net.py").write_text(forward)
    (tmp_path / "alice" / "learn.py").write_text(f"from net import *\n\n\ndef backward{rest}")

    done = call("grade", "skip_network", tmp_path / "alice", "-o", tmp_path / "out", "--single")

    assert done.code == 0, done.err
    (result,) = results(tmp_path / "out").values()
    assert (result["student"], result["points"]) == ("alice", 10.0)
    assert result["submission"]["files"] == ["learn.py", "net.py"]


def test_a_link_to_a_class_folder_is_that_class(tmp_path: Path) -> None:
    """What a person types is trusted; only what lies under it is not."""
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "alice.py").write_text(RIGHT)
    (tmp_path / "link").symlink_to(tmp_path / "class")

    done = call("grade", "skip_network", tmp_path / "link", "-o", tmp_path / "out")

    assert done.code == 0, done.err
    assert {name: entry["points"] for name, entry in results(tmp_path / "out").items()} == {"alice": 10.0}


def test_student_from_takes_the_student_from_the_name_and_leaves_strays_unreadable(tmp_path: Path) -> None:
    (tmp_path / "class").mkdir()
    for name in ("hw1_alice_final.py", "hw1_bob_v2.py", "solution.py"):
        (tmp_path / "class" / name).write_text(RIGHT)

    done = call(
        "grade", "skip_network", tmp_path / "class", "-o", tmp_path / "out", "--student-from", "hw1_([a-z]+)"
    )

    assert done.code == 0, done.err
    given = results(tmp_path / "out")
    assert {name: entry["status"] for name, entry in given.items()} == {
        "alice": "graded",
        "bob": "graded",
        "solution.py": "unreadable",
    }
    assert "--student-from does not match `solution.py`" in given["solution.py"]["questions"][0]["message"]
