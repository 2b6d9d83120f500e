"""Where a student's code stopped: the place in words, the lines around it, and the file that is no Python."""

from __future__ import annotations

from typing import Any

import pytest

from grader.model import Excerpt, Traceback
from grader.reports.stops import traceback_view


def _excerpt(**fields: Any) -> Excerpt:
    given: dict[str, Any] = {
        "file": "alice.py",
        "cell": None,
        "line": 8,
        "function": "backward",
        "first": 7,
        "lines": ("    a = 1", "    b = a / 0", "    return b"),
    }
    return Excerpt(**(given | fields))


def _traceback(*frames: Excerpt, error: str = "ZeroDivisionError: division by zero") -> Traceback:
    return Traceback(function="backward", error=error, frames=frames)


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({}, "alice.py, line 8, in backward"),
        ({"function": "<module>"}, "alice.py, line 8"),
        ({"file": "work.ipynb", "cell": 3}, "work.ipynb, cell 3, line 8, in backward"),
        ({"function": "<lambda>"}, "alice.py, line 8, in <lambda>"),
    ],
)
def test_a_place_is_named_by_file_cell_line_and_function(fields: dict[str, Any], where: str) -> None:
    (frame,) = traceback_view(_traceback(_excerpt(**fields))).frames
    assert frame.where == where


def test_the_line_that_failed_is_marked_and_shared_indentation_is_taken_off() -> None:
    (frame,) = traceback_view(
        _traceback(_excerpt(lines=("    if a:", "        b = a / 0", "    return b")))
    ).frames
    assert [(line.number, line.text, line.is_marked) for line in frame.lines] == [
        (7, "if a:", False),
        (8, "    b = a / 0", True),
        (9, "return b", False),
    ]
    assert frame.text == "  7  if a:\n> 8      b = a / 0\n  9  return b"


def test_numbers_of_lines_stand_below_each_other() -> None:
    (frame,) = traceback_view(_traceback(_excerpt(line=10, first=9, lines=("a", "b")))).frames
    assert frame.text == "   9  a\n> 10  b"


def test_a_frame_whose_file_has_no_such_line_has_its_place_alone() -> None:
    (frame,) = traceback_view(_traceback(_excerpt(lines=()))).frames
    assert frame.lines == ()
    assert frame.text == ""
    assert frame.where == "alice.py, line 8, in backward"


def test_the_outermost_frame_stands_first() -> None:
    view = traceback_view(_traceback(_excerpt(function="step"), _excerpt(function="backward")))
    assert [frame.where.rpartition(" ")[2] for frame in view.frames] == ["step", "backward"]


def test_a_function_that_raises_stopped_and_its_file_was_read() -> None:
    view = traceback_view(_traceback(_excerpt()))
    assert (view.subject, view.happened, view.unread_file) == ("backward", "stopped", None)


@pytest.mark.parametrize("error", ["SyntaxError: '(' was never closed", "IndentationError: x", "TabError: x"])
def test_a_file_that_is_no_python_cannot_be_read(error: str) -> None:
    view = traceback_view(_traceback(_excerpt(function="<module>"), error=error))
    assert (view.subject, view.happened) == ("alice.py", "cannot be read")


def test_a_text_that_a_function_could_not_parse_does_not_make_its_file_unread() -> None:
    view = traceback_view(_traceback(_excerpt(function="backward"), error="SyntaxError: invalid syntax"))
    assert (view.subject, view.happened) == ("backward", "stopped")


def test_a_traceback_without_a_line_of_the_students_stopped_all_the_same() -> None:
    view = traceback_view(_traceback(error="SyntaxError: x"))
    assert view.frames == ()
    assert view.happened == "stopped"


def test_hostile_letters_move_no_line_and_end_none() -> None:
    lines = ("x = '\x1b[31m'", "y = '\u202e'\r\nz = 1", "w = '\x00'")
    (frame,) = traceback_view(_traceback(_excerpt(line=7, lines=lines, file="a\nb.py"))).frames
    assert [line.number for line in frame.lines] == [7, 8, 9]
    text = frame.text
    assert len(text.split("\n")) == 3
    assert not {"\x1b", "\u202e", "\x00", "\r"} & set(text)
    assert frame.where.startswith("a b.py, line 7")
