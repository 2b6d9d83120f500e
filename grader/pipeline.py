"""One submission from its files to its grade: a plain function over plain values, run wherever there is a sandbox."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grader import __version__, secret
from grader.assignment import Assignment, QuestionSpec
from grader.cases import drawn_cases, worked_case
from grader.marking.expectations import Expectations, expectations
from grader.marking.mark import mark
from grader.marking.result import Marks
from grader.marking.trials import Trial
from grader.model import (
    STATUS_WORST_FIRST,
    AnswerKind,
    Call,
    CallResult,
    Ending,
    Environment,
    Grade,
    Job,
    QuestionResult,
    RunOutcome,
    Status,
    Submission,
)
from grader.plan import calls, first_round, trials

STATUS_OF = {
    Ending.FINISHED: Status.GRADED,
    Ending.RAISED: Status.FAILED,
    Ending.ABSENT: Status.MISSING,
    Ending.TIMEOUT: Status.TIMEOUT,
    Ending.MEMORY: Status.MEMORY,
    Ending.OUTPUT: Status.OUTPUT,
    Ending.KILLED: Status.KILLED,
    Ending.UNREADABLE: Status.UNREADABLE,
    Ending.FAULT: Status.FAULT,
}
NOT_YET_WRITTEN = "NotImplementedError"
MOST_MESSAGES = 3
MOST_FAULT = 500
MOST_PRINTED = 16_000


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Session:
    """What all submissions of a class share."""

    assignment: Assignment
    everything: Expectations
    calls: tuple[Call, ...]
    seed_sha256: str


def session(assignment: Assignment, hidden: str) -> Session:
    """Draw the cases and compute what is expected, once for all submissions.

    Parameters
    ----------
    assignment : Assignment
    hidden : str
        The secret behind the drawn cases.

    Returns
    -------
    Session
    """
    cases = (worked_case(assignment), *drawn_cases(assignment, secret.generator(hidden)))
    everything = expectations(assignment, cases)
    return Session(
        assignment=assignment,
        everything=everything,
        calls=calls(everything),
        seed_sha256=secret.digest(hidden),
    )


def job_of(session: Session, submission: Submission) -> Job:
    """Return what is to be run of a submission.

    Parameters
    ----------
    session : Session
    submission : Submission
        One without a problem.

    Returns
    -------
    Job
    """
    return Job(
        sources=submission.sources,
        functions=tuple(session.assignment.functions),
        calls=session.calls,
        limits=session.assignment.limits,
    )


def grade(
    session: Session, submission: Submission, run: Callable[[Job], RunOutcome], isolation: str
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

    Returns
    -------
    Grade
    """
    maker = _GradeMaker(session=session, submission=submission, isolation=isolation)
    try:
        return _graded(maker, submission, run)
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


def _graded(maker: _GradeMaker, submission: Submission, run: Callable[[Job], RunOutcome]) -> Grade:
    session = maker.session
    if submission.conflict is not None:
        return maker.waiting(Status.AWAITING, submission.conflict)
    if submission.problem is not None:
        return maker.waiting(Status.UNREADABLE, submission.problem)
    outcome = run(job_of(session, submission))
    endings = {outcome.ending, *(result.ending for result in outcome.calls)}
    if Ending.FAULT in endings:
        message = next((r.message for r in outcome.calls if r.ending is Ending.FAULT), outcome.message)
        return maker.waiting(Status.FAULT, message or "our sandbox broke", outcome)
    unread = [result.message for result in outcome.calls if result.ending is Ending.UNREADABLE]
    if unread and endings <= {Ending.UNREADABLE, Ending.ABSENT, Ending.FINISHED} and not _returned(outcome):
        return maker.waiting(Status.UNREADABLE, unread[0] or "the file cannot be parsed", outcome)
    return maker.graded(outcome)


def _returned(outcome: RunOutcome) -> bool:
    return any(result.ending is Ending.FINISHED for result in outcome.calls)


