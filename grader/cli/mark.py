"""`mark`: a person's points and comments, one by one or from a table."""

from __future__ import annotations

import getpass
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem
from msgspec import Struct

from grader.cli.paths import PathOf
from grader.cli.screen import screen
from grader.errors import ExitCode, HostError, UsageError

if TYPE_CHECKING:
    from grader.gradebook import Gradebook
    from grader.model import Automatic, Grade

_MOST_BYTES = 64 * 1024 * 1024
_DASH = "\N{EN DASH}"
# \b keeps the lines as they are.
EXAMPLES = """\b
Examples:
  grader mark graded                                      what waits for a person
  grader mark graded alice                                what alice has, and what may be marked
  grader mark graded alice discussion 2.5 --comment "The reason is missing."
  grader mark graded alice gradients:dL/dw0 1 --comment "Right, only the name is misspelt."
  grader mark graded alice total 8
  grader mark graded alice total --remove
  grader mark graded --comments discussion                comments that were used before
  grader mark graded --csv discussion -o discussion.csv --anonymous
  grader mark graded --csv discussion.csv
"""


def _comments_before(
    context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete a comment: those that were given on this question before."""
    from grader.gradebook import Gradebook
    from grader.outfolder import GRADEBOOK

    # While an option lacks its value, click has not taken the arguments before it for parameters yet.
    words = context.args
    if len(words) < 3 or not (Path(words[0]) / GRADEBOOK).is_file():  # noqa: PLR2004  OUT STUDENT QUESTION
        return []
    question = words[2]
    with Gradebook(Path(words[0]) / GRADEBOOK) as book:
        return [
            CompletionItem(comment)
            for comment, _ in book.marks.comments(question)
            if comment.startswith(incomplete)
        ]


class _MarkCommand(click.Command):
    """Takes a negative number for the points that it is meant as, and not for an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take a call apart; see click's `Command.parse_args`."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if not re.match(r"-[.\d]", error.option_name):
                raise
            raise UsageError(
                "points below 0 are no points", remedy="give a number from 0 to the most there is"
            ) from error


@click.command(
    cls=_MarkCommand,
    short_help="Give points and comments yourself; see what waits for you.",
    epilog=EXAMPLES,
)
@click.argument("out", type=PathOf())
@click.argument("student", required=False)
@click.argument("question", required=False)
@click.argument("points", required=False)
@click.option("--comment", help="For the student; stands in the report.", shell_complete=_comments_before)
@click.option("--by", metavar="NAME", help="Who decides; the user of this machine when left out.")
@click.option("--remove", is_flag=True, help="Take a mark back: what the grader found holds again.")
@click.option(
    "--force", is_flag=True, help="Replace what another person gave; with -o, a file with points in it."
)
@click.option("--comments", metavar="QUESTION", help="Show the comments used before on QUESTION.")
@click.option(
    "--csv",
    "table",
    metavar="QUESTION|FILE",
    help="With -o, write a table of QUESTION to be filled in; without, take a filled-in FILE.",
)
@click.option("-o", "--output", type=PathOf(dir_okay=False), help="The table to write.")
@click.option("--anonymous", is_flag=True, help="Leave the names out of the table.")
def mark(**call: object) -> int:
    """Give POINTS for QUESTION to STUDENT in OUT, the output folder of `grader grade`.

    QUESTION is the id of a question, QUESTION:QUANTITY, or `total`. What you give goes before what the grader found, which stays beside
    it, and holds when the class is graded again; the class page says where it must be looked at again. Without STUDENT it shows what
    waits for a person.
    """
    asked = _MarkCall(**call)  # type: ignore[arg-type]
    asked.check()
    return asked.run()


class _MarkCall(Struct, frozen=True, kw_only=True):
    """The call of `grader mark`, as parsed."""

    out: Path
    student: str | None
    question: str | None
    points: str | None
    comment: str | None
    by: str | None
    remove: bool
    force: bool
    comments: str | None
    table: str | None
    output: Path | None
    anonymous: bool

    def check(self) -> None:
        """Refuse what contradicts itself."""
        decides = self.points is not None or self.remove
        contradictions = (
            (self.table and self.student, "a student and --csv"),
            (self.comments and (self.table or self.student), "--comments and anything else"),
            (self.output and not self.table, "-o without --csv"),
            (self.anonymous and not self.output, "--anonymous without -o"),
            (self.points is not None and self.remove, "points and --remove"),
            (self.comment is not None and not decides, "a comment without points"),
            (self.remove and self.question is None, "--remove without STUDENT and QUESTION"),
        )
        for contradicts, what in contradictions:
            if contradicts:
                raise UsageError(f"{what}: that means nothing", remedy="see `grader mark --help`")

    def run(self) -> int:
        """Do what is asked for."""
        from grader.decisions import open_gradebook

        with open_gradebook(self.out) as book:
            if self.comments is not None:
                return _show_comments(book, self.comments)
            if self.table is not None:
                return self._write_table(book, self.table) if self.output else self._take_table(book)
            if self.student is None:
                return _show_open(book)
            if self.points is None and not self.remove:
                return _show_student(book, self.student, self.question)
            told = self._decide(book, self.student, self.question or "")
        return _finish(self.out, told)

    def _decide(self, book: Gradebook, student: str, question: str) -> str:
        from grader.decisions import Request, decide

        by = user_name(self.by)
        request = Request(
            student=student,
            target=question,
            points=self.points,
            comment=self.comment or "",
            by=by,
            force=self.force,
        )
        at = decide(book, request)
        waits = at.pending_points > 0.0 and at.points == 0.0
        found = "the grader leaves it to a person" if waits else f"the grader gives {at.points:.4g}"
        if self.points is None:
            return f"{student}: the mark for {question} is taken back; {found}"
        marks = {one.target: one for one in book.marks.of(student)}
        if at.quantity is not None and at.question is not None and at.question.id in marks:
            found = f"{found}; it counts for nothing while `{at.question.id}` is marked as a whole"
        return f"{student}: {question} {marks[question].points:.4g} of {at.max_points:.4g} points by {by}; {found}"

    def _write_table(self, book: Gradebook, question: str) -> int:
        from grader.mark_sheet import is_filled_in
        from grader.reports.write import write_text
        from grader.sheet_decisions import open_sheet

        assert self.output is not None, "it was asked for"
        if self.output.is_file() and not self.force and is_filled_in(_content(self.output)):
            raise UsageError(
                f"{self.output} is there already, and is no table without points",
                remedy=f"take its points in with `grader mark {self.out} --csv {self.output}`, name another file, or write "
                "over it with --force",
            )
        text, count = open_sheet(book, question, anonymous=self.anonymous)
        write_text(self.output, text)
        screen().line(f"{count} rows: {self.output}")
        screen().line(f'fill in "points" and "comment", then: grader mark {self.out} --csv {self.output}')
        return ExitCode.DONE

    def _take_table(self, book: Gradebook) -> int:
        from grader.sheet_decisions import take_sheet

        path = Path(self.table or "")
        if not path.is_file():
            raise UsageError(
                f"there is no file {path}",
                remedy="name the filled-in table; to write one, give -o FILE as well",
            )
        taken = take_sheet(book, _content(path), str(path), by=user_name(self.by), force=self.force)
        return _finish(self.out, f"{taken.question}: {taken.decided} marked, {taken.unchanged} as before")


def _content(path: Path) -> bytes:
    if path.stat().st_size > _MOST_BYTES:
        raise UsageError(f"{path} is too large for a table of marks", remedy="name the filled-in table")
    try:
        return path.read_bytes()
    except OSError as error:
        raise HostError(
            f"{path} cannot be read: {error.strerror}", remedy="give permission, or close it elsewhere"
        ) from error


def user_name(by: str | None) -> str:
    """Return who decides."""
    if by is not None:
        return by
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError) as error:  # which one depends on the version of Python
        raise UsageError("this machine does not know who you are", remedy="say so with --by NAME") from error


