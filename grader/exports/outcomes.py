"""What came of a check, as every format shows it: a submission, its questions, and where each remark belongs.

Texts come from the public view alone, and are clean and bounded; each format escapes them in its own way.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum

from msgspec import Struct

from grader.assignment import Assignment, QuestionSpec
from grader.exports.places import Spot, definition, said
from grader.exports.wording import MISTAKES, OPEN_LINES, details_of
from grader.model import Grade, LineVerdict, QuestionResult, Status, Submission, Verdict
from grader.reports.check_words import opening_of
from grader.reports.text import clean_line
from grader.reports.view import QuestionView, StudentView

_NAME = 80
_ROUNDING = 1e-9


class Outcome(StrEnum):
    """What came of a question."""

    PASSED = "passed"
    """Nothing was taken off."""
    FAILED = "failed"
    FOLLOWS = "follows"
    """Every step in it is right, from a mistake in another question that failed; it costs nothing here."""
    WAITS = "waits"
    """All of it, or the rest of it, is for a person to decide, and nothing is lost so far."""
    ERROR = "error"
    """We failed, and not the student."""


class QuestionOutcome(Struct, frozen=True, kw_only=True):
    """A question."""

    id: str
    title: str
    outcome: Outcome
    points: float
    max_points: float
    counted: bool
    """Whether its points can be decided here; those of a text that a person reads cannot, whoever hands it in."""
    is_correct: bool
    """Whether nothing in it keeps the submission from being correct; what only a person decides does not."""
    is_first: bool
    """Whether the first mistake happened in it."""
    remark: str
    """One line on what is wrong or what it waits for; empty where it passed."""
    details: tuple[str, ...]
    """Lines on what is wrong with it, or what it waits for."""
    spot: Spot | None
    """Where in the repository; None where nobody can say."""


class Remark(Struct, frozen=True, kw_only=True):
    """What is said of a question that is not correct, or of several at one place of which the same is to be said."""

    questions: tuple[QuestionOutcome, ...]

    @property
    def title(self) -> str:
        """The title of the question; of several that of the first, and how many more there are."""
        more = len(self.questions) - 1
        return f"{self.questions[0].title}{f' and {more} more' if more else ''}"

    @property
    def points(self) -> float:
        """Points of its questions."""
        return math.fsum(question.points for question in self.questions)

    @property
    def max_points(self) -> float:
        """Most points of its questions."""
        return math.fsum(question.max_points for question in self.questions)

    @property
    def is_first(self) -> bool:
        """Whether the first mistake is in it."""
        return self.questions[0].is_first

    @property
    def outcome(self) -> Outcome:
        """What came of its questions."""
        return self.questions[0].outcome

    @property
    def spot(self) -> Spot | None:
        """Where in the repository."""
        return self.questions[0].spot

    @property
    def details(self) -> tuple[str, ...]:
        """Lines on what is wrong."""
        return self.questions[0].details


class SubmissionOutcome(Struct, frozen=True, kw_only=True):
    """A submission."""

    title: str
    """Of the assignment."""
    name: str
    """The submission as the repository has it: a file or a folder."""
    sentence: str
    """The first mistake, or that there is none."""
    is_all_correct: bool
    is_fault: bool
    """Whether we failed on it."""
    notes: tuple[str, ...]
    questions: tuple[QuestionOutcome, ...]
    view: StudentView
    isolation: str
    seconds: float
    """CPU seconds of the student's process."""

    @property
    def points(self) -> float:
        """Points of the questions that are counted."""
        return math.fsum(question.points for question in self.questions if question.counted)

    @property
    def max_points(self) -> float:
        """Most points of the questions that are counted: the same whatever is handed in."""
        return math.fsum(question.max_points for question in self.questions if question.counted)

    @property
    def waiting(self) -> int:
        """How many questions wait for a person."""
        return sum(question.outcome is Outcome.WAITS for question in self.questions)

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What is said of the questions that are not correct, that of the first mistake first; the same is said once."""
        failed = [one for one in self.questions if not (one.is_correct or one.outcome is Outcome.FOLLOWS)]
        together: dict[tuple[Spot | None, tuple[str, ...]], list[QuestionOutcome]] = {}
        for question in sorted(failed, key=lambda one: not one.is_first):
            together.setdefault((question.spot, question.details), []).append(question)
        return tuple(Remark(questions=tuple(group)) for group in together.values())


def outcome_of(
    assignment: Assignment,
    submission: Submission,
    grade: Grade,
    *,
    told: Grade,
    view: StudentView,
    name: str,
    in_repository: Callable[[str], str],
    claims: Mapping[str, Sequence[str]] | None = None,
) -> SubmissionOutcome:
    """Say what came of the check of a submission.

    Parameters
    ----------
    assignment : Assignment
    submission : Submission
        As it was checked; its code is looked through for the places of functions.
    grade : Grade
        On the worked case and the practice cases; points and outcomes come from it.
    told : Grade
        The grade without what may not be told; places come from it.
    view : StudentView
        What its author may see; every text comes from it.
    name : str
        The submission as the repository has it.
    in_repository : callable
        Gives the path in the repository of a file by its name in the submission.
    claims : mapping of str to sequence of str, optional
        By question: lines on whether its gradients fit the student's own forward pass.

    Returns
    -------
    SubmissionOutcome
    """
    maker = _Maker(
        assignment=assignment,
        submission=submission,
        first_mistake=told.first_mistake,
        in_repository=in_repository,
        claims=claims or {},
    )
    rows = zip(_outcomes(grade), grade.questions, told.questions, view.questions, strict=True)
    return SubmissionOutcome(
        title=clean_line(assignment.title, _NAME),
        name=clean_line(name, 2 * _NAME),
        sentence=opening_of(grade, view),
        is_all_correct=grade.is_all_correct,
        is_fault=grade.status is Status.FAULT,
        notes=view.notes,
        questions=tuple(maker.question(*row) for row in rows),
        view=view,
        isolation=grade.environment.isolation,
        seconds=grade.seconds,
    )


def graded_outcome(grade: Grade, view: StudentView) -> SubmissionOutcome:
    """Say what came of a submission that was graded, as far as its student may see it.

    Parameters
    ----------
    grade : Grade
        On all cases; points and outcomes come from it.
    view : StudentView
        What its student may see; every text comes from it.

    Returns
    -------
    SubmissionOutcome
        Its questions have no places: the files are not at hand any more.
    """
    rows = zip(_outcomes(grade), grade.questions, view.questions, strict=True)
    return SubmissionOutcome(
        title=view.assignment,
        name=view.student,
        sentence=view.opening,
        is_all_correct=grade.is_all_correct,
        is_fault=grade.status is Status.FAULT,
        notes=view.notes,
        questions=tuple(
            _graded_question(outcome, given, shown, grade.first_mistake) for outcome, given, shown in rows
        ),
        view=view,
        isolation=grade.environment.isolation,
        seconds=grade.seconds,
    )


def _graded_question(
    outcome: Outcome, given: QuestionResult, shown: QuestionView, first_mistake: str | None
) -> QuestionOutcome:
    details = details_of(shown) if outcome is not Outcome.PASSED else ()
    return QuestionOutcome(
        id=given.id,
        title=shown.title,
        outcome=outcome,
        points=given.points,
        max_points=given.max_points,
        counted=True,
        is_correct=given.is_all_correct,
        is_first=any(entry.name == first_mistake for entry in given.quantities),
        remark=details[0] if details else "",
        details=details,
        spot=None,
    )


class _Maker(Struct, frozen=True, kw_only=True):
    """Knows of the submission what every question needs."""

    assignment: Assignment
    submission: Submission
    first_mistake: str | None
    in_repository: Callable[[str], str]
    claims: Mapping[str, Sequence[str]]

    def question(
        self, outcome: Outcome, given: QuestionResult, told: QuestionResult, shown: QuestionView
    ) -> QuestionOutcome:
        """Say what came of one question."""
        spec = next(spec for spec in self.assignment.questions if spec.id == given.id)
        details = details_of(shown, self.claims.get(given.id, ())) if outcome is not Outcome.PASSED else ()
        return QuestionOutcome(
            id=given.id,
            title=shown.title,
            outcome=outcome,
            points=given.points,
            max_points=given.max_points,
            counted=not spec.headings,
            is_correct=given.is_all_correct,
            is_first=any(entry.name == self.first_mistake for entry in told.quantities),
            remark=details[0] if details else "",
            details=details,
            spot=self._spot(spec, told) if outcome in (Outcome.FAILED, Outcome.WAITS) else None,
        )

    def _spot(self, spec: QuestionSpec, given: QuestionResult) -> Spot | None:
        """Return the line that a reader should see first."""
        sources = self.submission.sources
        inside = (
            said(sources, given.message or "")
            or _first_bad_line(given)
            or definition(sources, tuple(self._functions(spec, given)))
            or self._only_file()
        )
        if inside is None:
            return None
        return Spot(file=self.in_repository(inside.file), line=inside.line, cell=inside.cell)

    def _functions(self, spec: QuestionSpec, given: QuestionResult) -> Iterator[str]:
        """Yield the student's names that a question is about, those that show a mistake first."""
        bad = [entry for entry in given.quantities if not entry.is_all_correct]
        shown = [entry.function for entry in bad if entry.verdict is not Verdict.FOLLOWS]
        for name in dict.fromkeys([*shown, *(entry.function for entry in bad), *spec.functions]):
            yield name
            unit = self.assignment.unit_of.get(name)
            experiment = self.assignment.experiment_of.get(name)
            if unit is not None:
                yield from unit.functions[name].uses
            elif experiment is not None:
                yield from experiment.uses

    def _only_file(self) -> Spot | None:
        files = self.submission.files
        return Spot(file=files[0]) if len(files) == 1 else None


