"""What is said of single answers: how far off, why, at which line."""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import Struct

from grader.model.verdicts import LineVerdict, Verdict

JsonNumbers: TypeAlias = Any
"""A number, nested lists of numbers, "nan" / "inf" / "-inf", or {shape, dtype, head} for more than 64 entries."""


class ErrorReport(Struct, frozen=True, kw_only=True):
    """How far an answer is from the expectation, as the results file has it."""

    abs: float | str
    rel: float | str | None
    index: tuple[int, ...]
    rtol: float
    atol: float


class ErrorMap(Struct, frozen=True, kw_only=True):
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


class Curve(Struct, frozen=True, kw_only=True):
    """A curve thinned out to at most 200 points that keep its highs, its lows and its ends."""

    length: int
    """How many points it has."""
    steps: tuple[int, ...]
    """Which points are kept, from 0, rising."""
    values: tuple[float | str, ...]
    """Their values with five digits; "nan", "inf" and "-inf" where they are not finite."""


class QuantityResult(Struct, frozen=True, kw_only=True):
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


class Finding(Struct, frozen=True, kw_only=True):
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


class Place(Struct, frozen=True, kw_only=True):
    """Where a written answer stands in a submission."""

    file: str
    """Path inside the submission, with `/`."""
    cell: int | None = None
    """Number of the cell among all cells of the notebook, from 1; None outside of notebooks."""
    line: int
    """Line of its heading in the file or cell, from 1."""
    heading: str
    """The heading as the student wrote it."""


class LineSide(Struct, frozen=True, kw_only=True):
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


class LineResult(Struct, frozen=True, kw_only=True):
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


class Excerpt(Struct, frozen=True, kw_only=True):
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


class Traceback(Struct, frozen=True, kw_only=True):
    """How the student's code stopped, in its own lines alone."""

    function: str
    """The function of the question that was called; hostile only as far as the assignment is."""
    error: str
    """Type and message of the exception; hostile, bounded."""
    frames: tuple[Excerpt, ...]
    """Outermost first; the last one is where it happened."""
