"""The files of one student as values: made where there is time for it, written wherever the output folder is."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from msgspec import Struct

from grader.model import Grade
from grader.reports.conditions import Feedback, MarkingFacts
from grader.reports.fallback import with_ours
from grader.reports.result import result_text
from grader.reports.student import student_html, student_markdown
from grader.reports.view import public_view


class StudentFiles(Struct, frozen=True, kw_only=True):
    """What `results/` and `reports/` hold of one student."""

    result: bytes
    """`results/STUDENT.json`: everything, for the instructor."""
    html: str
    """`reports/STUDENT.html`: what the student may see."""
    markdown: str
    """`reports/STUDENT.md`: the same."""
    template_error: str | None = None
    """What failed in an instructor's template, so that ours was taken; None where nothing did."""


def render_student(
    grade: Grade,
    level: Feedback | str = Feedback.HINTS,
    facts: MarkingFacts | None = None,
    templates: Path | None = None,
) -> StudentFiles:
    """Make the result file and both reports of one student; reads and writes nothing.

    Parameters
    ----------
    grade : Grade
        The grade.
    level : Feedback
        How much the reports show; the result file holds everything.
    facts : MarkingFacts, optional
        What the assignment says about marking.
    templates : Path, optional
        A folder whose templates stand for ours of the same name.

    Returns
    -------
    StudentFiles
        Both reports are rendered from one public view.

    Raises
    ------
    ValueError
        Where there is no such level, or a float of the grade is not finite.
    """
    view = public_view(grade, level, facts=facts)
    html, html_error = with_ours(partial(student_html, view), templates)
    markdown, markdown_error = with_ours(partial(student_markdown, view), templates)
    return StudentFiles(
        result=result_text(grade).encode("ascii"),
        html=html,
        markdown=markdown,
        template_error=html_error or markdown_error,
    )
