"""A class: many submissions at once, each committed as it comes, resumed where it was cut off.

One coordinator, this module, feeds worker processes, and it alone has the gradebook. It never reads a submission.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from grader.assignment import Assignment
from grader.errors import GraderError, HostError, UsageError
from grader.gradebook import Change, Entry, Gradebook
from grader.model import Status
from grader.outfolder import (
    ASSIGNMENT,
    FOLDER,
    GRADEBOOK,
    FileNames,
    Look,
    looked_otherwise,
    note_look,
    prepared,
    refresh_marked,
    rewrite_reports,
    stored_grade,
    swept,
)
from grader.outlock import locked
from grader.reports.conditions import Feedback
from grader.reports.write import write_student
from grader.reuse import reason
from grader.sandbox import Isolation, Level, choose_isolation
from grader.secret import kept
from grader.session import session
from grader.submissions import Found
from grader.work import Done, Opening, Terms, Unit, facts, pack, unpack
from grader.workers import Answer, Workers, method

if sys.platform == "linux":
    from grader.sandbox.linux.process import hide_memory

__all__ = ["Options", "Progress", "Summary", "facts", "grade_class", "patience_s"]

POLL_S = 0.1
GRACE_S = 3.0
"""For what runs when Ctrl-C comes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """How a class is graded."""

    out: Path
    secret: str | None = None
    """None: go on with the one kept in `out`, else a random one."""
    workers: int = 1
    force: bool = False
    """Whether unchanged submissions are graded again."""
    feedback: Feedback = Feedback.HINTS
    templates: Path | None = None
    """A folder whose templates stand for ours, as `grader.outfolder.chosen_look` has tried them."""
    isolation: Isolation | None = None
    """What surrounds student code; None to choose the strongest that holds here. Where no code is asked for it is not looked at."""
    demanded: Level | None = None
    """The weakest level that a stored grade may have been made under; None where any will do."""

    @property
    def look(self) -> Look:
        """What reports look like."""
        return Look(feedback=self.feedback, templates=self.templates)


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """One submission is done."""

    student: str
    done: int
    total: int
    graded: bool
    """False where it was unchanged."""


@dataclass(slots=True)
class Summary:
    """What came out of a run over a class; filled while it goes on."""

    total: int
    graded: int = 0
    unchanged: int = 0
    faults: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    template_errors: dict[str, None] = field(default_factory=dict)
    """What failed in an instructor's templates, each once; such reports were written with ours."""
    interrupted: bool = False


def grade_class(
    assignment: Assignment,
    found: Sequence[Found],
    options: Options,
    on_progress: Callable[[Progress], None],
    on_note: Callable[[str], None] | None = None,
) -> Summary:
    """Grade the submissions of a class into an output folder.

    Parameters
    ----------
    assignment : Assignment
    found : sequence of Found
        One per student.
    options : Options
    on_progress : callable
        Called after each submission.
    on_note : callable, optional
        Hears which experiments begin, which take long.

    Returns
    -------
    Summary
        With `interrupted` set where Ctrl-C came: what was done is kept, and the same call goes on from there.

    Raises
    ------
    HostError
        Where the output folder cannot be used, or another grader is using it.
    UsageError
        Where it holds the grades of another assignment.
    """
    prepared(options.out)
    with locked(options.out), Gradebook(options.out / GRADEBOOK) as book:
        swept(options.out)
        _claim(book, assignment, options)
        summary = Summary(total=len(found))
        _note_failed(summary, *_looked(book, assignment, options))
        count = max(1, min(options.workers, len(found)))
        with _interruptible() as stop, _workers(assignment, options, count, on_note) as workers:
            run = _ClassRun(
                options=options,
                book=book,
                workers=workers,
                summary=summary,
                on_progress=on_progress,
                stop=stop,
                assignment=assignment,
            )
            run.over(found)
        swept(options.out)
        written = refresh_marked(book, options.out, options.look, facts(assignment), class_page=True)
        _note_failed(summary, *written.template_errors)
    return summary


def _note_failed(summary: Summary, *errors: str | None) -> None:
    summary.template_errors.update((error, None) for error in errors if error is not None)


def _workers(
    assignment: Assignment, options: Options, count: int, on_note: Callable[[str], None] | None
) -> Workers:
    _hide_memory()
    hidden = kept(options.out, options.secret)
    terms = Terms(
        out=options.out,
        feedback=options.feedback,
        isolation=_isolation(assignment, options),
        demanded=options.demanded,
        templates=options.templates,
    )
    opening = Opening(assignment=assignment.folder, secret=hidden, terms=terms)
    how = method()
    if how == "fork":
        # Computed once, before there are workers, which share it with us page by page.
        opening = replace(opening, ready=session(assignment, hidden))
    patience = patience_s(assignment)
    return Workers(opening, count=count, patience_s=patience, how=how, on_note=on_note)


def _isolation(assignment: Assignment, options: Options) -> Isolation | None:
    """Return what surrounds student code; None where none is asked for, so that none is run."""
    return (options.isolation or choose_isolation()) if assignment.has_code else None


