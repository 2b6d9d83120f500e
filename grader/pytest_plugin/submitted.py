"""The submissions of a pytest run: each is checked when the first of its tests runs, and once, however many ask."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

from grader import practice
from grader.assignment import Assignment
from grader.errors import GraderError, HostError
from grader.model import Grade
from grader.outlock import locked
from grader.reports.write import write_text
from grader.serialize import dumps, loads
from grader.submissions import find, read

_MOST_WAITING_S = 600.0
"""How long a worker waits for another one that checks the same submission, before it does so itself."""


class Submissions:
    """What is graded in a run.

    Parameters
    ----------
    assignment : Assignment
        What is asked.
    shared : Path, optional
        A folder of the whole run, where the workers of pytest-xdist find each other's results.
    """

    def __init__(self, assignment: Assignment, shared: Path | None = None) -> None:
        self.assignment = assignment
        self._shared = shared
        self._graded: dict[Path, Grade | GraderError] = {}

    def graded(self, path: Path) -> Grade | GraderError:
        """Check a submission, if that was not done before.

        Parameters
        ----------
        path : Path
            A file or folder.

        Returns
        -------
        Grade or GraderError
            What came of it, or why nothing did: a value, so that no test asks twice.
        """
        if path not in self._graded:
            self._graded[path] = self._attempt(path)
        return self._graded[path]

    def _attempt(self, path: Path) -> Grade | GraderError:
        try:
            return self._check(path) if self._shared is None else self._once(path, self._shared)
        except GraderError as error:
            return error
        except Exception as error:  # the edge: our own mistake is one message, and no failed work
            if os.environ.get("GRADER_DEBUG"):
                raise
            return GraderError(
                f"the grader broke: {type(error).__name__}: {error}",
                remedy="run it again with GRADER_DEBUG=1 and report what it prints",
            )

    def _check(self, path: Path) -> Grade:
        [found] = find([path], single=True)
        return practice.check(read(found), self.assignment).grade

    def _once(self, path: Path, shared: Path) -> Grade:
        """Take the result of another worker of this run, or check and leave the result for the others."""
        folder = shared / sha256(os.fsencode(path)).hexdigest()
        folder.mkdir(exist_ok=True)
        stored = folder / "grade.json"
        try:
            with locked(folder, wait_s=_MOST_WAITING_S):
                if not stored.exists():
                    write_text(stored, dumps(self._check(path)), durable=False)
                return loads(stored.read_text(encoding="utf-8"))
        except HostError:
            return self._check(path)
