"""What the warm process rehearses is a job like any other, and it leaves nothing behind."""

from __future__ import annotations

import builtins
import linecache
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from linux_children import in_child, linux_only, names_in
from sandbox_jobs import call, job, module

from grader.sandbox import wire
from grader.sandbox.channel import Channel
from grader.sandbox.enter import forget_fork_hooks
from grader.sandbox.job_frames import calls_frame, job_frame
from grader.sandbox.rehearsal import CALLS, JOB, _run_once, rehearse
from grader.sandbox.wire import FrameReader, encode_frame


def read(data: bytes) -> list[wire.Frame]:
    return list(FrameReader().feed(data))


def test_the_rehearsed_job_has_the_fields_of_a_real_one() -> None:
    real = job(module("def f(x):\n    return x\n"), calls=(call("f", 1.5),))
    [frame] = read(job_frame(real, remaining=(0,), cpu_left_s=1.0, characters_left=10, eager=False))
    assert {name: type(value) for name, value in JOB.items()} == {
        name: type(value) for name, value in frame.header.items()
    }
    header: Any = read(calls_frame(real.calls))[0].header
    assert set(header) == set(CALLS)
    assert all(set(one) == set(header["calls"][0]) for one in CALLS["calls"])


def _results(frame: wire.Frame) -> Iterator[object]:
    """Read what is said of each call in a frame of results."""
    sizes: Any = frame.header["sizes"]
    start = 0
    for text, blob in zip(sizes[::2], sizes[1::2], strict=True):
        yield wire.read_header(frame.blob[start : start + text])
        start += text + blob


@linux_only
def test_every_rehearsed_call_comes_to_its_end(tmp_path: Path) -> None:
    """Or only what goes wrong would be warm."""

    def work() -> bytes:
        said = os.open(tmp_path / "said", os.O_RDWR | os.O_CREAT)
        _run_once(said, [], lambda _index: None)
        return os.pread(said, 1 << 20, 0)

    frames = read(in_child(work))
    headers: list[Any] = [frame.header for frame in frames]
    kinds = [header["kind"] for header in headers]
    assert list(dict.fromkeys(kinds)) == ["ready", "loading", "surveyed", "loaded", "results", "end"]
    states = {name: told["state"] for name, told in headers[3]["functions"].items()}
    assert states == {**dict.fromkeys(("forward", "update", "loss", "broken"), "ready"), "absent": "absent"}
    # In one frame, or in more where the machine is slow.
    results: list[Any] = [result for frame in frames[4:-1] for result in _results(frame)]
    assert [result["kind"] for result in results] == ["returned", "returned", "returned", "raised"]
    assert results[3]["error"]["type"] == "ValueError"


@linux_only
def test_after_the_rehearsal_everything_is_as_it_was() -> None:
    def surroundings() -> list[object]:
        streams = [sys.stdout, sys.stderr, sys.argv, builtins.input]
        return [
            set(sys.modules),
            list(sys.meta_path),
            *map(id, streams),
            len(linecache.cache),
            names_in("/proc/self/fd"),
        ]

    def work() -> tuple[bool, list[int]]:
        rehearse(trusted_folders=[], mark=lambda _index: None)  # what it imports stays
        marked: list[int] = []
        before = surroundings()
        rehearse(trusted_folders=[], mark=marked.append)
        return before == surroundings(), marked[:5]

    assert in_child(work) == (True, [0, 1, 2, 3, 0])


@linux_only
def test_a_held_frame_goes_out_with_the_next_one() -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    channel = Channel(writing)
    channel.hold("ready")
    channel.hold_text(b'{"kind":"note"}', b"x")
    try:
        os.read(reading, 100)
    except BlockingIOError:
        channel.send("end")
        whole = os.read(reading, 1000)
        assert [frame.header["kind"] for frame in read(whole)] == ["ready", "note", "end"]
    else:
        raise AssertionError("it did not wait")
    finally:
        os.close(reading)
        os.close(writing)


def test_frames_of_our_own_are_read_without_checks_as_with_them() -> None:
    data = (
        encode_frame({"a": [1, 2.5, "ü", None]}, b"\0\1") + encode_frame({}) + encode_frame({"b": {}}, b"x")
    )
    assert wire.own_frames(data) == read(data)
    assert wire.own_frames(b"") == []


@linux_only
def test_what_libraries_want_done_in_children_is_not_done() -> None:
    def work() -> str:
        forget_fork_hooks()
        told: list[str] = []
        os.register_at_fork(after_in_child=lambda: told.append("called"))
        return str(in_child(lambda: " ".join(told)))

    assert in_child(work) == ""
