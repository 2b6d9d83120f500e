"""What pytest sees of a submission: a file or folder, and one test for each question."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from grader.errors import GraderError
from grader.exports.outcomes import Outcome
from grader.exports.places import Spot
from grader.model import Status
from grader.pytest_plugin.wording import failure, printed, reason
from grader.reports.text import earned_text

if TYPE_CHECKING:
    from grader.model import Grade
    from grader.practice import Checked
    from grader.pytest_plugin.submitted import Submissions

SUBMISSIONS: pytest.StashKey[Submissions] = pytest.StashKey()
"""Where the run keeps what it grades."""
MARK = "grader"
"""The property that says that a report is ours; its value is the grader's version."""
_MOST_PRINTED = 2_000


class GradedFile(pytest.File):
    """A file that is graded; nothing here imports it."""

    def collect(self) -> Iterator[Question]:
        """Yield a test for each question, at the first file of a submission."""
        yield from _tests(self)


class GradedFolder(pytest.Directory):
    """A folder that is one submission; tests in it are collected as in any folder."""

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        """Yield a test for each question, then what pytest finds there."""
        yield from _tests(self)
        yield pytest.Dir.from_parent(self, path=self.path)


def _tests(node: GradedFile | GradedFolder) -> Iterator[Question]:
    for question in node.config.stash[SUBMISSIONS].questions(node.path):
        yield Question.from_parent(node, name=question)


class Question(pytest.Item):
    """The test of one question: it passes where all of it is correct."""

    headline = ""
    """One line for the short summary, once the test has failed."""
    _spot: Spot | None = None
    _outcome = Outcome.PASSED
    _failure = ""

    @property
    def place(self) -> tuple[str, int]:
        """The file and line that editors and logs are sent to."""
        if self._spot is None:
            return str(self.path), 1
        # A line of a notebook is one of a cell, and of no use in the file.
        return self._spot.file, self._spot.line if self._spot.line and self._spot.cell is None else 1

    def setup(self) -> None:
        """Check the submission, if no other test of it did, and stop here where this question has no result."""
        submitted = self.config.stash[SUBMISSIONS].checked(self.path)
        if isinstance(submitted, GraderError):
            self._stop(f"{submitted.message}\nwhat to do: {submitted.remedy}")
        checked, questions = submitted.checked, submitted.outcome.questions
        number = next(i for i, question in enumerate(questions) if question.id == self.name)
        self._note(checked.grade, number)
        self._outcome = questions[number].outcome
        if self._outcome is Outcome.WAITS:
            pytest.skip(reason(checked, number))
        if self._outcome is Outcome.ERROR or checked.grade.questions[number].status is Status.UNREADABLE:
            self._stop(reason(checked, number))
        if self._outcome is not Outcome.PASSED:
            self._spot = questions[number].spot
            told = failure(checked, number)
            self.headline, self._failure = told.headline, told.text
            self._add_printed(checked)

    def runtest(self) -> None:
        """Fail where something is not right, with what it is."""
        if self._outcome is Outcome.FOLLOWS:
            raise pytest.xfail.Exception(self.headline, pytrace=False)
        if self._outcome is Outcome.FAILED:
            pytest.fail(self._failure, pytrace=False)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return the file and the heading of a failure."""
        return self.path, None, f"{self.name} ({self.path.name})"

    def _note(self, grade: Grade, number: int) -> None:
        """Have reports and JUnit files say the points, and how they came about."""
        question = grade.questions[number]
        self.user_properties += [
            (MARK, grade.environment.grader),
            ("assignment", grade.assignment),
            ("cases", "practice"),
            ("isolation", grade.environment.isolation),
            ("points", float(earned_text(question.points, question.max_points))),
            ("max_points", question.max_points),
            ("pending_points", question.pending_points),
        ]

    def _stop(self, message: str) -> NoReturn:
        """End with an error that is told once for a submission: by the first of its tests that were chosen."""
        first = next(item for item in self.session.items if _is_beside(item, self))
        if first is not self:
            pytest.skip(f"not graded: see the error of {first.name}")
        self.headline = message.partition("\n")[0]
        pytest.fail(message, pytrace=False)

    def _add_printed(self, checked: Checked) -> None:
        text = printed(checked)
        if text:
            cut = " [cut]" if len(text) > _MOST_PRINTED else ""
            self.add_report_section("call", "stdout", f"{text[:_MOST_PRINTED]}{cut}\n")


def _is_beside(item: pytest.Item, other: Question) -> bool:
    return isinstance(item, Question) and item.path == other.path
