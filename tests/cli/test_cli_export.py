"""A class downloaded from Moodle or Canvas goes in with one command, and its grades and feedback go back with one."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import pytest
from corpus import CORPUS
from installed import Done, call, once
from lms_downloads import (
    Enrolled,
    canvas_files,
    canvas_gradebook,
    canvas_zip,
    course,
    in_teams,
    moodle_folder,
    moodle_team_zip,
    moodle_worksheet,
    moodle_zip,
)
from msgspec.structs import replace

POINTS = {"correct/plain_dicts.py": 10.0, "wrong/ascent.py": 9.25, "wrong/abs_derivative_left_out.py": 9.0}
"""Of the corpus, as its table has them."""
WORKS = tuple({"solution.py": (CORPUS / path).read_bytes()} for path in POINTS)
MANY, FEW = 400, 12
GRADE, COMMENT = 4, 9


def points_of(number: int) -> str:
    """Return what the student of this number gets, as a worksheet has it."""
    return f"{tuple(POINTS.values())[number % len(POINTS)]:g}"


def worth(student: Enrolled) -> str:
    """Return what the work of a student gets, as a worksheet has it."""
    return points_of(WORKS.index(dict(student.files)))


def grade(path: Path, *more: str | Path) -> Done:
    return call(
        "grade", "skip_network", path, "-o", path.parent / "out", "--seed", "1", "--trust-submissions", *more
    )


def rows(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def feedback(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.fixture(scope="session")
def moodle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a small class from Moodle, graded."""
    return once(tmp_path_factory, "export-moodle", _make_moodle)


def _make_moodle(folder: Path) -> None:
    students = course(FEW, WORKS)
    moodle_worksheet(folder / "Grades.csv", students)
    done = grade(moodle_zip(folder / "moodle.zip", students))
    assert done.code == 0, done.err


@pytest.fixture
def copied(moodle: Path, tmp_path: Path) -> Path:
    """Return the same class, free to be changed."""
    return Path(shutil.copytree(moodle, tmp_path / "class"))


# --------------------------------------------------------------------------------------------------------------
# There and back


@pytest.mark.slow
def test_four_hundred_from_moodle_go_in_with_one_command_and_back_with_one(tmp_path: Path) -> None:
    """Every cell of the worksheet and every name in the zip; umlauts, names of several words, two of one name, resubmissions."""
    students = course(MANY, WORKS)
    sheet = moodle_worksheet(tmp_path / "Grades.csv", students)
    assert grade(moodle_zip(tmp_path / "moodle.zip", students)).code == 0
    filled_in = _check_moodle(tmp_path, sheet, students)
    _hand_in_again(tmp_path, filled_in, students)


def test_a_class_from_moodle_goes_in_with_one_command_and_back_with_one(copied: Path) -> None:
    _check_moodle(copied, copied / "Grades.csv", course(FEW, WORKS))


def test_who_hands_in_again_gets_the_new_grade_and_nobody_else_another(copied: Path) -> None:
    students = course(FEW, WORKS)
    _hand_in_again(copied, _check_moodle(copied, copied / "Grades.csv", students), students)


def _hand_in_again(folder: Path, sheet: Path, students: tuple[Enrolled, ...]) -> None:
    """Grade a second download, in which every fifth student has other work; the worksheet has the grades of the first."""
    again = tuple(
        replace(student, files=WORKS[(number + 1) % len(WORKS)]) if number % 5 == 0 else student
        for number, student in enumerate(students)
    )
    changed = sum(before.files != after.files for before, after in zip(students, again, strict=True))
    handed_in = sum(student.handed_in for student in again)
    folder.joinpath("moodle.zip").unlink()
    done = grade(moodle_zip(folder / "moodle.zip", again))
    assert done.code == 0, done.err
    assert f"{changed} graded" in done.out
    assert f"{handed_in - changed} unchanged" in done.out
    second = Path(shutil.copyfile(sheet, folder / "Grades-2.csv"))
    _check_moodle(folder, second, again)


