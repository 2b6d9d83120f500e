"""Marks written derivations line by line, by what their formulas are worth at the cases of the task; pure values in and out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from grader.derivations.claims import claims_of
from grader.derivations.equations import equations_of, steps_of
from grader.derivations.lines import gathered, lines_of
from grader.derivations.mark import PartMarks, mark_group
from grader.derivations.parts import Placed, placed
from grader.derivations.points import Points, points_of
from grader.derivations.shared_numbers import with_shared_numbers
from grader.derivations.sides import Step
from grader.formulas import Caps, read_documents
from grader.formulas.limits import Budget, ExhaustedError
from grader.model import Document, LineResult

__all__ = ["PartMarks", "Points", "WrittenMarks", "mark_written", "points_of"]

MOST_LINES = 400
"""Of a submission; a long hand-in has a tenth."""
JUDGING = Caps(steps=100_000)
"""Steps of evaluation for all lines of a submission: eight times what a long hand-in of vectors takes."""


class WrittenMarks(Struct, frozen=True, kw_only=True):
    """What marking says on the written work of a submission."""

    parts: tuple[PartMarks, ...]
    """In the order of the questions."""
    lines: Mapping[str, tuple[LineResult, ...]]
    """By question."""
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What the reader should know, by question: what was not read, and what was read in one way on many lines."""


def mark_written(points: Points, documents: Sequence[Document]) -> WrittenMarks:
    """Read and mark the formulas of a submission.

    Parameters
    ----------
    points : Points
    documents : sequence of Document
        The submission's texts, hostile.

    Returns
    -------
    WrittenMarks
        Whatever the documents hold, none of it raises.
    """
    sheet = points.sheet
    first = sheet.parts[0].question
    headings = [heading for part in sheet.parts for heading in part.headings]
    reading = read_documents(documents, sheet.symbols, headings=headings)
    refused = [reading.refused] if reading.refused is not None else []
    if len(reading.lines) > MOST_LINES:
        refused.append(f"Of {len(reading.lines):,} lines of formulas the first {MOST_LINES} are marked.")
    budget = Budget(JUDGING)
    try:
        claims = with_shared_numbers(claims_of(reading.lines[:MOST_LINES], points, budget), points)
        equations = equations_of(claims, points)
        steps = steps_of(claims, equations)
        parts = _parts(points, placed(claims, sheet), steps, refused=bool(refused))
        lines = lines_of(parts, claims, equations, points)
    except ExhaustedError:
        refused.append("The formulas take too many steps to judge: a person reads them.")
        parts = _parts(points, placed((), sheet), frozenset(), refused=True)
        lines = {}
    notes = [f"{note.text} ({note.position.document}, line {note.position.line})" for note in reading.notes]
    told = {question: gathered(found) for question, found in lines.items()}
    return WrittenMarks(
        parts=parts,
        lines={question: one.lines for question, one in told.items()},
        notes={
            **{question: one.notes for question, one in told.items()},
            # What was not read belongs to no question: it is told once.
            first: (*refused, *dict.fromkeys(notes), *(told[first].notes if first in told else ())),
        },
    )


def _parts(
    points: Points, lines: Mapping[str, Placed], steps: frozenset[Step], *, refused: bool
) -> tuple[PartMarks, ...]:
    """Mark every question, in the order of the assignment."""
    marked = {
        one.part.question: one
        for group in points.groups
        for one in mark_group(group, lines, points, steps, refused=refused)
    }
    return tuple(marked[part.question] for part in points.sheet.parts)
