"""Follows one child process from its start to its end."""

from __future__ import annotations

import contextlib
import math
import selectors
import time
from collections.abc import Mapping
from enum import Enum

from msgspec import Struct, field

from grader.memo import Memo
from grader.model import CallResult, Ending, Job
from grader.sandbox import events, messages
from grader.sandbox.faults import DUMP_HEADING
from grader.sandbox.process import Child
from grader.sandbox.wire import FrameReader, WireError

START_S = 60.0
"""Seconds of waiting for our own start-up; a busy machine must not look like a fault."""
MAX_STREAM_BYTES = 96 << 20
"""Bytes of results read for one job, over all its processes."""
MAX_RAW_BYTES = 8 << 20
_KEPT_RAW = 1 << 14
_MOST_NOTES = 100
_POLL_S = 0.05
_GRACE_S = 0.3
_GLANCE_S = 0.01
_STALL_S = 1.0
"""Seconds by which we may be late before it is no fault of the student's."""


class Cause(Enum):
    """Why we stopped following a process."""

    ENDED = "ended"
    """It said that all is done."""
    GONE = "gone"
    """It ended, or closed the way back."""
    WALL = "wall"
    CPU = "cpu"
    OUTPUT = "output"
    GARBAGE = "garbage"
    """What it sent is no message."""


class StepLimit(Struct, frozen=True, kw_only=True):
    """Seconds that one step may take."""

    cpu_s: float
    wall_s: float


class Attempt(Struct, kw_only=True):
    """What one process has said so far."""

    job: Job
    asked: frozenset[int]
    """Indices of the calls that this process is to make."""
    step_limits: Mapping[str, StepLimit]
    """For `load` and `call`."""
    ready: bool = False
    loading: str | None = None
    loaded: events.Loaded | None = None
    current: int | None = None
    last: int | None = None
    """The call that was made last, over or not."""
    found: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)
    stops: list[events.Stopped] = field(default_factory=list)
    results: dict[int, CallResult] = field(default_factory=dict)
    said_calls: bool = False
    """Whether the process says each call before it makes it."""
    is_late: bool = False
    """Whether calls are marked and not said, so that what is read may be older than the mark."""
    received: int = 0
    """Bytes of frames."""
    raw: bytes = b""
    """What was written past Python: beginning and end."""
    ended_itself: bool = False
    step_cpu_start_s: float | None = None
    """CPU seconds of the process when its last step was seen to begin; None where they cannot be read."""
    waited_s: float = 0.0
    """Seconds from the end of our own start-up to the end of the process."""
    is_deadline: bool = False
    """Whether the time of all steps was over, and not that of the last one."""

    @property
    def step_limit(self) -> StepLimit:
        """What the present step may take."""
        if not self.ready:
            return StepLimit(cpu_s=START_S, wall_s=START_S)
        return self.step_limits["call" if self.loaded else "load"]

    @property
    def _most_stops(self) -> int:
        """Each file and each cell stops at most once."""
        return sum(1 + len(source.cells) for source in self.job.sources)

    def take(self, event: events.Event) -> Cause | None:
        """Take one event.

        Returns
        -------
        Cause or None
            Whether that was the last.

        Raises
        ------
        WireError
            When it cannot come at this point.
        """
        _expect(isinstance(event, events.Ready) != self.ready)
        match event:
            case events.Calling() | events.Returned() | events.Raised():
                self._take_call(event)
            case events.Overflow():
                return Cause.OUTPUT
            case events.End():
                return Cause.ENDED
            case _:
                self._take_load(event)
        return None

    def _take_load(self, event: events.Event) -> None:
        match event:
            case events.Ready():
                self.ready = True
            case events.Surveyed(found=found):
                self.found = found
            case events.Note(text=text):
                _expect(len(self.notes) < _MOST_NOTES + self._most_stops)
                self.notes.append(text)
            case events.Loading(source=source):
                self.loading = source
            case events.Stopped():
                _expect(len(self.stops) < self._most_stops)
                self.stops.append(event)
                stop = (event.source, event.cell, event.error)
                self.notes.append(messages.stopped(*stop, unreadable=event.unreadable))
            case events.Loaded():
                _expect(self.loaded is None)
                self.loaded = event

    def _take_call(self, event: events.Calling | events.Returned | events.Raised) -> None:
        index = event.index
        _expect(self.loaded is not None and not self.loaded.memory)
        _expect(index in self.asked and index not in self.results)
        if isinstance(event, events.Calling):
            self.said_calls = True
            self.current = self.last = index
        else:
            self.results[index] = (
                event.result if isinstance(event, events.Returned) else _raised(event, self.job)
            )
            self.current = None

    def ended_at(self, position: int | None) -> None:
        """Note which call was under way, where that was not said but marked.

        Parameters
        ----------
        position : int or None
            What the process marked; hostile. None where it says each call.
        """
        self.is_late = position is not None and not self.said_calls
        if position is not None and not self.said_calls and position in self.asked:
            self.last = position
            self.current = position if position not in self.results else None


