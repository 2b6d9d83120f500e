"""A table of one question goes out and comes back filled in: all rows or none, whatever a spreadsheet made of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from small_book import STUDENTS, made, output_folder, put

from grader.decisions import Request, decide
from grader.errors import UsageError
from grader.gradebook import Gradebook
from grader.outfolder import stored_grade
from grader.sheet_decisions import open_sheet, take_sheet

Rows = list[dict[str, str]]
HOSTILE = "=cmd|' /C calc'!A0"


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Gradebook]:
    with Gradebook(output_folder(tmp_path / "out") / "gradebook.sqlite") as book:
        yield book


def rows(book: Gradebook, target: str = "why", *, anonymous: bool = False) -> Rows:
    """Return the table as another program reads it."""
    text, count = open_sheet(book, target, anonymous=anonymous)
    found = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(found) == count
    return found


def written(table: Rows, delimiter: str = ",") -> str:
    """Write the table as another program does."""
    text = io.StringIO()
    writer = csv.DictWriter(text, table[0], delimiter=delimiter)
    writer.writeheader()
    writer.writerows(table)
    return text.getvalue()


def filled(book: Gradebook, *points: str, comment: str = "", anonymous: bool = False) -> Rows:
    """Fill in points, in the order of the students' names."""
    table = rows(book, anonymous=anonymous)
    for row, given in zip(table, points, strict=False):
        row["points"], row["comment"] = given, comment
    return table


def take(book: Gradebook, table: Rows | bytes, by: str = "kim", *, force: bool = False) -> tuple[int, int]:
    content = table if isinstance(table, bytes) else written(table).encode()
    taken = take_sheet(book, content, "t.csv", by=by, force=force)
    return taken.decided, taken.unchanged


def refused(book: Gradebook, table: Rows | bytes, by: str = "kim") -> str:
    """Return why a table is refused; nothing of it was stored."""
    before = book.marks.log()
    with pytest.raises(UsageError) as caught:
        take(book, table, by)
    assert book.marks.log() == before
    return caught.value.message


def held(book: Gradebook) -> dict[str, float | None]:
    return {student: marks[0].points for student, marks in book.marks.standing().items()}


# --------------------------------------------------------------------------------------------------------------
# Out


def test_the_table_has_the_texts_and_an_empty_column_of_points(book: Gradebook) -> None:
    found = rows(book)
    assert [row["student"] for row in found] == ["007", "alice", "bob"]
    assert {(row["question"], row["max_points"], row["points"], row["comment"]) for row in found} == {
        ("why", "2", "", "")
    }
    assert {(row["text"], row["found"], row["marked"]) for row in found} == {("Because.", "", "")}


def test_what_the_grader_gives_and_what_somebody_gave_stand_beside(book: Gradebook) -> None:
    decide(book, Request(student="bob", target="gradients", points="4", comment="All right.", by="kim"))
    assert [(row["found"], row["marked"]) for row in rows(book, "gradients")] == [
        ("3", ""),
        ("3", ""),
        ("3", "4 by kim: All right."),
    ]


def test_an_anonymous_table_has_no_names_and_another_order(book: Gradebook) -> None:
    text, _ = open_sheet(book, "why", anonymous=True)
    assert not [name for name in (*STUDENTS, "student") if name in text]
    codes = [row["code"] for row in rows(book, anonymous=True)]
    assert codes == sorted(codes)
    assert sorted(row["code"] for row in rows(book)) == codes, "the same ones for ever"


def test_codes_are_letters_and_differ_from_class_to_class(book: Gradebook, tmp_path: Path) -> None:
    codes = {row["code"] for row in rows(book)}
    assert all(len(code) == 10 and code.isalpha() and code.isascii() for code in codes)
    with Gradebook(output_folder(tmp_path / "other") / "gradebook.sqlite") as other:
        assert not codes & {row["code"] for row in rows(other)}


def test_no_cell_is_run_as_a_formula_and_none_is_too_long(book: Gradebook) -> None:
    put(book, made(HOSTILE, text=HOSTILE))
    put(book, made("long", text="y" * 100_000))
    decide(book, Request(student=HOSTILE, target="why", points="1", comment="c", by="=kim"))
    for row in rows(book):
        assert not [cell for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]
        assert max(map(len, row.values())) < 32_767
    table = rows(book)
    [mine] = [row for row in table if row["student"] == f"'{HOSTILE}"]
    mine["points"] = "2"
    assert take(book, table, "=kim") == (1, 0)


def test_a_question_that_nobody_was_asked_makes_no_table(book: Gradebook) -> None:
    with pytest.raises(UsageError, match="nothing is called `nothing`"):
        open_sheet(book, "nothing", anonymous=False)


# --------------------------------------------------------------------------------------------------------------
# In


def test_points_and_comments_come_in_and_rows_without_points_are_left_alone(book: Gradebook) -> None:
    assert take(book, filled(book, "0.5", "2", comment="Good, ö; 'so'\nand so.")) == (2, 0)
    assert held(book) == {"007": 0.5, "alice": 2.0}
    (mark,) = book.marks.of("alice")
    assert (mark.comment, mark.by) == ("Good, ö; 'so'\nand so.", "kim")


