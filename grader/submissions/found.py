"""What is known of a submission before it is read: where it is, and whose."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from grader.model import Origin
from grader.submissions.names import display


class Upload(Struct, frozen=True, kw_only=True):
    """One file of a submission whose files lie among those of others."""

    name: str
    """Its own name inside the submission."""
    path: Path


class Member(Struct, frozen=True, kw_only=True):
    """One of several students who handed in together."""

    student: str
    origin: Origin


class Found(Struct, frozen=True, kw_only=True):
    """Where the submission of one student is."""

    student: str
    """Fit for display; of a team its first member, or the team where its members are not known."""
    path: Path
    """Of an absentee the roster; of several files the first."""
    modified: float
    """Seconds since 1970; of a folder, that of its newest Python file, notebook or text, or of its newest archive."""
    others: tuple[Found, ...] = ()
    """Further submissions of the same student among which a person must choose."""
    conflict: str | None = None
    """Says so; None where nobody must choose."""
    is_of_several: bool = False
    """Whether several students read what is said of the conflict: paths name who handed them in, and are left out of it."""
    problem: str | None = None
    """Why nobody can say whose it is; None where that is known."""
    notes: tuple[str, ...] = ()
    uploads: tuple[Upload, ...] = ()
    """All files, where they lie in one folder with those of others; empty where the submission is what is at `path`."""
    beside: tuple[str, ...] = ()
    """What belongs to it and is not read: text typed into a form of the platform."""
    shown: str = ""
    """The path in messages, where that is not `path`: inside the archive that a person named."""
    origin: Origin | None = None
    """What platform and roster say; None where neither says anything."""
    members: tuple[Member, ...] = ()
    """Who gets the grade, where several handed in together; empty where one student did."""
    is_absent: bool = False
    """Whether nothing was handed in: the student is on the roster alone."""

    @property
    def students(self) -> tuple[str, ...]:
        """Everybody who gets the grade."""
        return tuple(member.student for member in self.members) or (self.student,)

    @property
    def place(self) -> str:
        """The path as messages show it."""
        return display(self.shown or str(self.path))
