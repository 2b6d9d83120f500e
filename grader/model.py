"""The values that flow from a submission to its grade; every one frozen, none with behaviour beyond small queries.

Nothing here reads a file, a clock or the environment. `docs/glossary.md` defines the words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]

# --------------------------------------------------------------------------------------------------------------
# Submissions


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One file of Python code: a module, or the code cells of a notebook."""

    name: str
    """Path inside the submission, with `/`: `alice.py`, `lib/layers.py`."""
    cells: tuple[str, ...]
    """The text: one entry for a module, one per code cell for a notebook."""
    is_notebook: bool = False
    places: tuple[int, ...] = ()
    """Of a notebook: the number of each code cell among all cells, from 1."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """A text that is written for people: a text file, a Markdown cell of a notebook, or a string alone in code."""

    name: str
    """Path of its file inside the submission, with `/`: `report.md`, `work.ipynb`."""
    text: str
    cell: int | None = None
    """Number of the cell among all cells of the notebook, from 1; None outside of notebooks."""
    line: int = 1
    """Line of the file or cell where the text begins, from 1."""
    in_code: bool = False
    """Whether it is a string among code, so that it neither continues a text before it nor goes on after it."""
    notes: tuple[str, ...] = ()
    """What its reader should know: a repaired encoding, a cut."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """What one student handed in, read but not yet run. All text in it is hostile."""

    student: str
    """The student as the file or folder name says; shown to people, never used as a path."""
    path: str
    """Where it was found, for messages."""
    files: tuple[str, ...]
    """Names of all files read, relative to the submission."""
    sha256: str
    """Hex digest over names and contents of the files, and over the names of those in `unread`."""
    sources: tuple[Source, ...] = ()
    documents: tuple[Document, ...] = ()
    """Text files and Markdown cells; those of a notebook in its order."""
    unread: tuple[str, ...] = ()
    """Files that may hold a written answer and are not read: PDF, word processors, pictures, texts that are too long."""
    problem: str | None = None
    """Why no code of it can be graded (status `unreadable`); None where it can. There may be documents all the same."""
    conflict: str | None = None
    """Why a person must choose (two submissions of one student; status `awaiting`); None where nobody must."""
    is_absent: bool = False
    """Whether nothing was handed in (status `missing`)."""
    notes: tuple[str, ...] = ()
    """What the reader should know: a repaired encoding, skipped files."""


class Platform(StrEnum):
    """Where a class was downloaded from."""

    MOODLE = "moodle"
    CANVAS = "canvas"
    GRADESCOPE = "gradescope"
    CLASSROOM = "classroom"
    """GitHub Classroom."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """What is known of a student and a submission besides its content: from the names of a download, and from the roster.

    All text in it is hostile but that of the roster.
    """

    platform: Platform | None = None
    """None where the submission is not from a download, or where there is none."""
    participant: str = ""
    """What the platform calls the submission: Moodle's participant number (of a team its group number), Canvas' user id or
    `anon_...`, Gradescope's submission id, the repository of GitHub Classroom. Empty where it is not known."""
    name: str = ""
    """Who handed in, as the platform writes it: `Jane Doe`, `Participant`, `doejane`, the team's name."""
    folder: str = ""
    """What feedback goes back under: Moodle's `Jane Doe_123_assignsubmission_file` (also where files are flat), Canvas'
    `doejane_LATE_123`, the folder of others."""
    files: tuple[str, ...] = ()
    """Names of the uploads where the download is flat, as they are in it: `doejane_LATE_123_456_main.py`."""
    late: bool = False
    """Whether the platform marks it as late; False where it marks nothing."""
    submitted_at: float | None = None
    """When it was handed in, as the platform states it, in seconds since 1970; None where it does not."""
    newest_at: float | None = None
    """Time of the newest file, in seconds since 1970. Not when it was handed in: unpacking, copying and some platforms set it anew."""
    id: str = ""
    """Of the student, as the roster or Gradescope has it."""
    email: str = ""
    """Of the student, as the roster or Gradescope has it."""
    team: str = ""
    """The team whose grade it is; empty where the student worked alone."""


