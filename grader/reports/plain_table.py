"""Lines up the cells of a table in plain text."""

from __future__ import annotations

from collections.abc import Sequence


def plain_table(rows: Sequence[Sequence[str]], *, between: int = 3) -> list[str]:
    """Return a line for each row, with its cells below one another.

    Parameters
    ----------
    rows : sequence of sequence of str
        The first one has the names of the columns; all are of one length.
    between : int
        Spaces between two columns.

    Returns
    -------
    list of str
        Without space at their ends.
    """
    widths = [max(map(len, column)) + between for column in zip(*rows, strict=True)]
    return ["".join(map(str.ljust, row, widths)).rstrip() for row in rows]