def _check_moodle(folder: Path, sheet: Path, students: tuple[Enrolled, ...]) -> Path:
    """Hold what goes back against what came; return the worksheet that was filled in."""
    before = sheet.read_bytes()
    done = call("export", folder / "out", "--to", "moodle", "--worksheet", sheet)
    assert (done.code, done.err) == (0, "")
    made = folder / "out" / "export" / "moodle"
    assert sheet.read_bytes() == before
    expected, found = rows(sheet), rows(made / sheet.name)
    for row, filled, student in zip(expected[1:], found[1:], students, strict=True):
        if student.handed_in:
            row[GRADE] = worth(student)
            assert f"<p>{worth(student)} of 10 points." in filled[COMMENT]
            row[COMMENT] = filled[COMMENT]
    assert found == expected
    assert _without_grades(made / sheet.name) == _without_grades(sheet)
    files = feedback(made / "feedback.zip")
    handed_in = [student for student in students if student.handed_in]
    assert set(files) == {f"{moodle_folder(student)}/feedback.html" for student in handed_in}
    _check_names(files, handed_in)
    return made / sheet.name


def _without_grades(path: Path) -> list[bytes]:
    """Return the lines of a worksheet without the two cells that are filled in: line ends, quotes and all."""
    lines = path.read_bytes().splitlines(keepends=True)
    cell = rb'(?:"(?:[^"]|"")*"|[^,"\n]*)'
    parts = re.compile(rb"((?:" + cell + rb",){4})" + cell + rb"((?:," + cell + rb"){4},)" + cell + rb"(\n)")
    return [parts.sub(rb"\1|\2|\3", line) for line in lines]


def _check_names(files: dict[str, str], students: list[Enrolled]) -> None:
    """No student's file carries another's name, and each carries the own one."""
    names = {student.name.replace("_", " ") for student in students}
    own = {f"{moodle_folder(student)}/feedback.html": student.name.replace("_", " ") for student in students}
    for path, text in files.items():
        shown = text.replace("&#39;", "'").replace("_", " ")
        others = {name for name in names - {own[path]} if name in shown and name not in own[path]}
        assert not others, path
        assert own[path].replace("'", "") in shown.replace("'", "")


@pytest.mark.slow
def test_blind_marking_goes_in_and_back_by_numbers(tmp_path: Path) -> None:
    students = course(MANY, WORKS)
    sheet = moodle_worksheet(tmp_path / "Grades.csv", students, blind=True)
    assert grade(moodle_zip(tmp_path / "moodle.zip", students, blind=True)).code == 0
    done = call("export", tmp_path / "out", "--to", "moodle", "--worksheet", sheet)
    assert (done.code, done.err) == (0, "")
    made = tmp_path / "out" / "export" / "moodle"
    given = [row[2] for row in rows(made / "Grades.csv")[1:]]
    assert given == [points_of(number) if one.handed_in else "" for number, one in enumerate(students)]
    handed_in = [student for student in students if student.handed_in]
    files = feedback(made / "feedback.zip")
    assert set(files) == {f"{moodle_folder(student, blind=True)}/feedback.html" for student in handed_in}
    assert not any(student.name in text for student in students for text in files.values())


@pytest.mark.slow
def test_the_grade_of_a_team_goes_to_each_member(tmp_path: Path) -> None:
    students = in_teams(course(MANY - 1, WORKS, absent_every=2 * MANY), 3)
    sheet = moodle_worksheet(tmp_path / "Grades.csv", students)
    roster = tmp_path / "roster.csv"
    lines = [f"{one.name},{one.user},{one.email},{one.team}\n" for one in students]
    roster.write_text("".join(["student,id,email,team\n", *lines]), encoding="utf-8")
    done = grade(moodle_team_zip(tmp_path / "moodle.zip", students), "--roster", roster)
    assert done.code == 0, done.err
    done = call("export", tmp_path / "out", "--to", "moodle", "--worksheet", sheet)
    assert (done.code, done.err) == (0, "")
    made = tmp_path / "out" / "export" / "moodle"
    # The first of each team of three handed in: 0, 3, 6, ...
    assert [row[GRADE] for row in rows(made / "Grades.csv")[1:]] == [
        points_of(number - number % 3) for number in range(MANY - 1)
    ]
    files = feedback(made / "feedback.zip")
    assert set(files) == {f"{moodle_folder(student)}/feedback.html" for student in students}
    _check_names(files, list(students))


