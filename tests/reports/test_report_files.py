"""Result files, CSV and what is on the disk."""

from __future__ import annotations

import csv
import errno
import io
import json
import math
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace
from samples import ENVIRONMENT, all_correct, derived, grade, hostile, question, sign_flipped, written

from grader.errors import HostError
from grader.model import Status
from grader.reports.files import StudentFiles, render_student
from grader.reports.gradebook_csv import grades_csv
from grader.reports.result import indented_json, result_document, result_text
from grader.reports.student import student_html, student_markdown
from grader.reports.view import public_view
from grader.reports.write import (
    write_class,
    write_student,
    write_student_files,
    write_text,
)


def test_a_written_answer_is_in_the_result_file_with_its_place() -> None:
    document = result_document(written("It falls.\u202e"))
    forward, discussion = document["questions"]
    assert (forward["text"], forward["place"]) == (None, None)
    assert discussion["text"] == "It falls.\u202e"
    assert discussion["place"] == {"file": "report.md", "cell": None, "line": 3, "heading": "Discussion"}
    assert (document["points"], document["pending_points"], document["final"]) == (3.0, 2.0, False)


def test_the_lines_of_a_derivation_are_in_the_result_file_without_their_looks() -> None:
    line = result_document(derived())["questions"][0]["lines"][2]
    assert {name: value for name, value in line.items() if name != "sides"} == {
        "place": {"file": "report.md", "cell": None, "line": 4, "heading": "Part A"},
        "column": 1,
        "verdict": "wrong",
        "quantity": "dL/dz2",
        "label": "dL/dz2",
        "text": "The sign is flipped.",
        "notes": [],
    }
    assert line["sides"][1:] == [
        {"relation": "=", "source": r"sign(y - \hat{y})", "is_right": False, "note": ""},
        {"relation": "=", "source": "-1", "is_right": None, "note": ""},
    ]


def test_points_add_up_to_what_they_are_on_paper() -> None:
    """Added one by one these ten are 9.999999999999998."""
    shares = (1.8, 1.0, 1.0, 1.0, 1.0, 1.5, 1.2, 0.6, 0.45, 0.45)
    whole = sign_flipped()
    full = tuple(replace(whole.questions[0], points=one, max_points=one) for one in shares)
    waiting = tuple(replace(one, points=0.0, pending_points=one.max_points) for one in full)
    assert result_document(replace(whole, questions=full))["points"] == 10.0
    assert result_document(replace(whole, questions=full))["max_points"] == 10.0
    assert result_document(replace(whole, questions=waiting))["pending_points"] == 10.0


def test_notes_on_the_whole_submission_stand_in_the_result_file() -> None:
    """Such as that loading stopped: whoever reads results alone would not know it."""
    stopped = "alice.py stopped with ZeroDivisionError: division by zero (alice.py, line 3)"
    assert result_document(replace(sign_flipped(), notes=(stopped,)))["notes"] == [stopped]


def test_the_result_file_has_the_fields_of_the_contract_in_their_order() -> None:
    document = result_document(sign_flipped())
    assert list(document) == [
        "schema", "assignment", "student", "submission", "points", "max_points", "pending_points", "final", "status",
        "automatic", "marks", "late", "first_mistake", "notes", "questions", "environment", "seconds", "peak_memory_mib",
    ]  # fmt: skip
    assert document["submission"] == {"files": ["alice.py"], "sha256": "ab" * 32}
    gradients = document["questions"][1]
    assert list(gradients) == [
        "id", "points", "max_points", "pending_points", "status", "automatic", "marks", "message", "notes", "quantities", "findings",
        "text", "place", "lines",
    ]  # fmt: skip
    assert gradients["quantities"][0] == {
        "name": "dL/dy_hat",
        "verdict": "wrong",
        "case": "worked",
        "expected": 1.0,
        "actual": -1.0,
        "error": {"abs": 2.0, "rel": 2.0, "index": [], "rtol": 1e-4, "atol": 1e-12},
    }
    assert list(gradients["findings"][0]) == ["slip", "also", "at", "explains", "text"]
    assert list(document["environment"]) == ["grader", "numpy", "isolation", "seed_sha256", "limits"]
    limits = {"call_cpu_s": 1.5, "submission_cpu_s": 9.0, "memory_mib": 384, "output_kib": 48}
    assert document["environment"]["limits"] == limits