def _hide_memory() -> None:
    """Keep student code, which may run as the same user, out of a memory that holds the expected values."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            hide_memory()


def patience_s(assignment: Assignment) -> float:
    """Return after how many seconds of silence a worker has lost its way: twice what a run may take, and a minute.

    Each run of experiments is announced; what is expected of them is worked out within the minute.
    """
    seconds = [experiment.cpu_s for experiment in assignment.experiments]
    experiments = sum(seconds) + max(seconds, default=0.0)
    longest = 3 * max(2 * assignment.limits.submission_cpu_s, experiments) + 2
    return 2 * longest + 60


@contextmanager
def _interruptible() -> Iterator[threading.Event]:
    """Turn the first Ctrl-C into a flag; the second one raises as usual, and stops at once.

    Raised wherever the interpreter is, as Python does, it can get lost in a callback, or fall between a grade and its count.
    """
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = signal.getsignal(signal.SIGINT)

    def on_interrupt(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, before)
        stop.set()

    signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def _claim(book: Gradebook, assignment: Assignment, options: Options) -> None:
    """Note what the gradebook is of; refuse to mix two assignments in one."""
    before = book.meta(ASSIGNMENT)
    if before not in (None, assignment.name):
        raise UsageError(
            f"{options.out} holds the grades of `{before}`, not of `{assignment.name}`",
            remedy="choose another output folder",
        )
    if before is None:
        book.set_meta(ASSIGNMENT, assignment.name)
    if book.meta(FOLDER) != str(assignment.folder.resolve()):
        book.set_meta(FOLDER, str(assignment.folder.resolve()))


def _looked(book: Gradebook, assignment: Assignment, options: Options) -> tuple[str, ...]:
    """Write what there is again where it looked otherwise before; return what failed in templates."""
    failed: tuple[str, ...] = ()
    if looked_otherwise(book, options.look):
        failed = rewrite_reports(book, options.out, options.look, facts(assignment)).template_errors
    note_look(book, options.look)
    return failed


@dataclass(frozen=True, kw_only=True, slots=True)
class _ClassRun:
    """The loop over a class: units go out, what is done comes back and is committed."""

    options: Options
    book: Gradebook
    workers: Workers
    summary: Summary
    on_progress: Callable[[Progress], None]
    stop: threading.Event
    """Set by Ctrl-C."""
    assignment: Assignment
    given: dict[int, Unit] = field(default_factory=dict)
    """What is with the workers, a few units at most however large the class is."""
    lost: list[tuple[int, Unit]] = field(default_factory=list)
    """What broke two workers, and is to be given to one that only says so."""

    def over(self, found: Sequence[Found]) -> None:
        """Grade all; where it is cut short, keep what is finished and what soon will be."""
        try:
            for number, unit in enumerate(self._units(found)):
                self._give(number, unit)
            while self.given or self.lost:
                self._settle()
        except KeyboardInterrupt:
            self.summary.interrupted = True
            self._wind_down()
        except GraderError:
            # A full disk, mostly. What the gradebook can still take is not to be graded a second time.
            with contextlib.suppress(GraderError):
                self._wind_down()
            raise

    def _units(self, found: Sequence[Found]) -> Iterator[Unit]:
        names = FileNames(self.book.file_names())
        for entry in found:
            key = None if self.options.force else self.book.key_of(entry.student)
            yield Unit(found=entry, file_name=names.of(entry.student), key=key)

    def _give(self, number: int, unit: Unit) -> None:
        request = pack(unit)
        while not self.workers.has_room(len(request)):
            self._settle()
        self.given[number] = unit
        self.workers.give(number, request)

    def _settle(self) -> None:
        """Wait for what is done, and commit it."""
        # Never for long: a signal that comes just before the wait does not end it.
        for answer in self.workers.answers(POLL_S):
            self._take(answer)
        if self.stop.is_set():
            raise KeyboardInterrupt
        while self.lost:
            self._give(*self.lost.pop())

    def _wind_down(self) -> None:
        """Commit what the workers finish within the grace; begin nothing more."""
        self.workers.finish()
        end = time.monotonic() + GRACE_S
        while self.workers.busy and time.monotonic() < end:
            for answer in self.workers.answers(POLL_S):
                self._take(answer)

    def _take(self, answer: Answer) -> None:
        unit = self.given.pop(answer.number)
        if answer.data is not None:
            self._commit(unit, unpack(answer.data, Done))
        elif unit.broke is None:
            self.lost.append((answer.number, replace(unit, broke=f"a worker process {answer.why}, twice")))
        else:
            raise HostError(
                f"worker processes do not stay alive: the last one {answer.why}",
                remedy="look for a lack of memory, or run fewer workers with -j; the same command goes on",
            )

    def _commit(self, unit: Unit, done: Done) -> None:
        student = unit.found.student
        _note_failed(self.summary, done.template_error)
        if done.entry is None:
            self.summary.unchanged += 1
            if done.files_missing:
                self._restore_files(student)
        else:
            self._store(done.entry, done.key)
        finished = self.summary.graded + self.summary.unchanged
        graded = done.entry is not None
        self.on_progress(Progress(student=student, done=finished, total=self.summary.total, graded=graded))

    def _store(self, entry: Entry, key: str) -> None:
        why = reason(self.book.key_of(entry.student), key)
        change = self.book.put(entry, reason=why, now=datetime.now(tz=UTC))
        self.summary.graded += 1
        if self.book.marks.of(entry.student):
            self._restore_files(entry.student)  # the worker knew nothing of what people decided
        if change is not None:
            self.summary.changes.append(change)
        if entry.status is Status.FAULT:
            self.summary.faults.append(entry.student)

    def _restore_files(self, student: str) -> None:
        """Write files again from the gradebook: somebody removed them, or decided something."""
        stored = stored_grade(self.book, student)
        if stored is not None:
            look, told = self.options.look, facts(self.assignment)
            failed = write_student(
                self.options.out,
                stored.file_name,
                stored.grade,
                look.feedback,
                facts=told,
                templates=look.templates,
            )
            _note_failed(self.summary, failed)