# --------------------------------------------------------------------------------------------------------------
# Running

Value: TypeAlias = (
    "float | int | bool | str | Array | list[Value] | tuple[Value, ...] | dict[str, Value] | Opaque | None"
)
"""What a student's function takes and returns, as plain data."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Opaque:
    """A returned value that has no place in plain data, and why."""

    type_name: str
    reason: str
    """Reads after "is", e.g. "a string array", "too large (80 MB)"."""


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
    """The file cannot be parsed as Python."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
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


@dataclass(frozen=True, kw_only=True, slots=True)
class StudentError:
    """An exception of the student's code, cut to the student's own frames."""

    type_name: str
    message: str
    frames: tuple[Frame, ...] = ()
    """Outermost first; the last one is where it happened."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
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


@dataclass(frozen=True, kw_only=True, slots=True)
class CallResult:
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What student code may use; the numbers of `[limits]` in `assignment.toml`."""

    call_cpu_s: float = 2.0
    submission_cpu_s: float = 10.0
    memory_mib: int = 512
    """Memory beyond what the interpreter with NumPy takes."""
    output_kib: int = 64
    """Printed text kept per submission."""
    imports: tuple[str, ...] = ("numpy",)
    """Packages that may be imported besides the standard library and the submission's own files."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
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


@dataclass(frozen=True, kw_only=True, slots=True)
class RunOutcome:
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


# --------------------------------------------------------------------------------------------------------------
# Answers


class AnswerKind(StrEnum):
    """Whether there is a number to compare."""

    GIVEN = "given"
    MISSING = "missing"
    INVALID = "invalid"
    """Something was given that is not a number array: text, bool, float16, an object."""
    OPEN = "open"
    """Something was given that says nothing on this case: a number by hand, of one case alone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a student gives for one quantity on one case."""

    kind: AnswerKind
    value: Array | None = None
    """float32 or float64 array of any shape, possibly not finite; None unless given."""
    reason: str | None = None
    """Why there is no number; reads as a sentence."""
    rounding: float = 0.0
    """How far the value may be off because it was rounded when it was written down."""


# --------------------------------------------------------------------------------------------------------------
# Marking


class Verdict(StrEnum):
    """The statement on one quantity."""

    CORRECT = "correct"
    FOLLOWS = "follows"
    """A wrong number, and the right step from an earlier mistake."""
    WRONG = "wrong"
    MISSING = "missing"
    INVALID = "invalid"
    """Not numeric, of another shape, or not finite."""
    UNDECIDED = "undecided"
    """Nothing can be said, and we say so."""


WORST_FIRST = (
    Verdict.INVALID,
    Verdict.MISSING,
    Verdict.WRONG,
    Verdict.UNDECIDED,
    Verdict.FOLLOWS,
    Verdict.CORRECT,
)
"""Order in which the worst statement over the cases counts (marking policy, section 2)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """An answer held against an expectation; returned, never raised."""

    agrees: bool
    reason: str | None = None
    """The first reason why it does not agree: type, shape, finite, values; reads as a sentence."""
    values_compared: bool = False
    """Whether type, shape and finiteness held, so that the numbers below mean something."""
    abs_error: float = 0.0
    """Worst absolute difference."""
    rel_error: float | None = None
    """The worst absolute difference relative to the expected entry there; None where that is 0."""
    index: tuple[int, ...] = ()
    """Index of the worst absolute difference."""
    differing: int = 0
    """How many entries differ by more than the tolerance allows."""
    size: int = 1
    rtol: float = 0.0
    atol: float = 0.0


class Status(StrEnum):
    """Status of a submission or a question."""

    GRADED = "graded"
    AWAITING = "awaiting"
    MISSING = "missing"
    FAILED = "failed"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    OUTPUT = "output"
    KILLED = "killed"
    UNREADABLE = "unreadable"
    FAULT = "fault"


STATUS_WORST_FIRST = (
    Status.FAULT,
    Status.UNREADABLE,
    Status.KILLED,
    Status.MEMORY,
    Status.TIMEOUT,
    Status.OUTPUT,
    Status.FAILED,
    Status.MISSING,
    Status.AWAITING,
    Status.GRADED,
)

