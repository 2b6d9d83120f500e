"""Cells of a platform's table are replaced where they stand; every other byte stays as it was."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.exports.cells import harmless, quoted, read_sheet, spliced

ODD = '\ufeffName,"Gr\u00e4de",Note\r\n"Doe, Jane",,"say ""hi""\r\ntwice"\r\nBob, 7 ,\r\n'


def test_a_sheet_without_changes_is_the_same_to_the_byte() -> None:
    content = ODD.encode()
    assert spliced(read_sheet(content, "a.csv"), {}) == content


def test_only_the_bytes_of_the_changed_cell_change() -> None:
    content = ODD.encode()
    made = spliced(read_sheet(content, "a.csv"), {(1, 1): "9"})
    assert made == ODD.replace('"Doe, Jane",,', '"Doe, Jane",9,').encode()


def test_a_cell_that_says_the_same_keeps_its_quotes() -> None:
    content = b'a,b\n"7",x\n'
    assert spliced(read_sheet(content, "a.csv"), {(1, 0): "7"}) == content


def test_what_needs_quotes_is_quoted() -> None:
    made = spliced(read_sheet(b"a,b\n1,\n", "a.csv"), {(1, 1): 'say "x, y"\nand z'})
    assert made == b'a,b\n1,"say ""x, y""\nand z"\n'


def test_a_sheet_without_a_last_line_end_keeps_none() -> None:
    assert spliced(read_sheet(b"a;b\n1;2", "a.csv"), {(1, 1): "3"}) == b"a;b\n1;3"


def test_lines_are_counted_over_line_feeds_in_cells() -> None:
    sheet = read_sheet(b'a,b\n"x\ny",1\nz,2\n', "a.csv")
    assert [sheet.line(row) for row in range(3)] == [1, 2, 4]


CELLS = st.text(alphabet=st.characters(exclude_characters="\0", codec="utf-8"), max_size=8)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=5), st.data())
def test_cells_are_those_that_python_reads_and_a_change_reads_back(
    table: list[list[str]], data: st.DataObject
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerows([["a", "b", "c"], *table])
    content = text.getvalue().encode()
    sheet = read_sheet(content, "a.csv")
    assert [[cell.text for cell in row] for row in sheet.rows] == [["a", "b", "c"], *table]
    row, column = data.draw(st.integers(1, len(table))), data.draw(st.integers(0, 2))
    made = spliced(sheet, {(row, column): "=new, "}).decode()
    rows = list(csv.reader(io.StringIO(made, newline="")))
    assert rows[row][column] == "=new, "
    rows[row][column] = table[row - 1][column]
    assert rows == [["a", "b", "c"], *table]


@given(st.text(alphabet='ab",\\ \n', max_size=12))
def test_what_is_written_reads_the_same_whether_or_not_a_backslash_escapes(text: str) -> None:
    written = f"{quoted(text)},end\r\n"
    plain = next(csv.reader(io.StringIO(written, newline="")))
    sheet = read_sheet(f"a,b\r\n{written}".encode(), "a.csv")
    assert len(plain) == 2
    assert len(sheet.rows[1]) == 2
    assert plain[0].replace(" ", "") == text.replace(" ", "")


def test_php_leaves_a_quote_single_behind_a_backslash() -> None:
    """`fputcsv` writes a\\"b so; read in the other way, its line would have a quote in the middle of a cell."""
    content = b'Text,Grade\r\n"a\\"b",\r\n'
    sheet = read_sheet(content, "a.csv")
    assert spliced(sheet, {(1, 1): "5"}) == b'Text,Grade\r\n"a\\"b",5\r\n'


@given(st.text(alphabet='\\",x\n', max_size=10), st.text(alphabet='\\",x\n', max_size=10))
def test_no_text_of_a_student_moves_the_cells_beside_it(text: str, other: str) -> None:
    """Whatever was typed in, written as PHP does, is read in its place or refused; `_by_php` is the rule of `fputcsv`."""
    lines = [["Participant 1", text, "7"], ["Participant 2", other, "8"]]
    content = "".join(
        f"{_by_php(a)},{_by_php(b)},{_by_php(c)}\n" for a, b, c in [["Identifier", "Text", "Grade"], *lines]
    )
    try:
        sheet = read_sheet(content.encode(), "a.csv")
    except UsageError:
        assert "\\" in text + other  # a text that ends in one reads as if its last quote were none
        return
    assert [(row[0].text, row[2].text) for row in sheet.rows[1:]] == [
        ("Participant 1", "7"),
        ("Participant 2", "8"),
    ]


def _by_php(text: str) -> str:
    """Write a cell as PHP's `fputcsv` does: a quote is doubled but behind a backslash, and a backslash escapes one character."""
    if not any(character in text for character in ',"\\\n\r\t '):
        return text
    written, escaped = "", False
    for character in text:
        if character == "\\":
            escaped = True  # also behind another one
        elif escaped:
            escaped = False
        elif character == '"':
            written += '"'
        written += character
    return f'"{written}"'


def test_a_line_with_too_few_cells_is_named() -> None:
    with pytest.raises(UsageError, match=r"a\.csv, line 3"):
        read_sheet(b"a,b\n1,2\n3\n", "a.csv")


@pytest.mark.parametrize("content", [b"", b"\n", b"a,b\nx\0y,1\n", "a,b\nJürgen,1\n".encode("latin-1")])
def test_what_is_no_table_in_utf8_is_refused(content: bytes) -> None:
    with pytest.raises(UsageError):
        read_sheet(content, "a.csv")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", " =1", "\uff1dA1"])
def test_what_a_spreadsheet_would_run_begins_with_an_apostrophe(text: str) -> None:
    assert harmless(text) == f"'{text}"


def test_other_texts_stay() -> None:
    assert harmless("9 of 10 points") == "9 of 10 points"
