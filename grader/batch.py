"""A class: many submissions at once, each committed as it comes, resumed where it was cut off."""

from __future__ import annotations

import hashlib
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from grader import __version__
from grader.assignment import Assignment
from grader.assignment_file import read as read_assignment
from grader.errors import AssignmentError, GraderError, HostError, UsageError
from grader.gradebook import Change, Gradebook, StoredGrade
from grader.model import Grade, Status, Submission
from grader.pipeline import Session, fault, grade, session
from grader.reports.conditions import Feedback, MarkingFacts
from grader.reports.write import write_class, write_student
from grader.sandbox import Runner, level
from grader.secret import kept
from grader.submissions import Found, file_name, read

GRADEBOOK = "gradebook.sqlite"
ASSIGNMENT, FEEDBACK, FOLDER = "assignment", "feedback", "assignment-folder"
"""Names of what the gradebook keeps beside the grades."""
POLL_S = 0.1


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """One submission is done."""

    student: str
    done: int
    total: int
    graded: Grade | None
    """None where it was unchanged."""


@dataclass(slots=True)
class Summary:
    """What came out of a run over a class; filled while it goes on."""

    total: int
    graded: int = 0
    unchanged: int = 0
    faults: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    interrupted: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class _Work:
    """A submission that was read, with the key of what its grade depends on."""

    submission: Submission
    key: str
    broken: Exception | None = None
    """What went wrong with us while reading it."""


