"""The unit of work: one submission from its files to its stored grade and its reports, by plain values alone.

Nothing here knows who runs it: a worker process of this machine, or one of another that sees the same folders.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from grader.assignment import Assignment
from grader.assignment_file import read as read_assignment
from grader.conventions import sentences
from grader.errors import GraderError, SandboxFaultError
from grader.gradebook import Entry, entry
from grader.model import Grade, Job, RunOutcome, Status, Submission
from grader.outlines import outlines
from grader.pipeline import fault, grade
from grader.reports.conditions import Feedback, MarkingFacts
from grader.reports.write import write_student
from grader.reuse import NOTHING_RUN, key_of, still_stands
from grader.sandbox import Isolation, Level, Runner
from grader.session import Session, job_of, session
from grader.stored_answers import JobKeys, Remembering
from grader.submissions import Found, read

_T = TypeVar("_T")


class Terms(Struct, frozen=True, kw_only=True):
    """How all submissions of a run are graded."""

    out: Path
    feedback: Feedback
    isolation: Isolation | None
    """What surrounds student code; None where the assignment asks for none, so that nothing is run."""
    demanded: Level | None = None
    """The weakest isolation that a grade may have been made under."""
    templates: Path | None = None
    """The folder whose templates stand for ours; None for ours."""
    dry_run: bool = False
    """Whether grades are made to be looked at, and no file is written."""

    @property
    def level(self) -> str:
        """What a grade says it was made under."""
        return NOTHING_RUN if self.isolation is None else self.isolation.level.value


class Unit(Struct, frozen=True, kw_only=True):
    """What is to be done for one student."""

    found: Found
    file_name: str
    """Of the student's files, without a suffix."""
    key: str | None
    """Of the stored grade; None where there is none, or where it is to be made again in any case."""
    broke: str | None = None
    """Why nobody shall try to grade it any more: what it did to those who tried."""
    answers: bytes | None = None
    """What earlier runs of the submission gave, as it is stored; None where its code is to be run."""


class Done(Struct, frozen=True, kw_only=True):
    """What came of a unit."""

    key: str
    """Everything the grade depends on, as it is now."""
    entry: Entry | None
    """For the gradebook; None where the stored grade still stands."""
    files_missing: bool = False
    """Whether files of a grade that still stands are gone."""
    template_error: str | None = None
    """What failed in an instructor's template, so that the report was written with ours."""
    ran: bool = False
    """Whether code was run for the grade."""
    from_stored: bool = False
    """Whether the grade was made from stored answers alone."""


def work_one(
    unit: Unit,
    *,
    session: Session,
    terms: Terms,
    run: Callable[[Job], RunOutcome],
    read: Callable[[Found], Submission] = read,
    tell: Callable[[str], None] | None = None,
    keys: JobKeys | None = None,
) -> Done:
    """Grade one submission and write the student's files, or find that the stored grade still stands.

    The files are written before anybody commits the grade. Whoever is killed in between leaves files without a stored grade,
    or newer than it: the next run finds the old key, grades again, and writes the same files over them. A grade that is
    stored therefore always has its files, each of them whole.

    Parameters
    ----------
    unit : Unit
    session : Session
    terms : Terms
    run : callable
        Runs a job in the sandbox.
    read : callable
        Reads a submission.
    tell : callable, optional
        Hears of what takes long.
    keys : JobKeys, optional
        Those of all submissions of a class, of the isolation in force.

    Returns
    -------
    Done

    Raises
    ------
    HostError
        Where a file cannot be written; that is nobody's grade.
    """
    if unit.broke is not None:
        # Not read again: reading may be what it breaks.
        broken = SandboxFaultError(unit.broke, remedy="grade it again")
        return _fault(unit, _unread(unit.found), broken, session, terms)
    try:
        submission = read(unit.found)
    except Exception as error:  # noqa: BLE001  the edge: our mistake leaves one grade open and stops no class
        return _fault(unit, _unread(unit.found), error, session, terms)
    key = key_of(session, submission, terms.level)
    if still_stands(unit.key, key, terms.demanded):
        missing = not terms.dry_run and not all(path.exists() for path in _files(unit, terms))
        return Done(key=key, entry=None, files_missing=missing)
    runs = Remembering(run, keys or JobKeys(terms.level), unit.answers, tell)
    result = grade(session, submission, runs.run, terms.level, runs.tell)
    if result.status is Status.FAULT:
        # What ran it may have been killed by somebody else. A mistake of ours comes again.
        runs = runs.without_stored()
        result = grade(session, submission, runs.run, terms.level, runs.tell)
    try:
        done = _kept(unit, key, result, session, terms, runs.to_store())
    except GraderError:
        raise
    except Exception as error:  # noqa: BLE001  the edge: a grade we cannot write or show is our fault alone
        return _fault(unit, submission, error, session, terms)
    return replace(done, ran=runs.any_made, from_stored=runs.all_known)


def _kept(
    unit: Unit, key: str, result: Grade, session: Session, terms: Terms, answers: bytes | None = b""
) -> Done:
    is_fault = result.status is Status.FAULT
    # A fault is no grade: under no key the next run tries again, and runs the code.
    stored = entry(unit.file_name, "" if is_fault else key, result, b"" if is_fault else answers)
    if terms.dry_run:
        return Done(key=key, entry=stored)
    failed = write_student(
        terms.out,
        unit.file_name,
        result,
        terms.feedback,
        facts=facts(session.assignment),
        templates=terms.templates,
    )
    return Done(key=key, entry=stored, template_error=failed)


def _fault(unit: Unit, submission: Submission, error: Exception, session: Session, terms: Terms) -> Done:
    key = key_of(session, submission, terms.level)
    return _kept(unit, key, fault(session, submission, error, terms.level), session, terms)


