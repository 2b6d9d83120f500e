"""The class page: who needs a person, what to discuss, distribution, questions, mistakes, students; the instructor's alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from markupsafe import Markup

from grader.reports.class_drawing import bars_svg, shares_svg
from grader.reports.class_rows import ClassRow
from grader.reports.class_view import class_view
from grader.reports.conditions import MarkingFacts
from grader.reports.environments import html_environment

_TOGETHER = 500
"""Expressions and texts of the template that make one piece."""


def class_html(
    rows: Iterable[ClassRow],
    *,
    assignment: str,
    facts: MarkingFacts | None = None,
    templates: Path | None = None,
) -> str:
    """Render the class page as one HTML file that needs no network and no script.

    Parameters
    ----------
    rows : iterable of ClassRow
        One per submission (`grader.reports.class_rows.class_row`).
    assignment : str
        Name of the assignment.
    facts : MarkingFacts, optional
        What the assignment says: its title and its networks.
    templates : Path, optional
        A folder whose templates stand for ours of the same name.

    Returns
    -------
    str
        A complete document; links to `reports/FILE_NAME.html`.
    """
    return "".join(class_pieces(rows, assignment=assignment, facts=facts, templates=templates))


def class_pieces(
    rows: Iterable[ClassRow],
    *,
    assignment: str,
    facts: MarkingFacts | None = None,
    templates: Path | None = None,
) -> Iterator[str]:
    """Render the class page piece by piece: the page of a large class takes megabytes, and its pieces many times that.

    Parameters
    ----------
    rows : iterable of ClassRow
    assignment : str
    facts : MarkingFacts, optional
    templates : Path, optional

    Yields
    ------
    str
        A part of what `class_html` returns.
    """
    told = facts or MarkingFacts()
    view = class_view(rows, assignment=told.title or assignment, outlines=told.outlines)
    # Our own SVG, in which every text is escaped.
    bars = Markup(bars_svg(view.histogram)) if view.histogram and view.graded else None  # noqa: S704
    networks = [(one, Markup(shares_svg(one))) for one in view.first_mistakes]  # noqa: S704
    template = html_environment(templates).get_template("class.html.j2")
    stream = template.stream(view=view, bars=bars, networks=networks)
    stream.enable_buffering(_TOGETHER)
    yield from stream
