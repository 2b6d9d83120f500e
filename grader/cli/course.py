"""`demo`, `grade` and `report`: a class, from its submissions to its reports."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import Struct

from grader.cli.authors import json_option
from grader.cli.completion import assignment_names
from grader.cli.outcome import document, tell
from grader.cli.paths import PathOf
from grader.cli.protection import protection
from grader.cli.screen import Screen, error_screen, screen, write_json
from grader.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from grader.batch import Progress, Summary
    from grader.intake import Intake
    from grader.model import Grade
    from grader.sandbox import Isolation
    from grader.submissions import Found

LEVELS = ("process", "limits", "seal", "fence", "jail")
"""Isolation from the weakest to the strongest."""
FEEDBACK = click.Choice(("full", "hints", "verdicts", "points"))
DEMO_CLASS, DEMO_LAB = "skip_network", "mlp_lab"
DEMO_FOLDERS = ("correct/whole_folder_with_data", "wrong/diagonal_jacobian_and_binary_delta")
"""Of the lab: one as students hand it in, and one whose two mistakes cancel in the network."""
DEMO_WRITTEN = {
    "skip_network_by_hand": "mixed/two_small_slips.md",
    "mlp_lab_report": "mixed/sign_of_the_gradient.md",
}
"""Derivations with a pen, as students hand them in: each with a slip or two."""
DEMO_SECRET = "seed 1"  # noqa: S105  the demonstration is the same everywhere
MOST_NOTE = 60
"""Characters of what is being done; a name may be long."""
LOG_EVERY_S = 5.0
BAR_EVERY_S = 0.1
# \b keeps the lines as they are.
EXAMPLES = """\b
Examples:
  grader grade skip_network submissions/ -o graded
  grader grade skip_network "Lab 3-4711.zip" --roster worksheet.csv -o graded
  grader grade skip_network alice.py bob.ipynb -o graded --feedback full
  grader grade skip_network_by_hand derivations/ -o graded
