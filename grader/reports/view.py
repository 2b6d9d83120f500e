"""The public view of a grade: the one place that decides what a student may see at which feedback level.

Reports render from a `StudentView` alone. Its texts are clean and cut, but not escaped: that is each renderer's job.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from msgspec import Struct
from msgspec.msgpack import decode, encode
from msgspec.structs import replace

from grader.model import (
    WORKED,
    ErrorReport,
    Finding,
    Grade,
    JsonNumbers,
    LineVerdict,
    QuantityResult,
    QuestionResult,
    Status,
    Verdict,
)
from grader.reports.conditions import Condition, Feedback, MarkingFacts, conditions
from grader.reports.curves import CurveView, curve_view
from grader.reports.error_maps import MapView, map_view
from grader.reports.lines import LineLink, LineView, left_out, line_views, links_by_quantity
from grader.reports.networks import NetworkView, network_views
from grader.reports.opening import opening
from grader.reports.people import MarkView, automatic_points, mark_views
from grader.reports.phrases import STATUS_WORDS, slip_phrase
from grader.reports.stops import TracebackView, traceback_view
from grader.reports.text import (
    clean,
    clean_all,
    clean_line,
    earned_text,
    error_text,
    numbers_text,
    points_text,
)
from grader.slips import SLIPS

_NAME = 80
_CASE = 20
_LINE = 500
_MESSAGE = 4_000
_TEXT = 24_000
"""More than an answer has that is kept, with the places of its parts."""
_PRINTED = 8_000
_MOST_NOTES = 40
_MOST_FILES = 20
_ROWS = 1_024
"""Rows that are remembered: most rows of a class are the same, since right answers are."""
_QUESTIONS, _LONGEST = 512, 16_384
"""Questions that are remembered, and the bytes of the longest: in a class most answers equal another's to the last bit."""


class QuantityView(Struct, frozen=True, kw_only=True):
    """One row of a question's table."""

    name: str
    verdict: Verdict
    required: bool
    first_mistake: bool
    actual: str | None = None
    expected: str | None = None
    error: str | None = None
    case: str | None = None
    reason: str | None = None
    error_map: MapView | None = None
    """Where an array is off; of a drawn case without sizes, but at `full`."""
    curve: CurveView | None = None
    """A curve of an experiment; with the expected one at `full` only."""


class FindingView(Struct, frozen=True, kw_only=True):
    """What happened, where, and what to look at."""

    at: str
    kind: str
    """Reads after `at` and a dash."""
    also: tuple[str, ...]
    """Other kinds that give the same numbers."""
    text: str
    explains: tuple[str, ...]
    rule: str | None = None
    """The rule as it should be; feedback level `full` only."""
    used: str | None = None
    """The rule that gives the student's numbers."""
    page: str | None = None
    """The name of the page on this mistake in `docs/slips/`; None where there is none."""


class TallyView(Struct, frozen=True, kw_only=True):
    """How many quantities have a verdict."""

    verdict: Verdict
    count: int


class QuestionView(Struct, frozen=True, kw_only=True):
    """One question."""

    title: str
    points: str
    """A dash where nothing is decided yet."""
    max_points: str
    pending: str | None
    """Points that wait; None where none do."""
    earned_share: float
    """0 to 1, for the bar."""
    pending_share: float
    status: Status
    status_word: str
    message: str | None
    text: str | None
    """What the student wrote, where a person reads it."""
    notes: tuple[str, ...]
    findings: tuple[FindingView, ...]
    quantities: tuple[QuantityView, ...]
    lines: tuple[LineView, ...] = ()
    """Of a written derivation."""
    lines_left_out: int = 0
    given_by: tuple[tuple[LineLink, ...], ...] = ()
    """For each quantity the lines that gave it; empty where there are no lines."""
    tracebacks: tuple[TracebackView, ...] = ()
    """Where the student's code stopped."""
    marks: tuple[MarkView, ...] = ()
    """What people decided; the points above are those that hold."""
    automatic: str | None = None
    """The grader's own points beside that, empty where it left them to a person; None where no person decided."""

    @property
    def is_personal(self) -> bool:
        """Whether it holds what one student or a person wrote, at length: hardly another one is equal to it."""
        return _is_personal(self)

    @property
    def is_all_correct(self) -> bool:
        """Whether every quantity is correct."""
        return all(one.verdict is Verdict.CORRECT for one in self.quantities)

    @property
    def maps(self) -> tuple[QuantityView, ...]:
        """The quantities of which a picture shows where they are off."""
        return tuple(one for one in self.quantities if one.error_map is not None)

    @property
    def curves(self) -> tuple[CurveView, ...]:
        """The curves to be drawn, in the order of the quantities."""
        return tuple(one.curve for one in self.quantities if one.curve is not None)

    @property
    def covered(self) -> tuple[tuple[QuantityView, tuple[LineLink, ...]], ...]:
        """Each quantity with the lines that gave it."""
        return tuple(zip(self.quantities, self.given_by, strict=True))

    @property
    def shows_values(self) -> bool:
        """Whether a quantity has a value to show: a number of a case that was never seen says nothing to who wrote a formula."""
        told = [one for one in self.quantities if one.case == WORKED or not self.lines]
        return any(one.actual or one.expected or one.error for one in told)