def test_an_anonymous_table_finds_its_students(book: Gradebook) -> None:
    codes = {row["code"]: row["student"] for row in rows(book)}
    table = filled(book, "0", "1", "2", anonymous=True)
    wanted = {codes[row["code"]]: float(row["points"]) for row in table}
    take(book, table)
    assert held(book) == wanted


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("cp1252"),
        lambda text: text.replace("\r\n", "\n").encode(),
        lambda text: (text + ",,,,,,,,,\r\n\r\n").encode(),
    ],
)
def test_a_table_is_read_as_spreadsheets_save_it(book: Gradebook, spoilt: Callable[[str], bytes]) -> None:
    assert take(book, spoilt(written(filled(book, "0.5", "2", comment="schön")))) == (2, 0)
    assert book.marks.comments("why") == (("schön", 2),)


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_separators_and_a_decimal_comma_are_read(book: Gradebook, delimiter: str) -> None:
    take(book, written(filled(book, "0,5", "1,75"), delimiter).encode())
    assert held(book) == {"007": 0.5, "alice": 1.75}


def test_columns_may_be_in_another_order_and_others_beside_them(book: Gradebook) -> None:
    table = [dict(reversed({**row, "mine": "x"}.items())) for row in filled(book, "1")]
    assert take(book, table) == (1, 0)


def test_a_number_whose_zeros_a_spreadsheet_left_out_is_still_the_student(book: Gradebook) -> None:
    table = filled(book, "1")
    assert table[0]["student"] == "007"
    table[0]["student"] = "7"
    assert take(book, table) == (1, 0)


def test_a_table_of_which_some_columns_alone_were_sorted_is_refused(book: Gradebook) -> None:
    """The points would go to others."""
    table = filled(book, "1", "1")
    table[0]["student"], table[1]["student"] = table[1]["student"], table[0]["student"]
    message = refused(book, table)
    assert "row 2: the code is that of 007, and the name beside it is alice" in message
    assert "row 3: the code is that of alice" in message


def test_every_wrong_row_is_told_with_its_number_and_none_is_taken_in(book: Gradebook) -> None:
    put(book, made("dora"))
    table = filled(book, "1", "2.5", "x", "1")
    table[3]["code"] = "bcdfghjklm"
    table[0]["question"] = "nothing"
    message = refused(book, table)
    assert message.splitlines()[0] == "t.csv: nothing was taken in:"
    wanted = (
        "row 2: nothing is called `nothing`",
        "row 3: 2.5 is no number of points for `why`; give a number from 0 to 2",
        "row 4: x is no number",
        "row 5: nobody in this class has the code `bcdfghjklm`",
    )
    for line, beginning in zip(message.splitlines()[1:], wanted, strict=True):
        assert line.strip().startswith(beginning)


def test_rows_are_counted_as_a_spreadsheet_counts_them(book: Gradebook) -> None:
    """A cell of several lines is one row."""
    put(book, made("007", text="one\ntwo\nthree"))
    assert "row 3: 9 is no" in refused(book, filled(book, "", "9"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no column `code`"),
        (b"student,points\nalice,1\n", "no column `code`"),
        (b"code,question,points,points\na,why,1,2\n", "no column `points`, or has it twice"),
        (b"PK\x03\x04\x00\x00", "no column `code`"),
        (b"code,question,points\n", "no points in it"),
        (b"code,question,points,comment\nabc,why,,Good.\n", "a comment without points in row 2"),
    ],
)
def test_what_is_no_such_table_is_refused(book: Gradebook, content: bytes, message: str) -> None:
    assert message in refused(book, content)


def test_two_rows_about_one_answer_are_refused(book: Gradebook) -> None:
    table = filled(book, "1", "1")
    assert "row 5: row 2 is about the same answer" in refused(book, [*table, table[0]])


def test_a_state_that_was_edited_is_refused_and_an_empty_one_is_not(book: Gradebook) -> None:
    table = filled(book, "1")
    state, table[0]["state"] = table[0]["state"], "m1 x"
    assert "the column `state` of row 2 was changed" in refused(book, table)
    table[0]["state"] = ""
    assert take(book, table) == (1, 0)
    assert state.startswith("m0 open ")


# --------------------------------------------------------------------------------------------------------------
# Meanwhile


def test_what_another_person_gave_meanwhile_is_told_and_replaced_only_by_force(book: Gradebook) -> None:
    table = filled(book, "0.5", "0.5", "0.5")
    decide(book, Request(student="alice", target="why", points="2", comment="Fine.", by="lee"))
    message = refused(book, table)
    assert "others have marked meanwhile" in message
    assert "row 3, which says 0.5: lee gave 2 points for `why` of alice at" in message
    assert '("Fine.")' in message
    assert take(book, table, force=True) == (3, 0)
    assert held(book) == {"007": 0.5, "alice": 0.5, "bob": 0.5}
    assert [(row.by, row.points) for row in book.marks.log("alice")] == [("lee", 2.0), ("kim", 0.5)]


def test_what_stood_in_the_table_already_may_be_replaced(book: Gradebook) -> None:
    decide(book, Request(student="alice", target="why", points="2", by="lee"))
    assert take(book, filled(book, "", "1")) == (1, 0)


def test_one_may_mend_ones_own_table_and_give_it_again(book: Gradebook) -> None:
    table = filled(book, "0.5", "0.5")
    assert take(book, table) == (2, 0)
    table[0]["points"] = "1"
    assert take(book, table) == (1, 1)
    assert held(book) == {"007": 1.0, "alice": 0.5}


def test_an_answer_that_changed_after_the_table_was_written_is_to_be_looked_at_again(
    book: Gradebook,
) -> None:
    table = filled(book, "1", "1")
    put(book, made("alice", text="Another one."))
    take(book, table)
    again = {
        name: [mark.look_again for mark in stored.grade.all_marks]
        for name in ("007", "alice")
        if (stored := stored_grade(book, name))
    }
    assert again == {"007": [()], "alice": [("The answer has changed since.",)]}
