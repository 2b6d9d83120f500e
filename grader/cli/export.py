"""`export`: the grades of a class in the tables of learning platforms, and for other programs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import Struct

from grader.cli.paths import PathOf
from grader.cli.screen import ReaderGoneError, error_screen, screen
from grader.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from grader.exports.filled import Filled
    from grader.exports.returned import Returned
    from grader.model import Grade
    from grader.outfolder import Look
    from grader.reports.conditions import MarkingFacts
    from grader.reports.view import StudentView

FORMATS = ("moodle", "canvas", "gradescope", "csv", "json", "junit")
FOLDER = "export"
FEEDBACK = "feedback.zip"
_FILES = {"csv": "grades.csv", "json": "grades.json", "junit": "junit.xml"}
_STDOUT = Path("-")
_MOST_SHOWN = 20
# \b keeps the lines as they are.
EXAMPLES = """\b
Examples:
  grader export graded --to moodle --worksheet Grades-Exercise3.csv
  grader export graded --to canvas --worksheet Grades.csv --grade-column "Exercise 3"
  grader export graded --to csv -o - | head
"""


@click.command(
    short_help="Give grades and feedback back to Moodle or Canvas, or to other programs.", epilog=EXAMPLES
)
@click.argument("out", type=PathOf())
@click.option("--to", "form", type=click.Choice(FORMATS), required=True, help="Who reads it.")
@click.option(
    "--worksheet",
    type=PathOf(exists=True, dir_okay=False),
    help="Moodle's grading worksheet or Canvas' gradebook, as downloaded; it is read, and a filled-in copy is written.",
)
@click.option(
    "-o",
    "--output",
    type=PathOf(),
    help="Folder of what is written (csv, json, junit: the file, or - for standard output); OUT/export without it.",
)
@click.option("--provisional", is_flag=True, help="Give back what is decided so far, though points wait.")
@click.option("--only-final", is_flag=True, help="Leave out those of whom points wait.")
@click.option("--grade-column", metavar="HEADING", help="The column of the grades, where it is not found.")
@click.option(
    "--comment-column", metavar="HEADING", help="Moodle: the column of the comments, where it is not found."
)
@click.option(
    "--zero-for-absent", is_flag=True, help="Write 0 for who handed in nothing; nothing without it."
)
@click.option("--scale", is_flag=True, help="Convert points where the platform has another maximum.")
def export(**call: object) -> int:
    """Give the grades of OUT and its feedback back.

    For Moodle and Canvas the table that you downloaded is filled in, with every other cell as it was, and a zip of feedback files is
    made for the upload there. What students read in it is what their reports say, at the feedback level of the class. Points that
    wait for a person are no grade: while there are any, nothing is written unless you ask for it.

    Exit code 1 where a grade has no line in the table.
    """
    asked = _ExportCall(**call)  # type: ignore[arg-type]
    return asked.run()


class _ExportCall(Struct, frozen=True, kw_only=True):
    """The call of `grader export`, as parsed."""

    out: Path
    form: str
    worksheet: Path | None
    output: Path | None
    provisional: bool
    only_final: bool
    grade_column: str | None
    comment_column: str | None
    zero_for_absent: bool
    scale: bool

    def run(self) -> int:
        from grader.exports.returned import chosen

        self._check()
        course = Course.of(self.out)
        going = chosen(
            [returned for returned, _, _ in course.grades()],
            provisional=self.provisional,
            only_final=self.only_final,
        )
        if self.form in ("moodle", "canvas"):
            return self._to_platform(course, going)
        if self.form == "gradescope":
            return self._to_gradescope(course, going)
        return self._to_programs(course, going)

    def _check(self) -> None:
        if (self.worksheet is None) == (self.form in ("moodle", "canvas")):
            verb = "needs" if self.worksheet is None else "takes no"
            raise UsageError(
                f"--to {self.form} {verb} --worksheet",
                remedy="name the grading worksheet (Moodle) or the gradebook (Canvas) that you downloaded",
            )
        if self.provisional and self.only_final:
            raise UsageError(
                "--provisional and --only-final contradict each other", remedy="give one of them"
            )

    # ----------------------------------------------------------------------------------------------------------
    # Moodle and Canvas

    def _to_platform(self, course: Course, grades: Sequence[Returned]) -> int:
        assert self.worksheet is not None
        folder = self.output or self.out / FOLDER / self.form
        target = folder / self.worksheet.name
        if target.exists() and target.samefile(self.worksheet):
            raise UsageError(
                f"{target} is the worksheet itself, which stays as it is",
                remedy="name another folder with -o",
            )
        going = [one for one in grades if one.is_decided and (self.zero_for_absent or not one.is_absent)]
        filled = self._fill(course, going)
        from grader.cli.export_files import write_bytes, write_zip

        write_bytes(target, filled.content)
        count = write_zip(folder / FEEDBACK, course.feedback(filled, as_html=self.form == "moodle"))
        _tell(filled, target, folder / FEEDBACK, count)
        return ExitCode.NOT_ALL_CORRECT if filled.problems else ExitCode.DONE

    def _fill(self, course: Course, grades: Sequence[Returned]) -> Filled:
        from grader.exports.canvas import fill_gradebook
        from grader.exports.cells import read_sheet
        from grader.exports.moodle import fill_worksheet

        assert self.worksheet is not None
        sheet = read_sheet(self.worksheet.read_bytes(), self.worksheet.name)
        if self.form == "canvas":
            return fill_gradebook(
                sheet, grades, titles=course.titles, grade_column=self.grade_column, scale=self.scale
            )
        return fill_worksheet(
            sheet,
            grades,
            grade_column=self.grade_column,
            comment_column=self.comment_column,
            scale=self.scale,
        )

    # ----------------------------------------------------------------------------------------------------------
    # Other programs

    def _to_programs(self, course: Course, grades: Sequence[Returned]) -> int:
        from grader.exports.tables import csv_text, json_text

        if self.form == "csv":
            text = csv_text(grades)
        elif self.form == "json":
            text = json_text(grades, course.assignment)
        else:
            text = course.junit({one.student for one in grades})
        self._write(self.output or self.out / FOLDER / _FILES[self.form], text, len(grades))
        return ExitCode.DONE

    def _write(self, path: Path, text: str, count: int) -> None:
        from grader.cli.export_files import write_bytes

        if path == _STDOUT:
            _to_stdout(text)
            return
        write_bytes(path, text.encode("utf-8", errors="replace"))
        screen().line(f"{count} grades: {path}")

    def _to_gradescope(self, course: Course, grades: Sequence[Returned]) -> int:
        from grader.cli.export_files import write_bytes

        folder = self.output or self.out / FOLDER / self.form
        decided = {one.student for one in grades if one.is_decided}
        for name, text in course.gradescope(decided):
            write_bytes(folder / f"{name}.json", text.encode("ascii"))
        screen().line(f"{len(decided)} results, each the results.json of one student: {folder}")
        return ExitCode.DONE


def _to_stdout(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()  # what goes wrong is to go wrong here, where it is told
    except BrokenPipeError as error:
        raise ReaderGoneError from error


# --------------------------------------------------------------------------------------------------------------
# What there is to give back


class Course(Struct, frozen=True, kw_only=True):
    """The output folder of a class, read again for each use: the grades of a class do not have to fit into memory."""

    out: Path
    assignment: str
    told: MarkingFacts | None
    look: Look

    @classmethod
    def of(cls, out: Path) -> Course:
        """Open an output folder."""
        from grader.gradebook import Gradebook
        from grader.outfolder import ASSIGNMENT, GRADEBOOK, chosen_look, stored_facts

        if not (out / GRADEBOOK).is_file():
            raise UsageError(f"{out} holds no gradebook", remedy="name the output folder of `grader grade`")
        with Gradebook(out / GRADEBOOK) as book:
            return cls(
                out=out,
                assignment=book.meta(ASSIGNMENT) or "",
                told=stored_facts(book),
                look=chosen_look(out),
            )

    @property
    def titles(self) -> tuple[str, ...]:
        """What the assignment is called."""
        title = self.told.title if self.told is not None else ""
        return tuple(text for text in (title, self.assignment) if text)

    def grades(self) -> Iterator[tuple[Returned, Grade, StudentView]]:
        """Yield what goes back to each student, the grade that holds, and what its student may see."""
        from grader.exports.returned import returned
        from grader.gradebook import Gradebook
        from grader.model import Origin
        from grader.outfolder import GRADEBOOK, stored_grades
        from grader.reports.view import public_view

        with Gradebook(self.out / GRADEBOOK) as book:
            origins = book.origins()
            for stored in stored_grades(book):
                grade = stored.grade
                view = public_view(grade, self.look.feedback, facts=self.told)
                origin = origins.get(grade.student, Origin())
                yield returned(grade, view, file_name=stored.file_name, origin=origin), grade, view

    def feedback(self, filled: Filled, *, as_html: bool) -> Iterator[tuple[str, str]]:
        """Yield the paths and texts of the feedback zip."""
        from grader.reports.fallback import with_ours
        from grader.reports.student import student_html, student_markdown

        paths: dict[str, list[str]] = {}
        for path, one in filled.files.items():
            paths.setdefault(one.student, []).append(path)
        render: Callable[..., str] = student_html if as_html else student_markdown
        for one, _, view in self.grades():
            if one.student in paths:
                text, _ = with_ours(partial(render, view), self.look.templates)
                yield from ((path, text) for path in paths[one.student])

    def junit(self, students: set[str]) -> str:
        """Return the grades as JUnit XML."""
        from grader.exports.junit import junit_xml
        from grader.exports.outcomes import graded_outcome

        outcomes = [
            graded_outcome(grade, view) for one, grade, view in self.grades() if one.student in students
        ]
        return junit_xml(outcomes, practice=False)

    def gradescope(self, students: set[str]) -> Iterator[tuple[str, str]]:
        """Yield file names without suffix, and the results."""
        from grader.exports.gradescope import results_json

        for one, _, view in self.grades():
            if one.student in students:
                yield one.file_name, results_json(one, view)


# --------------------------------------------------------------------------------------------------------------
# Showing


def _tell(filled: Filled, table: Path, feedback: Path, count: int) -> None:
    placed = len(filled.by_row) - len(filled.locked)
    screen().line(f"{placed} grades filled in: {table}")
    screen().line(f"{count} feedback files: {feedback}")
    if filled.empty:
        one = "1 line of the table has no grade here, and stays as it was"
        several = f"{filled.empty} lines of the table have no grade here, and stay as they were"
        screen().line(one if filled.empty == 1 else several)
    _tell_some(filled.replaced, "had another grade in the table")
    _tell_some(filled.locked, "stay as they were: the platform lets nobody change their line")
    for note in filled.notes:
        screen().line(f"note: {note}")
    for problem in filled.problems[:_MOST_SHOWN]:
        error_screen().line(f"not filled in: {problem}", style="bold red")
    if len(filled.problems) > _MOST_SHOWN:
        error_screen().line(f"and {len(filled.problems) - _MOST_SHOWN} more", style="bold red")


def _tell_some(students: Sequence[str], what: str) -> None:
    if students:
        shown = ", ".join(students[:_MOST_SHOWN])
        more = len(students) - _MOST_SHOWN
        screen().line(f"{len(students)} {what}: {shown}{f' and {more} more' if more > 0 else ''}")
