"""The class page: distribution, questions, slips, and who needs a person; the instructor's, not the students'."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from grader.reports.class_view import ClassRow, class_view
from grader.reports.environments import html_environment

_TOGETHER = 500
"""Expressions and texts of the template that make one piece."""


def class_html(rows: Iterable[ClassRow], *, assignment: str) -> str:
    """Render the class page as one HTML file that needs no network and no script.

    Parameters
    ----------
    rows : iterable of ClassRow
        One per submission (`grader.reports.class_view.class_row`).
    assignment : str
        Name of the assignment.

    Returns
    -------
    str
        A complete document; links to `reports/FILE_NAME.html`.
    """
    return "".join(class_pieces(rows, assignment=assignment))


def class_pieces(rows: Iterable[ClassRow], *, assignment: str) -> Iterator[str]:
    """Render the class page piece by piece: the page of a large class takes megabytes, and its pieces many times that.

    Parameters
    ----------
    rows : iterable of ClassRow
    assignment : str

    Yields
    ------
    str
        A part of what `class_html` returns.
    """
    view = class_view(rows, assignment=assignment)
    stream = html_environment().get_template("class.html.j2").stream(view=view)
    stream.enable_buffering(_TOGETHER)
    yield from stream
