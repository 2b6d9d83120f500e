"""Claims on checking what the child says: whatever it is, it is a typed event or a `WireError`."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox_jobs import call, job, module, notebook

from grader.model import Frame, StudentError
from grader.sandbox import wire
from grader.sandbox.events import Raised, parse_event

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


@pytest.mark.parametrize(
    "header",
    [
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
