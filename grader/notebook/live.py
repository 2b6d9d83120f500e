"""Runs a job on the objects of the running notebook, in this very process: the student's own, checked by themselves.

What the sandbox gives for the same code it gives, too: calls are made, and what they return is written and read, by the same
code. Nothing is between the functions and the notebook, so this is for one's own work alone.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from grader.model import Ending, Job, RunOutcome, Source
from grader.notebook.namespace import THIS, Namespace, Places
from grader.notebook.parts import known_good_parts
from grader.notebook.room import FloodError, flooded, kept_as_it_was
from grader.sandbox import events, messages, wire
from grader.sandbox.account import Account
from grader.sandbox.attempt import Attempt, Cause
from grader.sandbox.calling import Calling
from grader.sandbox.job_frames import calls_frame
from grader.sandbox.planned import PlannedCall, read_calls
from grader.sandbox.printing import MAX_WRITTEN, Printed
from grader.sandbox.process import Exit
from grader.sandbox.tracebacks import describe

LEVEL = "process"
"""What is true of the isolation at most: none."""


class StoppedError(KeyboardInterrupt):
    """The student stopped a check; says which function was under way."""

    def _render_traceback_(self) -> list[str]:
        """Say what a notebook shows in the place of a traceback of ours; see IPython's `showtraceback`."""
        return [str(self)]


def run(job: Job, namespace: Namespace) -> RunOutcome:
    """Make the calls of a job with what the notebook holds now.

    Parameters
    ----------
    job : Job
        Its sources are not run.
    namespace : Namespace

    Returns
    -------
    RunOutcome
        As from the sandbox. A call that took longer than the limit is over only when it returns: nobody stops it but the student.

    Raises
    ------
    StoppedError
        When the student did.
    """
    started = time.process_time()
    # Files that the course hands out are no part of what was looked at.
    account = Account(job=replace(job, sources=(Source(name=THIS, cells=()),)), isolation=LEVEL)
    attempt = account.new_attempt()
    places = Places(namespace=namespace)
    functions, states = namespace.found(job.functions)
    printed = Printed(keep=job.limits.output_kib * 1024, overflow=flooded)
    sink = _Sink()
    with known_good_parts(job, functions, namespace.dictionaries):
        calling = _TimedCalling(
            calls=read_calls(wire.own_frames(calls_frame(job.calls, job.collect))[0]),
            functions=functions,
            results=sink,
            clock=_NoClock(),
            call_cpu_s=job.limits.call_cpu_s,
            printed=printed,
            places=places,
            passes=(KeyboardInterrupt, FloodError),
        )
        try:
            with kept_as_it_was(printed):
                calling.make(range(len(job.calls)))
        except KeyboardInterrupt as error:
            raise StoppedError(_where(error, job, sink.current, places)) from None
    ready = {name: events.FunctionState(state="ready") for name in functions}
    attempt.take(events.Ready())
    attempt.take(events.Surveyed(found=namespace.function_names))
    attempt.take(events.Loaded(functions={**states, **ready}, memory=False, printed=""))
    _end_stopped(account, attempt, calling.stopped, sink)
    _take(attempt, replace(job, sources=tuple(places.sources)), sink)
    spent = time.process_time() - started
    account.add(attempt, Cause.ENDED, Exit(signal_number=None, exit_code=0, cpu_s=spent, peak_memory_mib=0.0))
    return account.outcome()


class _NoClock:
    """Stands for the limits of a process, which the student's own does not have."""

    def allow(self, seconds: float) -> None:
        """Allow all."""


class _Sink(Struct, kw_only=True):
    """Keeps what calls gave, as it would be sent."""

    given: dict[int, tuple[Mapping[str, Any], bytes]] = field(default_factory=dict)
    current: int = 0

    def begin(self, index: int) -> None:
        """Hear that a call begins."""
        self.current = index

    def add(self, kind: str, blob: bytes = b"", **fields: Any) -> None:  # noqa: ANN401  (what JSON can hold)
        """Take what a call gave."""
        self.given[fields["index"]] = ({"kind": kind, **fields}, blob)


class _TimedCalling(Calling):
    """Makes calls, and notes those that the limits of grading would have ended."""

    def __init__(self, *, call_cpu_s: float, printed: Printed, **others: Any) -> None:  # noqa: ANN401  (as above)
        super().__init__(call_cpu_s=call_cpu_s, printed=printed, **others)
        self.stopped: dict[int, tuple[Ending, str]] = {}
        """By index of the call: the ending, and the sentence for it."""
        self._limit_s = call_cpu_s
        self._out = printed

    def one(self, call: PlannedCall) -> bool:
        """Make one call; see `Calling.one`."""
        started = time.thread_time()
        try:
            again = super().one(call)
        except FloodError:
            again = False
        what = f"`{call.function}`"
        if self._out.written > MAX_WRITTEN:
            self.stopped[call.index] = (Ending.OUTPUT, messages.output(what))
            self._out.written = 0
        elif time.thread_time() - started > self._limit_s:
            self.stopped[call.index] = (Ending.TIMEOUT, messages.cpu(what, self._limit_s, ""))
        return again and call.index not in self.stopped


def _end_stopped(
    account: Account, attempt: Attempt, stopped: Mapping[int, tuple[Ending, str]], sink: _Sink
) -> None:
    """End the calls that grading would have stopped, and those that were not made after them."""
    for index, (ending, message) in stopped.items():
        function = account.job.calls[index].function
        sink.given.pop(index, None)
        account.end([index], ending, message)
        later = [
            other
            for other in account.remaining()
            if other not in sink.given and account.job.calls[other].function == function
        ]
        account.end(later, ending, messages.again(message, function))
    attempt.asked = frozenset(account.remaining())


def _take(attempt: Attempt, job: Job, sink: _Sink) -> None:
    """Read what calls gave as if it had crossed the border."""
    parser, reader = events.EventParser(job), wire.FrameReader()
    for header, blob in sink.given.values():
        data = wire.frame_of(*wire.results_frame([wire.encode_header(header)], [blob]))
        for frame in reader.feed(data):
            for event in parser.parse(frame):
                attempt.take(event)


def _where(error: BaseException, job: Job, index: int, places: Places) -> str:
    """Say which function was under way when the student stopped, and at which line."""
    described: Any = describe(error, places)
    function = job.calls[index].function if job.calls else "nothing"
    if not described["frames"]:
        return f"stopped while `{function}` was running"
    source, _cell, line, _name = described["frames"][-1]
    return f"stopped while `{function}` was running ({places.sources[source].name}, line {line})"
