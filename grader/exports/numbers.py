"""Points as the tables of platforms have them: their decimal mark, their maximum."""

from __future__ import annotations

import re
from collections.abc import Iterable

from grader.errors import UsageError
from grader.exports.returned import Returned
from grader.reports.text import earned_text, points_text

_NUMBER = re.compile(r"\s*-?\d+(?:[.,]\d+)?\s*")
_SAME = 1e-6


def number(text: str) -> float | None:
    """Read a number with a decimal point or comma.

    Parameters
    ----------
    text : str

    Returns
    -------
    float or None
        None where it is none.
    """
    return float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None


def has_decimal_comma(texts: Iterable[str]) -> bool:
    """Say whether numbers are written with a decimal comma.

    Parameters
    ----------
    texts : iterable of str
        Cells of a table.

    Returns
    -------
    bool
    """
    return any("," in text and number(text) is not None for text in texts)


def cell(one: Returned, maximum: float | None, *, comma: bool) -> str:
    """Write the points of a grade as a table has them.

    Parameters
    ----------
    one : Returned
    maximum : float or None
        Most points in the table; the grade's own where it is None.
    comma : bool
        Whether the table has a decimal comma.

    Returns
    -------
    str
        At most two decimals; rounding alone never makes the points full.
    """
    most = one.max_points if maximum is None else maximum
    points = one.points * most / one.max_points if one.max_points else 0.0
    text = earned_text(points, most)
    return text.replace(".", ",") if comma else text


def checked_maximum(
    found: Iterable[str], grades: Iterable[Returned], name: str, *, scale: bool
) -> float | None:
    """Hold the most points that a table allows against those of the grades.

    Parameters
    ----------
    found : iterable of str
        Cells that tell the maximum; those that are no numbers tell nothing.
    grades : iterable of Returned
    name : str
        Of the table, for messages.
    scale : bool
        Whether points are to be converted.

    Returns
    -------
    float or None
        What points are converted to; None where they are written as they are.

    Raises
    ------
    UsageError
        Where the maxima differ and nothing is to be converted.
    """
    theirs = {value for value in map(number, found) if value is not None}
    ours = {one.max_points for one in grades}
    if len(theirs) != 1 or not ours:
        return None
    most = theirs.pop()
    if most <= 0 or all(abs(one - most) <= _SAME for one in ours):
        return None
    if scale:
        return most
    raise UsageError(
        f"{name} has a maximum of {points_text(most)} points, the assignment one of {points_text(max(ours))}",
        remedy="set the maximum there and download the table again, or convert the points with --scale",
    )
