"""A roster says whose submissions are, who handed in nothing, and who belongs together."""

from __future__ import annotations

from pathlib import Path

import pytest
from lms_downloads import (
    canvas_gradebook,
    canvas_zip,
    course,
    in_teams,
    moodle_team_zip,
    moodle_worksheet,
    moodle_zip,
)

from grader.errors import UsageError
from grader.model import Origin, Platform
from grader.roster import Enrolled, enrolled, read_roster
from grader.submissions import Found, Member, find, told_apart
from grader.submissions.class_archives import unpacked

CLASS = course(400, [{"solution.py": b"x = 1\n"}])
HANDED_IN = [student for student in CLASS if student.handed_in]
ABSENT = [student for student in CLASS if not student.handed_in]


def roster_of(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "roster.csv"
    path.write_text(text, encoding=encoding)
    return path


def file_of(student: str, origin: Origin | None = None) -> Found:
    return Found(student=student, path=Path(f"{student}.py"), modified=1.0, origin=origin)


def made(tmp_path: Path, text: str, *found: Found, graded: tuple[str, ...] = ()) -> Enrolled:
    return enrolled(found, read_roster(roster_of(tmp_path, text)), graded)


def downloaded(path: Path, roster: Path) -> Enrolled:
    with unpacked([path]) as folders:
        return enrolled(told_apart(find([path], single=False, unpacked=folders)), read_roster(roster))


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("student,id,email,team\nZoë Ek,7,zoe@example.org,Red\n", "utf-8"),
        ("student,id,email,team\r\nZoë Ek,7,zoe@example.org,Red\r\n", "utf-8-sig"),
        ("Student;ID;E-Mail;Team\nZoë Ek;7;zoe@example.org;Red\n", "utf-8-sig"),
        ("STUDENT\tid\temail\tteam\nZoë Ek\t7\tzoe@example.org\tRed\n", "utf-16"),
        ("student;id;email;team\nZoë Ek;7;zoe@example.org;Red\n", "latin-1"),
        ("team,email,id,first_name,Last Name\n Red , zoe@example.org,7,Zoë,Ek\n", "utf-8"),
        (
            '"Vorname","Nachname","Matrikelnummer","E-Mail-Adresse","Gruppe"\nZoë,Ek,7,zoe@example.org,Red\n',
            "utf-8",
        ),
        ('\n"student","id","email","team"\n"Zoe\u0308 Ek",7,zoe@example.org,Red\n\n'.lstrip(), "utf-8"),
    ],
    ids=["plain", "mark", "semicolons", "Excel's Unicode text", "Latin-1", "two names", "German", "apart"],
)
def test_a_roster_is_read_however_it_was_saved(tmp_path: Path, text: str, encoding: str) -> None:
    (person,) = read_roster(roster_of(tmp_path, text, encoding)).people

    assert (person.student, person.id, person.email, person.team) == ("Zoë Ek", "7", "zoe@example.org", "Red")


def test_the_worksheet_of_moodle_is_a_roster_with_numbers(tmp_path: Path) -> None:
    roster = read_roster(moodle_worksheet(tmp_path / "worksheet.csv", CLASS))

    assert [person.participant for person in roster.people] == [str(one.participant) for one in CLASS]
    assert [person.name for person in roster.people] == [one.name for one in CLASS]


def test_the_gradebook_of_canvas_is_a_roster_without_its_other_rows(tmp_path: Path) -> None:
    roster = read_roster(canvas_gradebook(tmp_path / "canvas.csv", CLASS))

    assert [person.id for person in roster.people] == [str(one.user) for one in CLASS]
    assert roster.people[0].name == "Müller, Jörg"
    assert roster.people[0].login == "s70000"


