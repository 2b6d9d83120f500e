"""Whether the points add up: every required quantity in one question, weights above 0, sums as the task says."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from grader.assignment import Assignment, QuestionSpec
from grader.model import Grade
from grader.validation.ground import FULL
from grader.validation.proof import Proof, counted, fails, holds

NAME = "points"
_ROW = re.compile(
    r"^\s*\|(?P<question>[^|]+)\|\s*(?P<points>\d+(?:\.\d+)?)\s*(?P<each>each)?\s*\|", re.MULTILINE
)
_HEAD = re.compile(r"^\s*\|\s*question\s*\|\s*points\s*\|", re.MULTILINE | re.IGNORECASE)
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def proof_of(assignment: Assignment, solution: Grade | None) -> Proof:
    """Add the points up in every way in which they are said.

    Parameters
    ----------
    assignment : Assignment
    solution : Grade or None
        Of the right work.

    Returns
    -------
    Proof
    """
    total = assignment.max_points
    details = [
        *_twice(assignment),
        *_empty(assignment),
        *_task(assignment, total),
        *_graded(solution, total),
    ]
    found = f"{total:g} points in {counted(len(assignment.questions), 'question')}"
    if not details:
        return holds(NAME, found)
    return fails(
        NAME, found, details, remedy="correct `questions` in assignment.toml, or the table in task.md"
    )


def required_of(assignment: Assignment, question: QuestionSpec) -> frozenset[str]:
    """Return what carries the points of a question; empty for a text that a person reads.

    Parameters
    ----------
    assignment : Assignment
    question : QuestionSpec

    Returns
    -------
    set of str
        Labels of quantities, and names of identities.
    """
    found: set[str] = set()
    for name in question.functions:
        if name in assignment.experiment_of:
            experiment = assignment.experiment_of[name]
            found.update(map(experiment.label, (*experiment.curves, *experiment.numbers)))
        elif name in assignment.identities_of:
            found.update(identity.name for identity in assignment.identities_of[name])
        elif name in assignment.unit_of:
            unit = assignment.unit_of[name]
            found.update(unit.label(quantity) for quantity in unit.functions[name].required)
    return frozenset(found)


def _twice(assignment: Assignment) -> Iterator[str]:
    """Yield what two questions give points for; the same in code, in formulas and in numbers is asked three times."""
    asked: dict[tuple[str, bool], str] = {}
    for question in assignment.questions:
        part = assignment.part_of.get(question.id)
        if part is not None:
            continue
        for quantity in sorted(required_of(assignment, question)):
            first = asked.setdefault((quantity, False), question.id)
            if first != question.id:
                yield f"{quantity} carries points in two questions, {first} and {question.id}"


def _empty(assignment: Assignment) -> Iterator[str]:
    for question in assignment.questions:
        if not math.isfinite(question.points) or question.points <= 0.0:
            yield f"{question.id} is worth {question.points:g} points"
        if not question.headings and not required_of(assignment, question):
            yield f"{question.id} has points and nothing that carries them"


def _task(assignment: Assignment, total: float) -> Iterator[str]:
    """Yield how the table of points in the task differs; a task without one says nothing."""
    text = next((document.text for document in assignment.handout if document.name == "task.md"), "")
    head = _HEAD.search(text)
    if head is None:
        return
    table = text[head.start() :].split("\n\n", 1)[0]
    said = sum(_worth(match) for match in _ROW.finditer(table))
    if abs(said - total) > FULL:
        yield f"the table in task.md says {said:g} points, assignment.toml {total:g}"


def _worth(row: re.Match[str]) -> float:
    points = float(row["points"])
    if row["each"] is None:
        return points
    word = row["question"].split()[0].lower() if row["question"].split() else ""
    count = _NUMBERS.index(word) if word in _NUMBERS else int(word) if word.isdigit() else 1
    return points * count


def _graded(solution: Grade | None, total: float) -> Iterator[str]:
    if solution is None or not solution.questions:
        return
    if abs(solution.max_points - total) > FULL:
        yield f"a grade is out of {solution.max_points:g} points, not {total:g}"
    for question in solution.questions:
        if question.points > question.max_points + FULL:
            yield f"{question.id} earns {question.points:g} of {question.max_points:g} points"
