"""What came of a check, as every format shows it: a submission, its questions, and where each remark belongs.

Texts come from the public view alone, and are clean and bounded; each format escapes them in its own way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from grader.assignment import Assignment, QuestionSpec
from grader.exports.places import Spot, definition, said
from grader.model import Grade, LineVerdict, QuestionResult, Status, Submission, Verdict
from grader.reports.text import clean_line
from grader.reports.view import QuantityView, QuestionView, StudentView

_NAME = 80
_MOST_DETAILS = 40
_OPEN_LINES = frozenset(
    {
        *(LineVerdict.RIGHT, LineVerdict.FOLLOWS, LineVerdict.UNREAD, LineVerdict.WITHDRAWN),
        *(LineVerdict.REPEATED, LineVerdict.DEFINITION, LineVerdict.OPEN),
    }
)
"""Verdicts of lines that take no points off."""


class Outcome(StrEnum):
    """What came of a question."""

    PASSED = "passed"
    """Nothing was taken off."""
    FAILED = "failed"
    ERROR = "error"
    """We failed, and not the student."""
    WAITS = "waits"
    """All of it, or the rest of it, is for a person to decide."""


@dataclass(frozen=True, kw_only=True, slots=True)
class QuestionOutcome:
    """A question."""

    id: str
    title: str
    outcome: Outcome
    points: float
    max_points: float
    counted: bool
    """Whether its points can be decided here; those of a text that a person reads cannot, whoever hands it in."""
    is_first: bool
    """Whether the first mistake happened in it."""
    remark: str
    """One line on what is wrong or what it waits for; empty where it passed."""
    details: tuple[str, ...]
    """Lines on what is wrong with it."""
    spot: Spot | None
    """Where in the repository; None where nobody can say."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SubmissionOutcome:
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
        return sum(question.points for question in self.questions if question.counted)

    @property
    def max_points(self) -> float:
        """Most points of the questions that are counted: the same whatever is handed in."""
        return sum(question.max_points for question in self.questions if question.counted)

    @property
    def waiting(self) -> int:
        """How many questions wait for a person."""
        return sum(question.outcome is Outcome.WAITS for question in self.questions)

    @property
    def first_failed(self) -> tuple[QuestionOutcome, ...]:
        """The questions that did not pass and do not wait, that of the first mistake first."""
        failed = [one for one in self.questions if one.outcome in (Outcome.FAILED, Outcome.ERROR)]
        return tuple(sorted(failed, key=lambda one: not one.is_first))


def outcome_of(
    assignment: Assignment,
    submission: Submission,
    grade: Grade,
    view: StudentView,
    *,
    name: str,
    in_repository: Callable[[str], str],
) -> SubmissionOutcome:
    """Say what came of the check of a submission.

    Parameters
    ----------
    assignment : Assignment
    submission : Submission
        As it was checked; its code is looked through for the places of functions.
    grade : Grade
        On the worked case and the practice cases.
    view : StudentView
        The public view of the grade: every text comes from it.
    name : str
        The submission as the repository has it.
    in_repository : callable
        Gives the path in the repository of a file by its name in the submission.

    Returns
    -------
    SubmissionOutcome
    """
    maker = _Maker(assignment=assignment, submission=submission, grade=grade, in_repository=in_repository)
    specs = {question.id: question for question in assignment.questions}
    return SubmissionOutcome(
        title=clean_line(assignment.title, _NAME),
        name=clean_line(name, 2 * _NAME),
        sentence=_sentence(grade, view),
        is_all_correct=grade.is_all_correct,
        is_fault=grade.status is Status.FAULT,
        notes=view.notes,
        questions=tuple(
            maker.question(specs[given.id], given, shown)
            for given, shown in zip(grade.questions, view.questions, strict=True)
        ),
        view=view,
        isolation=grade.environment.isolation,
        seconds=grade.seconds,
    )


def _sentence(grade: Grade, view: StudentView) -> str:
    if grade.is_all_correct:
        return "No mistake was found on the worked case and the practice cases."
    return view.explanation or view.opening


@dataclass(frozen=True, kw_only=True, slots=True)
class _Maker:
    """Knows of the submission what every question needs."""

    assignment: Assignment
    submission: Submission
    grade: Grade
    in_repository: Callable[[str], str]

    def question(self, spec: QuestionSpec, given: QuestionResult, shown: QuestionView) -> QuestionOutcome:
        """Say what came of one question."""
        outcome = _outcome(given)
        details = tuple(_details(shown))[:_MOST_DETAILS] if outcome is not Outcome.PASSED else ()
        return QuestionOutcome(
            id=given.id,
            title=shown.title,
            outcome=outcome,
            points=given.points,
            max_points=given.max_points,
            counted=not spec.headings,
            is_first=any(entry.name == self.grade.first_mistake for entry in given.quantities),
            remark=details[0] if details else "",
            details=details,
            spot=self._spot(spec, given) if outcome is Outcome.FAILED else None,
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


def _outcome(given: QuestionResult) -> Outcome:
    if given.status is Status.FAULT:
        return Outcome.ERROR
    if not given.is_all_correct:
        return Outcome.FAILED
    return Outcome.WAITS if given.pending_points else Outcome.PASSED


def _first_bad_line(given: QuestionResult) -> Spot | None:
    """Return the first line of a derivation that takes points off."""
    bad = (line.place for line in given.lines if line.verdict not in _OPEN_LINES)
    place = next(bad, None)
    return None if place is None else Spot(file=place.file, line=place.line, cell=place.cell)


def _details(shown: QuestionView) -> Iterator[str]:
    """Yield what is said of a question that did not pass, the most telling first."""
    if shown.message:
        yield from (line for line in shown.message.split("\n") if line.strip())
    for finding in shown.findings:
        yield finding.text
    for line in shown.lines:
        if line.verdict not in _OPEN_LINES or line.verdict is LineVerdict.UNREAD:
            yield f"{line.place}, {line.verdict}: {line.text}"
    for entry in shown.quantities:
        if entry.verdict in (Verdict.WRONG, Verdict.INVALID, Verdict.UNDECIDED):
            yield _row(entry)
    missing = [entry.name for entry in shown.quantities if entry.verdict is Verdict.MISSING]
    if missing:
        yield f"not given: {', '.join(missing)}"


def _row(entry: QuantityView) -> str:
    """Write what a quantity is and what was expected, as far as it may be told."""
    told = [
        *([entry.reason] if entry.reason else []),
        *([f"yours {entry.actual}"] if entry.actual else []),
        *([f"expected {entry.expected}"] if entry.expected else []),
    ]
    case = f" ({entry.case})" if entry.case and told else ""
    return f"{entry.name} is {entry.verdict}{': ' if told else ''}{', '.join(told)}{case}"
