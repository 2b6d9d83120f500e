"""Questions of several units that follow two conventions at once: a mixture is wrong, however consistent each unit is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from grader.assignment import Assignment, QuestionSpec
from grader.marking.conventions import REDUCTIONS
from grader.marking.result import UnitMarks
from grader.model import Verdict


def mixed_units(assignment: Assignment, marks: Mapping[str, UnitMarks]) -> frozenset[str]:
    """Find the units whose sum or mean over the samples another unit of one of their questions contradicts.

    Parameters
    ----------
    assignment : Assignment
    marks : mapping of str to UnitMarks
        By unit, each marked by itself.

    Returns
    -------
    frozenset of str
        Units that are right in another convention by themselves, beside a loss in that of the assignment or in a third.
    """
    if not any(found.convention in REDUCTIONS for found in marks.values()):
        return frozenset()
    mixed: set[str] = set()
    for question in assignment.questions:
        said = dict(_conventions(assignment, question, marks))
        if len(set(said.values())) > 1:
            mixed.update(name for name, convention in said.items() if convention is not None)
    return frozenset(mixed)


def _conventions(
    assignment: Assignment, question: QuestionSpec, marks: Mapping[str, UnitMarks]
) -> Iterator[tuple[str, str | None]]:
    """Yield each unit of a question that shows what becomes of the samples, with its convention; None is the assignment's."""
    for name in question.functions:
        unit = assignment.unit_of.get(name)
        if unit is None or unit.name not in marks:
            continue
        found = marks[unit.name]
        if found.convention in REDUCTIONS:
            yield unit.name, found.convention
        loss = unit.label(unit.loss)
        if any(entry.quantity == loss and entry.verdict is Verdict.CORRECT for entry in found.of(name)):
            yield unit.name, None
