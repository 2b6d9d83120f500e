"""The child's side of a run: has the student's files loaded, makes the calls, and reports each step as a frame.

Up to the frame `ready` this is our code alone. After it student code shares the process, and nothing the process says
is believed: the other side checks every field.
"""

from __future__ import annotations

import builtins
import os
import random
import re
import site
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn, Protocol

import numpy as np

from grader.sandbox import wire
from grader.sandbox.channel import Channel
from grader.sandbox.collecting import known_good, put_in, view
from grader.sandbox.encode import encode_value
from grader.sandbox.loader import Library, SubmissionFinder, Text
from grader.sandbox.loading import Loading
from grader.sandbox.planned import PlannedCall, read_calls
from grader.sandbox.printing import Printed
from grader.sandbox.results import Results
from grader.sandbox.standins import REASON, StandIn
from grader.sandbox.tracebacks import describe

MAX_NOTES = 50
MAX_NOTE = 500
"""Characters of one note: what is longer would be refused on the other side."""
MAX_RESULT_BYTES = 64 << 20
"""Bytes of arrays that a process returns over all calls."""

_READ = 1 << 16
_DRAWING = re.compile("rand|sampl")
_REFUSED: Mapping[type, str] = {StandIn: REASON}

# Taken before student code exists, so that a patched module does not silence us.
_exit = os._exit
_seed_random = random.seed
_seed_numpy = np.random.seed


class Clock(Protocol):
    """Limits the CPU time of one step after the other."""

    def allow(self, seconds: float) -> None:
        """Start a step that may take so many CPU seconds."""


def serve(
    *,
    result_fd: int,
    trusted_folders: Sequence[str],
    job_fd: int = 0,
    restrain: Callable[[Mapping[str, Any]], Clock],
    calls: Sequence[PlannedCall] | None = None,
    mark: Callable[[int], None] | None = None,
) -> NoReturn:
    """Serve a job, and end the process.

    Parameters
    ----------
    result_fd : int
        Where the frames go.
    trusted_folders : sequence of str
        Where the interpreter and its packages lie.
    job_fd : int
        Where the job is read from, to its end.
    restrain : callable
        Takes the header of the job and puts its limits on this process for good.
    calls : sequence of PlannedCall or None
        All calls, where they are known already; None where they stand before the job.
    mark : callable or None
        Takes the index of each call that begins, for the grader to see; None where it is said in frames.
    """
    os.set_inheritable(result_fd, False)
    frames = _read_frames(job_fd)
    if calls is None:
        calls = read_calls(frames[0])
    job: Mapping[str, Any] = frames[-1].header
    channel = Channel(result_fd)
    clock = restrain(job)
    perform(job, calls, channel=channel, clock=clock, trusted_folders=trusted_folders, mark=mark)
    # Not `sys.exit`: threads, `atexit` and `__del__` of the student's code would hold us.
    _exit(0)


def perform(
    job: Mapping[str, Any],
    calls: Sequence[PlannedCall],
    *,
    channel: Channel,
    clock: Clock,
    trusted_folders: Sequence[str],
    mark: Callable[[int], None] | None,
) -> None:
    """Do what a job asks for, in this process as it is.

    Parameters
    ----------
    job : mapping
        See `grader.sandbox.job_frames`.
    calls : sequence of PlannedCall
        All calls, of which the job names those to make.
    channel : Channel
    clock : Clock
    trusted_folders, mark
        As for `serve`.
    """
    channel.hold("ready")
    results = Results(channel, None if job["eager"] else mark)
    session = _Session(job=job, calls=calls, channel=channel, clock=clock, results=results)
    session.furnish(trusted_folders)
    session.load()
    session.make_calls()
    channel.send("end")


def _read_frames(fd: int) -> list[wire.Frame]:
    """Read what the job is; nobody can read it again."""
    parts: list[bytes] = []
    while data := os.read(fd, _READ):
        parts.append(data)
    if fd == 0:  # it is there, and empty
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
    else:
        os.close(fd)
    return wire.own_frames(b"".join(parts))


def _no_input(_prompt: object = "", /) -> NoReturn:
    """Stand for `input`."""
    raise EOFError("input is not available while grading; give the values in the code")


