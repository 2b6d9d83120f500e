"""A unit as an assignment of its own, so that answers to it can be marked without the rest."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from grader.assignment import Assignment, QuestionSpec, Role, Unit
from grader.marking.expectations import Expectations
from grader.marking.mark import mark
from grader.marking.result import Marks, assemble
from grader.marking.trials import Trial
from grader.model import Limits

QUESTIONS = (
    ("forward", (Role.FORWARD, Role.LOSS), 3.0),
    ("gradients", (Role.BACKWARD,), 4.0),
    ("update", (Role.UPDATE, Role.STEP), 3.0),
)
"""The questions of the skip network's assignment: the roles of their functions, and points."""


@lru_cache(maxsize=32)
def assignment_of(unit: Unit) -> Assignment:
    """Make an assignment of one unit.

    Parameters
    ----------
    unit : Unit

    Returns
    -------
    Assignment
        With a question for each kind of function that the unit has.
    """
    questions = tuple(
        QuestionSpec(id=name, title=name, functions=tuple(spec.name for spec in asked), points=points)
        for name, roles, points in QUESTIONS
        if (asked := unit.by_role(*roles))
    )
    return Assignment(
        name="planted",
        title="A network as an assignment",
        folder=Path(),
        units=(unit,),
        questions=questions,
        limits=Limits(),
        policy=unit.policy,
        digest="",
    )


def marked(everything: Expectations, trials: Sequence[Trial]) -> Marks:
    """Mark answers to a unit.

    Parameters
    ----------
    everything : Expectations
    trials : sequence of Trial
        A function without any answer counts as not answered.

    Returns
    -------
    Marks
    """
    answered = {function for trial in trials for function, _ in trial.answers}
    return assemble(assignment_of(everything.unit), [mark(everything, trials, answered=answered, changed={})])
