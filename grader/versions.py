"""The versions of an assignment that the grades of a gradebook were made for, so that a change can be told in words."""

from __future__ import annotations

import json
from collections.abc import Mapping

from grader.assignment import Assignment
from grader.assignment_changes import differences, outline
from grader.gradebook import Gradebook

_META = "assignment-version "
"""Begins the names under which a gradebook keeps outlines; the digest follows."""
_LAST = "assignment-digest"


class Versions:
    """The versions of one gradebook, and the one that grades are made for now.

    Parameters
    ----------
    book : Gradebook
        Open.
    assignment : Assignment
    """

    def __init__(self, book: Gradebook, assignment: Assignment) -> None:
        self._book = book
        self._digest = assignment.digest
        self._now = outline(assignment)
        self._changed: dict[str, tuple[str, ...]] = {}

    def keep(self) -> None:
        """Store what the version of now says; done before a grade is made for it."""
        name = f"{_META}{self._digest}"
        if self._book.meta(name) is None:
            self._book.set_meta(name, json.dumps(dict(self._now)))
        if self._book.meta(_LAST) != self._digest:
            self._book.set_meta(_LAST, self._digest)

    def changed_since_last_run(self) -> tuple[str, ...]:
        """Say what changed since `keep` was called last in an earlier run.

        Returns
        -------
        tuple of str
        """
        return self.changed_since(self._book.meta(_LAST))

    def changed_since(self, digest: str | None) -> tuple[str, ...]:
        """Say what changed between an earlier version and that of now.

        Parameters
        ----------
        digest : str or None
            Of the assignment at that time; None for none.

        Returns
        -------
        tuple of str
            Empty where nothing did, where the earlier version is not known, and where only code or texts did.
        """
        if digest is None or digest == self._digest:
            return ()
        if digest not in self._changed:
            before = _outline(self._book.meta(f"{_META}{digest}"))
            self._changed[digest] = differences(before, self._now) if before else ()
        return self._changed[digest]


def _outline(text: str | None) -> Mapping[str, str]:
    """Read a stored outline; nothing where it is damaged, since it only explains."""
    try:
        read = json.loads(text or "{}")
    except ValueError:
        return {}
    return read if isinstance(read, dict) and all(isinstance(value, str) for value in read.values()) else {}
