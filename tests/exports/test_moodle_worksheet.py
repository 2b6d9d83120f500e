"""Moodle's grading worksheet is filled in line by line, and each feedback file goes under its participant's folder."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from made import question
from returning import back, moodle

from grader.errors import UsageError
from grader.exports.cells import read_sheet
from grader.exports.filled import Filled
from grader.exports.moodle import fill_worksheet, late_by
from grader.exports.returned import Returned
from grader.model import Mark, Origin, Platform

HEAD = (
    'Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed",'
    '"Last modified (submission)","Last modified (grade)","Feedback comments"\n'
)
DE = (
    'ID,"Vollständiger Name",E-Mail-Adresse,Status,Bewertung,Bestwertung,"Bewertung kann geändert werden",'
    '"Zuletzt geändert (Abgabe)","Zuletzt geändert (Bewertung)","Feedback als Kommentar"\n'
)
FR = (
    'Identifiant,"Nom complet","Adresse de courriel",Statut,Note,"Note maximale","La note peut être modifiée",'
    '"Dernière modification (travail remis)","Dernière modification (note)","Feedback par commentaires"\n'
)
ES = (
    'Identificador,"Nombre completo","Dirección de correo",Estatus,Calificación,"Calificación máxima",'
    '"La calificación puede ser cambiada","Última modificación (entrega)","Última modificación (calificación)",'
    '"Comentarios de retroalimentación"\n'
)


def line(
    number: int,
    name: str,
    *,
    grade: str = "",
    most: str = "10.00",
    changeable: str = "Yes",
    comment: str = "",
) -> str:
    """Write a line as Moodle does."""
    return f'"Participant {number}","{name}",u{number}@x.org,"No submission",{grade},{most},{changeable},-,-,{comment}\n'


def fill(text: str, *grades: Returned, **more: Any) -> Filled:
    """Fill in a worksheet."""
    return fill_worksheet(read_sheet(text.encode(), "Grades.csv"), grades, **more)


def table(filled: Filled) -> list[list[str]]:
    """Read what came of it, as Python does."""
    return list(csv.reader(io.StringIO(filled.content.decode("utf-8-sig"), newline="")))


def test_the_grade_and_the_comment_are_filled_in_and_nothing_else_changes() -> None:
    text = "\ufeff" + HEAD + line(1, "Jane Doe") + line(2, "Bob")
    filled = fill(text, back("Jane Doe", origin=moodle("Jane Doe", 1)))
    rows, before = table(filled), list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert rows[1][4] == "9"
    assert "9 of 10 points. First mistake: dL/dw0" in rows[1][9]
    before[1][4], before[1][9] = rows[1][4], rows[1][9]
    assert rows == before
    start, end = (
        text.encode().split(b"Participant 1", 1)[0],
        text.encode()[text.encode().index(b'"Participant 2') :],
    )
    assert filled.content.startswith(start)
    assert filled.content.endswith(end)
    assert filled.empty == 1


def test_the_comment_is_html_in_which_what_a_student_wrote_is_text() -> None:
    mark = Mark(
        target="total", points=4.0, comment="<b>=1+1</b> & so", by="kim", at="2026-11-20T10:00:00+00:00"
    )
    filled = fill(HEAD + line(1, "Jane Doe"), back("Jane Doe", marks=(mark,)))
    comment = table(filled)[1][9]
    assert comment.startswith("<div")
    assert "<p>&lt;b&gt;=1+1&lt;/b&gt; &amp; so</p>" in comment


@pytest.mark.parametrize("head", [DE, FR, ES])
def test_headings_are_known_in_german_french_and_spanish(head: str) -> None:
    filled = fill(head + line(1, "Jane Doe", most='"10,00"'), back("Jane Doe"))
    assert table(filled)[1][4] == "9"
    assert "9 of 10 points" in table(filled)[1][9]


def test_points_have_a_decimal_comma_where_the_sheet_has_one() -> None:
    half = back("Jane Doe", questions=back_questions(7.5))
    assert table(fill(DE + line(1, "Jane Doe", most='"10,00"'), half))[1][4] == "7,5"
    assert table(fill(HEAD + line(1, "Jane Doe"), half))[1][4] == "7.5"


def back_questions(points: float) -> tuple[Any, ...]:
    """Make one question of 10 points."""
    return (question("forward", points, max_points=10.0),)


def test_an_unknown_language_is_asked_for_and_then_taken() -> None:
    head = HEAD.replace("Grade,", "Cijfer,", 1).replace("Feedback comments", "Opmerkingen")
    head = head.replace("Last modified (grade)", "Laatst gewijzigd")
    text = head + line(1, "Jane Doe")
    with pytest.raises(UsageError, match="Cijfer") as error:
        fill(text, back("Jane Doe"))
    assert "--grade-column" in error.value.remedy
    filled = fill(text, back("Jane Doe"), grade_column="Cijfer", comment_column="Opmerkingen")
    assert table(filled)[1][4] == "9"
    assert "9 of 10" in table(filled)[1][9]


def test_the_number_tells_two_of_one_name_apart() -> None:
    text = HEAD + line(1, "Jane Doe") + line(2, "Jane Doe")
    filled = fill(text, back("Jane Doe (2)", origin=moodle("Jane Doe", 2)))
    assert [row[4] for row in table(filled)[1:]] == ["", "9"]


def test_a_name_that_two_lines_have_is_placed_nowhere() -> None:
    filled = fill(HEAD + line(1, "Jane Doe") + line(2, "Jane Doe"), back("Jane Doe"))
    assert [row[4] for row in table(filled)[1:]] == ["", ""]
    assert filled.problems == ("Jane Doe: 2 lines have its name",)


def test_a_number_that_stands_beside_another_name_is_not_believed() -> None:
    """The worksheet of another assignment, in which the number is another person's."""
    filled = fill(HEAD + line(1, "Bob Roe"), back("Jane Doe", origin=moodle("Jane Doe", 1)))
    assert table(filled)[1][4] == ""
    assert filled.problems == ("Jane Doe: there is no line for it",)


