"""The loop over a class: units go out to the workers, what is done comes back and is committed."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from grader.assignment import Assignment
from grader.errors import GraderError, HostError
from grader.gradebook import Change, Entry, Gradebook
from grader.model import Status
from grader.outfolder import FileNames, Look, stored_grade
from grader.reports.conditions import Feedback
from grader.reports.write import write_student
from grader.reuse import asks_otherwise, assignment_of, reason
from grader.sandbox import Isolation, Level
from grader.submissions import Found
from grader.versions import Versions
from grader.work import Done, Unit, facts, pack, unpack
from grader.workers import Answer, Workers

POLL_S = 0.1
GRACE_S = 3.0
"""For what runs when Ctrl-C comes."""


class Options(Struct, frozen=True, kw_only=True):
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
    roster: Path | None = None
    """The roster that was used, to be used again; None to leave what is known of it."""
    demanded: Level | None = None
    """The weakest level that a stored grade may have been made under; None where any will do."""
    dry_run: bool = False
    """Whether to say what would change, and write nothing."""

    @property
    def look(self) -> Look:
        """What reports look like."""
        return Look(feedback=self.feedback, templates=self.templates)


class Progress(Struct, frozen=True, kw_only=True):
    """One submission is done."""

    student: str
    done: int
    total: int
    graded: bool
    """False where it was unchanged."""


class Summary(Struct):
    """What came out of a run over a class; filled while it goes on."""

    total: int
    graded: int = 0
    """Grades that were made: with code that was run, from stored answers, or where there was nothing to run."""
    run: int = 0
    """Submissions whose code was run."""
    from_stored: int = 0
    """Grades that were made from stored answers alone."""
    unchanged: int = 0
    new: int = 0
    """Students who had no grade before."""
    gone: tuple[str, ...] = ()
    """Absentees of an earlier roster who are no longer on it, and were taken out."""
    faults: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    marked: set[str] = field(default_factory=set)
    """Students with a changed grade of which people decided points; those hold."""
    waiting: Mapping[str, int] = field(default_factory=dict)
    """How many submissions in the output folder wait for a person, by the title of their group on the class page."""
    look_again: list[str] = field(default_factory=list)
    """Students with marks of people that rest on what has changed since."""
    assignment_changes: tuple[str, ...] = ()
    """What is no longer in the assignment as it was in the run before, or has come to it."""
    template_errors: dict[str, None] = field(default_factory=dict)
    """What failed in an instructor's templates, each once; such reports were written with ours."""
    interrupted: bool = False
    dry_run: bool = False
    """Whether nothing was written: what changed is what would change."""

    def note_failed(self, *errors: str | None) -> None:
        """Note what failed in an instructor's templates."""
        self.template_errors.update((error, None) for error in errors if error is not None)


class ClassRun(Struct, frozen=True, kw_only=True):
    """The loop over a class: units go out, what is done comes back and is committed."""

    options: Options
    book: Gradebook
    workers: Workers
    summary: Summary
    on_progress: Callable[[Progress], None]
    stop: threading.Event
    """Set by Ctrl-C."""
    assignment: Assignment
    versions: Versions
    seed_sha256: str
    given: dict[int, Unit] = field(default_factory=dict)
    """What is with the workers, a few units at most however large the class is."""
    later: list[Unit] = field(default_factory=list)
    """What broke two workers, and is to be given to one that only says so; and who handed in with somebody that is done."""
    partners: dict[str, list[Unit]] = field(default_factory=dict)
    """Of each team, by its first member, the units of the others: their grades are made from the answers of the one run."""
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def over(self, found: Sequence[Found]) -> None:
        """Grade all; where it is cut short, keep what is finished and what soon will be."""
        try:
            for unit in self._units(found):
                self._give(unit)
            while self.given or self.later:
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
            self.partners[entry.student] = [
                self._unit(replace(entry, student=member.student, origin=member.origin, members=()), names)
                for member in entry.members
                if member.student != entry.student
            ]
            yield self._unit(entry, names)

    def _unit(self, entry: Found, names: FileNames) -> Unit:
        key = None if self.options.force else self.book.key_of(entry.student)
        # Most stored grades stand, and need no answers.
        asked = asks_otherwise(key, self.assignment.digest, self.seed_sha256)
        answers = self.book.answers_of(entry.student) if asked else None
        return Unit(found=entry, file_name=names.of(entry.student), key=key, answers=answers)

    def _give(self, unit: Unit) -> None:
        request = pack(unit)
        while not self.workers.has_room(len(request)):
            self._settle()
        number = next(self.numbers)
        self.given[number] = unit
        self.workers.give(number, request)

    def _settle(self) -> None:
        """Wait for what is done, and commit it."""
        # Never for long: a signal that comes just before the wait does not end it.
        for answer in self.workers.answers(POLL_S):
            self._take(answer)
        if self.stop.is_set():
            raise KeyboardInterrupt
        while self.later:
            self._give(self.later.pop())

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
            self.later.append(replace(unit, broke=f"a worker process {answer.why}, twice"))
        else:
            raise HostError(
                f"worker processes do not stay alive: the last one {answer.why}",
                remedy="look for a lack of memory, or run fewer workers with -j; the same command goes on",
            )

    def _commit(self, unit: Unit, done: Done) -> None:
        student = unit.found.student
        self.summary.note_failed(done.template_error)
        if done.entry is None:
            self.summary.unchanged += 1
            if done.files_missing:
                self._restore_files(student)
        else:
            self.summary.graded += 1
            self.summary.run += done.ran
            self.summary.from_stored += done.from_stored
            self._store(done.entry, done.key)
        self._go_on_with_partners(unit, done)
        finished = self.summary.graded + self.summary.unchanged
        graded = done.entry is not None
        self.on_progress(Progress(student=student, done=finished, total=self.summary.total, graded=graded))

    def _go_on_with_partners(self, unit: Unit, done: Done) -> None:
        """Have the grade of a team made for its other members, too: from the same answers, without another run."""
        others = self.partners.pop(unit.found.student, [])
        if not others:
            return
        # Of a grade that stands, or was made from stored answers, they are in the gradebook.
        made = done.entry.answers if done.entry is not None else None
        answers = made or self.book.answers_of(unit.found.student)
        self.later.extend(replace(other, answers=answers, broke=unit.broke) for other in others)

    def _store(self, entry: Entry, key: str) -> None:
        """Commit a grade, or only hold it against the stored one; either way say what changed."""
        before = self.book.key_of(entry.student)
        why = reason(before, key, self.versions.changed_since(assignment_of(before)))
        take = self.book.change if self.options.dry_run else self.book.put
        change = take(entry, reason=why, now=datetime.now(tz=UTC))
        is_marked = bool(self.book.marks.of(entry.student))
        if is_marked and not self.options.dry_run:
            self._restore_files(entry.student)  # the worker knew nothing of what people decided
        self.summary.new += before is None
        if change is not None:
            self.summary.changes.append(change)
            self.summary.marked.update([entry.student] if is_marked else [])
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
            self.summary.note_failed(failed)
