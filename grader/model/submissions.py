"""What was handed in, and where it is from."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Source(Struct, frozen=True, kw_only=True):
    """One file of Python code: a module, or the code cells of a notebook."""

    name: str
    """Path inside the submission, with `/`: `alice.py`, `lib/layers.py`."""
    cells: tuple[str, ...]
    """The text: one entry for a module, one per code cell for a notebook."""
    is_notebook: bool = False
    places: tuple[int, ...] = ()
    """Of a notebook: the number of each code cell among all cells, from 1."""


class Document(Struct, frozen=True, kw_only=True):
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


class Submission(Struct, frozen=True, kw_only=True):
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


class Origin(Struct, frozen=True, kw_only=True):
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
