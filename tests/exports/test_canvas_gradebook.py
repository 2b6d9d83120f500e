"""Canvas' gradebook gets grades in the column of the assignment alone, and feedback files are named as its upload reads them."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from returning import back, canvas

from grader.errors import UsageError
from grader.exports.canvas import fill_gradebook
from grader.exports.cells import read_sheet
from grader.exports.filled import Filled
from grader.exports.returned import Returned
from grader.model import Origin

BOOK = """Student,ID,SIS User ID,SIS Login ID,Section,Warm-up (11),Exercise 3 (12),Final Points
,,,,,Manual Posting,,(read only)
    Points Possible,,,,,5.0,10.0,(read only)
"Doe, Jane",501,s501,jane,Monday,4.0,,4.0
"Müller-Lüdenscheidt, Jürgen",502,s502,juergen@x.org,Monday,5.0,,5.0
"Student, Test",503,,,Monday,,,
"""


def fill(*grades: Returned, text: str = BOOK, **more: Any) -> Filled:
    """Fill in a gradebook."""
    return fill_gradebook(
        read_sheet(text.encode(), "Grades.csv"), grades, titles=("Exercise 3", "ex3"), **more
    )


def column(filled: Filled) -> list[str]:
    """Read the column of the exercise, lines of students alone."""
    return [row[6] for row in csv.reader(io.StringIO(filled.content.decode()))][3:]


def test_the_grade_stands_in_the_column_of_the_assignment_and_nothing_else_changes() -> None:
    filled = fill(back("doejane", origin=canvas("doejane", 501)))
    assert filled.content.decode() == BOOK.replace("jane,Monday,4.0,,", "jane,Monday,4.0,9,")
    assert filled.empty == 2


def test_names_of_a_download_fit_names_with_hyphens_and_umlauts() -> None:
    filled = fill(back("x", origin=canvas("müllerlüdenscheidtjürgen", 502)))
    assert column(filled) == ["", "9", ""]


def test_a_user_id_beside_another_name_is_not_believed() -> None:
    filled = fill(back("x", origin=canvas("roebob", 501)))
    assert column(filled) == ["", "", ""]
    assert filled.problems == ("x: there is no line for it",)


@pytest.mark.parametrize("origin", [Origin(id="s502"), Origin(email="juergen@x.org"), Origin(id="502")])
def test_the_roster_finds_a_line(origin: Origin) -> None:
    assert column(fill(back("x", origin=origin))) == ["", "9", ""]


def test_a_column_is_named_by_heading_title_or_number() -> None:
    for name in ("Warm-up (11)", "Warm-up", "11"):
        text = BOOK.replace("5.0,10.0", "10.0,10.0").replace("Monday,4.0", "Monday,")
        filled = fill(back("doejane", origin=canvas("doejane", 501)), text=text, grade_column=name)
        assert "jane,Monday,9,,4.0" in filled.content.decode()


def test_a_title_that_is_not_there_would_be_a_new_assignment_and_is_refused() -> None:
    with pytest.raises(UsageError, match=re.escape("Warm-up (11)")) as error:
        fill(back("doejane"), text=BOOK.replace("Exercise 3 (12)", "Third exercise (12)"))
    assert "--grade-column" in error.value.remedy


def test_a_read_only_column_is_refused() -> None:
    with pytest.raises(UsageError, match="read only"):
        fill(back("doejane"), grade_column="Final Points")


def test_the_points_that_canvas_has_are_held_against_ours() -> None:
    text = BOOK.replace("5.0,10.0", "5.0,20.0")
    with pytest.raises(UsageError, match="maximum of 20 points, the assignment one of 10"):
        fill(back("doejane"), text=text)
    filled = fill(back("doejane", origin=canvas("doejane", 501)), text=text, scale=True)
    assert column(filled) == ["18", "", ""]


def test_an_excused_student_stays_excused() -> None:
    text = BOOK.replace("jane,Monday,4.0,,", "jane,Monday,4.0,EX,")
    filled = fill(back("doejane", origin=canvas("doejane", 501)), text=text)
    assert filled.content == text.encode()
    assert filled.locked == ("doejane",)


def test_semicolons_and_decimal_commas_are_kept() -> None:
    text = "Student;ID;Section;Exercise 3 (12)\n    Points Possible;;;10,0\nDoe, Jane;501;Monday;\n"
    made = fill(back("doejane", origin=canvas("doejane", 501)), text=text).content.decode()
    assert made == text.replace("Monday;", "Monday;9")


def test_last_and_first_names_in_columns_of_their_own_are_read() -> None:
    text = "LastName,FirstName,ID,Section,Exercise 3 (12)\nDoe,Jane,501,Monday,\n"
    made = fill(back("doejane", origin=canvas("doejane", 501)), text=text).content.decode()
    assert made == text.replace("Monday,", "Monday,9")


@pytest.mark.parametrize("late", [False, True])
def test_the_first_two_numbers_in_the_name_of_a_feedback_file_are_user_and_upload(late: bool) -> None:
    """As Canvas takes it apart: `filename.split('_').grep(/^\\d+$/).take(2)`."""
    origin = canvas("doejane", 501, upload=9001, file="lab_3_1.py", late=late)
    (name,) = fill(back("doejane", origin=origin)).files
    assert [part for part in name.split("_") if re.fullmatch(r"\d+", part)][:2] == ["501", "9001"]


def test_who_has_no_upload_gets_a_grade_and_is_told_to_have_no_file() -> None:
    filled = fill(back("x", origin=Origin(id="s502")))
    assert column(filled) == ["", "9", ""]
    assert filled.files == {}
    assert "no feedback file for x" in filled.notes[0]


def test_another_table_is_refused() -> None:
    with pytest.raises(UsageError, match="no gradebook of Canvas"):
        fill(back("doejane"), text="Name,Grade\nJane,\n")