@dataclass(frozen=True, kw_only=True, slots=True)
class _GradeMaker:
    """Fills in what every grade of a submission has."""

    session: Session
    submission: Submission
    isolation: str

    def waiting(self, status: Status, message: str, outcome: RunOutcome | None = None) -> Grade:
        """Return a grade that a person (or we) must settle: nothing is decided, all points wait."""
        questions = tuple(
            QuestionResult(
                id=question.id,
                title=question.title,
                points=0.0,
                max_points=question.points,
                pending_points=question.points,
                status=status,
                message=message,
            )
            for question in self.session.assignment.questions
        )
        return self._grade(status, message, questions, outcome, first_mistake=None)

    def graded(self, outcome: RunOutcome) -> Grade:
        """Return the grade of a submission that was run."""
        everything = self.session.everything
        rounds = trials(everything, outcome.calls)
        marks = mark(
            everything, rounds, answered=_answered(rounds), changed=_changed_arguments(outcome.calls)
        )
        questions = tuple(
            self._question(question, marks, outcome, rounds) for question in self.session.assignment.questions
        )
        return self._grade(Status.GRADED, None, questions, outcome, marks.first_mistake)

    def _question(
        self, question: QuestionSpec, marks: Marks, outcome: RunOutcome, rounds: Sequence[Trial]
    ) -> QuestionResult:
        found = next(entry for entry in marks.questions if entry.id == question.id)
        status, message = _status(self.session.assignment, question, outcome, rounds)
        unread = status is Status.UNREADABLE
        return QuestionResult(
            id=question.id,
            title=question.title,
            points=0.0 if unread else found.points,
            max_points=question.points,
            pending_points=question.points if unread else 0.0,
            status=status,
            message=message,
            quantities=found.quantities,
            findings=found.findings,
        )

    def _grade(
        self,
        status: Status,
        message: str | None,
        questions: tuple[QuestionResult, ...],
        outcome: RunOutcome | None,
        first_mistake: str | None,
    ) -> Grade:
        return Grade(
            assignment=self.session.assignment.name,
            student=self.submission.student,
            files=self.submission.files,
            sha256=self.submission.sha256,
            status=status,
            message=message,
            first_mistake=first_mistake,
            questions=questions,
            notes=(*self.submission.notes, *(outcome.notes if outcome else ())),
            printed=_printed(outcome) if outcome else "",
            environment=Environment(
                grader=__version__,
                numpy=np.__version__,
                isolation=self.isolation,
                seed_sha256=self.session.seed_sha256,
                limits=self.session.assignment.limits,
            ),
            seconds=outcome.cpu_s if outcome else 0.0,
            peak_memory_mib=outcome.peak_memory_mib if outcome else 0.0,
        )


def _answered(rounds: Sequence[Trial]) -> frozenset[str]:
    """Return the functions that gave an answer on some case."""
    return frozenset(
        function
        for trial in rounds
        for (function, _), answer in trial.answers.items()
        if answer.kind is not AnswerKind.MISSING
    )


def _changed_arguments(results: Iterable[CallResult]) -> Mapping[str, Sequence[int]]:
    changed: dict[str, set[int]] = {}
    for result in results:
        if result.changed_arguments:
            changed.setdefault(result.function, set()).update(result.changed_arguments)
    return {name: sorted(positions) for name, positions in changed.items()}


# --------------------------------------------------------------------------------------------------------------
# The status of a question: the worst of its functions


def _status(
    assignment: Assignment, question: QuestionSpec, outcome: RunOutcome, rounds: Sequence[Trial]
) -> tuple[Status, str | None]:
    statuses = [Status.GRADED]
    messages: dict[str, None] = {}
    for name in question.functions:
        spec = assignment.functions[name]
        for result in first_round(outcome.calls):
            if result.function != name:
                continue
            status, message = _call_status(result)
            if spec.optional and status is Status.MISSING:
                continue
            statuses.append(status)
            if message:
                messages[message] = None
        reason = None if spec.optional else _gave_nothing(name, rounds)
        if reason is not None:
            statuses.append(Status.MISSING)
            messages[reason] = None
    worst = min(statuses, key=STATUS_WORST_FIRST.index)
    return worst, "\n".join(list(messages)[:MOST_MESSAGES]) or None


def _call_status(result: CallResult) -> tuple[Status, str | None]:
    if result.error is not None and result.error.type_name == NOT_YET_WRITTEN:
        return Status.MISSING, f"`{result.function}` is not yet written."
    return STATUS_OF[result.ending], result.message


def _gave_nothing(function: str, rounds: Sequence[Trial]) -> str | None:
    """Return why a function that returned gave none of its answers on any case; None where it gave one."""
    answers = [answer for trial in rounds for (name, _), answer in trial.answers.items() if name == function]
    if not answers or any(answer.kind is not AnswerKind.MISSING for answer in answers):
        return None
    return answers[0].reason


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
