"""A platform's table with grades filled in, the feedback files that go with it, and what a person should know."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from grader.exports.returned import Returned

_PLAIN = re.compile(r"[^/\\\x00-\x1f\x7f]+")


class Filled(Struct, frozen=True, kw_only=True):
    """What came of filling in a table."""

    content: bytes
    """The table, as it is to be uploaded."""
    files: Mapping[str, Returned]
    """Whose report goes under which path of the feedback zip."""
    by_row: Mapping[int, Returned]
    """Whose grade is on which row, the headings being 0."""
    empty: int
    """How many lines of students have no grade here, and stay as they were."""
    locked: tuple[str, ...] = ()
    """Students whose line the platform lets nobody change; it stays as it was."""
    replaced: tuple[str, ...] = ()
    """Students who had another grade in the table."""
    problems: tuple[str, ...] = ()
    """Sentences on grades that are on no line."""
    notes: tuple[str, ...] = ()
    """What else should be known of the table."""


def is_plain(name: str) -> bool:
    """Say whether a name of a download can be that of one folder or file again, and nothing else.

    Parameters
    ----------
    name : str
        Hostile text.

    Returns
    -------
    bool
    """
    return _PLAIN.fullmatch(name) is not None and set(name) != {"."}
