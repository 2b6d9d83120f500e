"""The closed sets of what is said of quantities, questions and submissions."""

from __future__ import annotations

from enum import StrEnum


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
