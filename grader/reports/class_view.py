"""What the class page shows, counted from small rows so that no grade has to be kept."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from grader.model import STATUS_WORST_FIRST, Grade, LineVerdict, QuestionResult, Status
from grader.reports.phrases import STATUS_SENTENCES, STATUS_WORDS, slip_phrase
from grader.reports.text import clean_line, earned_text, points_text

_NAME = 80
_LINE = 300
_BINS = 10
_QUESTIONS = 1_024
_FOR_A_PERSON = (Status.FAULT, Status.UNREADABLE, Status.AWAITING)


UNEXPLAINED = "unexplained"


@dataclass(frozen=True, kw_only=True, slots=True)
class QuestionRow:
    """One question of one submission."""

    id: str
    title: str
    points: float
    max_points: float
    final: bool
    status: Status
    is_read: bool = False
    """Whether a person reads the answer as a whole."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassRow:
    """What the class page needs of one grade; clean texts."""

    student: str
    file_name: str
    """Name of the report without its suffix."""
    points: float
    max_points: float
    pending_points: float
    status: Status
    """The worst of the submission's and its questions', for the table."""
    detail: str
    """What happened, where a person has to look at it."""
    first_mistake: str
    questions: tuple[QuestionRow, ...]
    slips: tuple[str, ...]
    looks_numerical: bool = False
    """Whether right gradients look like difference quotients."""

    @property
    def final(self) -> bool:
        """Whether nothing waits."""
        return self.pending_points == 0.0

    @property
    def status_word(self) -> str:
        """The status for people."""
        return STATUS_WORDS[self.status]

    @property
    def points_text(self) -> str:
        """Points so far and what waits; a dash where nothing is decided."""
        if self.final:
            return earned_text(self.points, self.max_points)
        if not any(question.final for question in self.questions):
            return "\N{EN DASH}"
        return f"{points_text(self.points)}, {points_text(self.pending_points)} wait"

    @property
    def for_a_person(self) -> bool:
        """Whether somebody has to look at it."""
        return self.status in _FOR_A_PERSON or not self.final


@dataclass(frozen=True, kw_only=True, slots=True)
class Bin:
    """One bar of the histogram."""

    label: str
    count: int
    share: float
    """Of the highest bar, 0 to 1."""