def _outcomes(grade: Grade) -> tuple[Outcome, ...]:
    """Say what came of each question; what only follows is no failure beside the one that it follows from."""
    found = tuple(_outcome(question) for question in grade.questions)
    if Outcome.FAILED in found:
        return found
    return tuple(Outcome.FAILED if one is Outcome.FOLLOWS else one for one in found)


def _outcome(given: QuestionResult) -> Outcome:
    if given.status is Status.FAULT:
        return Outcome.ERROR
    if given.is_all_correct and not given.pending_points:
        return Outcome.PASSED
    if _has_mistake(given) or given.status not in (Status.GRADED, Status.AWAITING):
        return Outcome.FAILED
    if given.pending_points:
        return Outcome.WAITS
    is_given = all(entry.verdict is not Verdict.MISSING for entry in given.quantities)
    return Outcome.FOLLOWS if is_given else Outcome.FAILED


def _has_mistake(given: QuestionResult) -> bool:
    """Say whether something is lost or wrong, whatever a person finds in what waits."""
    lost = given.max_points - given.points - given.pending_points
    # Where a line was not read nothing can be said of its quantity; that is no mistake, and waits.
    open_verdict = Verdict.UNDECIDED if given.status is Status.AWAITING else None
    return (
        lost > _ROUNDING
        or any(entry.verdict in MISTAKES and entry.verdict is not open_verdict for entry in given.quantities)
        or any(line.verdict is LineVerdict.WRONG for line in given.lines)
        or any(finding.explains for finding in given.findings)
    )


def _first_bad_line(given: QuestionResult) -> Spot | None:
    """Return the first line of a derivation that takes points off."""
    bad = (line.place for line in given.lines if line.verdict not in OPEN_LINES)
    place = next(bad, None)
    return None if place is None else Spot(file=place.file, line=place.line, cell=place.cell)
