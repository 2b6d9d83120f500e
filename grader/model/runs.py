"""What student code is asked to do, within which limits, and what came of it."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from grader.model.submissions import Source
from grader.model.values import Value


class Ending(StrEnum):
    """How the run of some student code ended; a closed set."""

    FINISHED = "finished"
    RAISED = "raised"
    """The code raised an exception."""
    ABSENT = "absent"
    """There is no such function (or it is not callable)."""
    TIMEOUT = "timeout"
    MEMORY = "memory"
    OUTPUT = "output"
    """More was printed or returned than the limits allow."""
    KILLED = "killed"
    """The process ended without a result: a signal, `os._exit`, a crash."""
    FAULT = "fault"
    """Our sandbox broke; never the student's loss."""
    UNREADABLE = "unreadable"
    """The file cannot be parsed as Python, or nobody can say which of several definitions counts."""


class Frame(Struct, frozen=True, kw_only=True):
    """One line of a traceback in the student's own code."""

    source: str
    """Name of the `Source`."""
    cell: int | None
    """Number of the code cell, from 1, for a notebook."""
    line: int
    """Line in the file or cell, from 1."""
    function: str
    text: str = ""
    """The line itself, cut at 200 characters."""


class StudentError(Struct, frozen=True, kw_only=True):
    """An exception of the student's code, cut to the student's own frames."""

    type_name: str
    message: str
    frames: tuple[Frame, ...] = ()
    """Outermost first; the last one is where it happened."""


class Call(Struct, frozen=True, kw_only=True):
    """One call of a student's function: inputs only, nothing of what is expected."""

    key: str
    """Names the call among all of the job, e.g. `drawn-2/backward`."""
    function: str
    arguments: tuple[Value, ...]
    """By position. Arrays are copied afresh for the call."""
    attributes: tuple[str, ...] = ()
    """Names to read off the result where it is an object with attributes."""
    collector: str = ""
    """The function of the job's `collect` that is called in the place of the student's own; empty where that is."""
    uses: tuple[str, ...] = ()
    """The student's names that it cannot do without; empty for the function itself."""

    @property
    def needed(self) -> tuple[str, ...]:
        """The student's names that the call cannot do without."""
        return self.uses or (self.function,)


class CallResult(Struct, frozen=True, kw_only=True):
    """What came of one `Call`."""

    key: str
    function: str
    ending: Ending
    value: Value = None
    """The returned value; None unless the ending is `finished`."""
    error: StudentError | None = None
    message: str | None = None
    """A sentence for endings other than `finished`: what happened, where, what to do."""
    printed: str = ""
    """What the call printed, cut to the limit with the cut shown."""
    changed_arguments: tuple[int, ...] = ()
    """Positions of the arguments that the call altered in place."""
    is_shared: bool = False
    """Whether the same answer of another submission is this very object, for as long as it is remembered."""


class Limits(Struct, frozen=True, kw_only=True):
    """What student code may use; the numbers of `[limits]` in `assignment.toml`."""

    call_cpu_s: float = 2.0
    submission_cpu_s: float = 10.0
    memory_mib: int = 512
    """Memory beyond what the interpreter with NumPy takes."""
    output_kib: int = 64
    """Printed text kept per submission."""
    imports: tuple[str, ...] = ("numpy",)
    """Packages that may be imported besides the standard library and the submission's own files."""

    @property
    def load_cpu_s(self) -> float:
        """CPU seconds for loading: notebooks train as they run, so half of the whole where a call has less."""
        return max(self.call_cpu_s, self.submission_cpu_s / 2)


class Job(Struct, frozen=True, kw_only=True):
    """All that enters the student's process: sources, calls and limits; never an expected value."""

    sources: tuple[Source, ...]
    functions: tuple[str, ...]
    """The student's functions and classes to look for, whether or not they are called."""
    calls: tuple[Call, ...]
    limits: Limits
    collect: str = ""
    """Our code that obtains answers from the student's objects; shared by all submissions of a class."""
    parts: tuple[Source, ...] = ()
    """Known-good work that stands in for parts of the student's; empty where the student's own is run."""
    replaced: tuple[str, ...] = ()
    """The student's names that the parts stand in for."""


class RunOutcome(Struct, frozen=True, kw_only=True):
    """All that came out of the student's process."""

    ending: Ending
    """How loading the files ended; `finished` also where a cell raised and the rest was used."""
    message: str | None = None
    """A sentence where the ending is not `finished`."""
    calls: tuple[CallResult, ...] = ()
    """One per call of the job, in the job's order; with an ending for those that could not be made."""
    found: tuple[str, ...] = ()
    """Functions defined at the top level of the student's files, for messages on misnamed ones."""
    notes: tuple[str, ...] = ()
    """Cells that raised, magics taken out, text cut."""
    printed: str = ""
    """What the files printed while loading."""
    cpu_s: float = 0.0
    peak_memory_mib: float = 0.0
    isolation: str = "process"