JsonNumbers: TypeAlias = Any
"""A number, nested lists of numbers, "nan" / "inf" / "-inf", or {shape, dtype, head} for more than 64 entries."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ErrorReport:
    """How far an answer is from the expectation, as the results file has it."""

    abs: float | str
    rel: float | str | None
    index: tuple[int, ...]
    rtol: float
    atol: float


@dataclass(frozen=True, kw_only=True, slots=True)
class ErrorMap:
    """Where an array differs from what is expected, as a picture of at most 24 by 24 cells."""

    shape: tuple[int, ...]
    """Of the array: its last axis runs across, the others down."""
    dtype: str
    """Of the answer, e.g. `float32`."""
    rows: tuple[str, ...]
    """One text per row, one letter per cell, that of its worst entry: `0` within the tolerance; `1` to `4` off by less than
    1 %, 10 %, 100 %, and by more, of the array's size (the root mean square of what is expected); `x` not finite."""
    worst: tuple[int, int] | None
    """Row and column of the cell with the worst difference, or with the first entry that is not finite."""
    differing: int
    """How many entries are off or not finite."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Curve:
    """A curve thinned out to at most 200 points that keep its highs, its lows and its ends."""

    length: int
    """How many points it has."""
    steps: tuple[int, ...]
    """Which points are kept, from 0, rising."""
    values: tuple[float | str, ...]
    """Their values with five digits; "nan", "inf" and "-inf" where they are not finite."""


@dataclass(frozen=True, kw_only=True, slots=True)
class QuantityResult:
    """What came out for one quantity of a question."""

    name: str
    """`z0`, `dL/dz0`, `w0_new`."""
    verdict: Verdict
    required: bool
    case: str | None
    """The case that shows the verdict; None where there is no answer on any case."""
    expected: JsonNumbers = None
    actual: JsonNumbers = None
    error: ErrorReport | None = None
    reason: str | None = None
    """What is wrong with an answer that was not compared: its shape, its type, not finite, not given."""
    function: str = ""
    """The student's function that shows the verdict."""
    share: float = 1.0
    """The share of the quantity's weight that was earned, 0 to 1."""
    error_map: ErrorMap | None = None
    """Where an array that is not correct differs; None for single numbers, and for arrays of another shape."""
    curve: Curve | None = None
    """The student's curve; None for what is none."""
    expected_curve: Curve | None = None

    @property
    def is_all_correct(self) -> bool:
        """Whether nothing was taken off; a right formula under another label is not all that was asked."""
        return self.verdict is Verdict.CORRECT and (self.share == 1.0 or not self.required)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """A known mistake (or other cause) that explains wrong answers on every case."""

    slip: str
    also: tuple[str, ...] = ()
    """Slips that give the same numbers."""
    at: str
    """The quantity at which it happened."""
    explains: tuple[str, ...] = ()
    text: str
    """What it is, for the student; says where and what kind, not the rule."""
    rule: str = ""
    """The rule as it should be, written out; shown at feedback level `full` only."""
    used: str = ""
    """The rule that gives the student's numbers, written out; empty where none is known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a written answer stands in a submission."""

    file: str
    """Path inside the submission, with `/`."""
    cell: int | None = None
    """Number of the cell among all cells of the notebook, from 1; None outside of notebooks."""
    line: int
    """Line of its heading in the file or cell, from 1."""
    heading: str
    """The heading as the student wrote it."""