class StudentView(Struct, frozen=True, kw_only=True):
    """All that a report of one student may show."""

    assignment: str
    """Its title; its name where the title is not at hand."""
    student: str
    files: tuple[str, ...]
    level: Feedback
    status: Status
    status_word: str
    opening: str
    """The points and the first mistake in one sentence."""
    explanation: str
    """The opening without the points."""
    sentences: tuple[str, ...]
    """Those of the explanation; the first mistake is in the first one."""
    points: str | None
    """None where nothing is decided yet: a 0 would be read as a grade."""
    max_points: str
    pending: str | None
    earned_share: float
    pending_share: float
    message: str | None
    questions: tuple[QuestionView, ...]
    networks: tuple[NetworkView, ...]
    """Those of which something is said; the one with the first mistake first."""
    tally: tuple[TallyView, ...]
    line_verdicts: tuple[LineVerdict, ...]
    """Of all lines, each once."""
    notes: tuple[str, ...]
    printed: str
    tracebacks: tuple[TracebackView, ...]
    """Where the submission as a whole stopped; those of single questions stand there."""
    conditions: tuple[Condition, ...]
    marks: tuple[MarkView, ...] = ()
    """What a person decided about the points as a whole."""
    automatic: str | None = None
    """The grader's own points beside that, empty where it left them to a person; None where no person decided."""

    @property
    def first_mistake_in(self) -> int | None:
        """The number, from 1, of the question that has the first mistake."""
        for number, question in enumerate(self.questions, start=1):
            if any(one.first_mistake for one in question.quantities):
                return number
        return None

    @property
    def to_look_at(self) -> int | None:
        """The number of the question with the first mistake; without one, of the first that stopped."""
        stopped = (
            number for number, one in enumerate(self.questions, start=1) if one.message or one.tracebacks
        )
        return self.first_mistake_in or next(stopped, None)

    @property
    def draws_first(self) -> bool:
        """Whether the drawings say where to look, and so stand before the questions."""
        return len(self.networks) == 1 or not all(one.is_all_correct for one in self.networks)

    @property
    def first_finding(self) -> FindingView | None:
        """What is said of the first mistake; None where nothing is known or told."""
        if self.first_mistake_in is None:
            return None
        question = self.questions[self.first_mistake_in - 1]
        first = {one.name for one in question.quantities if one.first_mistake}
        return next((one for one in question.findings if one.at in first), None)


def public_view(
    grade: Grade, level: Feedback | str = Feedback.HINTS, *, facts: MarkingFacts | None = None
) -> StudentView:
    """Take from a grade what its student may see.

    Parameters
    ----------
    grade : Grade
        The grade, with expected values and hostile texts.
    level : Feedback
        `full`: everything. `hints`: where and of what kind; expected values and errors of the worked case only,
        no rules. `verdicts`: verdicts and what stopped the code; no values, findings or notes on questions.
        `points`: the points and status of each question.
    facts : MarkingFacts, optional
        What the assignment says about marking, for the last section.

    Returns
    -------
    StudentView
        Clean texts, not escaped.

    Raises
    ------
    ValueError
        Where there is no such level.
    """
    level = Feedback(level)
    facts = facts or MarkingFacts()
    grade = _looked_at(grade)
    told = level is not Feedback.POINTS
    kinds = level in (Feedback.FULL, Feedback.HINTS)
    first = opening(grade, verdicts=told, kinds=kinds)
    questions = tuple(_question(question, grade.first_mistake, level) for question in grade.questions)
    undecided = not grade.final and all(question.points == 0.0 for question in grade.questions)
    nothing = not grade.questions and grade.status in (Status.FAULT, Status.AWAITING)
    return StudentView(
        assignment=clean_line(facts.title, _LINE) or clean_line(grade.assignment, _NAME),
        student=clean_line(grade.student, _NAME),
        files=clean_all(grade.files, _NAME, _MOST_FILES),
        level=level,
        status=grade.status,
        status_word=STATUS_WORDS[grade.status],
        opening=first.sentence,
        explanation=first.explanation,
        sentences=first.sentences,
        points=None if undecided or nothing else earned_text(grade.points, grade.max_points),
        max_points=points_text(grade.max_points),
        pending=points_text(grade.pending_points) if grade.pending_points else None,
        earned_share=_share(grade.points, grade.max_points),
        pending_share=_share(grade.pending_points, grade.max_points),
        message=clean(grade.message, _MESSAGE) if grade.message and told else None,
        questions=questions,
        networks=_networks(grade, facts, values=kinds) if told else (),
        tally=_tally(quantity for question in questions for quantity in question.quantities),
        line_verdicts=_line_verdicts(questions),
        notes=clean_all(grade.notes, _LINE, _MOST_NOTES) if told else (),
        printed=clean(grade.printed, _PRINTED).strip("\n") if told else "",
        tracebacks=tuple(map(traceback_view, grade.tracebacks)) if told else (),
        conditions=conditions(grade, level, facts),
        marks=mark_views(grade.marks),
        automatic=automatic_points(grade.automatic, grade.max_points) if grade.total is not None else None,
    )


