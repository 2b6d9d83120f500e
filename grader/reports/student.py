"""One student's report as HTML and as Markdown, from the public view alone."""

from __future__ import annotations

from pathlib import Path

from grader.model import LineVerdict, Verdict
from grader.reports.environments import html_environment, markdown_environment
from grader.reports.phrases import LINE_MEANINGS, VERDICT_MEANINGS
from grader.reports.view import StudentView

_LEGEND = tuple((verdict, VERDICT_MEANINGS[verdict]) for verdict in Verdict)


def student_html(view: StudentView, templates: Path | None = None) -> str:
    """Render the report as one HTML file that needs no network and no script.

    Parameters
    ----------
    view : StudentView
        What may be shown.
    templates : Path, optional
        A folder whose templates stand for ours of the same name.

    Returns
    -------
    str
        A complete document.
    """
    return (
        html_environment(templates)
        .get_template("student.html.j2")
        .render(view=view, legend=_LEGEND, line_legend=_line_legend(view))
    )


def student_markdown(view: StudentView, templates: Path | None = None) -> str:
    """Render the report as Markdown with the same content.

    Parameters
    ----------
    view : StudentView
        What may be shown.
    templates : Path, optional
        A folder whose templates stand for ours of the same name.

    Returns
    -------
    str
        GitHub-flavoured Markdown without raw HTML.
    """
    return (
        markdown_environment(templates)
        .get_template("student.md.j2")
        .render(view=view, legend=_LEGEND, line_legend=_line_legend(view))
    )


def _line_legend(view: StudentView) -> tuple[tuple[LineVerdict, str], ...]:
    """Say what the verdicts on lines mean, those that there are."""
    return tuple((verdict, LINE_MEANINGS[verdict]) for verdict in view.line_verdicts)
