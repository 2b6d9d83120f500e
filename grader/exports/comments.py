"""Feedback in short: what the comment cell of a platform's table says of a grade."""

from __future__ import annotations

from html import escape

from grader.exports.returned import Returned

_MOST = 4_000
_OURS = '<div class="backprop-grader">'
"""Begins what we wrote, so that it is found and replaced when it is written again."""
_END = "</div>"


def comment_lines(one: Returned) -> tuple[str, ...]:
    """Say what a student reads beside the points.

    Parameters
    ----------
    one : Returned

    Returns
    -------
    tuple of str
        Clean lines, not escaped; cut with the cut shown.
    """
    lines: list[str] = []
    room = _MOST
    for line in one.said:
        shown = line if len(line) <= room else f"{line[:room]} [cut]"
        lines.append(shown)
        room -= len(shown)
        if room <= 0:
            break
    return tuple(lines)


def comment_html(one: Returned) -> str:
    """Write the comment as HTML, which is what Moodle keeps comments as.

    Parameters
    ----------
    one : Returned

    Returns
    -------
    str
        One line; begins with a tag, and so is no formula to a spreadsheet.
    """
    said = "".join(f"<p>{escape(line, quote=False)}</p>" for line in comment_lines(one))
    return f"{_OURS}{said}{_END}"


def with_comment(there: str, ours: str) -> str:
    """Put our comment into a cell: in the place of an earlier one of ours, and after what a person wrote.

    Parameters
    ----------
    there : str
        What the cell says.
    ours : str
        As `comment_html` writes it.

    Returns
    -------
    str
    """
    start = there.find(_OURS)
    if start < 0:
        return f"{there}{ours}"
    end = there.find(_END, start)
    return f"{there[:start]}{ours}{there[end + len(_END) :] if end >= 0 else ''}"