def _looked_at(grade: Grade) -> Grade:
    """Leave out what is missing where nothing was looked at: a table of it would say the opposite."""
    if grade.status is Status.GRADED:
        return grade
    return replace(grade, questions=tuple(map(_without_missing, grade.questions)))


def _without_missing(question: QuestionResult) -> QuestionResult:
    if question.lines:
        return question  # it was looked for in them
    given = tuple(one for one in question.quantities if one.verdict is not Verdict.MISSING)
    return question if given == question.quantities else replace(question, quantities=given)


def _networks(grade: Grade, facts: MarkingFacts, *, values: bool) -> tuple[NetworkView, ...]:
    quantities = [one for question in grade.questions for one in question.quantities]
    return network_views(facts.outlines, quantities, grade.first_mistake, values=values)


def _question(question: QuestionResult, first_mistake: str | None, level: Feedback) -> QuestionView:
    """Take a question, or what it was taken to before where an equal one was given."""
    here = any(first_mistake == one.name for one in question.quantities)
    content = _content(question)
    if content is None:
        return _taken(question, first_mistake, level)
    return _remembered(content, first_mistake if here else None, level)


def _is_personal(one: QuestionResult | QuestionView) -> bool:
    if one.lines or one.text or one.tracebacks or one.marks:
        return True
    return one.message is not None and len(one.message) > _LINE


def _content(question: QuestionResult) -> bytes | None:
    """Return all that a question holds as one key; None where no other question is likely to be equal, or it is long."""
    if _is_personal(question):
        return None
    try:
        content = encode(question)
    except UnicodeEncodeError:  # half of a surrogate pair
        return None
    return content if len(content) <= _LONGEST else None


@lru_cache(_QUESTIONS)
def _remembered(content: bytes, first_mistake: str | None, level: Feedback) -> QuestionView:
    return _taken(decode(content, type=QuestionResult), first_mistake, level)


def _taken(question: QuestionResult, first_mistake: str | None, level: Feedback) -> QuestionView:
    told = level is not Feedback.POINTS
    kinds = level in (Feedback.FULL, Feedback.HINTS)
    waiting = question.pending_points > 0.0 and question.points == 0.0
    quantities = tuple(_quantity(one, first_mistake, level) for one in question.quantities) if told else ()
    lines = line_views(question.lines, level)
    links = links_by_quantity(question.lines, lines)
    return QuestionView(
        title=clean_line(question.title, _NAME) or clean_line(question.id, _NAME),
        points="\N{EN DASH}" if waiting else earned_text(question.points, question.max_points),
        max_points=points_text(question.max_points),
        pending=points_text(question.pending_points) if question.pending_points else None,
        earned_share=_share(question.points, question.max_points),
        pending_share=_share(question.pending_points, question.max_points),
        status=question.status,
        status_word=STATUS_WORDS[question.status],
        message=clean(question.message, _MESSAGE) if question.message and told else None,
        text=clean(question.text, _TEXT) if question.text and told else None,
        notes=clean_all(question.notes, _LINE, _MOST_NOTES) if kinds else (),
        findings=tuple(_finding(one, level) for one in question.findings) if kinds else (),
        quantities=quantities,
        lines=lines,
        lines_left_out=left_out(question.lines) if lines else 0,
        given_by=tuple(links.get(one.name, ()) for one in question.quantities) if lines else (),
        tracebacks=tuple(map(traceback_view, question.tracebacks)) if told else (),
        # Whatever the level: a person wrote the comment for this student.
        marks=mark_views(question.marks),
        automatic=automatic_points(question.automatic, question.max_points),
    )