class LineVerdict(StrEnum):
    """What is said of a line of a written derivation."""

    RIGHT = "right"
    FOLLOWS = "follows"
    """The right step from an earlier mistake."""
    WRONG = "wrong"
    MISLABELLED = "mislabelled"
    """The right value of another quantity than the one it is labelled with."""
    METHOD = "method"
    """A right use of the chain rule in which a local derivative is not worked out."""
    CIRCULAR = "circular"
    """It is computed from itself."""
    UNREAD = "unread"
    """It could not be read: a person looks at it."""
    WITHDRAWN = "withdrawn"
    """Struck out, quoted, or marked as a draft."""
    REPEATED = "repeated"
    """It says what a line before it says."""
    DEFINITION = "definition"
    """It gives a name of the student's own, and is not marked."""
    OPEN = "open"
    """Nobody asked for it, and it is not marked."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LineSide:
    """One side of a line of a written derivation."""

    relation: str
    """What stands before it: `=`, `:=`; empty for the first one."""
    source: str
    """As the student wrote it; hostile, bounded."""
    mathml: str = ""
    """How it was read, made by us alone; empty where it was not read."""
    is_right: bool | None = None
    """Whether its value is that of the line's quantity; None where nothing was compared."""
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class LineResult:
    """A line of a written derivation, and what is said of it."""

    place: Place
    column: int
    """Of its first character, from 1."""
    sides: tuple[LineSide, ...]
    verdict: LineVerdict
    quantity: str | None = None
    """What it counts as; None where it counts as nothing."""
    label: str | None = None
    """What stands on its left side, where that is a quantity."""
    text: str = ""
    """What is said of it, a sentence or two; empty where the verdict says all."""
    notes: tuple[str, ...] = ()
    """What was repaired, or read in one of several ways."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Excerpt:
    """A line of a traceback with those around it, as the student wrote them; hostile, bounded."""

    file: str
    """Path inside the submission, with `/`."""
    cell: int | None
    """Number of the code cell, from 1, for a notebook."""
    line: int
    """Of the line that failed, or that called what failed; in the file or cell, from 1."""
    function: str
    first: int
    """Number of the first line that is shown."""
    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Traceback:
    """How the student's code stopped, in its own lines alone."""

    function: str
    """The function of the question that was called; hostile only as far as the assignment is."""
    error: str
    """Type and message of the exception; hostile, bounded."""
    frames: tuple[Excerpt, ...]
    """Outermost first; the last one is where it happened."""