def _finish(out: Path, told: str) -> int:
    """Have the files follow, and say what was done."""
    from grader.decisions import files_follow

    screen().line(told)
    if not files_follow(out):
        screen().line("a grader is at work there: it writes the reports when it ends")
    return ExitCode.DONE


# --------------------------------------------------------------------------------------------------------------
# Showing


def _show_comments(book: Gradebook, question: str) -> int:
    found = book.marks.comments(question)
    if not found:
        screen().line(f"no comments on {question} yet")
        return ExitCode.DONE
    screen().table(("used", "comment"), [(str(uses), comment) for comment, uses in found])
    return ExitCode.DONE


def _show_open(book: Gradebook) -> int:
    """Show per question what waits, what was marked and what is to be looked at again."""
    from grader.outfolder import stored_grades

    titles: dict[str, str] = {}
    waiting: dict[str, int] = {}
    marked: dict[str, int] = {}
    again: list[tuple[str, str, str]] = []
    for stored in stored_grades(book):
        grade = stored.grade
        for question in grade.questions:
            titles[question.id] = question.title
            waiting.setdefault(question.id, 0)
            waiting[question.id] += question.pending_points > 0.0 and grade.total is None
        for one in grade.all_marks:
            marked[one.target] = marked.get(one.target, 0) + 1
            if one.look_again:
                again.append((grade.student, one.target, " ".join(one.look_again)))
    rows = [
        (target, str(waiting.get(target, 0)), str(marked.get(target, 0)), titles.get(target, ""))
        for target in dict.fromkeys((*waiting, *marked))
    ]
    screen().table(("question", "waiting", "marked", "title"), rows)
    if again:
        screen().line("\nto be looked at again:")
        screen().table(("student", "question", "why"), again)
    return ExitCode.DONE


