"""What the class page needs of one grade, as a small row, so that no grade of a large class has to be kept."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct

from grader.model import STATUS_WORST_FIRST, Grade, LineVerdict, QuestionResult, Status
from grader.reports.people import MarkRow, mark_rows
from grader.reports.phrases import STATUS_SENTENCES, STATUS_WORDS, slip_phrase
from grader.reports.text import clean_line, earned_text, points_text

_NAME = 80
_LINE = 300
_QUESTIONS = 1_024
_MISTAKES = 4_096
_FOR_A_PERSON = (Status.FAULT, Status.UNREADABLE, Status.AWAITING)


class Need(StrEnum):
    """Why somebody has to look at a submission; what is most urgent first."""

    FAULT = "fault"
    """Our grader failed."""
    CHOICE = "choice"
    """Several submissions of one student, or another choice for the submission as a whole."""
    UNREADABLE = "unreadable"
    AGAIN = "again"
    """What a person decided rests on what has changed since."""
    LINES = "lines"
    """Lines of a derivation were not read."""
    ANSWER = "answer"
    """A person reads the answer."""
    POINTS = "points"
    """Points wait for another reason."""


class Reason(Struct, frozen=True, kw_only=True):
    """Why somebody has to look at a submission, and at what; clean texts."""

    need: Need
    question: str
    """Title; empty where it is the submission as a whole."""
    text: str
    """What happened."""


class QuestionRow(Struct, frozen=True, kw_only=True):
    """One question of one submission."""

    id: str
    title: str
    points: float
    max_points: float
    final: bool
    status: Status
    is_read: bool = False
    """Whether a person reads the answer as a whole."""


class Mistake(Struct, frozen=True, kw_only=True):
    """What kind of mistake was found, and where."""

    slip: str
    at: str


class ClassRow(Struct, frozen=True, kw_only=True):
    """What the class page needs of one grade; clean texts."""

    student: str
    file_name: str
    """Name of the report without its suffix."""
    points: float
    max_points: float
    pending_points: float
    status: Status
    """The worst of the submission's and its questions', for the table."""
    reasons: tuple[Reason, ...]
    """Why somebody has to look at it; empty where nobody has to."""
    first_at: str
    """The quantity of the first mistake; empty where none was found."""
    first_mistake: str
    """The same with its kind."""
    questions: tuple[QuestionRow, ...]
    mistakes: tuple[Mistake, ...]
    """Each once."""
    seconds: float = 0.0
    """CPU seconds of the student's process."""
    marks: tuple[MarkRow, ...] = ()
    """What people decided."""
    looks_numerical: bool = False
    """Whether right gradients look like difference quotients."""

    @property
    def final(self) -> bool:
        """Whether nothing waits."""
        return self.pending_points == 0.0

    @property
    def is_full(self) -> bool:
        """Whether all points were earned."""
        return self.final and bool(self.questions) and self.points >= self.max_points - 1e-9

    @property
    def status_word(self) -> str:
        """The status for people."""
        return STATUS_WORDS[self.status]

    @property
    def points_text(self) -> str:
        """Points so far and what waits; a dash where nothing is decided."""
        if self.final and self.questions:
            return earned_text(self.points, self.max_points)
        if not any(question.final for question in self.questions):
            return "\N{EN DASH}"
        return f"{points_text(self.points)}, {points_text(self.pending_points)} wait"

    @property
    def time_text(self) -> str:
        """CPU seconds; empty where nothing was run."""
        return seconds_text(self.seconds) if self.seconds > 0.0 else ""

    @property
    def for_a_person(self) -> bool:
        """Whether somebody has to look at it."""
        return bool(self.reasons)


def seconds_text(seconds: float) -> str:
    """Write a time so that what is short is not called nothing.

    Parameters
    ----------
    seconds : float

    Returns
    -------
    str
        `0.004 s`, `0.31 s`, `12.5 s`.
    """
    short, long = 0.1, 10.0
    if seconds < short:
        return f"{max(seconds, 0.001):.3f} s"
    return f"{seconds:.2f} s" if seconds < long else f"{seconds:.1f} s"