@pytest.mark.parametrize("kind", ["moodle", "flat", "blind", "canvas"])
def test_of_400_those_who_handed_in_nothing_are_absent_and_all_others_have_their_submission(
    tmp_path: Path, kind: str
) -> None:
    if kind == "canvas":
        path, roster = canvas_zip(tmp_path / "c.zip", CLASS), canvas_gradebook(tmp_path / "c.csv", CLASS)
    else:
        blind = kind == "blind"
        path = moodle_zip(tmp_path / "m.zip", CLASS, blind=blind, flat=kind == "flat")
        roster = moodle_worksheet(tmp_path / "w.csv", CLASS, blind=blind)
    numbers = {str(one.user if kind == "canvas" else one.participant): one for one in CLASS}

    result = downloaded(path, roster)

    assert result.unknown == ()
    assert result.unclear == ()
    assert len(result.found) == len(HANDED_IN) == 360
    assert len(result.absent) == len(ABSENT) == 40
    for one in result.found:
        assert one.origin is not None
        student = numbers[one.origin.participant]
        name = student.sortable_name if kind == "canvas" else student.name
        assert one.student.startswith(f"Participant {student.participant}" if kind == "blind" else name)
    assert len({one.student for one in (*result.found, *result.absent)}) == 400


def test_a_team_of_moodle_is_all_its_members(tmp_path: Path) -> None:
    students = in_teams(course(12, [{"a.py": b"x = 1\n"}], absent_every=99), 3)
    lines = "".join(f"{one.name},{one.user},{one.team}\n" for one in students)
    roster = roster_of(tmp_path, f"student,id,team\n{lines}")

    result = downloaded(moodle_team_zip(tmp_path / "t.zip", students), roster)

    assert [set(one.students) for one in result.found] == [
        {one.name for one in students[start : start + 3]} for start in (0, 3, 6, 9)
    ]
    assert result.absent == ()


def test_a_number_of_a_team_is_not_taken_for_a_participant(tmp_path: Path) -> None:
    """The team's number is the participant number of somebody else."""
    roster = "Identifier,Full name\nParticipant 31,Cy Ek\n"
    team = file_of("Red", Origin(platform=Platform.MOODLE, participant="31", name="Red"))

    result = made(tmp_path, roster, team)

    assert result.unknown == ("Red",)
    assert [one.student for one in result.absent] == ["Cy Ek"]


@pytest.mark.parametrize(
    "stem",
    [
        "Zoë Ek",
        "zoë ek",
        "Zoe\u0308 Ek",
        "ek_zoë",
        "Ek, Zoë",
        "EkZoë",
        "X7",
        "x7",
        "zek",
        "zoe.ek",
        "zoe.ek@example.org",
    ],
)
def test_a_file_is_a_students_by_name_in_any_order_id_login_or_address(tmp_path: Path, stem: str) -> None:
    text = "student,id,login,email\nZoë Ek,X7,zek,zoe.ek@example.org\nZo Ek,X8,zo,zo@example.org\n"

    result = made(tmp_path, text, file_of(stem))

    assert [one.student for one in result.found] == ["Zoë Ek"]
    assert [one.student for one in result.absent] == ["Zo Ek"]


def test_what_is_of_nobody_on_the_roster_keeps_its_name(tmp_path: Path) -> None:
    result = made(tmp_path, "student\nBo Ek\n", file_of("bo"), file_of("Zoe Ek"))

    assert [one.student for one in result.found] == ["bo", "Zoe Ek"]
    assert result.unknown == ("bo", "Zoe Ek")


def test_where_two_people_may_be_meant_nothing_is_guessed_and_neither_is_absent(tmp_path: Path) -> None:
    text = "student,id\nBo Ek,1\nBo Ek,2\nCy Ek,3\n"

    result = made(tmp_path, text, file_of("Bo Ek"))

    assert [one.student for one in result.found] == ["Bo Ek"]
    assert result.unclear == ("Bo Ek",)
    assert [one.student for one in result.absent] == ["Cy Ek"]


