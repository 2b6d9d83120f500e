"""The child's side of a run: has the student's files loaded, makes the calls, and reports each step as a frame.

Up to the frame `ready` this is our code alone. After it student code shares the process, and nothing the process says
is believed: the other side checks every field.
"""

from __future__ import annotations

import builtins
import os
import re
import site
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from grader.sandbox import wire
from grader.sandbox.calling import Calling, Clock
from grader.sandbox.channel import Channel
from grader.sandbox.collecting import known_good, put_in
from grader.sandbox.loader import Library, SubmissionFinder, Text
from grader.sandbox.loading import Loading
from grader.sandbox.planned import PlannedCall, read_calls
from grader.sandbox.printing import Printed
from grader.sandbox.results import Results

MAX_NOTES = 50
MAX_NOTE = 500
"""Characters of one note: what is longer would be refused on the other side."""

_READ = 1 << 16
_DRAWING = re.compile("rand|sampl")

# Taken before student code exists, so that a patched module does not silence us.
_exit = os._exit


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
    # Several files are all read before the first is loaded: even that is the student's time, and may be long.
    (channel.hold if len(job["sources"]) == 1 else channel.send)("ready")
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


def no_input(_prompt: object = "", /) -> NoReturn:
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
        self._trusted_folders: Sequence[str] = ()
        words = (cell for text in self._texts for cell in text.cells)
        self._draws = set(job["imports"]) != {"numpy"} or any(_DRAWING.search(cell) for cell in words)
        self._printed = Printed(
            keep=job["output_characters"],
            overflow=self._overflow,
        )
        self._main = sys.modules["__main__"]  # kept alive when a notebook takes its place

    # ----------------------------------------------------------------------------------------------------------
    # The room

    def furnish(self, trusted_folders: Sequence[str]) -> None:
        """Set the interpreter up as student code expects it, with our import rules first."""
        if not hasattr(builtins, "exit"):  # a warm process has it since its rehearsal
            site.setquit()  # without `site` there would be no `exit()`
            site.sethelper()
        builtins.input = no_input
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
            put_in(good, self._functions, [vars(module) for module in loading.modules])
            states |= {name: {"state": "ready"} for name in good if name in states}
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
        """Make the calls in order."""
        calling = Calling(
            calls=self._calls,
            functions=self._functions,
            results=self._results,
            clock=self._clock,
            call_cpu_s=self._job["call_cpu_s"],
            printed=self._printed,
            places=self._library.places,
            draws=self._draws,
        )
        calling.make(self._job["remaining"])
        self._results.close()
