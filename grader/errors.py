"""The errors that stop work, each with what happened, where, what to do, and the exit code of the command line.

A student's failure is never one of these: it is a value (a status or a verdict) of the grade.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the command line returns; each number has one meaning."""

    DONE = 0
    """Done; for `check` and `grade --strict`: everything is correct."""
    NOT_ALL_CORRECT = 1
    USAGE = 2
    """The call was wrong: an unknown assignment, a path that is not there."""
    NOTHING_TO_GRADE = 3
    INTERNAL = 4
    """Our own fault, or a submission with status `fault`."""
    HOST = 5
    """The machine or the output folder does not allow it."""
    INTERRUPTED = 130


class GraderError(Exception):
    """Base of all errors that are shown to a person as one message.

    Parameters
    ----------
    message : str
        What happened, with the file, key or name it happened to.
    remedy : str
        What the reader can do about it; one sentence.
    """

    exit_code = ExitCode.INTERNAL
    code = "internal"

    def __init__(self, message: str, *, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.add_note(f"what to do: {remedy}")  # shown where a program does not catch it

    def _render_traceback_(self) -> list[str]:
        """Say what a notebook shows in the place of a traceback; see IPython's `showtraceback`."""
        return [f"error: {self.message}", f"  what to do: {self.remedy}"]


class UsageError(GraderError):
    """The caller's move: a wrong path, name or option."""

    exit_code = ExitCode.USAGE
    code = "usage"


class NothingToGradeError(GraderError):
    """The caller's move: the folder holds no submission."""

    exit_code = ExitCode.NOTHING_TO_GRADE
    code = "nothing-to-grade"


class AssignmentError(GraderError):
    """The instructor's move: an assignment folder that cannot be used as it is."""

    exit_code = ExitCode.USAGE
    code = "assignment"


class HostError(GraderError):
    """The host's move: not writable, full, locked, or isolated less than was demanded."""

    exit_code = ExitCode.HOST
    code = "host"


class SandboxFaultError(GraderError):
    """Our move: the sandbox itself did not work. The submission gets the status `fault`, never a lower grade."""

    exit_code = ExitCode.INTERNAL
    code = "sandbox-fault"
