"""What people decided, laid over what the grader decided: the points that hold, with the automatic ones beside them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from grader.model import (
    TOTAL,
    Automatic,
    Grade,
    Mark,
    QuantityResult,
    QuestionResult,
    Status,
    Verdict,
)

SEPARATOR = ":"
"""Between a question and a quantity: `gradients:dL/dw0`."""
_DIGEST = 16
_DUST = 1e-9
_OPEN = "open"
"""In the place of points that the grader leaves to a person."""
_WAITING = (Status.AWAITING, Status.FAULT, Status.UNREADABLE)
"""Statuses that say that nothing is decided, and no longer hold once a person decides."""
GONE = "This is no longer asked, so the mark counts for nothing."
ANSWER_CHANGED = "The answer has changed since."
FILES_CHANGED = "The submission has changed since."
FOUND_CHANGED = "What the grader finds has changed since."


class Moment(Protocol):
    """A `datetime`, of which only its text is needed."""

    def isoformat(self, sep: str = ..., timespec: str = ...) -> str:
        """Return it in ISO 8601."""


class Standing(Protocol):
    """A mark that holds, as the gradebook has it."""

    @property
    def target(self) -> str:
        """`gradients`, `gradients:dL/dw0` or `total`."""

    @property
    def points(self) -> float | None:
        """Never None of what holds."""

    @property
    def comment(self) -> str:
        """For the student."""

    @property
    def by(self) -> str:
        """Who decided."""

    @property
    def at(self) -> Moment:
        """When."""

    @property
    def basis(self) -> str:
        """As `basis` wrote it then."""


class Place(Struct, frozen=True, kw_only=True):
    """What a target means in a grade: where points stand, and how many there are."""

    target: str
    question: QuestionResult | None
    """None for the total."""
    quantity: QuantityResult | None = None
    points: float
    """What the grader gives."""
    max_points: float
    pending_points: float
    """What waits of them; of a quantity that may be among those that wait, all of its points."""


def place(grade: Grade, target: str) -> Place | None:
    """Find what a target means.

    Parameters
    ----------
    grade : Grade
        As the grader made it, without marks.
    target : str
        `gradients`, `gradients:dL/dw0` or `total`.

    Returns
    -------
    Place or None
        None where the grade has no such question or quantity.
    """
    if target == TOTAL:
        return Place(
            target=target,
            question=None,
            points=grade.points,
            max_points=grade.max_points,
            pending_points=grade.pending_points,
        )
    for question in grade.questions:
        if target == question.id:
            return Place(
                target=target,
                question=question,
                points=question.points,
                max_points=question.max_points,
                pending_points=question.pending_points,
            )
        if target.startswith(f"{question.id}{SEPARATOR}"):
            name = target.removeprefix(f"{question.id}{SEPARATOR}")
            return next(
                (_of_quantity(target, question, one) for one in question.quantities if one.name == name), None
            )
    return None


def _of_quantity(target: str, question: QuestionResult, quantity: QuantityResult) -> Place:
    weight = _weight(question) if quantity.required else 0.0
    waits = quantity.verdict is Verdict.MISSING and question.pending_points > 0.0
    return Place(
        target=target,
        question=question,
        quantity=quantity,
        points=weight * quantity.share,
        max_points=weight,
        pending_points=weight if waits else 0.0,
    )


def _weight(question: QuestionResult) -> float:
    """Return the points of each required quantity: all of a question have the same (marking policy, section 4)."""
    return question.max_points / max(sum(one.required for one in question.quantities), 1)


# --------------------------------------------------------------------------------------------------------------
# What a decision was made on


def basis(grade: Grade, target: str) -> str:
    """Write down what the grader finds and the student wrote, so that a change is seen later.

    Parameters
    ----------
    grade : Grade
        As the grader made it, without marks.
    target : str
        `gradients`, `gradients:dL/dw0` or `total`.

    Returns
    -------
    str
        One short line, for `changed_since`; empty where there is no such place.
    """
    found = place(grade, target)
    if found is None:
        return ""
    waits = found.pending_points > 0.0 and found.points == 0.0
    return f"{_OPEN if waits else format(found.points, '.9g')} {_digest(_found(grade, found))} {_digest(_written(grade, found))}"


def changed_since(before: str, grade: Grade, target: str) -> tuple[str, ...]:
    """Say what has changed since a decision was made.

    Parameters
    ----------
    before : str
        What `basis` wrote then.
    grade : Grade
        As the grader made it, without marks.
    target : str

    Returns
    -------
    tuple of str
        Sentences; empty where nothing has.
    """
    place_now = place(grade, target)
    if place_now is None:
        return (GONE,)
    now = basis(grade, target)
    if before == now:
        return ()
    if not before:
        return (FOUND_CHANGED,)  # it was not asked when it was marked
    points, found, written = before.split(" ")
    points_now, found_now, written_now = now.split(" ")
    said = []
    if written != written_now:
        said.append(ANSWER_CHANGED if _has_text(place_now.question) else FILES_CHANGED)
    if points != points_now:
        said.append(f"The grader gave {_short(points)} points then, and gives {_short(points_now)} now.")
    elif found != found_now:
        said.append(FOUND_CHANGED)
    return tuple(said)


def points_then(before: str) -> float | None:
    """Return what the grader gave when a decision was made.

    Parameters
    ----------
    before : str
        What `basis` wrote then.

    Returns
    -------
    float or None
        None where it left the points to a person, or the place was gone.
    """
    points = before.partition(" ")[0]
    try:
        return float(points)
    except ValueError:
        return None


def _short(points: str) -> str:
    return "no" if points == _OPEN else f"{float(points):.4g}"


def _found(grade: Grade, at: Place) -> object:
    if at.question is None:
        return [grade.status.value, [_of(question) for question in grade.questions]]
    if at.quantity is None:
        return _of(at.question)
    return [at.quantity.verdict.value, f"{at.points:.9g} {at.max_points:.9g}"]


def _of(question: QuestionResult) -> object:
    points = f"{question.points:.9g} {question.pending_points:.9g} {question.max_points:.9g}"
    verdicts = [[one.name, one.verdict.value, f"{one.share:.9g}"] for one in question.quantities]
    return [question.id, question.status.value, points, verdicts]


def _written(grade: Grade, at: Place) -> object:
    """Return what the person read: an answer in words or lines, or else all files."""
    question = at.question
    if question is None or not _has_text(question):
        return grade.sha256
    return [question.text, [[side.source for side in line.sides] for line in question.lines]]


def _has_text(question: QuestionResult | None) -> bool:
    return question is not None and (question.text is not None or bool(question.lines))


def _digest(value: object) -> str:
    # JSON in ASCII: half of a surrogate pair in a hostile text survives as its escape.
    return hashlib.sha256(json.dumps(value).encode("ascii")).hexdigest()[:_DIGEST]


# --------------------------------------------------------------------------------------------------------------
# The points that hold


def with_marks(grade: Grade, standing: Sequence[Standing]) -> Grade:
    """Lay the marks of people over a grade.

    A mark of the total takes the place of the sum over the questions, which keep their points; a mark of a question goes before
    those of its quantities. What waited for a person and was marked no longer waits.

    Parameters
    ----------
    grade : Grade
        As the grader made it.
    standing : sequence of Standing
        The marks of its student that hold, one per target at most.

    Returns
    -------
    Grade
        With the points that hold, every mark where it belongs, and the automatic points beside; the same where there
        are no marks.
    """
    if not standing:
        return grade
    marks = [_mark(one, grade) for one in standing]
    total = next((mark for mark in marks if mark.target == TOTAL), None)
    questions = tuple(_question(one, marks) for one in grade.questions)
    placed = {id(mark) for mark in marks for question in grade.questions if _belongs(mark, question)}
    own = tuple(
        mark if mark.target == TOTAL else replace(mark, in_force=False)
        for mark in marks
        if id(mark) not in placed
    )
    marked = replace(grade, questions=questions, marks=own)
    if total is None and not any(question.automatic for question in questions):
        return marked
    automatic = Automatic(points=grade.points, pending_points=grade.pending_points, status=grade.status)
    settled = marked.final and grade.status in _WAITING
    return replace(marked, automatic=automatic, status=Status.GRADED if settled else grade.status)


def _mark(one: Standing, grade: Grade) -> Mark:
    found = place(grade, one.target)
    assert one.points is not None, "what was taken back does not stand"
    return Mark(
        target=one.target,
        # The assignment may have fewer points now; the mark then says that the grader gives others.
        points=one.points if found is None else min(one.points, found.max_points),
        comment=one.comment,
        by=one.by,
        at=one.at.isoformat(timespec="seconds"),
        look_again=changed_since(one.basis, grade, one.target),
    )


def _belongs(mark: Mark, question: QuestionResult) -> bool:
    if mark.target == question.id:
        return True
    names = (f"{question.id}{SEPARATOR}{one.name}" for one in question.quantities)
    return mark.target in names


def _question(question: QuestionResult, marks: Sequence[Mark]) -> QuestionResult:
    """Lay marks over a question."""
    own = [mark for mark in marks if _belongs(mark, question)]
    if not own:
        return question
    whole = next((mark for mark in own if mark.target == question.id), None)
    told = tuple(replace(mark, in_force=whole is None or mark is whole) for mark in own)
    points, pending = (whole.points, 0.0) if whole is not None else _summed(question, own)
    settled = pending == 0.0 and question.status in _WAITING
    return replace(
        question,
        points=points,
        pending_points=pending,
        status=Status.GRADED if settled else question.status,
        # It says that a person is to look, and one has.
        message=None if settled and question.status is Status.AWAITING else question.message,
        marks=told,
        automatic=Automatic(
            points=question.points, pending_points=question.pending_points, status=question.status
        ),
    )


def _summed(question: QuestionResult, marks: Sequence[Mark]) -> tuple[float, float]:
    """Return points and what waits, where people marked some quantities."""
    by_name = {mark.target.removeprefix(f"{question.id}{SEPARATOR}"): mark for mark in marks}
    places = [
        _of_quantity(by_name[one.name].target, question, one)
        for one in question.quantities
        if one.name in by_name
    ]
    change = sum(by_name[one.quantity.name].points - one.points for one in places if one.quantity)
    points = min(max(question.points + change, 0.0), question.max_points)
    return points, _still_waiting(question, sum(one.pending_points for one in places))


def _still_waiting(question: QuestionResult, decided: float) -> float:
    """Return the points that still wait: of what is missing it is not told which are waited for, so not before the last one."""
    weight = _weight(question)
    missing = sum(one.required and one.verdict is Verdict.MISSING for one in question.quantities)
    left = min(question.pending_points, missing * weight - decided)
    return left if left > _DUST else 0.0
