"""Claims on frames: they come out whole, and hostile bytes cost little and only ever raise `WireError`."""

from __future__ import annotations

import contextlib
import json
import struct
import sys
import time
import tracemalloc
from collections.abc import Iterator

import pytest
from clock import allowed
from hypothesis import given
from hypothesis import strategies as st

from grader.sandbox import wire
from grader.sandbox.wire import FrameReader, WireError, encode_frame


@given(st.binary(max_size=64))
def test_any_bytes_give_frames_or_a_wire_error(data: bytes) -> None:
    with contextlib.suppress(WireError):
        list(FrameReader().feed(data))


def test_a_frame_that_announces_too_much_is_refused_before_it_comes() -> None:
    for lengths in ((wire.MAX_HEADER_BYTES + 1, 0), (2, wire.MAX_RESULTS_BYTES + 1)):
        with pytest.raises(WireError):
            list(FrameReader().feed(struct.pack("<4sII", b"BPG1", *lengths)))


def stream(header: bytes, blob: bytes = b"") -> bytes:
    """Put a header into a frame as it is."""
    return struct.pack("<4sII", b"BPG1", len(header), len(blob)) + header + blob


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"[]",
        b"5",
        b'"kind"',
        b"nul",
        b"{} {}",
        b'{"a": 1',
        b'{"a": 1, "a": 2}',
        b'{"b": {"a": 1, "a": 1}}',
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": ' + b"9" * 21 + b"}",
        b'{"a": ' + b"1" * 41 + b".5}",
        b"[" * 100_000,
        b'{"a": ' * 10_000,
        b"\xff",
        '{"a": "é"}'.encode(),
        '{"a": 1}'.encode("utf-16"),
    ],
    ids=lambda header: str(header[:12]),
)
def test_a_header_that_is_no_plain_object_is_refused(header: bytes) -> None:
    with pytest.raises(WireError):
        list(FrameReader().feed(stream(header)))


@pytest.fixture
def any_number_of_digits() -> Iterator[None]:
    """Take away Python's own limit, which is a setting of the process (`PYTHONINTMAXSTRDIGITS`)."""
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    yield
    sys.set_int_max_str_digits(before)


@pytest.mark.usefixtures("any_number_of_digits")
def test_digits_are_bounded_whatever_the_limit_of_the_process_is() -> None:
    """Reading four million digits would take minutes."""
    started = time.process_time()
    with pytest.raises(WireError):
        list(FrameReader().feed(stream(b'{"a": ' + b"1" * 4_000_000 + b"}")))
    assert time.process_time() - started < allowed(2)


BIG = wire.MAX_HEADER_BYTES - 100
SWOLLEN = {
    "lists": b'{"a": [' + b"[]," * (BIG // 3) + b"0]}",
    "lists in lists": b'{"a": [' + b",".join([b"[" * 400 + b"]" * 400] * (BIG // 801)) + b"]}",
    "objects": b'{"a": [' + b"{}," * (BIG // 3) + b"0]}",
    "objects in objects": b'{"a": [' + b",".join([b'{"":' * 400 + b"0" + b"}" * 400] * (BIG // 2001)) + b"]}",
    "fields": b"{" + b",".join(b'"%06x":0' % number for number in range(BIG // 11)) + b"}",
    "numbers": b'{"a": [' + b"1000," * (BIG // 5) + b"0]}",
    "texts": b'{"a": [' + b'"",' * (BIG // 3) + b"0]}",
    "texts with lists between": b'{"a": [' + b'"":[' * (BIG // 4) + b"0]}",
    "escapes": b'{"a": "' + b'\\"' * (BIG // 2) + b'"}',
    "escapes without an end": b'{"a": "' + b'\\"' * (BIG // 2),
    "brackets in a text": b'{"a": "' + b"[{,:" * (BIG // 4) + b'"}',
    "surrogates": b'{"a": "' + rb"\ud800" * (BIG // 6) + b'"}',
}
"""Headers of the greatest length that would become more memory, or take more time, than they have bytes."""


@pytest.mark.parametrize("kind", SWOLLEN)
def test_a_large_header_takes_bounded_time_and_memory(kind: str) -> None:
    """88 bytes for `[]` are 180 MiB for 4 MiB; honest headers need far less."""
    data = stream(SWOLLEN[kind])
    tracemalloc.start()
    started = time.process_time()
    with contextlib.suppress(WireError):
        list(FrameReader().feed(data))
    took, (_, peak) = time.process_time() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 80 << 20
    assert took < 3


def test_brackets_in_a_text_are_no_values() -> None:
    text = "[{,:" * (wire.MAX_HEADER_BYTES // 8)
    (frame,) = FrameReader().feed(encode_frame({"a": text, 'quo"te\\': "\\"}))
    assert frame.header == {"a": text, 'quo"te\\': "\\"}


def test_more_values_than_an_honest_header_has_are_refused() -> None:
    with pytest.raises(WireError, match="too much"):
        list(FrameReader().feed(stream(SWOLLEN["lists"])))


def test_a_header_from_the_grader_itself_may_be_larger() -> None:
    header = {"calls": [[number] for number in range(400_000)]}
    (frame,) = FrameReader(max_header=1 << 30).feed(encode_frame(header))
    assert frame.header == header


def test_a_header_can_be_read_by_anybody() -> None:
    data = encode_frame({"kind": "note", "text": "é\N{PILE OF POO}\udc80"})
    assert json.loads(data[12:].decode("ascii")) == {"kind": "note", "text": "é\N{PILE OF POO}\udc80"}


def test_the_bytes_of_a_frame_are_held_twice_at_most() -> None:
    data = stream(b"{}", bytes(wire.MAX_BLOB_BYTES))
    tracemalloc.start()
    list(FrameReader().feed(data))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2.2 * len(data)


@given(st.integers(1, 20))
def test_frames_come_out_whole_however_the_bytes_arrive(size: int) -> None:
    stream = encode_frame({"n": 1}, b"abc") + encode_frame({"n": 2})
    reader = FrameReader()
    frames = [
        frame for start in range(0, len(stream), size) for frame in reader.feed(stream[start : start + size])
    ]
    assert [(frame.header["n"], frame.blob) for frame in frames] == [(1, b"abc"), (2, b"")]
    assert not reader.pending
