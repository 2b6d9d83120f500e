"""One submission from its files to its grade: a plain function over plain values, run wherever there is a sandbox."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from grader import __version__
from grader.assignment import QuestionSpec
from grader.examination import NO_CODE, Examination, examine
from grader.excerpts import tracebacks
from grader.marking.result import QuestionMarks, UnitMarks, assemble
from grader.model import (
    Ending,
    Environment,
    Grade,
    Job,
    QuestionResult,
    RunOutcome,
    Status,
    Submission,
    Traceback,
)
from grader.plan import first_round
from grader.question_status import call_status, question_status
from grader.session import Session
from grader.submissions.limits import DOCUMENT_SUFFIXES
from grader.written_result import written_result

if TYPE_CHECKING:
    from grader.derivations import WrittenMarks

NOTHING_HANDED_IN = "Nothing was handed in."
MOST_FAULT = 500
MOST_PRINTED = 16_000


def grade(
    session: Session,
    submission: Submission,
    run: Callable[[Job], RunOutcome],
    isolation: str,
    tell: Callable[[str], None] | None = None,
) -> Grade:
    """Grade one submission.

    Parameters
    ----------
    session : Session
    submission : Submission
    run : callable
        Runs a job in the sandbox.
    isolation : str
        The level in force there.
    tell : callable, optional
        Hears of what takes long, before it begins.

    Returns
    -------
    Grade
    """
    maker = _GradeMaker(session=session, submission=submission, isolation=isolation)
    if submission.is_absent:
        return maker.absent()
    try:
        own = own_work(session, submission)
        return _graded(replace(maker, submission=own), own, run, tell or (lambda _text: None))
    except Exception as error:  # noqa: BLE001  the edge: our mistake leaves one grade open and stops no class
        return fault(session, submission, error, isolation)


def fault(session: Session, submission: Submission, error: Exception, isolation: str) -> Grade:
    """Return the grade of a submission that we failed on: nothing is decided, all points wait.

    Parameters
    ----------
    session : Session
    submission : Submission
    error : Exception
        What went wrong with us.
    isolation : str
        The level in force.

    Returns
    -------
    Grade
    """
    maker = _GradeMaker(session=session, submission=submission, isolation=isolation)
    place = traceback.extract_tb(error.__traceback__)[-1:]
    where = "".join(f" ({Path(frame.filename).name}, line {frame.lineno})" for frame in place)
    text = f"{type(error).__name__}: {error}"[:MOST_FAULT]
    return maker.waiting(Status.FAULT, f"the grader broke: {text}{where}")


def own_work(session: Session, submission: Submission) -> Submission:
    """Return a submission without what lies in it as it was handed out.

    Parameters
    ----------
    session : Session
    submission : Submission

    Returns
    -------
    Submission
        The same one where it is a file alone.
    """
    if not submission.documents and len(submission.sources) <= 1:
        return submission  # a file alone is the work, whatever is in it
    from grader.handout.unchanged import without_unchanged  # noqa: PLC0415  (a file alone needs none of it)

    return without_unchanged(submission, session.handed_out)


def _graded(
    maker: _GradeMaker,
    submission: Submission,
    run: Callable[[Job], RunOutcome],
    tell: Callable[[str], None],
) -> Grade:
    session = maker.session
    if submission.conflict is not None:
        return maker.waiting(Status.AWAITING, submission.conflict)
    if submission.problem is not None:
        on_paper = session.assignment.has_writing and (submission.documents or submission.unread)
        return maker.without_code() if on_paper else maker.waiting(Status.UNREADABLE, submission.problem)
    if not session.assignment.has_code:
        return maker.without_code()
    examination = examine(session, submission, run, tell)
    outcome = examination.outcome
    if examination.fault is not None:
        return maker.waiting(Status.FAULT, examination.fault, examination)
    problem = _unreadable(outcome)
    if problem is None:
        return maker.graded(examination)
    on_paper = session.assignment.has_writing and submission.documents
    return maker.without_code(problem) if on_paper else maker.waiting(Status.UNREADABLE, problem, examination)


def _unreadable(outcome: RunOutcome) -> str | None:
    """Say why no code of a submission was used, where it cannot be parsed; None where some was."""
    endings = {outcome.ending, *(result.ending for result in outcome.calls)}
    unread = [result.message for result in outcome.calls if result.ending is Ending.UNREADABLE]
    if outcome.ending is Ending.UNREADABLE:
        unread.append(outcome.message)  # also where the broken text holds none of the names
    if not unread or endings - {Ending.UNREADABLE, Ending.ABSENT, Ending.FINISHED}:
        return None
    if any(result.ending is Ending.FINISHED for result in outcome.calls):
        return None
    return unread[0] or "the file cannot be parsed"


class _GradeMaker(Struct, frozen=True, kw_only=True):
    """Fills in what every grade of a submission has."""

    session: Session
    submission: Submission
    isolation: str

    def waiting(self, status: Status, message: str, examination: Examination | None = None) -> Grade:
        """Return a grade that a person (or we) must settle: nothing is decided, all points wait."""
        return self._alike(status, message, examination, waits=True)

    def absent(self) -> Grade:
        """Return the grade of a student who handed in nothing: no points, and nothing waits."""
        return self._alike(Status.MISSING, NOTHING_HANDED_IN, None, waits=False)

    def _alike(self, status: Status, message: str, examination: Examination | None, *, waits: bool) -> Grade:
        """Say the same of every question; of what it requires nothing is there."""
        marks = assemble(self.session.assignment, ())
        questions = tuple(
            QuestionResult(
                id=question.id,
                title=question.title,
                points=0.0,
                max_points=question.points,
                pending_points=question.points if waits else 0.0,
                status=status,
                message=message,
                quantities=found.quantities,
            )
            for question, found in zip(self.session.assignment.questions, marks.questions, strict=True)
        )
        return self._grade(status, message, questions, examination, first_mistake=None)

    def without_code(self, problem: str | None = None) -> Grade:
        """Return the grade of a submission whose texts can be read and whose code cannot: a broken file waits, none is missing."""
        problem = problem or self.submission.problem
        broken = any(not name.lower().endswith(DOCUMENT_SUFFIXES) for name in self.submission.files)
        written = self._written()
        marks = assemble(self.session.assignment, _unit_marks(written))
        questions = tuple(
            self._on_paper(question, found, written)
            or QuestionResult(
                id=question.id,
                title=question.title,
                points=0.0,
                max_points=question.points,
                pending_points=question.points if broken else 0.0,
                status=Status.UNREADABLE if broken else Status.MISSING,
                message=problem if broken else NO_CODE,
                quantities=found.quantities,
            )
            for question, found in zip(self.session.assignment.questions, marks.questions, strict=True)
        )
        return self._grade(Status.GRADED, None, questions, None, first_mistake=marks.first_mistake)

    def graded(self, examination: Examination) -> Grade:
        """Return the grade of a submission that was run."""
        written = self._written()
        marks = assemble(self.session.assignment, (*examination.marks, *_unit_marks(written)))
        questions = tuple(
            self._on_paper(question, found, written) or self._question(question, found, examination)
            for question, found in zip(self.session.assignment.questions, marks.questions, strict=True)
        )
        return self._grade(Status.GRADED, None, questions, examination, marks.first_mistake)

    def _written(self) -> WrittenMarks | None:
        """Mark what is written in formulas; None where none are asked."""
        points = self.session.points
        if points is None:
            return None
        from grader.derivations import mark_written  # noqa: PLC0415  (only where formulas are asked)
        from grader.handout.unchanged import changed_texts  # noqa: PLC0415

        return mark_written(points, changed_texts(self.submission.documents, self.session.handed_out))

    def _on_paper(
        self, question: QuestionSpec, found: QuestionMarks, written: WrittenMarks | None
    ) -> QuestionResult | None:
        """Return the result of a question that is answered in writing; None where it asks for code."""
        if question.headings:
            return self._text(question)
        if written is None or question.id not in self.session.assignment.part_of:
            return None
        return written_result(question, found, written, self.submission)

    def _text(self, question: QuestionSpec) -> QuestionResult:
        """Return the result of a question that a person reads."""
        from grader.texts import documents_of, text_result  # noqa: PLC0415  (only where a text is asked)

        assignment = self.session.assignment
        return text_result(
            question.id,
            question.title,
            question.points,
            question.headings,
            documents_of(self.submission),
            others=[h for other in assignment.questions if other is not question for h in other.headings],
            parts=[h for part in assignment.parts for h in part.headings],
            given=self.session.handed_out.documents,
            unread=self.submission.unread,
        )

    def _question(
        self, question: QuestionSpec, found: QuestionMarks, examination: Examination
    ) -> QuestionResult:
        status, message = question_status(self.session.assignment, question, examination)
        unread = status is Status.UNREADABLE
        return QuestionResult(
            id=question.id,
            title=question.title,
            points=0.0 if unread else found.points,
            max_points=question.points,
            pending_points=question.points if unread else 0.0,
            status=status,
            message=message,
            notes=tuple(note for name in question.functions for note in examination.notes.get(name, ())),
            quantities=found.quantities,
            findings=found.findings,
            tracebacks=self._tracebacks(question, examination) if status is not Status.GRADED else (),
        )

    def _tracebacks(self, question: QuestionSpec, examination: Examination) -> tuple[Traceback, ...]:
        """Return where the functions of a question stopped; that one is not yet written is no place."""
        stopped = (
            result
            for name in question.functions
            for result in examination.results[name]
            if call_status(result)[0] is not Status.MISSING
        )
        return tracebacks(stopped, self.submission.sources)

    def _grade(
        self,
        status: Status,
        message: str | None,
        questions: tuple[QuestionResult, ...],
        examination: Examination | None,
        first_mistake: str | None,
    ) -> Grade:
        outcome = examination.outcome if examination is not None else None
        return Grade(
            assignment=self.session.assignment.name,
            student=self.submission.student,
            files=self.submission.files,
            sha256=self.submission.sha256,
            status=status,
            message=message,
            first_mistake=first_mistake,
            questions=questions,
            notes=(
                *(examination.remarks if examination is not None else ()),
                *self.submission.notes,
                *(outcome.notes if outcome else ()),
            ),
            printed=_printed(outcome) if outcome else "",
            tracebacks=tracebacks(outcome.calls, self.submission.sources)
            if outcome is not None and status is Status.UNREADABLE
            else (),
            environment=Environment(
                grader=__version__,
                numpy=np.__version__,
                isolation=self.isolation,
                seed_sha256=self.session.seed_sha256,
                limits=self.session.assignment.limits,
            ),
            seconds=examination.seconds if examination is not None else 0.0,
            peak_memory_mib=examination.peak_memory_mib if examination is not None else 0.0,
        )


def _unit_marks(written: WrittenMarks | None) -> tuple[UnitMarks, ...]:
    return () if written is None else tuple(one.marks for one in written.parts)


def _printed(outcome: RunOutcome) -> str:
    """Return what was printed while loading and calling, each text once."""
    texts = dict.fromkeys(_texts(outcome))
    text = "".join(texts)
    return (
        text if len(text) <= MOST_PRINTED else f"{text[:MOST_PRINTED]}\n[cut: {len(text)} characters in all]"
    )


def _texts(outcome: RunOutcome) -> Iterator[str]:
    yield outcome.printed
    for result in first_round(outcome.calls):
        if result.printed:
            yield result.printed if result.printed.endswith("\n") else f"{result.printed}\n"