@pytest.mark.slow
def test_a_class_from_canvas_goes_in_with_one_command_and_back_with_one(tmp_path: Path) -> None:
    students = course(FEW, WORKS)
    book = canvas_gradebook(tmp_path / "Book.csv", students)
    assert grade(canvas_zip(tmp_path / "canvas.zip", students)).code == 0
    done = call("export", tmp_path / "out", "--to", "canvas", "--worksheet", book, "--grade-column", "4711")
    assert (done.code, done.err) == (0, "")
    made = tmp_path / "out" / "export" / "canvas"
    expected = rows(book)
    for number, student in enumerate(students):
        if student.handed_in:
            expected[number + 2][5] = points_of(number)
    assert rows(made / "Book.csv") == expected
    names = {next(iter(canvas_files(one))).removesuffix("solution.py") for one in students if one.files}
    assert set(feedback(made / "feedback.zip")) == {f"{name}feedback.md" for name in names}


# --------------------------------------------------------------------------------------------------------------
# Final grades only


def unfinished(folder: Path) -> str:
    """Hand in something that nobody can read, and return whose it is."""
    student = replace(
        course(1, WORKS)[0], participant=9000, first="Una", last="Read", files={"solution.py": b"def ("}
    )
    path = folder / "more"
    (path / moodle_folder(student)).mkdir(parents=True)
    (path / moodle_folder(student) / "solution.py").write_bytes(b"def (")
    with (folder / "Grades.csv").open("a", encoding="utf-8") as sheet:
        sheet.write('"Participant 9000","Una Read",u@example.org,x,,10.00,Yes,-,-,\n')
    done = call("grade", "skip_network", path, "-o", folder / "out", "--seed", "1", "--trust-submissions")
    assert done.code == 0, done.err
    return "Una Read"


def test_no_export_carries_a_grade_that_is_not_final_unless_asked(copied: Path) -> None:
    name, out = unfinished(copied), copied / "out"
    for form in ("moodle", "csv"):
        sheet: list[str | Path] = ["--worksheet", copied / "Grades.csv"] if form == "moodle" else []
        refused = call("export", out, "--to", form, *sheet)
        assert (refused.code, form) == (2, form)
        assert f"{name}: unreadable" in refused.err
        assert not (out / "export").exists()
        done = call("export", out, "--to", form, *sheet, "--only-final", "-o", out / "made" / form)
        assert done.code == 0, done.err
    written = [path for path in (out / "made").rglob("*") if path.is_file()]
    assert len(written) == 3  # the worksheet, the feedback, and the table
    assert not [text for path in written for text in _texts(path) if name in text]
    asked = call("export", out, "--to", "json", "--provisional", "-o", "-").document["students"]
    (student,) = [one for one in asked if one["student"].startswith(name)]
    assert (student["points"], student["pending_points"], student["final"]) == (None, 10.0, False)


def test_what_a_person_decided_goes_back_before_what_the_grader_did(copied: Path) -> None:
    name, out = unfinished(copied), copied / "out"
    assert call("mark", out, name, "total", "5", "--by", "kim", "--comment", "I <read> it.").code == 0
    done = call("export", out, "--to", "moodle", "--worksheet", copied / "Grades.csv")
    assert (done.code, done.err) == (0, "")
    last = rows(out / "export" / "moodle" / "Grades.csv")[-1]
    assert last[GRADE] == "5"
    assert "<p>I &lt;read&gt; it.</p>" in last[COMMENT]
    assert "kim" not in last[COMMENT]


def _texts(path: Path) -> list[str]:
    if path.suffix == ".zip":
        return [*feedback(path), *feedback(path).values()]
    text = path.read_text(encoding="utf-8-sig")
    if path.name == "Grades.csv":
        # The line was there before; nothing may have been filled in.
        return [line for line in text.splitlines() if not line.endswith("Yes,-,-,")]
    return [text]


def test_a_grade_without_a_line_is_told_and_the_rest_is_filled_in(copied: Path) -> None:
    sheet = copied / "Grades.csv"
    lines = sheet.read_text(encoding="utf-8").splitlines(keepends=True)
    sheet.write_text("".join([lines[0], *lines[2:]]), encoding="utf-8")
    done = call("export", copied / "out", "--to", "moodle", "--worksheet", sheet)
    assert done.code == 1
    assert done.err == "not filled in: Jörg Müller: there is no line for it\n"
    assert "10 grades filled in" in done.out


