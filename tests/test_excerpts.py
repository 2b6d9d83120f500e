"""A traceback shows the student's own lines around each frame: bounded, each place once, whatever the process says."""

from __future__ import annotations

from typing import Any

from grader.excerpts import tracebacks
from grader.model import CallResult, Ending, Frame, Source, StudentError

TEXT = "\n".join(f"line {number}" for number in range(1, 21))
ALICE = Source(name="alice.py", cells=(TEXT,))
NOTEBOOK = Source(name="work.ipynb", cells=("a = 1", "b = 2\nc = d"), is_notebook=True)


def frame(line: int, **fields: Any) -> Frame:
    """Make a frame in `alice.py`."""
    given: dict[str, Any] = {"source": "alice.py", "cell": None, "line": line, "function": "backward"}
    return Frame(**(given | fields))


def raised(*frames: Frame, message: str = "no", key: str = "worked/backward") -> CallResult:
    """Make a call that raised."""
    error = StudentError(type_name="ValueError", message=message, frames=frames)
    return CallResult(key=key, function="backward", ending=Ending.RAISED, error=error)


def test_three_lines_stand_before_and_after_the_one_that_failed() -> None:
    (found,) = tracebacks([raised(frame(10))], [ALICE])
    assert (found.function, found.error) == ("backward", "ValueError: no")
    (excerpt,) = found.frames
    assert (excerpt.file, excerpt.line, excerpt.first) == ("alice.py", 10, 7)
    assert excerpt.lines == tuple(f"line {number}" for number in range(7, 14))


def test_at_the_ends_of_a_file_there_are_fewer_lines() -> None:
    (found,) = tracebacks([raised(frame(1), frame(20))], [ALICE])
    first, last = found.frames
    assert (first.first, first.lines) == (1, ("line 1", "line 2", "line 3", "line 4"))
    assert (last.first, last.lines) == (17, ("line 17", "line 18", "line 19", "line 20"))


def test_lines_of_a_notebook_are_those_of_the_cell() -> None:
    place = frame(2, source="work.ipynb", cell=2, function="<module>")
    (found,) = tracebacks([raised(place)], [ALICE, NOTEBOOK])
    assert found.frames[0].cell == 2
    assert found.frames[0].lines == ("b = 2", "c = d")


def test_a_form_feed_ends_no_line_and_a_carriage_return_does() -> None:
    source = Source(name="alice.py", cells=("one\x0cstill one\r\ntwo\rthree",))
    (found,) = tracebacks([raised(frame(2))], [source])
    assert found.frames[0].lines == ("one\x0cstill one", "two", "three")


def test_a_line_that_is_not_there_shows_nothing() -> None:
    places = [
        frame(10_000_000),
        frame(1, source="gone.py"),
        frame(1, source="work.ipynb", cell=9),
    ]
    (found,) = tracebacks([raised(*places)], [ALICE, NOTEBOOK])
    assert [excerpt.lines for excerpt in found.frames] == [(), (), ()]


def test_a_place_that_stops_on_every_case_is_told_once() -> None:
    calls = [raised(frame(3), message=f"case {number}") for number in range(9)]
    (found,) = tracebacks(calls, [ALICE])
    assert found.error == "ValueError: case 0"


def test_places_frames_and_letters_are_bounded() -> None:
    wide = Source(name="alice.py", cells=("\n".join(["x" * 100_000] * 40),))
    calls = [raised(*(frame(one + shift) for one in range(1, 20))) for shift in range(9)]
    found = tracebacks(calls, [wide])
    assert len(found) == 3
    assert [excerpt.line for excerpt in found[0].frames] == [1, 17, 18, 19]
    assert all(len(line) <= 161 for one in found for excerpt in one.frames for line in excerpt.lines)


def test_a_recursion_shows_its_line_once() -> None:
    (found,) = tracebacks([raised(frame(2), *[frame(5)] * 9)], [ALICE])
    assert [excerpt.line for excerpt in found.frames] == [2, 5]


def test_an_exception_that_passed_no_line_of_theirs_is_no_place() -> None:
    absent = CallResult(key="worked/backward", function="backward", ending=Ending.ABSENT)
    assert tracebacks([raised(), absent], [ALICE]) == ()