def test_the_result_of_a_grade_that_was_made_before_limits_were_noted_has_none() -> None:
    before = replace(ENVIRONMENT, limits=None)
    document = result_document(all_correct(environment=before))
    assert list(document["environment"]) == ["grader", "numpy", "isolation", "seed_sha256"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(value=JSON)
@example(value={"a": [], "b": {}, "c": [[1.0, [None]]], "\udc80\u2028": [True, 0, 1, -0.0, 1e300]})
def test_json_is_written_as_the_standard_library_writes_it(value: object) -> None:
    assert indented_json(value) == json.dumps(value, indent=1, allow_nan=False)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_json_does_not_have_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        indented_json({"a": [number]})


def test_points_in_the_result_file_are_floats_and_not_rounded() -> None:
    document = json.loads(result_text(grade(question("a", 1 / 3, 2))))
    assert document["points"] == 1 / 3
    assert (type(document["max_points"]), document["max_points"]) == (float, 2.0)
    assert document["final"] is True
    assert document["questions"][0]["message"] is None


def test_an_answer_that_was_not_compared_has_no_error() -> None:
    document = result_document(hostile("x"))
    assert document["questions"][-1]["quantities"][0]["expected"] == "x"
    missing = grade(question("a", 0.0, 1.0, *hostile("x").questions[-1].quantities))
    assert json.loads(result_text(missing))["questions"][0]["quantities"][0]["case"] == "x"


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_the_csv_has_a_column_for_every_question_and_leaves_what_waits_empty() -> None:
    waits = question("explain", 0.0, 3.0, pending_points=3.0, status=Status.AWAITING)
    text = grades_csv(
        [all_correct(), grade(question("forward", 0.1 + 0.2, 3.0), waits, student='Müller, "Bo"')]
    )
    assert read(text) == [
        ["student", "points", "max_points", "forward", "gradients", "update", "explain", "status"],
        ["alice", "10", "10", "3", "4", "3", "", "graded"],
        ['Müller, "Bo"', "", "6", "0.3", "", "", "", "graded"],
    ]
    assert "\r" not in text


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\x00+", "\u200b=", "\ufeff@", "\uff1d"]
)
def test_a_name_that_a_spreadsheet_would_run_gets_an_apostrophe(start: str) -> None:
    student = f"{start}cmd|' /C calc'!A0"
    assert read(grades_csv([all_correct(student=student)]))[1][0] == f"'{student}".replace("\r", " ")


def test_numbers_stay_numbers_beside_a_name_that_gets_an_apostrophe() -> None:
    """Points that were taken off are a number, and no formula."""
    (_, row) = read(grades_csv([grade(question("forward", -0.5, 3.0), student="=1+1")]))
    assert row == ["'=1+1", "-0.5", "3", "-0.5", "graded"]


def test_an_ordinary_name_stays_as_it_is() -> None:
    assert read(grades_csv([all_correct(student="Anna-Lena O'Neil")]))[1][0] == "Anna-Lena O'Neil"


def test_one_student_has_three_files_and_the_class_two(tmp_path: Path) -> None:
    write_student(tmp_path, "alice", sign_flipped())
    write_class(tmp_path, iter([("alice", sign_flipped())]), assignment="skip_network")
    files = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    assert files == [
        "grades.csv",
        "index.html",
        "reports/alice.html",
        "reports/alice.md",
        "results/alice.json",
    ]
    assert json.loads((tmp_path / "results/alice.json").read_text(encoding="utf-8"))["points"] == 7.0
    assert 'href="reports/alice.html"' in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_hostile_texts_can_be_written(tmp_path: Path) -> None:
    text = "\udc80\x00<b>\u202e"
    write_student(tmp_path, "alice", hostile(text), "full")
    write_class(tmp_path, [("alice", hostile(text))], assignment=text)
    document = json.loads((tmp_path / "results/alice.json").read_bytes())
    assert document["student"] == text


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "a\\b", "a\0b"])
def test_a_name_that_is_no_single_component_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not a file name"):
        write_student(tmp_path, name, all_correct())