def test_the_roster_finds_a_line_by_address_and_by_id() -> None:
    by_id = HEAD.replace('"Email address"', "Username") + line(3, "X Y").replace("u3@x.org", "s0003")
    assert table(fill(HEAD + line(1, "J. Doe"), back("jdoe", origin=Origin(email="U1@X.org"))))[1][4] == "9"
    assert table(fill(by_id, back("jdoe", origin=Origin(id="s0003"))))[1][4] == "9"


def test_blind_marking_goes_by_number_alone() -> None:
    head = 'Identifier,Status,Grade,"Maximum Grade","Grade can be changed","Last modified (grade)","Feedback comments"\n'
    text = head + '"Participant 7",x,,10.00,Yes,-,\n"Participant 8",x,,10.00,Yes,-,\n'
    filled = fill(text, back("Participant 8", origin=moodle("Participant", 8)))
    assert [row[2] for row in table(filled)[1:]] == ["", "9"]
    assert list(filled.files) == ["Participant_8_assignsubmission_file/feedback.html"]


def test_a_team_without_members_of_its_own_is_on_the_line_of_each() -> None:
    head = HEAD.replace("Status,", "Status,Group,")
    text = head + "".join(
        line(number, name).replace('"No submission",', f'"No submission","{team}",')
        for number, name, team in [(1, "Ann", "Team A"), (2, "Ben", "Team B"), (3, "Cem", "Team A")]
    )
    filled = fill(text, back("Team A", origin=moodle("Team A", 2)))
    assert [row[5] for row in table(filled)[1:]] == ["9", "", "9"]
    assert sorted(filled.files) == [
        "Ann_1_assignsubmission_file/feedback.html",
        "Cem_3_assignsubmission_file/feedback.html",
    ]


def test_a_member_of_a_team_is_not_taken_for_the_participant_with_the_teams_number() -> None:
    origin = Origin(
        platform=Platform.MOODLE, participant="2", name="Team A", folder="Team A_2_assignsubmission_file", team="Team A",
        email="u1@x.org",
    )  # fmt: skip
    filled = fill(HEAD + line(1, "Ann") + line(2, "Ben"), back("Ann", origin=origin))
    assert [row[4] for row in table(filled)[1:]] == ["9", ""]
    assert list(filled.files) == ["Ann_1_assignsubmission_file/feedback.html"]