TOTAL = "total"
"""The target of a mark that decides the points of a whole submission; no question may be called so."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """What a person decided, beside what the grader found."""

    target: str
    """A question's id, `ID:QUANTITY`, or `total`."""
    points: float
    comment: str = ""
    """For the student; as the person wrote it."""
    by: str
    at: str
    """ISO 8601, with the offset to UTC."""
    look_again: tuple[str, ...] = ()
    """What has changed since it was decided, sentences; empty where nothing has."""
    in_force: bool = True
    """Whether points come from it: not of a quantity whose question was marked as a whole, nor where the place is gone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Automatic:
    """What the grader decided, where a person decided otherwise."""

    points: float
    pending_points: float
    status: Status


@dataclass(frozen=True, kw_only=True, slots=True)
class Late:
    """What lateness takes off a grade."""

    days: int
    """Days that have begun since it was due, from 1."""
    points: float
    """Taken off the points, as far as there are so many."""
    how_late: str
    """`handed in 2 hours late`."""
    why: str
    """How late it was and what that costs; reads as the part of a sentence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class QuestionResult:
    """Grade of one question."""

    id: str
    title: str
    points: float
    max_points: float
    pending_points: float = 0.0
    status: Status
    message: str | None = None
    """What went wrong where the status is not `graded`: type, text, the student's file and line."""
    notes: tuple[str, ...] = ()
    quantities: tuple[QuantityResult, ...] = ()
    findings: tuple[Finding, ...] = ()
    text: str | None = None
    """The student's written answer, for a person to read; hostile, bounded, a cut is shown."""
    place: Place | None = None
    """Where the text begins; None where there is no text."""
    lines: tuple[LineResult, ...] = ()
    """What stands in writing for it, line by line."""
    tracebacks: tuple[Traceback, ...] = ()
    """Where the student's code stopped, each place once."""
    marks: tuple[Mark, ...] = ()
    """Of people, on the question and on its quantities; the points above are those that hold."""
    automatic: Automatic | None = None
    """What the grader decided; None where no mark is in force."""

    @property
    def is_all_correct(self) -> bool:
        """Whether every required quantity was given and nothing was taken off; where a person decided, whether all points were given."""
        if self.automatic is not None:
            return self.points >= self.max_points
        return (
            self.status in (Status.GRADED, Status.AWAITING)
            and all(entry.is_all_correct for entry in self.quantities)
            and not any(line.verdict is LineVerdict.WRONG for line in self.lines)
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Environment:
    """Under which conditions a grade was made."""

    grader: str
    numpy: str
    isolation: str
    seed_sha256: str
    limits: Limits | None = None
    """What the code could use at most; None for a grade that was made before it was noted."""


LOOKS_NUMERICAL = "looks-numerical"
"""Begins the note on right gradients that look like difference quotients; such a note costs nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Grade:
    """The grade of one submission: the truth that the gradebook keeps and every report renders."""

    assignment: str
    student: str
    files: tuple[str, ...]
    sha256: str
    status: Status
    message: str | None = None
    """Why the submission as a whole could not be graded."""
    first_mistake: str | None = None
    questions: tuple[QuestionResult, ...] = ()
    notes: tuple[str, ...] = ()
    printed: str = ""
    tracebacks: tuple[Traceback, ...] = ()
    """Where the submission as a whole stopped; those of single questions stand there."""
    environment: Environment
    seconds: float = 0.0
    """CPU seconds of the student's process."""
    peak_memory_mib: float = 0.0
    marks: tuple[Mark, ...] = ()
    """Of people, on the total, and on what is not asked any more; those on questions stand there."""
    automatic: Automatic | None = None
    """What the grader decided; None where no person did."""
    late: Late | None = None
    """What lateness costs; None in the gradebook, which keeps grades as they are marked, and where it costs nothing."""

    @property
    def total(self) -> Mark | None:
        """The mark that decides the points of the whole; None where they are the sum of the questions'."""
        return next((mark for mark in self.marks if mark.target == TOTAL and mark.in_force), None)

    @property
    def all_marks(self) -> tuple[Mark, ...]:
        """What people decided, wherever it stands."""
        return (*self.marks, *(mark for question in self.questions for mark in question.marks))

    @property
    def points(self) -> float:
        """Points decided so far; those that hold, where people decided some, less what lateness costs."""
        if self.total is not None:
            return self.total.points  # the last word: nothing is taken off it
        if self.late is None:
            return self.points_before_late
        return max(0.0, self.points_before_late - self.late.points)

    @property
    def points_before_late(self) -> float:
        """Points of the questions decided so far, whenever they were handed in."""
        return sum(question.points for question in self.questions)

    @property
    def max_points(self) -> float:
        """The full sum."""
        return sum(question.max_points for question in self.questions)

    @property
    def pending_points(self) -> float:
        """Points that wait for a person, or for us after a fault."""
        return 0.0 if self.total is not None else sum(question.pending_points for question in self.questions)

    @property
    def final(self) -> bool:
        """Whether nothing waits."""
        return self.pending_points == 0.0

    @property
    def looks_numerical(self) -> bool:
        """Whether its gradients look like difference quotients of the forward pass."""
        return any(note.startswith(f"{LOOKS_NUMERICAL}: ") for note in self.notes)

    @property
    def is_all_correct(self) -> bool:
        """Whether all questions are; where a person decided the total, whether all points were given."""
        if self.total is not None:
            return self.total.points >= self.max_points
        return self.status is Status.GRADED and all(question.is_all_correct for question in self.questions)


WORKED = "worked"
"""Name of the case whose numbers are printed in the task."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One set of inputs of the network, and of its functions that take values from its middle."""

    name: str
    """`worked` or `drawn-K`."""
    leaves: Mapping[str, Array]
    """Inputs, targets and parameters by name, float64."""
    rate: float
    """Learning rate of `update` and `step`."""
    spare_leaves: Mapping[str, Array]
    """Leaves of an independent draw: what `loss` is called with comes from it, so that no answer that is asked
    for elsewhere enters the student's process. Equal to `leaves` on the worked case, whose numbers are printed."""
    given_gradients: Mapping[str, Array] = field(default_factory=dict)
    """Gradients by parameter that `update` is called with; random on drawn cases."""
    edge: bool = False
    """Whether failing here alone costs only a fifth of a quantity."""