class _Session:
    """What is known while one job runs."""

    def __init__(
        self,
        *,
        job: Mapping[str, Any],
        calls: Sequence[PlannedCall],
        channel: Channel,
        clock: Clock,
        results: Results,
    ) -> None:
        self._job = job
        self._calls = calls
        self._results = results
        self._channel = channel
        self._clock = clock
        self._texts = [
            Text(name=source["name"], cells=tuple(source["cells"]), is_notebook=source["is_notebook"])
            for source in job["sources"]
        ]
        self._library = Library(texts=self._texts)
        self._notes = 0
        self._functions: dict[str, Callable[..., object]] = {}
        self._student = view({})
        self._trusted_folders: Sequence[str] = ()
        # Seeding takes as long as a small call: for each call only where the code may draw random numbers.
        words = (cell for text in self._texts for cell in text.cells)
        self._draws = set(job["imports"]) != {"numpy"} or any(_DRAWING.search(cell) for cell in words)
        self._seeded = False
        self._bytes_left = MAX_RESULT_BYTES
        self._printed = Printed(
            keep=job["output_characters"],
            overflow=self._overflow,
        )
        self._main = sys.modules["__main__"]  # kept alive when a notebook takes its place

    # ----------------------------------------------------------------------------------------------------------
    # The room

    def furnish(self, trusted_folders: Sequence[str]) -> None:
        """Set the interpreter up as student code expects it, with our import rules first."""
        site.setquit()  # without `site` there would be no `exit()`
        site.sethelper()
        builtins.input = _no_input
        sys.argv = [self._texts[0].name if self._texts else ""]
        sys.stdout = sys.stderr = self._printed
        finder = SubmissionFinder(
            library=self._library,
            imports=self._job["imports"],
            trusted_folders=trusted_folders,
            note=self.note,
        )
        sys.meta_path.insert(0, finder)
        self._trusted_folders = trusted_folders

    def _overflow(self) -> None:
        self.send("overflow")
        _exit(0)

    def _output(self) -> dict[str, Any]:
        text, cut = self._printed.take()
        return {"printed": text, "cut": cut}

    # ----------------------------------------------------------------------------------------------------------
    # Loading

    def load(self) -> None:
        """Load the files that define what is wanted, and say what became of each function."""
        self._clock.allow(self._job["load_cpu_s"])
        good = self._known_good() if self._job["parts"] else {}
        loading = Loading(library=self._library, wanted=self._job["functions"], report=self)
        states = loading.run()
        self._functions = loading.functions
        if good and not loading.memory:
            put_in(good, self._functions, loading.modules)
            states |= {name: {"state": "ready"} for name in good if name in states}
        self._student = view(self._functions)
        self.send("loaded", functions=states, memory=loading.memory, **self._output())

    def _known_good(self) -> dict[str, Callable[..., object]]:
        """Load what stands in for parts of the student's work."""
        sources = self._job["parts"]
        good = known_good(
            sources,
            self._job["replaced"],
            imports=self._job["imports"],
            trusted_folders=self._trusted_folders,
        )
        # Student code finds the job by going up the stack.
        sources.clear()
        return good

    def send(self, kind: str, /, **fields: object) -> None:
        """Send a frame without bytes."""
        self._results.flush()
        self._channel.send(kind, **fields)

    def hold(self, kind: str, /, **fields: object) -> None:
        """Send a frame without bytes together with the next one, which follows at once."""
        self._results.flush()
        self._channel.hold(kind, **fields)

    def note(self, text: str) -> None:
        """Send a sentence for the reader, unless there were many."""
        self._notes += 1
        if self._notes <= MAX_NOTES:
            self.send("note", text=text[:MAX_NOTE])

    # ----------------------------------------------------------------------------------------------------------
    # Calling

    def make_calls(self) -> None:
        """Make the calls in order; a function that ran out of memory is not called again."""
        spent: set[str] = set()
        for index in self._job["remaining"]:
            call = self._calls[index]
            if call.function in spent or any(name not in self._functions for name in call.needed):
                continue
            if not self._call(call):
                spent.add(call.function)
        self._results.close()

    def _call(self, call: PlannedCall) -> bool:
        index, collect = call.index, call.collect
        self._results.begin(index)
        self._clock.allow(self._job["call_cpu_s"])
        arguments = call.fresh()
        if self._draws or not self._seeded:
            _seed_random(index)
            _seed_numpy(index)
            self._seeded = True
        try:
            if collect is None:
                value = self._functions[call.function](*arguments)
            else:
                value = collect(self._student, *arguments)
            tree, data = encode_value(
                value,
                attributes=call.attributes,
                refused=_REFUSED,
                max_bytes=min(wire.MAX_BLOB_BYTES, self._bytes_left),
            )
            changed = call.changed(arguments)
        except BaseException as error:  # noqa: BLE001  (the edge to student code)
            memory = isinstance(error, MemoryError)
            described = describe(error, self._library.places)
            self._results.add("raised", index=index, error=described, memory=memory, **self._output())
            return not memory
        self._bytes_left -= len(data)
        self._results.add("returned", data, index=index, value=tree, changed=changed, **self._output())
        return True