def _unread(found: Found) -> Submission:
    """Return what is known of a submission that was not read."""
    unread = hashlib.sha256(str(found.path).encode(errors="surrogateescape")).hexdigest()
    return Submission(student=found.student, path=str(found.path.name), files=(), sha256=unread)


def _files(unit: Unit, terms: Terms) -> tuple[Path, ...]:
    reports = terms.out / "reports"
    return (
        terms.out / "results" / f"{unit.file_name}.json",
        reports / f"{unit.file_name}.html",
        reports / f"{unit.file_name}.md",
    )


def facts(assignment: Assignment) -> MarkingFacts:
    """Return what reports tell of how an assignment is marked."""
    policy = assignment.policy
    return MarkingFacts(
        title=assignment.title,
        outlines=outlines(assignment),
        follow_share=policy.follow_share,
        rtol=policy.rtol,
        atol=policy.atol,
        elementwise=policy.elementwise,
        edge_cost=policy.edge_cost,
        convention_share=policy.convention_share,
        label_cost=policy.label_cost,
        method_share=policy.method_share,
        code=assignment.has_code,
        formulas=assignment.sheet is not None,
        compositions=any(unit.parts for unit in assignment.units),
        experiments=bool(assignment.experiments),
        edge_cases=sum(len(unit.cases.edges) for unit in assignment.marked_units),
        units=len(assignment.marked_units),
        drawn_cases=max(unit.cases.drawn for unit in assignment.marked_units),
        worked_case=any(unit.cases.worked is not None for unit in assignment.marked_units),
        read_by_person=tuple(question.title for question in assignment.questions if question.headings),
        conventions=sentences(assignment.conventions),
    )


# --------------------------------------------------------------------------------------------------------------
# Between processes


class Opening(Struct, frozen=True, kw_only=True):
    """Everything a worker needs to begin; plain values, so that it can be sent to another process."""

    assignment: Path
    """The assignment's folder."""
    secret: str
    terms: Terms
    ready: Session | None = None
    """The session where the worker inherits it from the process that made it; else it makes its own."""

    @contextmanager
    def __call__(
        self, peek: Callable[[], bytes | None], tell: Callable[[str], None]
    ) -> Iterator[Callable[[bytes], bytes]]:
        """Open a sandbox, and give what turns a packed unit into a packed `Done`; the sandbox is closed afterwards.

        While one submission is marked and its reports are written, the code of the next runs already. Where nothing is to be
        run there is no sandbox.
        """
        shared = self.ready
        if shared is None:
            shared = session(read_assignment(self.assignment), self.secret)
        reader = _Reader()
        keys = JobKeys(self.terms.level)

        def serving(run: Callable[[Job], RunOutcome]) -> Callable[[bytes], bytes]:
            def serve(request: bytes) -> bytes:
                unit = unpack(request, Unit)
                done = work_one(
                    unit, session=shared, terms=self.terms, run=run, read=reader.read, tell=tell, keys=keys
                )
                return pack(done)

            return serve

        if self.terms.isolation is None:
            yield serving(run_nothing)
            return
        with Runner(self.terms.isolation) as runner:

            def run(job: Job) -> RunOutcome:
                outcome = runner.run(job)
                upcoming = peek()
                if upcoming is not None:
                    _begin(unpack(upcoming, Unit), shared, reader, runner)
                return outcome

            yield serving(run)


def run_nothing(_job: Job) -> RunOutcome:
    """Refuse to run a job: the place of a sandbox, where no code is asked for.

    Parameters
    ----------
    _job : Job

    Raises
    ------
    SandboxFaultError
        Always.
    """
    raise SandboxFaultError(
        "there is no sandbox, since no code is asked for", remedy="report it: this is a mistake of ours"
    )


class _Reader:
    """Reads submissions, and remembers the last one: what was read ahead is not read again."""

    def __init__(self) -> None:
        self._last: tuple[Found, Submission] | None = None

    def read(self, found: Found) -> Submission:
        if self._last is None or self._last[0] != found:
            self._last = None
            self._last = (found, read(found))
        return self._last[1]


def _begin(unit: Unit, session: Session, reader: _Reader, runner: Runner) -> None:
    """Have the code of a unit begin, if it is to run at all; whatever is wrong with it shows when it is its turn."""
    if unit.key is not None or unit.broke is not None or unit.answers:
        return  # its stored grade may still stand, or be made of what a run gave before
    with suppress(Exception):
        submission = reader.read(unit.found)
        if submission.problem is None and submission.conflict is None and not submission.is_absent:
            runner.prepare(job_of(session, submission))


def pack(value: Unit | Done) -> bytes:
    """Write a unit, or what came of it, as bytes.

    Parameters
    ----------
    value : Unit or Done

    Returns
    -------
    bytes
        JSON. A path may hold bytes that are no text: then it is in ASCII, and escapes carry them.
    """
    try:
        return msgspec.json.encode(value, enc_hook=str)
    except UnicodeEncodeError:
        return json.dumps(msgspec.to_builtins(value, enc_hook=str), separators=(",", ":")).encode("ascii")


def unpack(data: bytes, kind: type[_T]) -> _T:
    """Read what `pack` wrote.

    Parameters
    ----------
    data : bytes
    kind : type
        `Unit` or `Done`.

    Returns
    -------
    Unit or Done
    """
    try:
        return msgspec.json.decode(data, type=kind, dec_hook=_path)
    except msgspec.DecodeError:
        # Half of a surrogate pair is JSON to `json` alone; and what is something else is refused by its rules.
        return msgspec.convert(json.loads(data), kind, dec_hook=_path)


def _path(_kind: type, value: str) -> Path:
    """Read a path, the one kind of value that JSON does not have."""
    return Path(value)
