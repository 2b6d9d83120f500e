"""A class goes in with one command: downloads of learning platforms, rosters, teams, absentees."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import pytest
from corpus import ASSIGNMENTS
from installed import Done, call, results
from lms_downloads import (
    Enrolled,
    canvas_gradebook,
    canvas_zip,
    course,
    in_teams,
    moodle_folder,
    moodle_team_zip,
    moodle_worksheet,
    moodle_zip,
)

from grader.gradebook import Gradebook
from grader.model import Origin, Platform

SUBMISSIONS = ASSIGNMENTS / "skip_network" / "submissions"
RIGHT = (SUBMISSIONS / "correct" / "float32_work.py").read_bytes()
WRONG = next(path for path in sorted((SUBMISSIONS / "wrong").glob("*.py"))).read_bytes()
WORKS: tuple[Mapping[str, bytes], ...] = ({"solution.py": RIGHT}, {"my work.py": WRONG})
CLASS = course(12, WORKS, absent_every=6)
ABSENT = [one.name for one in CLASS if not one.handed_in]


def grade(*arguments: str | Path, folder: Path) -> Done:
    done = call("grade", "skip_network", *arguments, "-o", "out", "--seed", "7", folder=folder)
    assert done.code == 0, done.err
    return done


def rows(out: Path) -> dict[str, dict[str, str]]:
    with (out / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def origins(out: Path) -> Mapping[str, Origin]:
    with Gradebook(out / "gradebook.sqlite") as book:
        return book.origins()


def test_a_moodle_zip_and_its_worksheet_are_a_class_with_its_absentees(tmp_path: Path) -> None:
    moodle_zip(tmp_path / "lab.zip", CLASS)
    moodle_worksheet(tmp_path / "sheet.csv", CLASS)

    done = grade("lab.zip", "--roster", "sheet.csv", folder=tmp_path)

    assert "read as a Moodle download of 10 participants\n" in done.err
    assert f"2 on the roster handed in nothing: `{ABSENT[0]}`, `{ABSENT[1]}`\n" in done.err
    assert "\n12 graded, 0 unchanged" in f"\n{done.out}"
    table = rows(tmp_path / "out")
    assert table.keys() == {one.name for one in CLASS}
    assert {name for name, row in table.items() if row["status"] == "missing"} == set(ABSENT)
    assert {table[name]["points"] for name in ABSENT} == {"0"}
    for one in CLASS:
        if one.handed_in:
            assert (table[one.name]["points"] == "10") == ("solution.py" in one.files)
    result = results(tmp_path / "out")[ABSENT[0]]
    assert (result["status"], result["points"], result["pending_points"], result["final"]) == (
        "missing",
        0,
        0,
        True,
    )
    origin = origins(tmp_path / "out")[CLASS[2].name]
    assert (origin.folder, origin.email) == (moodle_folder(CLASS[2]), CLASS[2].email)
    assert origin.participant == str(CLASS[2].participant)


def test_the_same_command_again_runs_nothing_and_the_roster_is_remembered(tmp_path: Path) -> None:
    moodle_zip(tmp_path / "lab.zip", CLASS[:6])
    moodle_worksheet(tmp_path / "sheet.csv", CLASS[:6])
    grade("lab.zip", "--roster", "sheet.csv", folder=tmp_path)

    assert grade("lab.zip", folder=tmp_path).out.startswith("0 graded, 6 unchanged")

    (tmp_path / "sheet.csv").unlink()
    done = call("grade", "skip_network", "lab.zip", "-o", "out", folder=tmp_path)
    assert done.code == 2
    assert "say with --roster where it is" in done.err


def test_who_hands_in_later_is_no_longer_missing_and_who_is_not_in_this_folder_keeps_the_grade(
    tmp_path: Path,
) -> None:
    moodle_worksheet(tmp_path / "sheet.csv", CLASS[:6])
    moodle_zip(tmp_path / "lab.zip", CLASS[:6])
    grade("lab.zip", "--roster", "sheet.csv", folder=tmp_path)
    before = rows(tmp_path / "out")
    (tmp_path / "late").mkdir()
    (tmp_path / "late" / f"{ABSENT[0]}.py").write_bytes(RIGHT)

    done = grade("late", folder=tmp_path)

    assert "handed in nothing" in done.err  # as far as this folder goes
    after = rows(tmp_path / "out")
    assert after.pop(ABSENT[0])["points"] == "10"
    assert before.pop(ABSENT[0])["points"] == "0"
    assert after == before


def test_the_grade_of_a_team_goes_to_each_member_from_one_run(tmp_path: Path) -> None:
    members = in_teams(course(6, WORKS, absent_every=99), 3)
    moodle_team_zip(tmp_path / "lab.zip", members)
    lines = "".join(f"{one.name};{one.email};{one.team}\n" for one in members)
    (tmp_path / "roster.csv").write_text(f"student;email;team\n{lines}", encoding="utf-8-sig")

    done = grade("lab.zip", "--roster", "roster.csv", folder=tmp_path)

    assert "2 teams: the grade of each goes to all its members" in done.err
    assert done.out.startswith("6 graded (4 from stored answers, 2 run), 0 unchanged")
    table = rows(tmp_path / "out")
    assert [table[one.name]["points"] for one in members[:3]] == ["10"] * 3
    assert len({table[one.name]["points"] for one in members[3:]}) == 1
    for one in members:
        (report,) = (
            text
            for path in (tmp_path / "out" / "reports").glob("*.md")
            if (text := path.read_text(encoding="utf-8")).startswith(f"# {one.name} ")
        )
        assert not any(other.name in report for other in members if other is not one)
    assert {origin.team for origin in origins(tmp_path / "out").values()} == {
        members[0].team,
        members[3].team,
    }

    assert grade("lab.zip", folder=tmp_path).out.startswith("0 graded, 6 unchanged")


def test_somebody_who_joins_a_team_gets_its_grade_without_a_run(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "Red.py").write_bytes(RIGHT)
    roster = tmp_path / "roster.csv"
    roster.write_text("student,team\nBo,Red\n")
    grade("in", "--roster", "roster.csv", folder=tmp_path)
    roster.write_text("student,team\nBo,Red\nCy,Red\n")

    done = grade("in", folder=tmp_path)

    assert done.out.startswith("1 graded (1 from stored answers, 0 run), 1 unchanged")
    assert "1 team: its grade goes to all its members\n" in done.err
    assert {name: row["points"] for name, row in rows(tmp_path / "out").items()} == {"Bo": "10", "Cy": "10"}


def test_a_canvas_zip_and_the_gradebook_of_canvas_are_a_class(tmp_path: Path) -> None:
    canvas_zip(tmp_path / "submissions.zip", CLASS)
    canvas_gradebook(tmp_path / "book.csv", CLASS)

    done = grade("submissions.zip", "--roster", "book.csv", folder=tmp_path)

    assert "read as a Canvas download of 10 participants, 1 of them late\n" in done.err
    table = rows(tmp_path / "out")
    assert table.keys() == {one.sortable_name for one in CLASS}
    assert {name for name, row in table.items() if row["status"] == "missing"} == {
        one.sortable_name for one in CLASS if not one.handed_in
    }
    told = origins(tmp_path / "out")
    assert all(told[one.sortable_name].late == (one.late and one.handed_in) for one in CLASS)
    assert {origin.platform for origin in told.values()} == {Platform.CANVAS, None}


def test_who_leaves_the_roster_with_nothing_in_is_taken_out_and_work_never_is(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "Bo.py").write_bytes(RIGHT)
    roster = tmp_path / "roster.csv"
    roster.write_text("student\nBo\nJon\nCy\n")
    grade("in", "--roster", "roster.csv", folder=tmp_path)
    roster.write_text("student\nJohn\nCy\n")

    done = grade("in", folder=tmp_path)

    assert "no longer on the roster, and taken out with nothing handed in: Jon\n" in done.out
    assert "not on the roster roster.csv, under their own names: `Bo`\n" in done.err
    assert rows(tmp_path / "out").keys() == {"Bo", "Cy", "John"}
    assert not list((tmp_path / "out").glob("*/Jon.*"))
    assert len(list((tmp_path / "out").glob("*/Bo.*"))) == 3


def test_two_submissions_of_a_team_wait_for_a_person_for_every_member(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("bo", "cy"):
        (tmp_path / "in" / f"{name}.py").write_bytes(RIGHT)
    (tmp_path / "roster.csv").write_text("student,login,team\nBo Ek,bo,Red\nCy Ek,cy,Red\nDua Ek,dua,Red\n")

    done = grade("in", "--roster", "roster.csv", folder=tmp_path)

    assert "2 submissions of one team wait for you: `in/bo.py`, `in/cy.py`\n" in done.err
    for page in (tmp_path / "out" / "reports").iterdir():
        text = page.read_text(encoding="utf-8")
        assert "in/" not in text, "a path names who handed it in"
    found = results(tmp_path / "out")
    assert {name: result["status"] for name, result in found.items()} == dict.fromkeys(
        ("Bo Ek", "Cy Ek", "Dua Ek"), "awaiting"
    )


@pytest.mark.parametrize(
    ("roster", "said"),
    [(None, "roster.csv"), ("a,b\n1,2\n", "has no column of students")],
)
def test_a_roster_that_cannot_be_used_is_a_usage_error_before_anybody_is_graded(
    tmp_path: Path, roster: str | None, said: str
) -> None:
    (tmp_path / "a.py").write_bytes(RIGHT)
    if roster is not None:
        (tmp_path / "roster.csv").write_text(roster)

    done = call("grade", "skip_network", "a.py", "-o", "out", "--roster", "roster.csv", folder=tmp_path)

    assert done.code == 2
    assert said in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["moodle", "blind", "teams", "canvas"])
def test_a_class_of_400_goes_in_with_one_command(tmp_path: Path, kind: str) -> None:
    students = course(400, WORKS)
    package, roster, names = _packed(tmp_path, kind, students)

    grade(package, "--roster", roster, folder=tmp_path)

    table = rows(tmp_path / "out")
    assert len(table) == 400
    assert sum(row["status"] == "missing" for row in table.values()) == 40
    for student, name in names:
        # Namesakes have their numbers beside their names.
        if student.handed_in and name in table:
            assert (table[name]["points"] == "10") == ("solution.py" in student.files)
    assert len(list((tmp_path / "out" / "reports").glob("*.html"))) == 400


def _packed(
    folder: Path, kind: str, students: tuple[Enrolled, ...]
) -> tuple[Path, Path, list[tuple[Enrolled, str]]]:
    """Return a download, its roster, and who is called what."""
    if kind == "canvas":
        return (
            canvas_zip(folder / "c.zip", students),
            canvas_gradebook(folder / "c.csv", students),
            [(one, one.sortable_name) for one in students],
        )
    if kind == "teams":
        members = in_teams(
            [one for one in students if one.handed_in] + [one for one in students if not one.handed_in], 4
        )
        roster = folder / "r.csv"
        lines = "".join(f"{one.name},{one.user},{one.team}\n" for one in members)
        roster.write_text(f"student,id,team\n{lines}", encoding="utf-8")
        return moodle_team_zip(folder / "m.zip", members), roster, [(one, one.name) for one in members]
    blind = kind == "blind"
    return (
        moodle_zip(folder / "m.zip", students, blind=blind),
        moodle_worksheet(folder / "m.csv", students, blind=blind),
        [(one, f"Participant {one.participant}" if blind else one.name) for one in students],
    )