def grade_class(
    assignment: Assignment,
    found: Sequence[Found],
    options: Options,
    on_progress: Callable[[Progress], None],
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

    Returns
    -------
    Summary
        With `interrupted` set where Ctrl-C came: what was done is kept, and the same call goes on from there.

    Raises
    ------
    HostError
        Where the output folder cannot be used.
    UsageError
        Where it holds the grades of another assignment.
    """
    _prepare(options.out)
    summary = Summary(total=len(found))
    with Gradebook(options.out / GRADEBOOK) as book:
        _claim(book, assignment, options)
        shared = session(assignment, kept(options.out, options.secret))
        with Runner() as runner, _interruptible(runner) as stop:
            run = _ClassRun(
                session=shared,
                options=options,
                book=book,
                runner=runner,
                summary=summary,
                on_progress=on_progress,
                stop=stop,
            )
            try:
                run.over(found)
            except KeyboardInterrupt:
                summary.interrupted = True
        write_class(
            options.out,
            ((entry.file_name, entry.grade) for entry in _stored(book)),
            assignment=assignment.name,
        )
    return summary


@contextmanager
def _interruptible(runner: Runner) -> Iterator[threading.Event]:
    """Turn the first Ctrl-C into a flag and the end of what runs; the second one raises as usual.

    Raised wherever the interpreter is, as Python does, it can get lost in a callback, or fall between a grade and its files.
    """
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = signal.getsignal(signal.SIGINT)

    def on_interrupt(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, before)
        stop.set()
        runner.close()

    signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def _prepare(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name in ("results", "reports"):
            (out / name).mkdir(exist_ok=True)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise HostError(
            f"the output folder {out} cannot be used: {reason}", remedy="choose a folder that can be written"
        ) from error


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
    if book.meta(FEEDBACK) not in (None, options.feedback.value):
        rewrite_reports(book, options.out, options.feedback, facts(assignment))
    book.set_meta(FEEDBACK, options.feedback.value)


@dataclass(frozen=True, kw_only=True, slots=True)
class _ClassRun:
    """The loop over a class. Reading, running and marking happen in threads; the gradebook belongs to this one."""

    session: Session
    options: Options
    book: Gradebook
    runner: Runner
    summary: Summary
    on_progress: Callable[[Progress], None]
    stop: threading.Event
    """Set by Ctrl-C."""

    def over(self, found: Sequence[Found]) -> None:
        """Grade all; at most a few submissions are held in memory at once."""
        names = dict(self.book.file_names())
        taken = set(names.values())
        with ThreadPoolExecutor(max_workers=self.options.workers) as pool:
            waiting: dict[Future[Grade], _Work] = {}
            try:
                for work in self._changed(found, names, taken):
                    self._stop_if_asked()
                    waiting[pool.submit(self._grade, work)] = work
                    if len(waiting) >= 2 * self.options.workers:
                        self._store_finished(waiting, names)
                while waiting:
                    self._store_finished(waiting, names)
            except BaseException:
                # What is finished is kept; what runs is stopped, which makes it a fault, and left for the next run.
                self.runner.close()
                pool.shutdown(wait=True, cancel_futures=True)
                for future, work in waiting.items():
                    if not future.cancelled() and future.result().status is not Status.FAULT:
                        self._store(work, future.result(), names)
                raise

    def _stop_if_asked(self) -> None:
        if self.stop.is_set():
            raise KeyboardInterrupt

    def _changed(self, found: Sequence[Found], names: dict[str, str], taken: set[str]) -> Iterator[_Work]:
        """Yield what is to be graded; note what is unchanged and give every student a file name."""
        for entry in found:
            submission, broken = _read(entry)
            key = _key(self.session, submission)
            if submission.student not in names:
                names[submission.student] = file_name(submission.student, taken)
                taken.add(names[submission.student])
            if not self.options.force and self.book.key_of(submission.student) == key:
                self._restore_files(submission.student, names[submission.student])
                self.summary.unchanged += 1
                self._report(submission.student, None)
            else:
                yield _Work(submission=submission, key=key, broken=broken)

    def _grade(self, work: _Work) -> Grade:
        if work.broken is not None:
            return fault(self.session, work.submission, work.broken, level())
        return grade(self.session, work.submission, self.runner.run, level())

    def _store_finished(self, waiting: dict[Future[Grade], _Work], names: Mapping[str, str]) -> None:
        # Not for ever: a signal that comes just before the thread starts to wait does not end its waiting.
        finished, _ = wait(waiting, timeout=POLL_S, return_when=FIRST_COMPLETED)
        self._stop_if_asked()
        for future in finished:
            self._store(waiting.pop(future), future.result(), names)

    def _store(self, work: _Work, result: Grade, names: Mapping[str, str]) -> None:
        student = work.submission.student
        reason = _reason(self.book.key_of(student), work.key)
        try:
            change = self._keep(work, names[student], result, reason)
        except GraderError:
            raise
        except Exception as error:  # noqa: BLE001  the edge: a grade we cannot write or show is our fault alone
            result = fault(self.session, work.submission, error, level())
            change = self._keep(work, names[student], result, reason)
        self.summary.graded += 1
        if change is not None:
            self.summary.changes.append(change)
        if result.status is Status.FAULT:
            self.summary.faults.append(student)
        self._report(student, result)

    def _keep(self, work: _Work, name: str, result: Grade, reason: str) -> Change | None:
        """Put a grade into the gradebook, then write its files."""
        # A fault is no grade: the next run tries again.
        key = "" if result.status is Status.FAULT else work.key
        now = datetime.now(tz=UTC)
        change = self.book.put(work.submission.student, name, key, result, reason=reason, now=now)
        told = facts(self.session.assignment)
        write_student(self.options.out, name, result, self.options.feedback, facts=told)
        return change

    def _restore_files(self, student: str, name: str) -> None:
        """Write files again that a crash between the gradebook and them left out."""
        out = self.options.out
        files = (
            out / "results" / f"{name}.json",
            out / "reports" / f"{name}.html",
            out / "reports" / f"{name}.md",
        )
        if all(file.exists() for file in files):
            return
        stored = self.book.get(student)
        if stored is not None:
            write_student(
                out, name, stored.grade, self.options.feedback, facts=facts(self.session.assignment)
            )

    def _report(self, student: str, result: Grade | None) -> None:
        done = self.summary.graded + self.summary.unchanged
        self.on_progress(Progress(student=student, done=done, total=self.summary.total, graded=result))


def _read(found: Found) -> tuple[Submission, Exception | None]:
    """Read a submission; where we fail on it, say so beside what is known of it."""
    try:
        return read(found), None
    except Exception as error:  # noqa: BLE001  the edge: our mistake leaves one grade open and stops no class
        unread = hashlib.sha256(str(found.path).encode(errors="surrogateescape")).hexdigest()
        path = str(found.path.name)
        return Submission(student=found.student, path=path, files=(), sha256=unread), error


def rewrite_reports(book: Gradebook, out: Path, feedback: Feedback, told: MarkingFacts | None) -> int:
    """Write every file of an output folder again from its gradebook.

    Parameters
    ----------
    book : Gradebook
    out : Path
    feedback : Feedback
    told : MarkingFacts or None
        What the assignment says about marking; None where it is not at hand.

    Returns
    -------
    int
        How many students there are.
    """
    _prepare(out)
    count = 0
    for entry in _stored(book):
        write_student(out, entry.file_name, entry.grade, feedback, facts=told)
        count += 1
    write_class(
        out,
        ((entry.file_name, entry.grade) for entry in _stored(book)),
        assignment=book.meta(ASSIGNMENT) or "",
    )
    return count


def _stored(book: Gradebook) -> Iterator[StoredGrade]:
    """Go through all grades; where one cannot be read, say how to make it again."""
    try:
        yield from book.grades()
    except ValueError as error:
        raise UsageError(
            f"{book.path} holds a grade that cannot be read: {error}",
            remedy="grade the class again with --force",
        ) from error


def report_again(out: Path, feedback: str | None) -> int:
    """Write the reports of an output folder again from its gradebook alone.

    Parameters
    ----------
    out : Path
        Holds a gradebook.
    feedback : str or None
        Feedback level; None for the one used before.

    Returns
    -------
    int
        How many students there are.
    """
    with Gradebook(out / GRADEBOOK) as book:
        level_now = Feedback(feedback or book.meta(FEEDBACK) or Feedback.HINTS.value)
        folder = book.meta(FOLDER)
        try:
            told = facts(read_assignment(Path(folder))) if folder else None
        except AssignmentError:
            told = None  # the folder has moved or changed since: reports say less about the marking
        count = rewrite_reports(book, out, level_now, told)
        book.set_meta(FEEDBACK, level_now.value)
    return count


def kept_feedback(out: Path) -> Feedback:
    """Return the feedback level that an output folder was graded with, or the default."""
    if not (out / GRADEBOOK).is_file():
        return Feedback.HINTS
    with Gradebook(out / GRADEBOOK) as book:
        return Feedback(book.meta(FEEDBACK) or Feedback.HINTS.value)


def facts(assignment: Assignment) -> MarkingFacts:
    """Return what reports tell of how an assignment is marked."""
    return MarkingFacts(
        follow_share=assignment.policy.follow_share,
        rtol=assignment.policy.rtol,
        drawn_cases=assignment.cases.drawn,
    )


# --------------------------------------------------------------------------------------------------------------
# What a grade depends on


def _key(shared: Session, submission: Submission) -> str:
    """Name everything a grade depends on, part by part, so that a change can be told."""
    content = "\0".join((submission.sha256, submission.problem or "", submission.conflict or ""))
    parts = {
        "submission": hashlib.sha256(content.encode()).hexdigest(),
        "assignment": shared.assignment.digest,
        "grader": __version__,
        "seed": shared.seed_sha256,
        "isolation": level(),
    }
    return ";".join(f"{name}={value}" for name, value in parts.items())


def _reason(before: str | None, now: str) -> str:
    """Say what changed between two keys."""
    if before is None:
        return "new"
    if before == now:
        return "forced"
    old = dict(part.partition("=")[::2] for part in before.split(";"))
    changed = [
        name
        for name, value in (part.partition("=")[::2] for part in now.split(";"))
        if old.get(name) != value
    ]
    return f"{' and '.join(changed)} changed" if old.get("submission") else "graded again after a fault"
