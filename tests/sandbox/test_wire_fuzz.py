"""Claims on everything that reads what the child says: no bytes and no order of events do more than raise `WireError`.

`make fuzz` runs the same with 200,000 streams from a new seed; a failure names the seed and the number that made it.
"""

from __future__ import annotations

import os
import random
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from mutations import Parts, mutant, pieces, sent, valid
from sandbox_jobs import call, job, module, notebook

from grader.memo import Memo
from grader.model import Opaque
from grader.sandbox.attempt import Attempt, Cause, StepLimit
from grader.sandbox.events import Event, EventParser, Returned, remembered
from grader.sandbox.wire import DTYPES, MAX_BLOB_BYTES, FrameReader, WireError

STREAMS = int(os.environ.get("GRADER_FUZZ_STREAMS", "5000"))
SEED = int(os.environ.get("GRADER_FUZZ_SEED", "1"))
PER_TEST = 1000
MAX_STREAM_S = 0.5
"""CPU seconds; a stream takes about a tenth of a millisecond, and no garbage collection takes this long."""
JOB = job(module("one\ntwo\n"), notebook("a\nb"), calls=(call("f", 1.0), call("g")))


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What came out of one stream."""

    events: tuple[Event, ...]
    refused: bool


def read(chunks: Sequence[bytes], memory: Memo[Returned] | None = None) -> Reading:
    """Read a stream as the grader does, to its end or to the first bytes that are refused."""
    reader, parser = FrameReader(), EventParser(JOB, memory)
    events: list[Event] = []
    try:
        for chunk in chunks:
            for frame in reader.feed(chunk):
                events.extend(parser.parse(frame))
    except WireError:
        return Reading(events=tuple(events), refused=True)
    return Reading(events=tuple(events), refused=False)


def streams(seed: int, count: int, frames: Sequence[Parts]) -> Iterator[list[bytes]]:
    """Give streams by seed: each comes from its own number, so that one can be made again alone."""
    for number in range(count):
        rng = random.Random(f"{seed}/{number}")
        yield pieces(rng, mutant(rng, frames))


def check_plain(value: Any) -> None:
    """Hold that a value is plain data, and that writing it out costs no more than it did to send it."""
    kind = type(value)
    if kind is np.ndarray:
        assert value.dtype.name in DTYPES
        assert value.nbytes <= MAX_BLOB_BYTES
        assert np.prod([max(1, length) for length in value.shape], dtype=float) <= MAX_BLOB_BYTES
    elif kind in {list, tuple}:
        for item in value:
            check_plain(item)
    elif kind is dict:
        for key, item in value.items():
            assert type(key) is str
            check_plain(item)
    else:
        assert kind in {int, float, bool, str, Opaque, type(None)}


def test_the_frames_to_start_from_are_read() -> None:
    frames = valid()
    reading = read([sent(header, blob) for header, blob in frames])
    assert not reading.refused
    results = [len(header.get("results", [None])) for header, _ in frames]
    assert len(frames) == 17
    assert len(reading.events) == sum(results) == 18


@pytest.mark.parametrize("seed", range(SEED, SEED + -(-STREAMS // PER_TEST)))
def test_a_damaged_stream_gives_events_or_a_wire_error_in_little_time(seed: int) -> None:
    frames, seen = valid(), Counter[str]()
    for number, chunks in enumerate(streams(seed, PER_TEST, frames)):
        started = time.process_time()
        try:
            reading = read(chunks)
        except Exception as error:
            raise AssertionError(f"stream {seed}/{number}") from error
        assert time.process_time() - started < MAX_STREAM_S, f"stream {seed}/{number}"
        seen["refused" if reading.refused else "taken"] += 1
        for event in reading.events:
            seen[type(event).__name__] += 1
            if isinstance(event, Returned):
                check_plain(event.result.value)
    # Were nearly all refused at once, or none, this would test nothing.
    assert min(seen["refused"], seen["taken"]) > PER_TEST / 20
    assert min(seen["Returned"], seen["Raised"], seen["Loaded"], seen["Stopped"]) > 0


def test_what_is_remembered_of_other_processes_changes_nothing_that_is_read() -> None:
    frames, memory = valid(), remembered()
    for number, chunks in enumerate(streams(SEED, 500, frames)):
        alone, among_others = read(chunks), read(chunks, memory)
        # Arrays and NaN have no single truth value: what is written down of them has.
        assert repr(among_others) == repr(alone), f"stream {SEED}/{number}"
    assert len(memory) > 10


def test_a_damaged_stream_takes_no_memory_to_speak_of() -> None:
    """What a frame announces is not allocated before it is there."""
    frames = valid()
    for chunks in streams(SEED, 200, frames):
        tracemalloc.start()
        read(chunks)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < (4 << 20) + 100 * sum(map(len, chunks))


# --------------------------------------------------------------------------------------------------------------
# The order of events


def attempt() -> Attempt:
    limit = StepLimit(cpu_s=1.0, wall_s=1.0)
    return Attempt(
        job=JOB, asked=frozenset(range(len(JOB.calls))), step_limits={"load": limit, "call": limit}
    )


def events() -> list[Event]:
    """Give every kind of event, calls of both indices among them."""
    headers: list[Parts] = [
        *valid(),
        ({"kind": "calling", "index": 0}, b""),
        ({"kind": "results", "results": [{**valid()[7][0]["results"][0], "index": 1}], "sizes": [0]}, b""),
    ]
    return list(read([sent(header, blob) for header, blob in headers]).events)


def name(event: Event) -> str:
    """Write an event as `Ready`, `Calling 1`; a call is `Done 1` whether it returned or raised."""
    index = getattr(event, "index", None)
    kind = "Done" if type(event).__name__ in {"Returned", "Raised"} else type(event).__name__
    return kind if index is None else f"{kind} {index}"


def taken(sequence: Sequence[Event]) -> tuple[list[str], Attempt]:
    """Give the names of the events up to the first that is refused or is the last, and what was noted."""
    follows, names = attempt(), []
    for event in sequence:
        try:
            cause = follows.take(event)
        except WireError:
            break
        names.append(name(event))
        if cause is not None:
            assert cause in {Cause.ENDED, Cause.OUTPUT}
            break
    return names, follows


def sequences(seed: int, count: int) -> Iterator[list[Event]]:
    """Give random orders; half of them begin as an honest process does, or few would come far."""
    pool, rng = events(), random.Random(seed)
    loaded = next(event for event in pool if name(event) == "Loaded")
    for _ in range(count):
        begin = [pool[0], loaded] if rng.random() < 0.5 else []
        yield begin + rng.choices(pool, k=rng.randrange(1, 15))


def test_events_in_any_order_leave_a_record_with_one_result_for_each_call() -> None:
    lengths = Counter[int]()
    for sequence in sequences(SEED, STREAMS // 2):
        names, follows = taken(sequence)
        lengths[len(names)] += 1
        calls = [one for one in names if one.startswith(("Calling", "Done"))]
        assert names[:1] in ([], ["Ready"])
        assert names.count("Ready") <= 1
        assert names.count("Loaded") <= 1
        assert not calls or names.index(calls[0]) > names.index("Loaded")
        # What was said to begin is under way until it is over; nothing is over twice, nor begins when it is over.
        over = [one.split()[1] for one in calls if one.startswith("Done")]
        assert len(set(over)) == len(over)
        assert sorted(follows.results) == sorted(int(index) for index in over)
        for place, one in enumerate(calls):
            if one.startswith("Calling"):
                assert one.replace("Calling", "Done") not in calls[:place]
        last = calls[-1] if calls else ""
        assert follows.current == (int(last.split()[1]) if last.startswith("Calling") else None)
    assert lengths[0] > 0
    assert max(lengths) > 5


def test_an_honest_order_is_taken_to_its_end() -> None:
    by_name = {name(event): event for event in events()}
    order = (
        "Ready Surveyed Note Loading Stopped Note Loading Loaded Calling_1 Done_1 Note Calling_0 Done_0 End"
    )
    names = [one.replace("_", " ") for one in order.split()]
    assert taken([by_name[one] for one in names])[0] == names
