"""The grade of a submission, of its questions, and what people decided beside it."""

from __future__ import annotations

import math

from msgspec import Struct

from grader.model.findings import Finding, LineResult, Place, QuantityResult, Traceback
from grader.model.runs import Limits
from grader.model.verdicts import LineVerdict, Status

TOTAL = "total"
"""The target of a mark that decides the points of a whole submission; no question may be called so."""


class Mark(Struct, frozen=True, kw_only=True):
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


class Automatic(Struct, frozen=True, kw_only=True):
    """What the grader decided, where a person decided otherwise."""

    points: float
    pending_points: float
    status: Status


class Late(Struct, frozen=True, kw_only=True):
    """What lateness takes off a grade."""

    days: int
    """Days that have begun since it was due, from 1."""
    points: float
    """Taken off the points, as far as there are so many."""
    how_late: str
    """`handed in 2 hours late`."""
    why: str
    """How late it was and what that costs; reads as the part of a sentence."""


class QuestionResult(Struct, frozen=True, kw_only=True):
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


class Environment(Struct, frozen=True, kw_only=True):
    """Under which conditions a grade was made."""

    grader: str
    numpy: str
    isolation: str
    seed_sha256: str
    limits: Limits | None = None
    """What the code could use at most; None for a grade that was made before it was noted."""


LOOKS_NUMERICAL = "looks-numerical"
"""Begins the note on right gradients that look like difference quotients; such a note costs nothing."""


class Grade(Struct, frozen=True, kw_only=True):
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
        return math.fsum(question.points for question in self.questions)

    @property
    def max_points(self) -> float:
        """The full sum."""
        return math.fsum(question.max_points for question in self.questions)

    @property
    def pending_points(self) -> float:
        """Points that wait for a person, or for us after a fault."""
        return (
            0.0
            if self.total is not None
            else math.fsum(question.pending_points for question in self.questions)
        )

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