def _expect(holds: bool) -> None:
    if not holds:
        raise WireError("out of turn")


def _raised(event: events.Raised, job: Job) -> CallResult:
    call = job.calls[event.index]
    what = f"`{call.function}`"
    message = (
        messages.memory(what, job.limits.memory_mib) + messages.place(event.error.frames)
        if event.memory
        else messages.raised(call.function, event.error)
    )
    return CallResult(
        key=call.key,
        function=call.function,
        ending=Ending.MEMORY if event.memory else Ending.RAISED,
        error=event.error,
        message=message,
        printed=event.printed,
    )


class _Full(Exception):  # noqa: N818  (no error: a limit was reached)
    """More came through a pipe than is taken."""


class Follower:
    """Reads the two pipes of a process until it has ended or must be stopped.

    Parameters
    ----------
    child : Child
    attempt : Attempt
        What is said goes here.
    wall_left_s : float
        Seconds after our own start-up in which the whole submission is stopped.
    cpu_left_s : float
        CPU seconds that all steps together may take.
    bytes_left : int
        Bytes of frames that are taken.
    memory : Memo of Returned, optional
        See `EventParser`.
    """

    def __init__(
        self,
        child: Child,
        attempt: Attempt,
        *,
        wall_left_s: float,
        cpu_left_s: float,
        bytes_left: int,
        memory: Memo[events.Returned] | None = None,
    ) -> None:
        self._child = child
        self._attempt = attempt
        self._wall_left_s = wall_left_s
        self._deadline = math.inf
        self._cpu_left_s = cpu_left_s
        self._position: int | None = None
        self._step_end = 0.0
        self._step_cpu_end = 0.0
        self._reader = FrameReader()
        self._bytes_left = bytes_left
        self._parser = events.EventParser(attempt.job, memory)
        self._raw_received = 0
        self._raw_head = b""
        self._raw_tail = b""

    def follow(self) -> Cause:
        """Follow the process to its end; it may still be running then, and is to be killed.

        Returns
        -------
        Cause
        """
        cause = self._read_all()
        if cause in {Cause.WALL, Cause.CPU}:
            self._ask_where()
        elif cause is Cause.GONE:
            self._attempt.ended_itself = self._child.wait(_GRACE_S)
        with contextlib.suppress(_Full):
            self._drain_output()
        self._attempt.ended_at(self._child.position())
        self._attempt.raw = self._raw_head + self._raw_tail
        if self._attempt.ready:
            self._attempt.waited_s = self._wall_left_s - (self._deadline - time.monotonic())
        return cause

    def _read_all(self) -> Cause:
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self._child.result, selectors.EVENT_READ)
                selector.register(self._child.output, selectors.EVENT_READ)
                return self._loop(selector)
        except WireError:
            return Cause.GARBAGE
        except _Full:
            self._hear_beginning()
            return Cause.OUTPUT

    def _hear_beginning(self) -> None:
        """Take what the process said before it wrote too much: the two come by different ways, and a flood by the quicker one."""
        end = time.monotonic() + _GRACE_S
        with contextlib.suppress(WireError, _Full):
            while not self._attempt.ready and time.monotonic() < end:
                data = self._child.read(self._child.result)
                if data is None:
                    time.sleep(_GLANCE_S)
                elif self._take(data) is not None or not data:
                    return

    def _ask_where(self) -> None:
        """Give the process a moment to say at which line it is."""
        with contextlib.suppress(ProcessLookupError):
            self._child.interrupt()
        end = time.monotonic() + _GRACE_S
        while time.monotonic() < end and not self._attempt.ended_itself:
            self._attempt.ended_itself = self._child.wait(_GLANCE_S)
            with contextlib.suppress(_Full):
                self._drain_output()
            if DUMP_HEADING in self._raw_tail or DUMP_HEADING in self._raw_head:
                return

    def _loop(self, selector: selectors.BaseSelector) -> Cause:
        self._begin_step()
        awake = time.monotonic()
        while True:
            now = time.monotonic()
            self._forgive(now - awake)
            if now >= min(self._step_end, self._deadline):
                self._attempt.is_deadline = now < self._step_end
                return Cause.WALL
            patience = min(_POLL_S, self._step_end - now, self._deadline - now)
            ready = selector.select(patience)
            awake = now + patience
            if not ready:
                self._look_where()
            if not ready and self._spent():
                return Cause.CPU
            # Somebody else may hold the pipe open after the process itself has ended.
            if not ready and self._child.wait(0):
                return self._take_rest()
            for key, _ in ready:
                cause = self._take_from(selector, key.fd)
                if cause is not None:
                    return cause

    def _forgive(self, late_s: float) -> None:
        """Put the deadlines off where we were not awake ourselves: a laptop that slept, a machine that stood still."""
        if late_s > _STALL_S:
            self._step_end += late_s
            self._deadline += late_s

    def _take_from(self, selector: selectors.BaseSelector, fd: int) -> Cause | None:
        if fd == self._child.output:
            if self._drain_output():
                selector.unregister(fd)
            return None
        data = self._child.read(fd)
        if data == b"":
            return Cause.GONE
        cause = self._take(data or b"")
        self._begin_step()
        return cause

    def _look_where(self) -> None:
        """Begin a new step where the process has marked another call than before."""
        position = self._child.position()
        if position != self._position:
            self._position = position
            self._begin_step()

    def _begin_step(self) -> None:
        limit = self._attempt.step_limit
        self._step_end = time.monotonic() + limit.wall_s
        cpu_s = self._child.cpu_s()
        if cpu_s is not None:
            self._attempt.step_cpu_start_s = cpu_s
            self._step_cpu_end = min(cpu_s + limit.cpu_s, self._cpu_left_s)

    def _spent(self) -> bool:
        """Whether the process has used the CPU time of its present step, or of all of them."""
        cpu_s = self._child.cpu_s()
        return self._attempt.ready and cpu_s is not None and cpu_s >= self._step_cpu_end

    def _take_rest(self) -> Cause:
        """Take what an ended process wrote between our last look at its pipe and its end."""
        while data := self._child.read(self._child.result):
            cause = self._take(data)
            if cause is not None:
                return cause
        return Cause.GONE

    def _take(self, data: bytes) -> Cause | None:
        self._attempt.received += len(data)
        if self._attempt.received > self._bytes_left:
            raise _Full
        for frame in self._reader.feed(data):
            for event in self._parser.parse(frame):
                cause = self._attempt.take(event)
                if isinstance(event, events.Ready):
                    self._deadline = time.monotonic() + self._wall_left_s
                if cause is not None:
                    return cause
        return None

    def _drain_output(self) -> bool:
        """Take what was written past Python; say whether the pipe is closed."""
        while (data := self._child.read(self._child.output)) is not None:
            if data == b"":
                return True
            self._raw_received += len(data)
            room = _KEPT_RAW - len(self._raw_head)
            self._raw_head += data[: max(0, room)]
            self._raw_tail = (self._raw_tail + data[max(0, room) :])[-_KEPT_RAW:]
            if self._raw_received > MAX_RAW_BYTES:
                raise _Full
        return False