def test_two_people_with_the_same_words_in_their_names_are_told_apart_by_their_order(tmp_path: Path) -> None:
    result = made(tmp_path, "student\nLi Wei\nWei Li\nBo Ek\n", file_of("wei li"), file_of("weili"))

    assert [one.student for one in result.found] == ["Wei Li", "weili"]
    assert result.unclear == ("weili",)
    assert [one.student for one in result.absent] == ["Bo Ek"]


def test_two_participants_with_the_one_name_of_the_roster_stay_two(tmp_path: Path) -> None:
    origins = (Origin(platform=Platform.MOODLE, participant=number, name="Bo Ek") for number in ("7", "8"))
    found = told_apart([file_of("Bo Ek", origin) for origin in origins])

    result = made(tmp_path, "student\nBo Ek\n", *found)

    assert [one.student for one in result.found] == ["Bo Ek (7)", "Bo Ek (8)"]
    assert result.absent == ()


def test_who_was_graded_before_there_was_a_roster_keeps_the_name(tmp_path: Path) -> None:
    result = made(tmp_path, "student,id\nBo Ek,b7\n", file_of("b7"), graded=("b7",))

    assert [one.student for one in result.found] == ["b7"]
    assert result.absent == ()


def test_one_submission_of_a_member_is_the_teams(tmp_path: Path) -> None:
    text = "student,team\nBo,Red\nCy,Red\nDua,\nEm,Blue\n"

    result = made(tmp_path, text, file_of("Cy"), file_of("Dua"))

    assert [one.students for one in result.found] == [("Bo", "Cy"), ("Dua",)]
    assert [member.origin.team for member in result.found[0].members] == ["Red", "Red"]
    assert [one.student for one in result.absent] == ["Em"]


def test_those_who_handed_in_together_elsewhere_have_the_names_of_the_roster(tmp_path: Path) -> None:
    members = tuple(
        Member(student=name, origin=Origin(platform=Platform.GRADESCOPE, participant="3", id=number))
        for name, number in (("B. Ek", "1"), ("Guest", "9"))
    )
    pair = Found(student="B. Ek", path=Path("submission_3"), modified=1.0, members=members)

    result = made(tmp_path, "student,id,email\nBo Ek,1,bo@example.org\nCy Ek,2,\n", pair)

    assert result.found[0].students == ("Bo Ek", "Guest")
    assert result.found[0].members[0].origin.email == "bo@example.org"
    assert [one.student for one in result.absent] == ["Cy Ek"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no column of students"),
        ("points,comment\n1,x\n", "its headings are `points`, `comment`"),
        ("student\n\n\n", "holds no student"),
        ("student\nBo\nbo\n", "names several students"),
    ],
)
def test_a_table_that_is_no_roster_is_a_usage_error_that_names_it(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        read_roster(roster_of(tmp_path, text))
    assert "roster.csv" in caught.value.message


def test_a_roster_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere\.csv"):
        read_roster(tmp_path / "nowhere.csv")


def test_a_line_that_stands_twice_is_one_student(tmp_path: Path) -> None:
    assert len(read_roster(roster_of(tmp_path, "student,id\nBo,1\nBo,1\n")).people) == 1


def test_what_a_roster_cannot_show_is_replaced(tmp_path: Path) -> None:
    (person,) = read_roster(roster_of(tmp_path, "student\nBo\x1b[31m\n")).people

    assert "\x1b" not in person.student


def test_what_is_no_table_is_not_told_how_students_hand_in(tmp_path: Path) -> None:
    """The reader of files is theirs too, and would ask for a notebook."""
    (tmp_path / "class; 1").mkdir()
    (tmp_path / "zeros.csv").write_bytes(b"student\0")
    for name, said in (
        ("class; 1", "is not a regular file"),
        ("zeros.csv", "holds NUL bytes, so it is no plain text"),
    ):
        with pytest.raises(UsageError) as caught:
            read_roster(tmp_path / name)
        assert caught.value.message.startswith("the roster cannot be read: ")
        assert caught.value.message.endswith(said)
        assert caught.value.remedy == "give a CSV file with a column `student`"
