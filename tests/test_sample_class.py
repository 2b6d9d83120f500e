"""`grader demo --moodle`: a class to try the way of a class with, in the form that Moodle gives it out."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import pytest
from installed import call
from lms_downloads import WORKSHEET, Enrolled, moodle_folder, moodle_worksheet

from grader.assignment_file import load
from grader.sample_class import CODE, SHEET, moodle_downloads

FILES = moodle_downloads()


def rows(assignment: str) -> list[dict[str, str]]:
    text = FILES[f"Grades-{assignment}.csv"].decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def enrolled(row: dict[str, str]) -> Enrolled:
    """Make the student of a line, as the other maker of downloads knows one."""
    first, _, last = row["Full name"].partition(" ")
    number = int(row["Identifier"].removeprefix("Participant "))
    return Enrolled(first=first, last=last, user=1, participant=number, files={"solution.py": b""})


@pytest.mark.parametrize("assignment", [CODE, SHEET])
def test_the_folders_of_the_zip_are_named_by_the_rules_of_moodle(assignment: str) -> None:
    with zipfile.ZipFile(io.BytesIO(FILES[f"{assignment}.zip"])) as archive:
        folders = {name.split("/")[0] for name in archive.namelist()}
    handed_in = [row for row in rows(assignment) if row["Status"].startswith("Submitted")]
    assert folders == {moodle_folder(enrolled(row)) for row in handed_in}


@pytest.mark.parametrize("assignment", [CODE, SHEET])
def test_the_worksheet_is_written_as_moodle_writes_it(assignment: str, tmp_path: Path) -> None:
    """Its headings, and its quotes, to the byte."""
    head = FILES[f"Grades-{assignment}.csv"].split(b"\n")[0]
    assert head == moodle_worksheet(tmp_path / "empty.csv", []).read_bytes().rstrip(b"\n")
    assert tuple(rows(assignment)[0]) == WORKSHEET
    assert b',"Anna Ek",' in FILES[f"Grades-{assignment}.csv"]


@pytest.mark.parametrize("assignment", [CODE, SHEET])
def test_the_worksheet_has_the_points_of_the_assignment(assignment: str) -> None:
    points = sum(question.points for question in load(assignment).questions)
    assert {float(row["Maximum Grade"]) for row in rows(assignment)} == {points}


def test_the_class_has_what_makes_classes_hard() -> None:
    names = [row["Full name"] for row in rows(CODE)]
    assert len(names) > len(set(names)), "two people of one name"
    assert any(not row["Status"].startswith("Submitted") for row in rows(CODE)), "somebody absent"
    assert any("late" in row["Status"] for row in rows(CODE))
    assert any(not name.isascii() for name in names)


def test_the_command_writes_it_once_and_never_over_what_is_there(tmp_path: Path) -> None:
    done = call("demo", "--moodle", "class", folder=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [str(Path("class", name)) for name in FILES]
    assert {path.name: path.read_bytes() for path in (tmp_path / "class").iterdir()} == FILES
    again = call("demo", "--moodle", "class", folder=tmp_path)
    assert (again.code, again.out) == (2, "")
    assert "is there already" in again.err
    assert "name another folder" in again.err
