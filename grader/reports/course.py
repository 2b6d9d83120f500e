"""The class page: distribution, questions, slips, and who needs a person; the instructor's, not the students'."""

from __future__ import annotations

from collections.abc import Iterable

from grader.reports.class_view import ClassRow, class_view
from grader.reports.environments import html_environment


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
    view = class_view(rows, assignment=assignment)
    return html_environment().get_template("class.html.j2").render(view=view)