@dataclass(frozen=True, kw_only=True, slots=True)
class QuestionSummary:
    """One question over the class."""

    title: str
    max_points: str
    mean: str
    mean_share: float
    missing: str
    """Share of the submissions in percent."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SlipSummary:
    """One kind of mistake over the class."""

    slip: str
    phrase: str
    students: tuple[ClassRow, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassView:
    """All that the class page shows."""

    assignment: str
    submissions: int
    graded: int
    read_by_person: tuple[str, ...]
    """Titles of questions that a person reads, without which all numbers are."""
    mean: str
    median: str
    max_points: str
    all_correct: int
    histogram: tuple[Bin, ...]
    questions: tuple[QuestionSummary, ...]
    slips: tuple[SlipSummary, ...]
    for_a_person: tuple[ClassRow, ...]
    looks_numerical: tuple[ClassRow, ...]
    students: tuple[ClassRow, ...]


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
    slips = dict.fromkeys(finding.slip for question in grade.questions for finding in question.findings)
    return ClassRow(
        student=clean_line(grade.student, _NAME),
        file_name=file_name,
        points=grade.points,
        max_points=grade.max_points,
        pending_points=grade.pending_points,
        status=_row_status(grade),
        detail=clean_line(_detail(grade), _LINE),
        first_mistake=_first_mistake(grade),
        questions=tuple(
            _question_row(
                question.id,
                question.title,
                question.points,
                question.max_points,
                question.pending_points == 0.0,
                _status(question),
                _status(question) is Status.AWAITING and not question.lines,
            )
            for question in grade.questions
        ),
        slips=tuple(clean_line(slip, _NAME) for slip in slips),
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


def class_view(rows: Iterable[ClassRow], *, assignment: str) -> ClassView:
    """Count what the class page shows.

    Parameters
    ----------
    rows : iterable of ClassRow
        One per submission, in any order.
    assignment : str
        Name of the assignment.

    Returns
    -------
    ClassView
        Students in the order of their names; slips by how often they occur. Mean, median and histogram are over
        grades that are final, but for the questions that a person reads: these are left out of all of them.
    """
    students = sorted(rows, key=lambda row: (row.student.casefold(), row.file_name))
    read = _read_by_person(students)
    decided = [[question for question in row.questions if question.id not in read] for row in students]
    graded = [
        questions for questions in decided if questions and all(question.final for question in questions)
    ]
    points = [sum(question.points for question in questions) for questions in graded]
    full = [sum(question.max_points for question in questions) for questions in graded]
    max_points = max(
        (sum(question.max_points for question in questions) for questions in decided), default=0.0
    )
    return ClassView(
        assignment=clean_line(assignment, _NAME),
        submissions=len(students),
        graded=len(graded),
        read_by_person=tuple(read.values()),
        mean=points_text(statistics.fmean(points)) if points else "\N{EN DASH}",
        median=points_text(statistics.median(points)) if points else "\N{EN DASH}",
        max_points=points_text(max_points),
        all_correct=sum(earned >= most - 1e-9 for earned, most in zip(points, full, strict=True)),
        histogram=histogram(points, max_points),
        questions=_questions(students),
        slips=_slips(students),
        for_a_person=tuple(row for row in students if row.for_a_person),
        looks_numerical=tuple(row for row in students if row.looks_numerical),
        students=tuple(students),
    )


def _read_by_person(students: Iterable[ClassRow]) -> dict[str, str]:
    """Return id and title of every question that waits for a person while others of its submission do not."""
    return {
        question.id: question.title
        for row in students
        if any(question.final for question in row.questions)
        for question in row.questions
        if question.is_read and not question.final
    }


def histogram(points: Sequence[float], max_points: float) -> tuple[Bin, ...]:
    """Count points in ten equal bins and one more for full points.

    Parameters
    ----------
    points : sequence of float
        Points of the class, 0 to `max_points`.
    max_points : float
        Full points.

    Returns
    -------
    tuple of Bin
        Empty where there are no points to be had; each labelled by its lower edge.
    """
    if max_points <= 0.0:
        return ()
    width = max_points / _BINS
    counts = [0] * (_BINS + 1)
    for value in points:
        # Sums of shares fall short of an edge by rounding.
        place = math.floor(value / width + 1e-9)
        counts[min(max(place, 0), _BINS)] += 1
    highest = max(*counts, 1)
    return tuple(
        Bin(label=points_text(place * width), count=count, share=count / highest)
        for place, count in enumerate(counts)
    )


def _row_status(grade: Grade) -> Status:
    """Name the worst of the submission's status and its questions'."""
    statuses = {grade.status, *map(_status, grade.questions)}
    return next(status for status in STATUS_WORST_FIRST if status in statuses)


def _detail(grade: Grade) -> str:
    """Say what happened in the words of the grade, else by status and waiting points."""
    if grade.message:
        return grade.message
    troubled = [question for question in grade.questions if _status(question) in _FOR_A_PERSON]
    told = [f"{question.title}: {_reason(question)}" for question in troubled]
    if not grade.final:
        told.append(f"{points_text(grade.pending_points)} points wait")
    return "; ".join(told) or STATUS_SENTENCES.get(grade.status, "")


def _status(question: QuestionResult) -> Status:
    """Return the status of a question; one of which a part waits is awaiting, though the rest of it is graded."""
    is_partial = question.status is Status.GRADED and question.pending_points > 0.0
    return Status.AWAITING if is_partial else question.status


def _reason(question: QuestionResult) -> str:
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


def _questions(students: Sequence[ClassRow]) -> tuple[QuestionSummary, ...]:
    by_id: dict[str, list[QuestionRow]] = {}
    for row in students:
        for question in row.questions:
            by_id.setdefault(question.id, []).append(question)
    return tuple(_question(rows) for rows in by_id.values())


def _question(rows: Sequence[QuestionRow]) -> QuestionSummary:
    decided = [row.points for row in rows if row.final]
    mean = statistics.fmean(decided) if decided else None
    max_points = rows[0].max_points
    missing = sum(row.status is Status.MISSING for row in rows) / len(rows)
    return QuestionSummary(
        title=rows[0].title,
        max_points=points_text(max_points),
        mean="\N{EN DASH}" if mean is None else points_text(mean),
        mean_share=0.0 if mean is None or max_points <= 0.0 else min(max(mean / max_points, 0.0), 1.0),
        missing=f"{100 * missing:.0f} %",
    )


def _slips(students: Sequence[ClassRow]) -> tuple[SlipSummary, ...]:
    by_slip: dict[str, list[ClassRow]] = {}
    for row in students:
        for slip in row.slips:
            by_slip.setdefault(slip, []).append(row)
    # What nobody can name tells a class least: it stands last, however often it is.
    often_first = sorted(by_slip.items(), key=lambda item: (item[0] == UNEXPLAINED, -len(item[1]), item[0]))
    return tuple(
        SlipSummary(slip=slip, phrase=slip_phrase(slip), students=tuple(among)) for slip, among in often_first
    )
