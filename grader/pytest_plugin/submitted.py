"""The submissions of a pytest run: each is checked when the first of its tests runs, and once, however many ask."""

from __future__ import annotations

import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from msgspec import Struct

from grader import practice
from grader.assignment import Assignment
from grader.errors import GraderError
from grader.exports.outcomes import SubmissionOutcome, outcome_of
from grader.hints import grade_at
from grader.model import Submission
from grader.outlock import locked
from grader.practice import Checked
from grader.pytest_plugin.together import read_together
from grader.reports.write import write_text
from grader.serialize import dumps, loads

_MOST_WAITING_S = 600.0
"""How long a worker waits for another one that checks the same submission."""

HOW_TO_REPORT = "run it again with GRADER_DEBUG=1 and report what it prints"


def broke(error: Exception) -> str:
    """Say that the fault is ours."""
    return f"the grader broke: {type(error).__name__}: {error}"


class Submitted(Struct, frozen=True, kw_only=True):
    """A submission that was checked."""

    checked: Checked
    outcome: SubmissionOutcome
    """What came of its questions, and the lines to look at."""


class Submissions:
    """What is graded in a run.

    Parameters
    ----------
    assignment : Assignment
        What is asked.
    paths : mapping of Path to tuple of Path
        The files or the folder of each submission, by the one where its tests stand.
    shared : Path, optional
        A folder of the whole run, where the workers of pytest-xdist find each other's results.
    """

    def __init__(
        self, assignment: Assignment, paths: Mapping[Path, tuple[Path, ...]], shared: Path | None = None
    ) -> None:
        self.assignment = assignment
        self._paths = paths
        self._shared = shared
        self._checked: dict[Path, Submitted | GraderError] = {}

    def questions(self, path: Path) -> tuple[str, ...]:
        """Return the questions whose tests stand at a path; none where they stand at another file of its submission."""
        return tuple(question.id for question in self.assignment.questions) if path in self._paths else ()

    def checked(self, path: Path) -> Submitted | GraderError:
        """Check a submission, if that was not done before.

        Parameters
        ----------
        path : Path
            Where its tests stand.

        Returns
        -------
        Submitted or GraderError
            What came of it, or why nothing did: a value, so that no test asks twice.
        """
        if path not in self._checked:
            self._checked[path] = self._attempt(path)
        return self._checked[path]

    def _attempt(self, path: Path) -> Submitted | GraderError:
        try:
            [submission] = read_together(self._paths[path], self.assignment)
            if self._shared is None:
                checked = practice.check(submission, self.assignment)
            else:
                checked = self._once(submission, self._shared)
            return Submitted(checked=checked, outcome=_outcome(checked, self._paths[path]))
        except GraderError as error:
            return error
        except Exception as error:  # the edge: our own mistake is one message, and no failed work
            if os.environ.get("GRADER_DEBUG"):
                raise
            return GraderError(broke(error), remedy=HOW_TO_REPORT)

    def _once(self, submission: Submission, shared: Path) -> Checked:
        """Take the result of another worker of this run, or check and leave the result for the others."""
        folder = shared / f"{sha256(submission.path.encode()).hexdigest()}-{submission.sha256}"
        folder.mkdir(exist_ok=True)
        stored = folder / "grade.json"
        with locked(folder, wait_s=_MOST_WAITING_S):
            if not stored.exists():
                grade = practice.check(submission, self.assignment).grade
                write_text(stored, dumps(grade), durable=False)
            # Read back by who wrote it too: every worker says the same.
            grade = loads(stored.read_text(encoding="utf-8"))
        return Checked(assignment=self.assignment, submission=submission, grade=grade)


def _outcome(checked: Checked, paths: tuple[Path, ...]) -> SubmissionOutcome:
    """Say what came of each question, with the files that its lines stand in as they are on this machine."""
    files = {path.name: path for path in paths if path.is_file()}
    return outcome_of(
        checked.assignment,
        checked.submission,
        checked.grade,
        told=grade_at(checked.grade, checked.step()),
        view=checked.view(),
        name=paths[0].name,
        in_repository=lambda name: str(files.get(name, paths[0] / name)),
    )