def test_feedback_goes_under_the_folder_of_the_download() -> None:
    origin = moodle("Jane Doe", 1)
    filled = fill(HEAD + line(1, "Jane Doe"), back("Jane Doe", origin=origin))
    assert list(filled.files) == ["Jane Doe_1_assignsubmission_file/feedback.html"]


def test_a_folder_that_is_made_up_has_the_number_second_and_no_path_in_it() -> None:
    """Moodle takes the folder apart at each underline: name, number, and the two words of a plugin."""
    filled = fill(HEAD + line(1, "../A_B/C"), back("../A_B/C"))
    (path,) = filled.files
    folder, name = path.split("/")
    assert folder.split("_")[1:] == ["1", "assignsubmission", "file"]
    assert name == "feedback.html"


def test_another_maximum_is_refused_and_converted_on_request() -> None:
    text = HEAD + line(1, "Jane Doe", most="100.00")
    with pytest.raises(UsageError, match="maximum of 100 points, the assignment one of 10"):
        fill(text, back("Jane Doe"))
    assert table(fill(text, back("Jane Doe"), scale=True))[1][4] == "90"


def test_a_scale_is_refused() -> None:
    with pytest.raises(UsageError, match="scale"):
        fill(HEAD.replace("Maximum Grade", "Scale") + line(1, "Jane Doe"), back("Jane Doe"))


def test_a_locked_line_stays_as_it_was_and_is_told() -> None:
    text = HEAD + line(1, "Jane Doe", changeable="No")
    filled = fill(text, back("Jane Doe"))
    assert filled.content == text.encode()
    assert filled.locked == ("Jane Doe",)


def test_another_grade_in_the_sheet_is_replaced_and_told() -> None:
    filled = fill(HEAD + line(1, "Jane Doe", grade="3.00"), back("Jane Doe"))
    assert table(filled)[1][4] == "9"
    assert filled.replaced == ("Jane Doe",)


def test_the_same_grade_keeps_its_digits() -> None:
    filled = fill(HEAD + line(1, "Jane Doe", grade="9.00"), back("Jane Doe"))
    assert table(filled)[1][4] == "9.00"
    assert filled.replaced == ()


def test_a_comment_of_a_person_stays_and_ours_is_not_added_twice() -> None:
    first = fill(HEAD + line(1, "Jane Doe", comment='"<p>Come and see me.</p>"'), back("Jane Doe"))
    comment = table(first)[1][9]
    assert comment.startswith("<p>Come and see me.</p><div")
    again = fill(first.content.decode(), back("Jane Doe"))
    assert again.content == first.content


def test_a_sheet_without_comments_gets_grades_and_says_so() -> None:
    text = HEAD.replace(',"Feedback comments"', "") + line(1, "Jane Doe").replace(",-,-,\n", ",-,-\n")
    filled = fill(text, back("Jane Doe"))
    assert table(filled)[1][4] == "9"
    assert filled.notes == ("it has no column for feedback comments",)


@pytest.mark.parametrize(
    ("status", "seconds"),
    [
        ("Submitted for grading - 1 day 3 hours late", 97_200.0),
        ("Zur Bewertung abgegeben - 2 Stunden 5 Minuten zu spät", 7_500.0),
        ("Remis pour évaluation - En retard de 3 jours", 259_200.0),
        ("Enviado para calificar - 40 minutos después", 2_400.0),
        ("Submitted for grading", 0.0),
        ("Assignment is overdue by: 2 days", 0.0),
        ("3 bananas late", 0.0),
    ],
)
def test_how_late_it_was_is_read_from_the_status(status: str, seconds: float) -> None:
    text = HEAD + line(1, "Jane Doe").replace("No submission", status)
    assert late_by(read_sheet(text.encode(), "Grades.csv"), [back("Jane Doe")]) == {"Jane Doe": seconds}


def test_a_table_without_participants_numbers_is_refused() -> None:
    with pytest.raises(UsageError, match="Participant 123"):
        fill("Name,Grade\nJane,\nBob,\n", back("Jane"))