def _show_student(book: Gradebook, student: str, question: str | None) -> int:
    """Show what a student has, and what may be marked."""
    from grader.decisions import graded, place_of
    from grader.outfolder import stored_grade

    raw = graded(book, student)
    if question is not None:
        place_of(raw, question)
    stored = stored_grade(book, student)
    assert stored is not None, "it was there a moment ago"
    rows = _rows(stored.grade)
    shown = [
        row for row in rows if question is None or row[0] == question or row[0].startswith(f"{question}:")
    ]
    screen().table(("question", "points", "of", "the grader", "by", "comment"), shown)
    text = next((one.text for one in raw.questions if one.id == question), None)
    if text:
        screen().line(f"\n{text}")
    return ExitCode.DONE


def _rows(grade: Grade) -> list[tuple[str, ...]]:
    from grader.model import TOTAL

    marks = {mark.target: mark for mark in grade.all_marks}

    def row(target: str, points: float, most: float, pending: float, automatic: str) -> tuple[str, ...]:
        mark = marks.pop(target, None)
        shown = _points(points, pending)
        told = (mark.by, mark.comment) if mark is not None else ("", "")
        return (target, shown, f"{most:.4g}", automatic, *told)

    rows: list[tuple[str, ...]] = []
    for one in grade.questions:
        found = _found(one.automatic)
        rows.append(row(one.id, one.points, one.max_points, one.pending_points, found))
        inside = [mark for mark in one.marks if mark.target != one.id]
        rows += [(mark.target, f"{mark.points:.4g}", "", "", mark.by, mark.comment) for mark in inside]
    found = _found(grade.automatic)
    rows.append(row(TOTAL, grade.points, grade.max_points, grade.pending_points, found))
    return rows


def _found(automatic: Automatic | None) -> str:
    """Show what the grader gives; nothing where nobody decided otherwise."""
    return "" if automatic is None else _points(automatic.points, automatic.pending_points)


def _points(points: float, pending: float) -> str:
    """Show points; what waits as a whole is no zero."""
    return _DASH if pending > 0.0 and points == 0.0 else f"{points:.4g}"
