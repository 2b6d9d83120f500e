"""What comes of reading documents: lines with their sides, places, headings and notes."""

from __future__ import annotations

from msgspec import Struct

from grader.formulas.documents.extract import Form
from grader.formulas.documents.places import Position
from grader.formulas.documents.withdrawn import Withdrawal
from grader.formulas.tokens import NoteKind
from grader.formulas.tree import Tree


class PlacedNote(Struct, frozen=True, kw_only=True):
    """A note, and where it belongs."""

    kind: NoteKind
    text: str
    position: Position


class Side(Struct, frozen=True, kw_only=True):
    """One side of a line."""

    relation: str
    """What stands before it: `=`, `:=`, `~` (about), `<-`, `propto`; empty for the first one."""
    source: str
    """As the student wrote it; hostile, bounded."""
    position: Position
    tree: Tree | None = None
    """None where it cannot be read."""
    problem: PlacedNote | None = None
    """Why it cannot be read, and where that showed."""
    notes: tuple[PlacedNote, ...] = ()
    """What was repaired, or read in one of several ways."""


class Line(Struct, frozen=True, kw_only=True):
    """A chain of sides; it may go over several rows."""

    sides: tuple[Side, ...]
    """Two or more; one that cannot be read where a formula cannot be cut into sides."""
    position: Position
    path: tuple[str, ...] = ()
    """The headings that it stands under, the outermost first."""
    form: Form = Form.DISPLAY
    withdrawn: Withdrawal = Withdrawal.NONE


class Reading(Struct, frozen=True, kw_only=True):
    """What was read of a submission's documents."""

    lines: tuple[Line, ...] = ()
    """In the order of the documents and of their text."""
    notes: tuple[PlacedNote, ...] = ()
    """On formulas that were not found whole."""
    refused: str | None = None
    """Why a document, or what is left of it, was not read."""
