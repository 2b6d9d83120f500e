"""Claims on checking what the child says: whatever it is, it is a typed event or a `WireError`."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import numpy as np
import pytest
from clock import allowed
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from sandbox_jobs import call, job, module, notebook

from grader.memo import Memo
from grader.model import Frame, Job, StudentError
from grader.sandbox import wire
from grader.sandbox.encode import encode_value
from grader.sandbox.events import Event, EventParser, Loaded, Raised, Returned, remembered

JOB = job(module("one\ntwo\n"), notebook("a\nb"), calls=(call("f", 1.0), call("g")))
ERROR = {
    "type": "ValueError",
    "message": "no",
    "frames": [[0, None, 2, "f"], [1, 1, 1, "g"], [0, None, 99, "h"]],
}
VALID: list[dict[str, Any]] = [
    {"kind": "ready"},
    {"kind": "surveyed", "found": ["f"]},
    {"kind": "note", "text": "x"},
    {"kind": "loading", "source": 0},
    {"kind": "stopped", "source": 1, "cell": 1, "error": ERROR, "unreadable": False},
    {
        "kind": "loaded",
        "functions": {"f": {"state": "ready"}, "g": {"state": "raised", "error": ERROR}},
        "memory": False,
        "printed": "",
        "cut": False,
    },
    {"kind": "calling", "index": 1},
    {"kind": "returned", "index": 0, "value": ["f", "0x1p0"], "changed": [0], "printed": "", "cut": True},
    {"kind": "raised", "index": 0, "error": ERROR, "memory": False, "printed": "", "cut": False},
    {"kind": "overflow"},
    {"kind": "end"},
]
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["state", "error", "f"]), inner)
    ),
    max_leaves=6,
)


def parse_event(frame: wire.Frame, job: Job) -> Event:
    """Check one frame alone; what a call gave is put into a frame of results."""
    if frame.header.get("kind") in ("returned", "raised"):
        frame = results_frame((frame.header, frame.blob))
    [event] = EventParser(job).parse(frame)
    return event


def results_frame(*results: tuple[Any, bytes]) -> wire.Frame:
    """Put what calls gave into a frame, each as what is said of it and its bytes."""
    texts = [wire.encode_header(said) for said, _ in results]
    [frame] = wire.FrameReader().feed(
        wire.frame_of(*wire.results_frame(texts, [blob for _, blob in results]))
    )
    return frame


@pytest.mark.parametrize("header", VALID, ids=lambda header: str(header["kind"]))
def test_what_the_child_sends_is_an_event(header: dict[str, Any]) -> None:
    assert type(parse_event(wire.Frame(header=header), JOB)).__name__.lower() == header["kind"]


def test_lines_of_a_traceback_are_taken_from_what_was_handed_in() -> None:
    event = parse_event(wire.Frame(header=VALID[8]), JOB)
    assert isinstance(event, Raised)
    assert event.error == StudentError(
        type_name="ValueError",
        message="no",
        frames=(
            Frame(source="alice.py", cell=None, line=2, function="f", text="two"),
            Frame(source="alice.ipynb", cell=1, line=1, function="g", text="a"),
            Frame(source="alice.py", cell=None, line=99, function="h", text=""),
        ),
    )


@given(st.sampled_from(VALID), st.data())
def test_a_field_with_anything_else_in_it_is_an_event_or_a_wire_error(
    header: dict[str, Any], data: st.DataObject
) -> None:
    changed = {**header, data.draw(st.sampled_from(list(header))): data.draw(JUNK)}
    with contextlib.suppress(wire.WireError):
        parse_event(wire.Frame(header=changed), JOB)


@given(st.sampled_from(VALID), st.data())
def test_an_error_with_anything_else_in_it_is_an_event_or_a_wire_error(
    header: dict[str, Any], data: st.DataObject
) -> None:
    field = data.draw(st.sampled_from(list(ERROR)))
    changed = {**header, "error": {**ERROR, field: data.draw(st.lists(JUNK, max_size=4))}}
    with contextlib.suppress(wire.WireError):
        parse_event(wire.Frame(header=changed), JOB)


def _lines(text: str, *numbers: int) -> list[str]:
    """Give the lines that tracebacks of one process show."""
    parser = EventParser(job(module(text), calls=(call("f"),)))
    shown = []
    for number in numbers:
        error = {**ERROR, "frames": [[0, None, number, "f"]]}
        [event] = parser.parse(results_frame(({**VALID[8], "error": error}, b"")))
        assert isinstance(event, Raised)
        shown.append(event.error.frames[0].text)
    return shown


def test_lines_are_counted_as_python_counts_them() -> None:
    """A form feed and a line separator end no line; the two characters of Windows end one."""
    assert _lines("a\x0cb\u2028c\r\nd\re\nf", 1, 2, 3, 4, 5) == ["a\x0cb\u2028c", "d", "e", "f", ""]


def test_a_long_line_is_cut_and_a_submission_of_many_megabytes_shows_its_beginning_only() -> None:
    text = "x" * 300 + "\n" * (1 << 21) + "end"
    assert _lines(text, 1, (1 << 21) + 1) == ["x" * 200, ""]


def test_tracebacks_cost_little_however_many_there_are_and_however_long_the_file_is() -> None:
    """Taking a million lines apart for each of 2,000 frames would take minutes."""
    parser = EventParser(job(module("a\n" * (1 << 20)), calls=(call("f"),)))
    error = {**ERROR, "frames": [[0, None, 9, "f"]] * 20}
    frame = wire.Frame(header={**VALID[8], "error": error})
    started = time.process_time()
    for _ in range(100):
        parser.parse(frame)
    assert time.process_time() - started < allowed(2)


@pytest.mark.parametrize(
    "header",
    [
        {"kind": None},
        {"kind": ["ready"]},
        {"kind": "surveyed", "found": "f"},
        {"kind": "surveyed", "found": ["f"] * 201},
        {"kind": "surveyed", "found": ["f" * 201]},
        {"kind": "note", "text": "x" * 501},
        {"kind": "note", "text": b"x"},
        {"kind": "loading", "source": 2},
        {"kind": "loading", "source": 0.0},
        {**VALID[4], "cell": 3},
        {**VALID[4], "cell": 0},
        {**VALID[4], "unreadable": 1},
        {**VALID[4], "error": {**ERROR, "frames": [[0, None, 1, "f"]] * 21}},
        {**VALID[4], "error": {**ERROR, "frames": [[0, None, 0, "f"]]}},
        {**VALID[4], "error": {**ERROR, "frames": [[0, 2, 1, "f"]]}},
        {**VALID[4], "error": {**ERROR, "frames": [[0, None, 1, "f", 0]]}},
        {**VALID[4], "error": {**ERROR, "frames": [[2, None, 1, "f"]]}},
        {**VALID[4], "error": {**ERROR, "message": None}},
        {**VALID[4], "error": {**ERROR, "message": "x" * 501}},
        {**VALID[4], "error": {**ERROR, "type": "T" * 201}},
        {**VALID[5], "functions": {"f": {"state": "ready"}, "g": {"state": "gone"}}},
        {**VALID[5], "functions": {"f": {"state": "ready"}, "g": {"state": "raised"}}},
        {**VALID[5], "functions": {"f": {"state": "ready"}, "g": {"state": "ready", "error": ERROR}}},
        {**VALID[5], "functions": {"f": {"state": "ready"}, "g": {"state": "conflict"}}},
        {**VALID[5], "functions": {"f": {"state": "ready"}, "g": {"state": "conflict", "files": [0]}}},
        {**VALID[5], "functions": {"f": {"state": "ready"}, "g": {"state": "absent", "files": [0, 1]}}},
        {**VALID[5], "functions": {"f": {"state": "ready"}, "g": {"state": "absent", "type": 5}}},
        {**VALID[5], "functions": {**VALID[5]["functions"], "h": {"state": "ready"}}},
        {**VALID[5], "functions": []},
        {**VALID[5], "memory": "false"},
        {**VALID[7], "changed": [0, 0]},
        {**VALID[7], "changed": None},
        {**VALID[7], "cut": 0},
        {**VALID[7], "value": 3},
        {"kind": "calling", "index": 2},
        {"kind": "calling", "index": -1},
        {"kind": "calling", "index": True},
        {"kind": "calling"},
        {"kind": "unknown"},
        {**VALID[5], "functions": {"f": {"state": "ready"}}},
        {**VALID[7], "changed": [1]},
        {**VALID[7], "printed": "x" * 100_000},
        {**VALID[8], "error": 5},
    ],
)
def test_what_does_not_fit_the_job_is_refused(header: dict[str, Any]) -> None:
    with pytest.raises(wire.WireError):
        parse_event(wire.Frame(header=header), JOB)


@pytest.mark.parametrize("header", VALID, ids=lambda header: str(header["kind"]))
def test_no_field_may_be_left_out(header: dict[str, Any]) -> None:
    for field in header:
        with pytest.raises(wire.WireError):
            parse_event(wire.Frame(header={name: header[name] for name in header if name != field}), JOB)


@pytest.mark.parametrize("header", VALID, ids=lambda header: str(header["kind"]))
def test_bytes_that_belong_to_no_value_are_refused(header: dict[str, Any]) -> None:
    with pytest.raises(wire.WireError):
        parse_event(wire.Frame(header=header, blob=b"12345678"), JOB)


def test_results_that_come_together_are_read_one_by_one() -> None:
    tree, blob = encode_value(np.array([1.0, 2.0]))
    frame = results_frame(({**VALID[7], "value": tree}, blob), ({**VALID[8], "index": 1}, b""))
    returned, raised = EventParser(JOB).parse(frame)
    assert isinstance(returned, Returned)
    np.testing.assert_array_equal(np.asarray(returned.result.value), [1.0, 2.0])
    assert isinstance(raised, Raised)
    assert (returned.index, raised.index) == (0, 1)


def test_results_share_no_bytes_and_leave_none_over() -> None:
    text = wire.encode_header(VALID[8])
    length = len(text)
    wrongs: list[list[Any]] = [
        [length - 1, 0],
        [length + 1, 0],
        [length, -1],
        [length, True],
        [length, 0.0],
        [length],
        [length, 0, 0],
        [0, length],
        [-1, length + 1],
        [0, 0, length, 0],
        [length, 0, 0, 0],
        [],
        [[length, 0]],
    ]
    for wrong in wrongs:
        frame = wire.Frame(header={"kind": "results", "sizes": wrong}, blob=text)
        with pytest.raises(wire.WireError):
            list(EventParser(JOB).parse(frame))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"3",
        b"[]",
        b"null",
        b"{}",
        b'{"kind":"calling","index":1}',
        b'{"kind":["returned"]}',
        b"{" * 9,
        b"\xff",
    ],
)
def test_a_result_that_is_none_is_refused(text: bytes) -> None:
    frame = wire.Frame(header={"kind": "results", "sizes": [len(text), 0]}, blob=text)
    with pytest.raises(wire.WireError):
        list(EventParser(JOB).parse(frame))


def test_more_results_than_calls_are_refused_before_one_is_read() -> None:
    text = wire.encode_header(VALID[8])
    frame = wire.Frame(header={"kind": "results", "sizes": [len(text), 0] * 3}, blob=text * 3)
    with pytest.raises(wire.WireError):
        next(EventParser(JOB).parse(frame))


# --------------------------------------------------------------------------------------------------------------
# What was read before


def returned_again(memory: Memo[Returned], job: Job = JOB, **fields: Any) -> Returned:
    tree, blob = encode_value({"w": np.array([1.0, 2.0])})
    frame = results_frame(({**VALID[7], "value": tree, **fields}, blob))
    [event] = EventParser(job, memory).parse(frame)
    assert isinstance(event, Returned)
    return event


def test_the_same_bytes_are_the_same_result_in_the_next_job() -> None:
    memory = remembered()
    assert returned_again(memory) is returned_again(memory)
    assert len(memory) == 1


@pytest.mark.parametrize(
    "fields", [{"printed": "x"}, {"index": 1, "changed": []}, {"changed": []}, {"cut": False}]
)
def test_another_result_is_read_anew(fields: dict[str, Any]) -> None:
    memory = remembered()
    first, other = returned_again(memory), returned_again(memory, **fields)
    assert repr(first) != repr(other)
    assert len(memory) == 2


def test_where_another_amount_may_be_printed_a_result_is_read_anew() -> None:
    memory = remembered()
    limits = replace(JOB.limits, output_kib=JOB.limits.output_kib + 1)
    first, other = returned_again(memory), returned_again(memory, replace(JOB, limits=limits))
    assert first.result.printed != other.result.printed


def test_what_is_shared_cannot_be_written_to() -> None:
    value = returned_again(remembered()).result.value
    assert isinstance(value, dict)
    with pytest.raises(ValueError, match="read-only"):
        np.asarray(value["w"])[0] = 5.0


def test_errors_and_long_results_are_not_remembered() -> None:
    """The lines that an error shows are the student's own; long values differ from student to student."""
    memory = remembered()
    list(EventParser(JOB, memory).parse(results_frame((VALID[8], b""))))
    returned_again(memory, printed="x" * 3000)
    assert len(memory) == 0


def test_a_conflict_names_its_two_files() -> None:
    states = {"f": {"state": "conflict", "files": [1, 0]}, "g": {"state": "absent"}}
    event = parse_event(wire.Frame(header={**VALID[5], "functions": states}), JOB)
    assert isinstance(event, Loaded)
    assert event.functions["f"].files == ("alice.ipynb", "alice.py")