"""


templates_option = click.option(
    "--templates",
    type=PathOf(),
    metavar="DIR",
    help="Folder of templates that stand for ours of the same name; as before when left out.",
)
no_templates_option = click.option("--no-templates", is_flag=True, help="Go back to the templates that ship.")


@click.command(short_help="Grade the sample class that ships with the grader.")
@click.option("-o", "--out", type=PathOf(), default=Path("grader-demo"), show_default=True)
@click.option(
    "-j", "--workers", type=click.IntRange(1, 256), help="Submissions at once; by default one per core."
)
@click.option(
    "--moodle",
    type=PathOf(file_okay=False),
    metavar="DIR",
    help="Grade nothing: write a small class into DIR as Moodle gives it out, to try the way of a class with.",
)
def demo(*, out: Path, workers: int | None, moodle: Path | None) -> int:
    """Grade the sample class that ships with the grader, two folders of a lab and two derivations, and say where the reports are."""
    from grader.assignment_file import shipped_folder
    from grader.submissions import find

    if moodle is not None:
        return _write_download(moodle)
    samples = shipped_folder() / DEMO_CLASS / "submissions"
    folders = sorted(path for path in samples.iterdir() if path.is_dir())
    labs = [shipped_folder() / DEMO_LAB / "submissions" / path for path in DEMO_FOLDERS]
    classes = {
        DEMO_CLASS: (find(folders, single=False), out),
        DEMO_LAB: (find(labs, single=True), out / DEMO_LAB),
    }
    for name, path in DEMO_WRITTEN.items():
        classes[name] = (find([shipped_folder() / name / "submissions" / path], single=True), out / name)
    isolation = _for_samples()
    codes = (
        _demonstrate(name, found, folder, workers, isolation) for name, (found, folder) in classes.items()
    )
    return next((code for code in codes if code), ExitCode.DONE)


def _write_download(folder: Path) -> int:
    from grader.cli.export_files import write_bytes
    from grader.sample_class import moodle_downloads

    files = moodle_downloads()
    there = next((name for name in files if (folder / name).exists()), None)
    if there is not None:
        raise UsageError(f"{folder / there} is there already", remedy="name another folder")
    for name, content in files.items():
        write_bytes(folder / name, content)
        screen().line(f"{folder / name}")
    return ExitCode.DONE


def _for_samples() -> Isolation:
    """Choose the isolation of the sample class, and say so where it would be too weak for code of others."""
    from grader.levels import MEANING, UNTRUSTED_FROM
    from grader.sandbox import choose_isolation

    isolation = choose_isolation()
    if not isolation.level.reaches(UNTRUSTED_FROM):
        error_screen().line(
            f"isolation here: {isolation.level.value} ({MEANING[isolation.level]}). That is enough for these samples, which "
            "come with the grader; for code that nobody has read see `grader doctor`."
        )
    return isolation


def _demonstrate(
    name: str, found: Sequence[Found], out: Path, workers: int | None, isolation: Isolation
) -> int:
    from grader.assignment_file import load
    from grader.batch import Options, grade_class

    options = Options(out=out, secret=DEMO_SECRET, workers=workers or _cores(), isolation=isolation)
    with _progress(len(found)) as (on_progress, on_note):
        summary = grade_class(load(name), found, options, on_progress, on_note)
    screen().line(f"{name}:", style="bold")
    tell(screen(), summary, out)
    return _exit_code(summary)


@click.command(short_help="Grade submissions or class folders.", epilog=EXAMPLES)
@click.argument("assignment", shell_complete=assignment_names)
@click.argument("paths", nargs=-1, required=True, type=PathOf())
@click.option("-o", "--out", type=PathOf(), required=True, help="Folder for gradebook and reports.")
@click.option(
    "-j", "--workers", type=click.IntRange(1, 256), help="Submissions at once; by default one per core."
)
@click.option("--seed", type=int, help="Draw the hidden cases from this number (tests and demonstrations).")
@click.option("--secret-file", type=PathOf(), help="Draw the hidden cases from this file's text.")
@click.option("--force", is_flag=True, help="Grade unchanged submissions again too, and run their code.")
@click.option("--dry-run", is_flag=True, help="Say which grades would change, and why; write nothing.")
@click.option("--strict", is_flag=True, help="Exit with 1 unless everything of everybody is correct.")
@click.option("--single", is_flag=True, help="A folder is one submission, not a class.")
@click.option(
    "--student-from", metavar="REGEX", help="Take the student from the path (group `student`, or the first)."
)
@click.option("--latest", is_flag=True, help="Of two submissions of one student take the newer.")
@click.option(
    "--roster",
    type=PathOf(),
    metavar="FILE.csv",
    help="Who is in the class (student, id, email, team); as before when left out.",
)
@click.option(
    "--feedback", type=FEEDBACK, help="How much reports tell students; `hints` unless OUT says otherwise."
)
@templates_option
@no_templates_option
@click.option(
    "--isolation", type=click.Choice(LEVELS), help="Refuse to run under a weaker isolation than this."
)
@click.option(
    "--trust-submissions", is_flag=True, help="Run here whatever the isolation: you have read the code."
)
@json_option
def grade(**call: object) -> int:
    """Grade PATHS, submissions or class folders, for ASSIGNMENT.

    A folder is a class: every file, archive or folder in it is the submission of one student. A download of Moodle or Canvas, zipped or
    not, is a class by the names in it. Run the same command again to go on after an interruption, or to grade what has changed since.
    """
    asked = _GradeCall(**call)  # type: ignore[arg-type]
    return asked.run()


class _GradeCall(Struct, frozen=True, kw_only=True):
    """The call of `grader grade`, as parsed."""

    assignment: str
    paths: tuple[Path, ...]
    out: Path
    workers: int | None
    seed: int | None
    secret_file: Path | None
    force: bool
    dry_run: bool
    strict: bool
    single: bool
    student_from: str | None
    latest: bool
    roster: Path | None
    feedback: str | None
    templates: Path | None
    no_templates: bool
    isolation: str | None
    trust_submissions: bool
    as_json: bool

    def run(self) -> int:
        from grader.submissions.class_archives import unpacked

        with unpacked(self.paths) as folders:
            return self._grade(folders)

    def _grade(self, unpacked: Mapping[Path, Path]) -> int:
        from grader.assignment_file import load
        from grader.batch import Options, grade_class
        from grader.outfolder import chosen_look
        from grader.sandbox import Level
        from grader.secret import from_options

        asked = load(self.assignment)
        if self.dry_run and self.strict:
            raise UsageError("--dry-run and --strict contradict each other", remedy="give one of them")
        _one_of(self.templates, no_templates=self.no_templates)
        look = chosen_look(self.out, self.feedback, self.templates, shipped=self.no_templates)
        secret = from_options(self.seed, self.secret_file)
        taken = self._taken_in(unpacked)
        isolation = (
            protection(self.isolation, trusted=self.trust_submissions, tell=error_screen().line)
            if asked.has_code
            else None  # nothing is run, whatever this machine can do
        )
        options = Options(
            out=self.out,
            secret=secret,
            workers=self.workers or _cores(),
            force=self.force,
            dry_run=self.dry_run,
            feedback=look.feedback,
            templates=look.templates,
            isolation=isolation,
            roster=taken.roster,
            demanded=Level(self.isolation) if self.isolation else None,
        )
        with _progress(sum(len(one.students) for one in taken.found)) as (on_progress, on_note):
            summary = grade_class(asked, taken.found, options, on_progress, on_note)
        if self.as_json:
            write_json(document(asked, summary, options.out))
        else:
            tell(screen(), summary, options.out)
        _tell_failed(summary.template_errors)
        code = _exit_code(summary)
        if code == ExitCode.DONE and self.strict and not _all_correct(options.out, taken.found):
            return ExitCode.NOT_ALL_CORRECT
        return code

    def _taken_in(self, unpacked: Mapping[Path, Path]) -> Intake:
        from grader.intake import taken_in
        from grader.outfolder import GRADEBOOK

        taken = taken_in(
            self.paths,
            out=self.out,
            gradebook=self.out / GRADEBOOK,
            unpacked=unpacked,
            single=self.single,
            student_from=self.student_from,
            latest=self.latest,
            roster=self.roster,
        )
        for line in taken.said:
            error_screen().line(line)
        return taken


@click.command(short_help="Write the reports of a graded class again.")
@click.argument("out", type=PathOf())
@click.option("--feedback", type=FEEDBACK, help="How much reports tell students; as before when left out.")
@templates_option
@no_templates_option
def report(*, out: Path, feedback: str | None, templates: Path | None, no_templates: bool) -> int:
    """Write the reports of OUT again from its gradebook."""
    from grader.outfolder import GRADEBOOK, chosen_look, report_again

    if not (out / GRADEBOOK).is_file():
        raise UsageError(f"{out} holds no gradebook", remedy="name the output folder of `grader grade`")
    _one_of(templates, no_templates=no_templates)
    done = report_again(out, chosen_look(out, feedback, templates, shipped=no_templates))
    screen().line(f"{done.students} reports: {out / 'index.html'}")
    _tell_failed(done.template_errors)
    return ExitCode.DONE


def _one_of(templates: Path | None, *, no_templates: bool) -> None:
    if templates is not None and no_templates:
        raise UsageError("--templates and --no-templates contradict each other", remedy="give one of them")


def _tell_failed(errors: Iterable[str]) -> None:
    """Say which templates failed on what the class handed in, though they worked for the made-up one."""
    for error in errors:
        error_screen().line(f"a template failed, and the reports concerned were written with ours: {error}")


# --------------------------------------------------------------------------------------------------------------
# Showing a run


@contextmanager
def _progress(total: int) -> Iterator[tuple[Callable[[Progress], None], Callable[[str], None]]]:
    """Show a bar with rate, time left and what takes long on a terminal, and plain lines in a log."""
    out = error_screen()
    if not out.console.is_terminal:
        yield _log_lines(out), lambda text: out.line(f"running {text}")
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("grading", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}", markup=False),
        TextColumn("{task.fields[doing]}", markup=False),
    )
    started = time.monotonic()
    # Drawn by hand: rich would do it from a thread, and worker processes are forked from this one.
    with Bar(*columns, console=out.console, transient=True, auto_refresh=False) as bar:
        task = bar.add_task("", total=total, pace="", doing="")
        bar.refresh()
        due = _every(BAR_EVERY_S)

        def advance(progress: Progress) -> None:
            if due() or progress.done == progress.total:
                bar.update(
                    task,
                    total=progress.total,
                    completed=progress.done,
                    pace=_pace(progress, started),
                    refresh=True,
                )

        def note(text: str) -> None:
            bar.update(task, doing=text[:MOST_NOTE], refresh=True)

        yield advance, note


def _log_lines(out: Screen) -> Callable[[Progress], None]:
    """Return a listener that writes a line every few seconds, and at the end."""
    started = time.monotonic()
    due = _every(LOG_EVERY_S)

    def log(progress: Progress) -> None:
        if due() or progress.done == progress.total:
            out.line(f"graded {progress.done} of {progress.total}, {_pace(progress, started)}")

    return log


def _every(seconds: float) -> Callable[[], bool]:
    """Return what says once in so many seconds that it is time."""
    last = time.monotonic()

    def due() -> bool:
        nonlocal last
        now = time.monotonic()
        if now - last < seconds:
            return False
        last = now
        return True

    return due


def _pace(progress: Progress, started: float) -> str:
    rate = progress.done / max(time.monotonic() - started, 1e-9)
    left = round((progress.total - progress.done) / rate)
    return f"{rate:.1f} per second, {left // 60}:{left % 60:02} left"


def _exit_code(summary: Summary) -> int:
    if summary.interrupted:
        return ExitCode.INTERRUPTED
    return ExitCode.INTERNAL if summary.faults else ExitCode.DONE


def _all_correct(out: Path, found: Sequence[Found]) -> bool:
    from grader.gradebook import Gradebook
    from grader.outfolder import GRADEBOOK, stored_grades

    students = {student for entry in found for student in entry.students}
    with Gradebook(out / GRADEBOOK) as book:
        grades: list[Grade] = [
            entry.grade for entry in stored_grades(book) if entry.grade.student in students
        ]
    return all(grade.is_all_correct for grade in grades)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
