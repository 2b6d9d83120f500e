"""Keeps the account of one job over all the processes it takes: results, endings, time, notes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct, field

from grader.model import Call, CallResult, Ending, Job, RunOutcome
from grader.sandbox import faults, messages
from grader.sandbox.attempt import MAX_STREAM_BYTES, Attempt, Cause, StepLimit
from grader.sandbox.events import FunctionState
from grader.sandbox.patience import wall_s
from grader.sandbox.process import Exit
from grader.sandbox.process_end import ProcessEnd

_MIN_CPU_S = 0.05
_MAX_NOTES = 50


class Account(Struct, kw_only=True):
    """What is known about one job, over all its processes."""

    job: Job
    results: dict[int, CallResult] = field(default_factory=dict)
    ending: Ending = Ending.FINISHED
    message: str | None = None
    found: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)
    printed: str = ""
    cpu_s: float = 0.0
    peak_memory_mib: float = 0.0
    attempts: int = 0
    isolation: str
    wall_left_s: float = 0.0
    """Seconds that all processes may still be waited for. Our own start-up is not the student's, and takes none of them."""
    extra_cpu_s: float = 0.0
    """CPU seconds above the limit, for functions that another one left no time."""
    characters_left: int = 0
    bytes_left: int = MAX_STREAM_BYTES

    def __post_init__(self) -> None:
        self.wall_left_s = wall_s(self.job.limits.submission_cpu_s)
        self.characters_left = self.job.limits.output_kib * 1024

    @property
    def cpu_left_s(self) -> float:
        """CPU seconds that may still be used."""
        return self.job.limits.submission_cpu_s + self.extra_cpu_s - self.cpu_s

    def remaining(self) -> list[int]:
        """Give the indices of the calls without a result, in the order in which to make them."""
        indices = [index for index in range(len(self.job.calls)) if index not in self.results]
        if self.extra_cpu_s:
            # One function after the other: what is slow is in the way of those behind it alone.
            functions = list(dict.fromkeys(call.function for call in self.job.calls))
            indices.sort(key=lambda index: functions.index(self.job.calls[index].function))
        return indices

    def goes_on(self) -> bool:
        """Say whether another process is to be started; where time is up, end what remains."""
        if self.attempts == 0:
            return True
        if not self.remaining():
            return False
        is_cpu = self.cpu_left_s < _MIN_CPU_S
        if not is_cpu and self.wall_left_s > 0:
            return True
        if self._give_extra():
            return True
        self.end(self.remaining(), Ending.TIMEOUT, self._total(is_cpu=is_cpu))
        return False

    def _give_extra(self) -> bool:
        """Give the time of one call, once, to what one slow function left no time: the rest may be right."""
        limits = self.job.limits
        if self.extra_cpu_s or not self.results:
            return False
        self.extra_cpu_s = limits.call_cpu_s + max(0.0, self.cpu_s - limits.submission_cpu_s)
        self.wall_left_s = wall_s(limits.call_cpu_s)
        return True

    def _total(self, *, is_cpu: bool) -> str:
        seconds = self.job.limits.submission_cpu_s
        return messages.total_cpu(seconds) if is_cpu else messages.total_wall(wall_s(seconds))

    def new_attempt(self) -> Attempt:
        """Open the record of one process more."""
        self.attempts += 1
        seconds = {"load": self.job.limits.load_cpu_s, "call": self.job.limits.call_cpu_s}
        limits = {step: StepLimit(cpu_s=cpu_s, wall_s=wall_s(cpu_s)) for step, cpu_s in seconds.items()}
        return Attempt(job=self.job, asked=frozenset(self.remaining()), step_limits=limits)

    def fail(self, ending: Ending, message: str) -> None:
        """End all that has no result, and the loading itself."""
        self.ending, self.message = ending, message
        self.end(self.remaining(), ending, message)

    def end(self, indices: Iterable[int], ending: Ending, message: str) -> None:
        """Give calls a result without a value."""
        for index in indices:
            call = self.job.calls[index]
            self.results[index] = CallResult(
                key=call.key, function=call.function, ending=ending, message=message
            )

    def outcome(self) -> RunOutcome:
        """Close the account; every call has a result by now."""
        return RunOutcome(
            ending=self.ending,
            message=self.message,
            calls=tuple(self.results[index] for index in range(len(self.job.calls))),
            found=self.found,
            notes=tuple(dict.fromkeys(self.notes))[:_MAX_NOTES],
            printed=self.printed,
            cpu_s=self.cpu_s,
            peak_memory_mib=self.peak_memory_mib,
            isolation=self.isolation,
        )

    # ----------------------------------------------------------------------------------------------------------
    # One process more

    def add(self, attempt: Attempt, cause: Cause, ended: Exit) -> None:
        """Book what a process said and how it ended."""
        self.bytes_left -= attempt.received
        self.wall_left_s -= attempt.waited_s
        self.cpu_s += ended.cpu_s
        self.peak_memory_mib = max(self.peak_memory_mib, ended.peak_memory_mib)
        written, dump = faults.split_dump(attempt.raw.decode("utf-8", "replace"))
        if not attempt.ready:
            said = (written + dump).strip()[-500:] or f"status {ended.signal_number or ended.exit_code}"
            self.fail(Ending.FAULT, f"the process for student code did not start: {said}")
            return
        self._book_output(attempt, written)
        if attempt.loaded is not None:
            self._book_load(attempt)
        self.results.update(attempt.results)
        where = faults.place_of_end(dump, self.job.sources)
        end = ProcessEnd(
            job=self.job,
            cause=cause,
            ended=ended,
            attempt=attempt,
            where=where,
            is_spent=self.cpu_left_s < _MIN_CPU_S,
        )
        self._book_end(attempt, end)

    def _book_output(self, attempt: Attempt, written: str) -> None:
        """Book what was printed; a later process loads the same files and would say it all again."""
        if self.attempts == 1:
            self.found = attempt.found
            self.notes += attempt.notes
            self.printed += attempt.loaded.printed if attempt.loaded else ""
        used = sum(len(result.printed) for result in attempt.results.values())
        used += len(attempt.loaded.printed) if attempt.loaded else 0
        self.characters_left = max(0, self.characters_left - used)
        self.printed += written[: self.characters_left]
        self.characters_left = max(0, self.characters_left - len(written))

    def _book_load(self, attempt: Attempt) -> None:
        """Book the functions that cannot be called, and how loading ended."""
        loaded = attempt.loaded
        assert loaded is not None
        if loaded.memory:
            self.fail(
                Ending.MEMORY,
                messages.memory(f"loading {messages.files(self.job)}", self.job.limits.memory_mib),
            )
            return
        # Of two definitions neither is read as the answer: a person chooses.
        endings = {
            "raised": Ending.RAISED,
            "unreadable": Ending.UNREADABLE,
            "conflict": Ending.UNREADABLE,
        }
        reasons: dict[str, str] = {}
        for index in self.remaining():
            call = self.job.calls[index]
            lacking = _lacking(call, loaded.functions)
            if lacking is not None:
                state = loaded.functions.get(lacking)
                if call.function not in reasons:
                    reasons[call.function] = _why_not(lacking, attempt, self.job)
                self.results[index] = CallResult(
                    key=call.key,
                    function=call.function,
                    ending=endings.get(state.state, Ending.ABSENT) if state else Ending.ABSENT,
                    error=state.error if state else None,
                    message=reasons[call.function],
                )
        if self.attempts == 1:
            self._book_load_ending(attempt)

    def _book_load_ending(self, attempt: Attempt) -> None:
        """Say how loading ended where nothing came of it; where anything can be called, it finished."""
        assert attempt.loaded is not None
        states = list(attempt.loaded.functions.values())
        if any(state.state == "ready" for state in states):
            return
        unreadable = [stop for stop in attempt.stops if stop.unreadable]
        if unreadable and (
            len(self.job.sources) == 1 or any(state.state == "unreadable" for state in states)
        ):
            self.ending = Ending.UNREADABLE
            stop = unreadable[0]
            self.message = messages.stopped(stop.source, stop.cell, stop.error, unreadable=True)
        elif any(state.state == "raised" for state in states):
            first = attempt.stops[0] if attempt.stops else None
            self.ending = Ending.RAISED
            self.message = (
                messages.stopped(first.source, first.cell, first.error, unreadable=False)
                if first is not None
                else None
            )
        elif states:
            self.ending = Ending.ABSENT
            names = zip(attempt.loaded.functions, states, strict=True)
            sentences = (
                messages.not_ready(name, state, found=self.found, job=self.job) for name, state in names
            )
            self.message = next(sentences)

    def _book_end(self, attempt: Attempt, end: ProcessEnd) -> None:
        """Give what has no result the ending of the process; calls of other functions are left to the next one."""
        remaining = self.remaining()
        if not remaining:
            if attempt.loaded is None:  # nothing to call, and not even loading came to its end
                self.ending, self.message = end.say(f"loading {attempt.loading or messages.files(self.job)}")
            return
        if attempt.loaded is None:
            what = f"loading {attempt.loading or messages.files(self.job)}"
            self.fail(*end.say(what))
            return
        if end.cause is Cause.ENDED:
            self._end_spent()
            # It says that all is done, and it is not: no call is left to a next process, or this would never end.
            self.end(self.remaining(), Ending.KILLED, messages.channel(messages.files(self.job)))
            return
        if attempt.is_late and end.cause in {Cause.GARBAGE, Cause.OUTPUT}:
            # What is wrong was read a moment after it was written, and by then another call may have been marked: a process
            # that says each call before it makes it will show which one it was.
            return
        if attempt.last is None:
            self.end(remaining, *end.say(messages.files(self.job)))
            return
        function = self.job.calls[attempt.last].function
        ending, message = end.say(f"`{function}`")
        if attempt.current is not None:
            self.end([attempt.current], ending, message)
        # Earlier ones came to an end, but what they gave was held back and is lost: they are asked once more.
        later = [index for index in self._calls_of(function) if index > attempt.last]
        self.end(later, ending, messages.again(message, function))
        self._end_spent()

    def _end_spent(self) -> None:
        """End the other calls of functions that ran out of memory."""
        for result in list(self.results.values()):
            if result.ending is Ending.MEMORY and result.message is not None:
                again = messages.again(result.message, result.function)
                self.end(self._calls_of(result.function), Ending.MEMORY, again)

    def _calls_of(self, function: str) -> list[int]:
        return [index for index in self.remaining() if self.job.calls[index].function == function]


def _lacking(call: Call, functions: Mapping[str, FunctionState]) -> str | None:
    """Return the first name that a call needs and that cannot be had; None where all are ready."""
    for name in call.needed:
        state = functions.get(name)
        if state is None or state.state != "ready":
            return name
    return None


def _why_not(name: str, attempt: Attempt, job: Job) -> str:
    """Say why a function or class cannot be had."""
    state = attempt.loaded.functions.get(name) if attempt.loaded else None
    if state is None:
        return f"`{name}` was not looked for"
    return messages.not_ready(name, state, found=attempt.found, job=job)