def class_row(file_name: str, grade: Grade) -> ClassRow:
    """Take from a grade what the class page needs.

    Parameters
    ----------
    file_name : str
        Name of the student's report without its suffix.
    grade : Grade
        The grade.

    Returns
    -------
    ClassRow
        Clean texts, not escaped.
    """
    found = [
        _mistake(finding.slip, finding.at) for question in grade.questions for finding in question.findings
    ]
    return ClassRow(
        student=clean_line(grade.student, _NAME),
        file_name=file_name,
        points=grade.points,
        max_points=grade.max_points,
        pending_points=grade.pending_points,
        status=_row_status(grade),
        reasons=tuple(_reasons(grade)),
        first_at=clean_line(grade.first_mistake or "", _NAME),
        first_mistake=_first_mistake(grade),
        questions=tuple(
            _question_row(
                question.id,
                question.title,
                question.points,
                question.max_points,
                question.pending_points == 0.0 or grade.total is not None,
                _status(question),
                _status(question) is Status.AWAITING and not question.lines,
            )
            for question in grade.questions
        ),
        mistakes=tuple(dict.fromkeys(found)),
        seconds=grade.seconds,
        marks=tuple(mark_rows(grade)),
        looks_numerical=grade.looks_numerical,
    )


# One for all who have the same points: a large class is kept in rows.
@lru_cache(_QUESTIONS)
def _question_row(
    question_id: str,
    title: str,
    points: float,
    max_points: float,
    final: bool,
    status: Status,
    is_read: bool,
) -> QuestionRow:
    return QuestionRow(
        id=question_id,
        title=clean_line(title, _NAME) or clean_line(question_id, _NAME),
        points=points,
        max_points=max_points,
        final=final,
        status=status,
        is_read=is_read,
    )


@lru_cache(_MISTAKES)
def _mistake(slip: str, at: str) -> Mistake:
    return Mistake(slip=clean_line(slip, _NAME), at=clean_line(at, _NAME))


def _row_status(grade: Grade) -> Status:
    """Name the worst of the submission's status and its questions'."""
    statuses = {
        grade.status,
        *(_status(question) for question in grade.questions if _is_open(grade, question)),
    }
    return next(status for status in STATUS_WORST_FIRST if status in statuses)


def _is_open(grade: Grade, question: QuestionResult) -> bool:
    """Say whether a question's status still matters: not what waits, where a person decided about the whole."""
    return grade.total is None or question.pending_points == 0.0


def _status(question: QuestionResult) -> Status:
    """Return the status of a question; one of which a part waits is awaiting, though the rest of it is graded."""
    is_partial = question.status is Status.GRADED and question.pending_points > 0.0
    return Status.AWAITING if is_partial else question.status


# --------------------------------------------------------------------------------------------------------------
# What a person is needed for

_WHOLE = {Status.FAULT: Need.FAULT, Status.AWAITING: Need.CHOICE, Status.UNREADABLE: Need.UNREADABLE}


def _reasons(grade: Grade) -> Iterator[Reason]:
    """Yield why somebody has to look at it: marks to be looked at again, then once for the whole, or else for each question."""
    for mark in mark_rows(grade):
        if mark.look_again:
            yield _reason(Need.AGAIN, mark.what, f"{mark.points} points by {mark.by}. {mark.look_again}")
    if grade.status in _WHOLE and (grade.message or grade.status is not Status.AWAITING):
        text = grade.message or "; ".join(_told(question) for question in _troubled(grade))
        yield _reason(_WHOLE[grade.status], "", text or STATUS_SENTENCES[grade.status])
        return
    troubled = _troubled(grade)
    for question in troubled:
        yield _reason(_need(question), question.title or question.id, _text(question))
    if not troubled and not grade.final:
        yield _reason(Need.POINTS, "", f"{points_text(grade.pending_points)} points wait")


def _reason(need: Need, question: str, text: str) -> Reason:
    return Reason(need=need, question=clean_line(question, _NAME), text=clean_line(text, _LINE))


def _troubled(grade: Grade) -> list[QuestionResult]:
    return [
        question
        for question in grade.questions
        if _status(question) in _FOR_A_PERSON and _is_open(grade, question)
    ]


def _told(question: QuestionResult) -> str:
    return f"{question.title or question.id}: {_text(question)}"


def _need(question: QuestionResult) -> Need:
    status = _status(question)
    if status is not Status.AWAITING:
        return _WHOLE[status]
    return Need.LINES if question.lines else Need.ANSWER


def _text(question: QuestionResult) -> str:
    """Say why a person has to look at a question."""
    unread = sum(line.verdict is LineVerdict.UNREAD for line in question.lines)
    if unread and not question.message:
        return f"{unread} {'line was' if unread == 1 else 'lines were'} not read by the grader"
    return question.message or STATUS_SENTENCES[_status(question)]


def _first_mistake(grade: Grade) -> str:
    """Name the first mistake and its kind, shorter than the opening does."""
    if grade.first_mistake is None:
        return ""
    name = clean_line(grade.first_mistake, _NAME)
    findings = (
        one for question in grade.questions for one in question.findings if one.at == grade.first_mistake
    )
    finding = next(findings, None)
    return f"{name}: {clean_line(slip_phrase(finding.slip), _NAME)}" if finding else name