# --------------------------------------------------------------------------------------------------------------
# Other programs, and lateness


def test_csv_and_junit_and_gradescope_say_the_same_points(copied: Path) -> None:
    out = copied / "out"
    table = list(csv.DictReader(io.StringIO(call("export", out, "--to", "csv", "-o", "-").out)))
    by_student = {row["student"]: float(row["points"]) for row in table}
    assert sorted(set(by_student.values())) == [9.0, 9.25, 10.0]
    root = ET.fromstring(call("export", out, "--to", "junit", "-o", "-").out)
    suites = {suite.get("file"): suite for suite in root}
    for student, points in by_student.items():
        values = [float(one.get("value", "")) for one in suites[student].findall("properties/property")]
        assert values == [points, 10.0]
    assert call("export", out, "--to", "gradescope").code == 0
    paths = list((out / "export" / "gradescope").iterdir())
    scores = sorted(json.loads(path.read_text())["score"] for path in paths)
    assert scores == sorted(by_student.values())


def test_feedback_tells_no_more_than_the_level_of_the_class(copied: Path) -> None:
    assert call("report", copied / "out", "--feedback", "points").code == 0
    done = call("export", copied / "out", "--to", "moodle", "--worksheet", copied / "Grades.csv")
    assert done.code == 0, done.err
    made = copied / "out" / "export" / "moodle"
    texts = [*feedback(made / "feedback.zip").values(), (made / "Grades.csv").read_text(encoding="utf-8")]
    assert not any("First mistake" in text for text in texts)


def test_lateness_is_taken_off_shown_and_removed_again(copied: Path) -> None:
    """10 % a day from the time it was due: handed in 25 hours late, two days have begun, and 2 of 10 points are off."""
    out = copied / "out"
    (copied / "late.toml").write_text('due = 2026-03-10T12:00:00+01:00\nper_day = "10 %"\n')
    (copied / "times.csv").write_text(
        "student,submitted\nJörg Müller,2026-03-11T13:00:00+01:00\nNobody,2026-03-11T13:00:00+01:00\n",
        encoding="utf-8",
    )
    before = {path: path.read_bytes() for path in (out / "reports").iterdir()}
    done = call("late", out, "--rule", copied / "late.toml", "--extensions", copied / "times.csv")
    assert done.code == 0, done.err
    assert "An extension is for nobody in the class: nobody" in done.out
    assert _points(out)["Jörg Müller"] == "8"
    assert _points(out)["Anna Müller"] == "9.25"
    report = (out / "reports" / f"{_file_name(out, 'Jörg Müller')}.md").read_text(encoding="utf-8")
    assert (
        "8 of 10 points. Everything is correct. Lateness takes off 2 points: handed in 1 day 1 hour late"
        in report
    )
    assert (
        call("grade", "skip_network", copied / "moodle.zip", "-o", out, "--force", "--trust-submissions").code
        == 0
    )
    assert _points(out)["Jörg Müller"] == "8"
    assert call("late", out, "--remove").out == "Lateness costs nothing.\n"
    assert _points(out)["Jörg Müller"] == "10"
    assert "Lateness" not in (out / "reports" / f"{_file_name(out, 'Jörg Müller')}.md").read_text(
        encoding="utf-8"
    )
    assert set(before) == set((out / "reports").iterdir())


def _points(out: Path) -> dict[str, str]:
    lines = csv.DictReader(io.StringIO((out / "grades.csv").read_text(encoding="utf-8")))
    return {line["student"]: line["points"] for line in lines}


def _file_name(out: Path, student: str) -> str:
    found = [
        path.stem
        for path in (out / "results").iterdir()
        if json.loads(path.read_text())["student"] == student
    ]
    (name,) = found
    return name


def test_a_worksheet_is_asked_for_and_never_written_over(copied: Path) -> None:
    done = call("export", copied / "out", "--to", "moodle")
    assert done.code == 2
    assert "needs --worksheet" in done.err
    done = call(
        "export", copied / "out", "--to", "moodle", "--worksheet", copied / "Grades.csv", "-o", copied
    )
    assert done.code == 2
    assert "stays as it is" in done.err
