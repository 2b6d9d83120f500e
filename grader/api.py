"""`grader.inputs` and `grader.mark`, for notebooks, other graders and scripts: values by name become a grade; nothing is run.

No file is written, no process started and no clock read. What is given counts, whoever computed it: in one process with a
student's code it can be made up. Marks that count come from `grader grade`, which runs that code behind walls.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

from grader import __version__
from grader.assignment import Assignment, QuestionSpec
from grader.assignment_file import load
from grader.by_value import ByValue, by_value, inputs_of, trials_of
from grader.errors import UsageError
from grader.marking.expectations import Expectations
from grader.marking.mark import mark as mark_unit
from grader.marking.result import QuestionMarks, UnitMarks, assemble
from grader.marking.trials import Trial, fingerprint
from grader.model import WORKED, AnswerKind, Array, Environment, Grade, QuestionResult, Status, Verdict
from grader.reuse import NOTHING_RUN
from grader.secret import PRACTICE, digest, generator

MOST_NAMES = 8
"""Names that a message lists."""
MOST_NAME = 40
WAITS = "Values do not answer this question: it asks for formulas, a text or a run of the code."
NOTHING_GIVEN = "None of the quantities it asks for was given."


def inputs(assignment: str | Path, *, secret: str = PRACTICE) -> dict[str, dict[str, float | Array]]:
    """Return the cases of an assignment: what to compute its quantities from.

    Parameters
    ----------
    assignment : str or Path
        A shipped name, or the folder of an assignment.
    secret : str
        What the cases beside the worked one are drawn from. Without it they are the practice cases, the same for everybody
        and those of `grader check`; with the text of OUT/secret they are those of that class.

    Returns
    -------
    dict of str to dict of str to float or ndarray
        By case (`worked`, `drawn-1`, ...), then by name: inputs, targets, parameters, and `lr` where weights are updated.
        In an assignment of several units the unit stands before the name: `relu.X`.

    Raises
    ------
    UsageError
        Where there is no such assignment.
    AssignmentError
        Where it cannot be used as it is written.

    Examples
    --------
    >>> import grader
    >>> grader.inputs("skip_network")["worked"]
    {'x': 1.0, 'y': -3.0, 'w0': 0.5, 'w1': 0.5, 'w2': 0.5, 'ws': 0.5, 'lr': 1.0}
    """
    return inputs_of(_asked(assignment, secret))


def mark(
    assignment: str | Path,
    answers: Mapping[str, object],
    *,
    student: str = "",
    secret: str = PRACTICE,
) -> Grade:
    """Mark values: with follow-through, the first mistake, findings and points, as `grader grade` marks code.

    Parameters
    ----------
    assignment : str or Path
        A shipped name, or the folder of an assignment.
    answers : mapping
        By case, then by quantity: `{"worked": {"z0": 0.5, "dL/dw0": 0.75}, "drawn-1": ...}`; or by quantity alone, for the
        worked case. Quantities are named as `grader show` names them; values are numbers, arrays, lists, or what NumPy makes
        an array of. A case that is left out says nothing; in a case that is there, a quantity that is left out is missing.
        Every value is computed from the case's own inputs, and from the values before it.
    student : str
        Who gave the answers, for the grade.
    secret : str
        As for `inputs`.

    Returns
    -------
    Grade
        With `points`, `max_points`, `first_mistake`, and `questions` with verdicts and findings. It holds expected values.
        Questions that ask for formulas, texts or experiments wait (`pending_points`). Names that mean nothing are noted.

    Raises
    ------
    UsageError
        Where there is no such assignment, or no such case in it.
    AssignmentError
        Where the assignment cannot be used as it is written.

    Examples
    --------
    >>> import grader
    >>> grade = grader.mark("skip_network", {"z0": 0.5, "h0": 0.5, "z1": 0.2, "h1": 0.2})
    >>> grade.first_mistake
    'z1'
    """
    asked = _asked(assignment, secret)
    by_case = _by_case(asked, answers)
    rounds = [(everything, trials_of(everything, names, by_case)) for everything, names in asked.tables]
    marks = assemble(asked.assignment, [_unit_marks(everything, trials) for everything, trials in rounds])
    return Grade(
        assignment=asked.assignment.name,
        student=student,
        files=(),
        sha256=hashlib.sha256(b"".join(fingerprint(trials) for _, trials in rounds)).hexdigest(),
        status=Status.GRADED,
        first_mistake=marks.first_mistake,
        questions=tuple(
            _question(asked, question, found)
            for question, found in zip(asked.assignment.questions, marks.questions, strict=True)
        ),
        notes=tuple(_notes(asked, by_case)),
        environment=Environment(
            grader=__version__, numpy=np.__version__, isolation=NOTHING_RUN, seed_sha256=digest(secret)
        ),
    )


# --------------------------------------------------------------------------------------------------------------
# The assignment


@dataclass(frozen=True, kw_only=True, slots=True)
class _Definition:
    """An assignment that equals another one where nothing that grades depend on has changed."""

    folder: Path
    digest: str
    assignment: Assignment = field(compare=False)


def _asked(assignment: str | Path, secret: str) -> ByValue:
    read = load(str(assignment))
    return _drawn(_Definition(folder=read.folder.resolve(), digest=read.digest, assignment=read), secret)


@lru_cache(maxsize=8)
def _drawn(definition: _Definition, secret: str) -> ByValue:
    """Draw the cases once: a class of answers is marked one by one."""
    return by_value(definition.assignment, generator(secret))


# --------------------------------------------------------------------------------------------------------------
# The answers


def _by_case(asked: ByValue, answers: object) -> Mapping[str, Mapping[str, object]]:
    """Return answers by case; those of no case are of the worked one."""
    if not isinstance(answers, Mapping):
        raise UsageError(
            f"answers are {type(answers).__name__}, not a mapping",
            remedy='give values by quantity, {"z0": 0.5}, or by case and quantity, {"worked": {"z0": 0.5}}',
        )
    is_nested = all(isinstance(value, Mapping) for value in answers.values())
    if not is_nested and not any(name in asked.cases for name in answers):
        return {WORKED: answers}
    for name, given in answers.items():
        if name not in asked.cases or not isinstance(given, Mapping):
            raise UsageError(
                f"`{str(name)[:MOST_NAME]}` is no case of {asked.assignment.name} with values by quantity",
                remedy=f"its cases are: {', '.join(asked.cases)}",
            )
    return answers


def _notes(asked: ByValue, answers: Mapping[str, Mapping[str, object]]) -> Iterator[str]:
    """Yield what the reader should know of the answers: names that mean nothing, and cases that say nothing."""
    names = dict.fromkeys(str(name)[:MOST_NAME] for given in answers.values() for name in given)
    unknown = [name for name in names if name not in asked.quantities | asked.other_quantities]
    for name in unknown[:MOST_NAMES]:
        close = difflib.get_close_matches(name, asked.quantities, n=1)
        meant = f"; did you mean `{close[0]}`?" if close else ""
        yield f"`{name}` is no quantity of {asked.assignment.name}{meant}"
    for case, given in answers.items():
        elsewhere = [
            name
            for name in names
            if name in given and name in asked.quantities - asked.cases.get(case, frozenset())
        ]
        if elsewhere:
            yield f"On the case {case} nobody asks for {', '.join(elsewhere[:MOST_NAMES])}."
    silent = [case for case in asked.cases if case not in answers]
    if silent and len(silent) < len(asked.cases):
        told = len(asked.cases) - len(silent)
        yield f"Answers were given on {told} of {len(asked.cases)} cases; the others say nothing."


# --------------------------------------------------------------------------------------------------------------
# The marks


def _unit_marks(everything: Expectations, trials: Sequence[Trial]) -> UnitMarks:
    answered = frozenset(
        function
        for trial in trials
        for (function, _), answer in trial.answers.items()
        if answer.kind in (AnswerKind.GIVEN, AnswerKind.INVALID)
    )
    return mark_unit(everything, trials, answered=answered, changed={})


def _question(asked: ByValue, question: QuestionSpec, found: QuestionMarks) -> QuestionResult:
    if asked.waits(question):
        return QuestionResult(
            id=question.id,
            title=question.title,
            points=0.0,
            max_points=question.points,
            pending_points=question.points,
            status=Status.AWAITING,
            message=WAITS,
        )
    given = any(entry.verdict is not Verdict.MISSING for entry in found.quantities)
    return QuestionResult(
        id=question.id,
        title=question.title,
        points=found.points,
        max_points=question.points,
        status=Status.GRADED if given else Status.MISSING,
        message=None if given else NOTHING_GIVEN,
        quantities=found.quantities,
        findings=found.findings,
    )