def _quantity(quantity: QuantityResult, first_mistake: str | None, level: Feedback) -> QuantityView:
    """Take the row; what tells an expected value is taken only where that value may be told."""
    values = level is not Feedback.VERDICTS
    open_case = values and (level is Feedback.FULL or quantity.case == WORKED)
    actual = quantity.actual if values else None
    expected = quantity.expected if open_case else None
    reason = quantity.reason if values and quantity.reason else None
    # Short ones alone are remembered: lists and texts of a submission have no bounds here.
    short = reason is None and type(actual) in _SHORT and type(expected) in _SHORT
    row = (_short_row if short else _row)(
        quantity.name,
        quantity.verdict,
        quantity.required,
        quantity.name == first_mistake and quantity.verdict in _MISTAKEN,
        quantity.case if values else None,
        actual,
        expected,
        # What a right answer differs by is rounding, and noise to a reader.
        quantity.error if open_case and quantity.verdict is not Verdict.CORRECT else None,
        reason,
    )
    return _with_pictures(row, quantity, level, open_case=open_case) if values else row


def _with_pictures(
    row: QuantityView, quantity: QuantityResult, level: Feedback, *, open_case: bool
) -> QuantityView:
    """Add where an array is off, and curves: of the reference as much as its numbers may be told."""
    found, own, expected = quantity.error_map, quantity.curve, quantity.expected_curve
    if found is None and own is None and expected is None:
        return row
    return replace(
        row,
        error_map=None if found is None else map_view(found, with_sizes=open_case),
        curve=curve_view(row.name, own, expected if level is Feedback.FULL else None),
    )


def _row(
    name: str,
    verdict: Verdict,
    required: bool,
    first_mistake: bool,
    case: str | None,
    actual: JsonNumbers,
    expected: JsonNumbers,
    error: ErrorReport | None,
    reason: str | None,
) -> QuantityView:
    return QuantityView(
        name=clean_line(name, _NAME),
        verdict=verdict,
        required=required,
        first_mistake=first_mistake,
        actual=_numbers(actual),
        expected=_numbers(expected),
        error=error_text(error) if error is not None else None,
        case=clean_line(case, _CASE) if case is not None else None,
        reason=clean_line(reason, _LINE) if reason else None,
    )


_MISTAKEN = (Verdict.WRONG, Verdict.INVALID)
"""What a first mistake can be; asked for twice, the same quantity may be right in the other question."""
_SHORT = {float, int, type(None)}
# Typed: 1 and 1.0 are equal, and are written differently where they are large.
_short_row = lru_cache(_ROWS, typed=True)(_row)


def _numbers(numbers: JsonNumbers) -> str | None:
    return None if numbers is None else numbers_text(numbers)


def _finding(finding: Finding, level: Feedback) -> FindingView:
    rule = clean_line(finding.rule, _LINE) if finding.rule and level is Feedback.FULL else None
    return FindingView(
        at=clean_line(finding.at, _NAME),
        kind=clean_line(slip_phrase(finding.slip), _NAME),
        also=tuple(clean_line(slip_phrase(slip), _NAME) for slip in finding.also),
        text=clean_line(finding.text, 2 * _LINE),
        explains=clean_all(
            tuple(name for name in finding.explains if name != finding.at), _NAME, _MOST_NOTES
        ),
        rule=rule,
        used=clean_line(finding.used, _LINE) if finding.used else None,
        page=finding.slip if finding.slip in SLIPS else None,
    )


def _tally(quantities: Iterable[QuantityView]) -> tuple[TallyView, ...]:
    """Count the verdicts, in the order in which the class defines them; a name counts once."""
    counts = Counter(verdict for _, verdict in dict.fromkeys((one.name, one.verdict) for one in quantities))
    return tuple(TallyView(verdict=verdict, count=counts[verdict]) for verdict in Verdict if counts[verdict])


def _line_verdicts(questions: Iterable[QuestionView]) -> tuple[LineVerdict, ...]:
    found = {line.verdict for question in questions for line in question.lines}
    return tuple(verdict for verdict in LineVerdict if verdict in found)


def _share(part: float, whole: float) -> float:
    return min(max(part / whole, 0.0), 1.0) if whole > 0 else 0.0
