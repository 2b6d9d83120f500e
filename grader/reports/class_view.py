"""What the class page shows, counted from small rows so that no grade has to be kept."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence

from msgspec import Struct

from grader.model import Status
from grader.reports.class_bins import Bin, histogram
from grader.reports.class_mistakes import (
    FirstMistakes,
    SlipSummary,
    Topic,
    first_mistakes,
    percent_text,
    slips,
    topics,
)
from grader.reports.class_needs import Group, groups
from grader.reports.class_rows import ClassRow, QuestionRow, seconds_text
from grader.reports.outline import Outline
from grader.reports.text import clean_line, points_text

_NAME = 80
_TITLE = 200
_DASH = "\N{EN DASH}"
_TOPICS = 3
_SLOWEST = 5
_SLOW = 4.0
"""Who takes this many times the median is told; what is faster is nothing to look at."""


class QuestionSummary(Struct, frozen=True, kw_only=True):
    """One question over the class."""

    title: str
    max_points: str
    mean: str
    """Over all whose points are final."""
    earned: str
    """Percent of the points, by those who answered: the lower, the harder; a dash where nobody did."""
    earned_share: float
    """The same, 0 to 1."""
    missing: int
    missing_percent: str
    """Of the submissions."""
    waiting: int


class ClassView(Struct, frozen=True, kw_only=True):
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
    by_points: tuple[ClassRow, ...]
    """Whom the places in the histogram mean."""
    questions: tuple[QuestionSummary, ...]
    hardest: QuestionSummary | None
    """The question of which those who answered earned the smallest share; None where all earned everything."""
    slips: tuple[SlipSummary, ...]
    topics: tuple[Topic, ...]
    first_mistakes: tuple[FirstMistakes, ...]
    with_first_mistake: int
    elsewhere: int
    """First mistakes that are in none of the networks."""
    needs: tuple[Group, ...]
    for_a_person: int
    """How many submissions need a person; gradients that look numerical do not."""
    marked: tuple[ClassRow, ...]
    """Those of whom people decided something."""
    students: tuple[ClassRow, ...]
    time_total: str
    time_median: str
    slowest: tuple[ClassRow, ...]
    """Far slower than the others."""


def class_view(rows: Iterable[ClassRow], *, assignment: str, outlines: Iterable[Outline] = ()) -> ClassView:
    """Count what the class page shows.

    Parameters
    ----------
    rows : iterable of ClassRow
        One per submission, in any order.
    assignment : str
        Title or name of the assignment.
    outlines : iterable of Outline
        Its networks.

    Returns
    -------
    ClassView
        Students in the order of their names; slips by how often they occur. Mean, median and histogram are over
        grades that are final, but for the questions that a person reads: these are left out of all of them.
    """
    students = sorted(rows, key=lambda row: (row.student.casefold(), row.file_name))
    read = _read_by_person(students)
    decided = [[one for one in row.questions if one.id not in read] for row in students]
    graded = [bool(questions) and all(one.final for one in questions) for questions in decided]
    counted = [questions for questions, is_graded in zip(decided, graded, strict=True) if is_graded]
    # Without what is left out they are the sum; with everything those that hold, which a person may have decided as a whole.
    points = [
        sum(one.points for one in questions) if read else row.points
        for row, questions, is_graded in zip(students, decided, graded, strict=True)
        if is_graded
    ]
    full = [sum(one.max_points for one in questions) for questions in counted]
    max_points = max((sum(one.max_points for one in questions) for questions in decided), default=0.0)
    questions = _questions(students)
    found = slips(students)
    networks = first_mistakes(students, outlines)
    with_first = sum(bool(row.first_at) for row in students)
    times = [row.seconds for row in students if row.seconds > 0.0]
    return ClassView(
        assignment=clean_line(assignment, _TITLE),
        submissions=len(students),
        graded=len(points),
        read_by_person=tuple(read.values()),
        mean=points_text(statistics.fmean(points)) if points else _DASH,
        median=points_text(statistics.median(points)) if points else _DASH,
        max_points=points_text(max_points),
        all_correct=sum(earned >= most - 1e-9 for earned, most in zip(points, full, strict=True)),
        histogram=histogram(points, max_points),
        by_points=tuple(row for row, is_graded in zip(students, graded, strict=True) if is_graded),
        questions=questions,
        hardest=_hardest(questions),
        slips=found,
        topics=topics(found, len(students), _TOPICS),
        first_mistakes=networks,
        with_first_mistake=with_first,
        elsewhere=with_first - sum(one.here for one in networks),
        needs=groups(students),
        for_a_person=sum(row.for_a_person for row in students),
        marked=tuple(row for row in students if row.marks),
        students=tuple(students),
        time_total=_time(sum(times)),
        time_median=seconds_text(statistics.median(times)) if times else _DASH,
        slowest=_slowest(students, statistics.median(times)) if times else (),
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


def _slowest(students: Iterable[ClassRow], median: float) -> tuple[ClassRow, ...]:
    slow = [row for row in students if row.seconds > _SLOW * median and row.seconds >= 1.0]
    return tuple(sorted(slow, key=lambda row: -row.seconds)[:_SLOWEST])


def _time(seconds: float) -> str:
    if seconds < 100.0:  # noqa: PLR2004
        return f"{seconds:.1f} s"
    minutes, hour = seconds / 60.0, 60.0
    return f"{minutes:.0f} min" if minutes < 2 * hour else f"{minutes / hour:.1f} h"


# --------------------------------------------------------------------------------------------------------------
# Questions


def _questions(students: Sequence[ClassRow]) -> tuple[QuestionSummary, ...]:
    by_id: dict[str, list[QuestionRow]] = {}
    for row in students:
        for question in row.questions:
            by_id.setdefault(question.id, []).append(question)
    return tuple(_question(rows) for rows in by_id.values())


def _question(rows: Sequence[QuestionRow]) -> QuestionSummary:
    decided = [row.points for row in rows if row.final]
    answered = [row for row in rows if row.final and row.status is not Status.MISSING]
    most = sum(row.max_points for row in answered)
    share = min(max(sum(row.points for row in answered) / most, 0.0), 1.0) if most > 0.0 else 0.0
    missing = sum(row.status is Status.MISSING for row in rows)
    return QuestionSummary(
        title=rows[0].title,
        max_points=points_text(rows[0].max_points),
        mean=points_text(statistics.fmean(decided)) if decided else _DASH,
        # Whoever lost a little did not earn everything.
        earned=percent_text(round(share * 1e6), 1_000_000) if most > 0.0 else _DASH,
        earned_share=share,
        missing=missing,
        missing_percent=percent_text(missing, len(rows)),
        waiting=sum(not row.final for row in rows),
    )


def _hardest(questions: Iterable[QuestionSummary]) -> QuestionSummary | None:
    lost = [one for one in questions if one.earned != _DASH and one.earned_share < 1.0]
    return min(lost, key=lambda one: one.earned_share, default=None)
