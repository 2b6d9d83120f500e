"""A class: many submissions at once, each committed as it comes, resumed where it was cut off.

One coordinator, this module, feeds worker processes, and it alone has the gradebook. It never reads a submission.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from msgspec import Struct
from msgspec.structs import replace

from grader.assignment import Assignment
from grader.class_run import ClassRun, Options, Progress, Summary
from grader.errors import UsageError
from grader.gradebook import Gradebook
from grader.intake import ROSTER, forget_absentees, note_origins, still_to_do
from grader.kept_late import adopt, note_late
from grader.outfolder import (
    ASSIGNMENT,
    FOLDER,
    GRADEBOOK,
    looked_otherwise,
    note_look,
    prepared,
    refresh_marked,
    rewrite_reports,
    students_to_look_at_again,
    swept,
)
from grader.outlock import locked
from grader.sandbox import Isolation, choose_isolation
from grader.secret import chosen, digest, kept
from grader.session import session
from grader.submissions import Found
from grader.versions import Versions
from grader.work import Opening, Terms, facts
from grader.workers import Workers, method

if sys.platform == "linux":
    from grader.sandbox.linux.process import hide_memory

__all__ = ["Options", "Progress", "Summary", "facts", "grade_class", "patience_s"]


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
        With `dry_run` set where that was asked for: nothing is written.

    Raises
    ------
    HostError
        Where the output folder cannot be used, or another grader is using it.
    UsageError
        Where it holds the grades of another assignment, or none at all for a dry run.
    """
    call = _Call(
        assignment=assignment, found=found, options=options, on_progress=on_progress, on_note=on_note
    )
    if options.dry_run:
        return _tried(call)
    prepared(options.out)
    with locked(options.out), Gradebook(options.out / GRADEBOOK) as book:
        swept(options.out)
        _claim(book, assignment, options)
        call = replace(call, found=still_to_do(found, book))
        gone = forget_absentees(found, book, options.out) if options.roster is not None else ()
        note_origins(call.found, book)
        versions = Versions(book, assignment)
        changed = versions.changed_since_last_run()
        summary = Summary(total=call.total, assignment_changes=changed, gone=gone)
        versions.keep()
        summary.note_failed(*_looked(book, assignment, options))
        _over_class(call, book, versions, summary, kept(options.out, options.secret))
        swept(options.out)
        adopt(book, assignment.late)
        note_late(book)
        written = refresh_marked(book, options.out, options.look, facts(assignment), class_page=True)
        summary.note_failed(*written.template_errors)
        summary.waiting = written.waiting
        summary.look_again = list(students_to_look_at_again(book))
    return summary


class _Call(Struct, frozen=True, kw_only=True):
    """What `grade_class` was called with."""

    assignment: Assignment
    found: Sequence[Found]
    options: Options
    on_progress: Callable[[Progress], None]
    on_note: Callable[[str], None] | None

    @property
    def total(self) -> int:
        """How many students get a grade."""
        return sum(len(one.students) for one in self.found)


def _tried(call: _Call) -> Summary:
    """Grade as if it were to count, hold the grades against the stored ones, and store nothing."""
    out = call.options.out
    if not (out / GRADEBOOK).is_file():
        raise UsageError(
            f"{out} holds no gradebook, so there is nothing to compare with",
            remedy="grade without --dry-run first",
        )
    with locked(out), Gradebook(out / GRADEBOOK) as book:
        _check_claim(book, call.assignment, out)
        versions = Versions(book, call.assignment)
        changed = versions.changed_since_last_run()
        call = replace(call, found=still_to_do(call.found, book))
        summary = Summary(total=call.total, assignment_changes=changed, dry_run=True)
        _over_class(call, book, versions, summary, chosen(out, call.options.secret))
    return summary


def _over_class(call: _Call, book: Gradebook, versions: Versions, summary: Summary, hidden: str) -> None:
    """Have workers grade the class; what comes of it goes to the gradebook and into the summary."""
    with _interruptible() as stop, _workers(call, hidden) as workers:
        run = ClassRun(
            options=call.options,
            book=book,
            workers=workers,
            summary=summary,
            on_progress=call.on_progress,
            stop=stop,
            assignment=call.assignment,
            versions=versions,
            seed_sha256=digest(hidden),
        )
        run.over(call.found)


def _workers(call: _Call, hidden: str) -> Workers:
    _hide_memory()
    assignment, options = call.assignment, call.options
    terms = Terms(
        out=options.out,
        feedback=options.feedback,
        isolation=_isolation(assignment, options),
        demanded=options.demanded,
        templates=options.templates,
        dry_run=options.dry_run,
    )
    opening = Opening(assignment=assignment.folder, secret=hidden, terms=terms)
    how = method()
    if how == "fork":
        # Computed once, before there are workers, which share it with us page by page.
        opening = replace(opening, ready=session(assignment, hidden))
    count = max(1, min(options.workers, len(call.found)))
    return Workers(opening, count=count, patience_s=patience_s(assignment), how=how, on_note=call.on_note)


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
    _check_claim(book, assignment, options.out)
    if book.meta(ASSIGNMENT) is None:
        book.set_meta(ASSIGNMENT, assignment.name)
    if book.meta(FOLDER) != str(assignment.folder.resolve()):
        book.set_meta(FOLDER, str(assignment.folder.resolve()))
    if options.roster is not None and book.meta(ROSTER) != str(options.roster):
        book.set_meta(ROSTER, str(options.roster))


def _check_claim(book: Gradebook, assignment: Assignment, out: Path) -> None:
    before = book.meta(ASSIGNMENT)
    if before not in (None, assignment.name):
        raise UsageError(
            f"{out} holds the grades of `{before}`, not of `{assignment.name}`",
            remedy="choose another output folder",
        )


def _looked(book: Gradebook, assignment: Assignment, options: Options) -> tuple[str, ...]:
    """Write what there is again where it looked otherwise before; return what failed in templates."""
    failed: tuple[str, ...] = ()
    if looked_otherwise(book, options.look):
        failed = rewrite_reports(book, options.out, options.look, facts(assignment)).template_errors
    note_look(book, options.look)
    return failed
