"""The ladder of hints of a student's own check: where the first mistake is, what kind it is, the rule; never more than the author allows.

What a step leaves out is taken out of the grade itself, so that no door can show it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from grader.model import Grade, LineVerdict
from grader.reports.view import public_view

if TYPE_CHECKING:
    from grader.reports.view import QuestionView, StudentView

NOTHING, WHERE, KIND, RULE = range(4)
"""The steps: nothing but whether it passes, the place of the first mistake, its kind, and the rule as it should be."""
USUAL = KIND
"""The step where nobody asks for another."""
_BLAMED = (LineVerdict.WRONG, LineVerdict.MISLABELLED, LineVerdict.CIRCULAR)
_NEXT = {
    WHERE: "`grader check --hint 2` says what kind of mistake it is.",
    KIND: "`grader check --hint 3` says the rule.",
}


def step_for(asked: int | None, most: int) -> int:
    """Return the step that is told.

    Parameters
    ----------
    asked : int, optional
        What the student asks for, 1 to 3; the usual step where it is left out.
    most : int
        What the author allows, 0 to 3.

    Returns
    -------
    int
    """
    return min(USUAL if asked is None else asked, most)


def grade_at(grade: Grade, step: int) -> Grade:
    """Take out of a grade what a step of the ladder does not tell.

    Parameters
    ----------
    grade : Grade
    step : int

    Returns
    -------
    Grade
        The same one from `KIND` on. Points, statuses and what stopped the code are in every one.
    """
    if step >= KIND:
        return grade
    return replace(
        grade,
        first_mistake=grade.first_mistake if step == WHERE else None,
        questions=tuple(
            replace(one, quantities=(), findings=(), lines=(), notes=()) for one in grade.questions
        ),
    )


def view_at(grade: Grade, step: int) -> StudentView:
    """Return what a student sees of a grade at a step of the ladder.

    Parameters
    ----------
    grade : Grade
        On the worked case and the practice cases.
    step : int

    Returns
    -------
    StudentView
        At `RULE` its findings have rules. Values are those of the level `hints`.
    """
    if step < KIND:
        view = public_view(grade_at(grade, step), "verdicts")
        return replace(view, explanation=_where(grade) if step == WHERE else _nothing(grade))
    view = public_view(grade, "hints")
    if step == KIND:
        return view
    full = public_view(grade, "full")
    questions = zip(view.questions, full.questions, strict=True)
    return replace(view, questions=tuple(_with_rules(one, other) for one, other in questions))


def next_step(grade: Grade, step: int, most: int) -> str | None:
    """Say how to learn more; None where nothing is wrong, or no more is told.

    Parameters
    ----------
    grade : Grade
    step : int
        What was told.
    most : int
        What the author allows.

    Returns
    -------
    str or None
        A sentence.
    """
    if grade.first_mistake is None or step not in _NEXT or step >= most:
        return None
    return _NEXT[step]


def _with_rules(view: QuestionView, full: QuestionView) -> QuestionView:
    findings = zip(view.findings, full.findings, strict=True)
    return replace(view, findings=tuple(replace(one, rule=other.rule) for one, other in findings))


def _where(grade: Grade) -> str:
    """Say the first mistake's quantity and its place, and nothing else; what stopped the code is said in any case."""
    opening = public_view(grade_at(grade, WHERE), "verdicts").explanation
    if grade.first_mistake is None:
        return _nothing(grade)
    place = next(_places(grade, grade.first_mistake), None)
    first, _, others = opening.partition(". ")
    where = "" if place is None else f" It is in {place}."
    return f"{first.removesuffix('.')}.{where} {others}".rstrip()


def _places(grade: Grade, name: str) -> Iterator[str]:
    """Yield where a quantity is answered: the lines of a hand-in that are blamed, or the function."""
    view = public_view(grade, "hints")
    for given, shown in zip(grade.questions, view.questions, strict=True):
        for line, seen in zip(given.lines, shown.lines, strict=False):
            if (line.quantity or line.label) == name and line.verdict in _BLAMED:
                yield seen.place
    for question in grade.questions:
        for quantity in question.quantities:
            if quantity.name == name and quantity.function and not question.lines:
                on = f", on the case `{quantity.case}`" if quantity.case is not None else ""
                yield f"`{quantity.function}`{on}"


def _nothing(grade: Grade) -> str:
    """Say that something is wrong, and what stopped the code, without a place."""
    stopped = public_view(grade_at(grade, NOTHING), "points").explanation
    return f"Something is not right yet. {stopped}".rstrip()