def test_rendering_gives_what_writing_writes(tmp_path: Path) -> None:
    files = render_student(sign_flipped(), "full")
    assert isinstance(files, StudentFiles)
    view = public_view(sign_flipped(), "full")
    assert (files.html, files.markdown) == (student_html(view), student_markdown(view))
    assert json.loads(files.result) == result_document(sign_flipped())

    write_student(tmp_path, "alice", sign_flipped(), "full")
    assert (tmp_path / "results/alice.json").read_bytes() == files.result
    assert (tmp_path / "reports/alice.html").read_text(encoding="utf-8") == files.html
    assert (tmp_path / "reports/alice.md").read_text(encoding="utf-8") == files.markdown


OLD = StudentFiles(result=b"{}", html="<p>old", markdown="old")


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let a write stop in the middle of a file, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size", [1_000, 9_000])
def test_a_write_that_stops_in_the_middle_keeps_the_old_files_and_leaves_no_other(
    tmp_path: Path, size: int
) -> None:
    """In the result file, which is 5 kB long, and in the HTML page after it, which is 25 kB long."""
    write_student_files(tmp_path, "alice", OLD)
    with files_of_at_most(size), pytest.raises(HostError, match=r"alice\.(json|html): File too large\."):
        write_student(tmp_path, "alice", sign_flipped())
    assert (tmp_path / "reports/alice.html").read_text(encoding="utf-8") == OLD.html
    files = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert files == ["alice.html", "alice.json", "alice.md"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_or_quota_is_a_host_error_that_says_to_make_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def full(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(HostError) as caught:
        write_student_files(tmp_path, "alice", OLD)
    assert caught.value.message == f"Cannot write {tmp_path / 'results/alice.json'}: {os.strerror(code)}."
    assert "Make room on the disk" in caught.value.remedy
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_full_disk_keeps_the_old_class_page_and_leaves_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "index.html"
    write_text(path, "old")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(HostError, match=r"index\.html: No space left"):
        write_text(path, "new")
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_files_of_a_student_are_not_synced_and_those_of_the_class_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are made from the gradebook again, and a sync for each would take longer than to grade."""
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    write_student_files(tmp_path, "alice", OLD)
    assert synced == []
    write_class(tmp_path, [("alice", all_correct())], assignment="skip_network")
    assert len(synced) == 2


def test_what_a_killed_process_leaves_has_the_name_that_the_next_run_clears_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after the write and before the file gets its name."""

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", killed)
    monkeypatch.setattr(os, "unlink", lambda _: None)
    with pytest.raises(KeyboardInterrupt):
        write_student_files(tmp_path, "alice", OLD)
    (left,) = (path for path in tmp_path.rglob("*") if path.is_file())
    assert left.parent == tmp_path / "results"
    assert left.name.startswith(".writing-")


def test_a_file_in_the_place_of_a_folder_is_a_host_error(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("in the way", encoding="utf-8")
    with pytest.raises(HostError, match="results"):
        write_student(tmp_path, "alice", all_correct())


def test_a_written_file_can_be_read_by_others(tmp_path: Path) -> None:
    write_text(tmp_path / "a", "a")
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o644


def test_a_page_whose_making_fails_halfway_keeps_the_old_one_and_leaves_no_other(tmp_path: Path) -> None:
    path = tmp_path / "index.html"
    write_text(path, "old")

    def pieces() -> Iterator[str]:
        yield "new"
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        write_text(path, pieces())
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]
