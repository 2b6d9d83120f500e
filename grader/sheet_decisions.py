"""Decisions of people that come in a table: what is to be marked goes out, and all rows come back in or none does."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from msgspec import Struct

from grader.decisions import (
    checked_comment,
    checked_name,
    conflict_text,
    place_of,
    points_of,
)
from grader.errors import UsageError
from grader.gradebook import Decision, Gradebook, StoredMark
from grader.mark_sheet import GivenRow, SheetRow, is_same_student, read_given, sheet_text
from grader.model import Grade
from grader.overrides import Place, basis

_SECRET = "mark-codes-secret"  # noqa: S105  the name of an entry
_LETTERS = "bcdfghjklmnpqrstvwxz"
"""No vowels, so that no code is a word, and no digits, so that no spreadsheet takes one for a number."""
_CODE = 10
_STATE = re.compile(r"m(\d{1,18}) ((?:open|[\d.e+-]{1,20}) [0-9a-f]{16} [0-9a-f]{16})")
_MOST_TOLD = 20


class Taken(Struct, frozen=True, kw_only=True):
    """What came in."""

    decided: int
    """Rows that say something new."""
    unchanged: int
    """Rows that say what holds already."""
    question: str
    """What they are about, where it is one question."""


def open_sheet(book: Gradebook, target: str, *, anonymous: bool) -> tuple[str, int]:
    """Write the table of one question.

    Parameters
    ----------
    book : Gradebook
    target : str
        A question, a quantity of one, or `total`.
    anonymous : bool
        Whether the names are left out.

    Returns
    -------
    text : str
        CSV.
    count : int
        Its rows.

    Raises
    ------
    UsageError
        Where nobody was asked such a thing.
    """
    key = _key(book)
    latest = book.marks.latest()
    rows: list[SheetRow] = []
    refused: UsageError | None = None
    for stored in book.grades():
        student = stored.grade.student
        try:
            at = place_of(stored.grade, target)
        except UsageError as error:
            refused = refused or error
            continue
        rows.append(_row(stored.grade, at, _code(key, student), latest.get((student, target))))
    if not rows:
        raise refused or UsageError("nobody is graded yet", remedy="grade the class first")
    return sheet_text(rows, anonymous=anonymous), len(rows)


def _row(grade: Grade, at: Place, code: str, last: StoredMark | None) -> SheetRow:
    waits = at.pending_points > 0.0 and at.points == 0.0
    return SheetRow(
        code=code,
        student=grade.student,
        target=at.target,
        max_points=at.max_points,
        found=None if waits else at.points,
        marked=_told(last),
        text=_text(at),
        state=f"m{0 if last is None else last.number} {basis(grade, at.target)}",
    )


def _told(last: StoredMark | None) -> str:
    if last is None or last.points is None:
        return ""
    comment = f": {last.comment}" if last.comment else ""
    return f"{last.points:g} by {last.by}{comment}"


def _text(at: Place) -> str:
    """Return what the student wrote: an answer, or the lines of a derivation with what is said of them."""
    if at.question is None:
        return ""
    if at.question.text is not None:
        return at.question.text
    return "\n".join(
        f"[{line.verdict.value}] "
        + " ".join(part for side in line.sides for part in (side.relation, side.source) if part)
        for line in at.question.lines
        if at.quantity is None or line.quantity in (None, at.quantity.name)
    )


def _key(book: Gradebook) -> bytes:
    return book.kept_meta(_SECRET, secrets.token_hex(16)).encode()


def _code(key: bytes, student: str) -> str:
    """Turn a student into letters that say nothing to who has no gradebook; the same ones for ever."""
    number = int.from_bytes(hmac.digest(key, student.encode("utf-8", "surrogatepass"), "sha256"), "big")
    letters = []
    for _ in range(_CODE):
        number, letter = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[letter])
    return "".join(letters)


# --------------------------------------------------------------------------------------------------------------
# What comes back


def take_sheet(book: Gradebook, content: bytes, name: str, *, by: str, force: bool) -> Taken:
    """Store what stands in a table: every row, or none where one is wrong or would replace what was decided meanwhile.

    Parameters
    ----------
    book : Gradebook
    content : bytes
        CSV.
    name : str
        Of the file, for messages.
    by : str
        Who decides.
    force : bool
        Whether it replaces what other people decided meanwhile.

    Returns
    -------
    Taken

    Raises
    ------
    UsageError
        Where something is wrong, with the numbers of the rows; then nothing was stored.
    """
    given = read_given(content, name)
    if not given:
        raise UsageError(f"{name} has no points in it", remedy="fill in the column `points`")
    by = checked_name(by)
    key = _key(book)
    students = {_code(key, student): student for student in book.file_names()}
    latest = book.marks.latest()
    problems: list[str] = []
    decisions: dict[tuple[str, str], tuple[int, Decision]] = {}
    for row in given:
        try:
            decision = _decision(book, row, students, latest, by=by, force=force)
        except UsageError as error:
            problems.append(f"row {row.number}: {error.message}; {error.remedy}")
            continue
        about = (decision.student, decision.target)
        if about in decisions:
            problems.append(f"row {row.number}: row {decisions[about][0]} is about the same answer")
        decisions[about] = (row.number, decision)
    if problems:
        raise UsageError(_listed(f"{name}: nothing was taken in", problems), remedy="mend these rows")
    return _stored(book, decisions, latest, name)


def _decision(
    book: Gradebook,
    row: GivenRow,
    students: Mapping[str, str],
    latest: Mapping[tuple[str, str], StoredMark],
    *,
    by: str,
    force: bool,
) -> Decision:
    """Check one row."""
    student = students.get(row.code)
    if student is None:
        raise UsageError(
            f"nobody in this class has the code `{row.code}`",
            remedy="take the codes of this gradebook's table",
        )
    if not is_same_student(row.student, student):
        raise UsageError(
            f"the code is that of {student}, and the name beside it is {row.student}",
            remedy="sort whole rows, and save as UTF-8",
        )
    stored = book.get(student)
    assert stored is not None, "its name was read from there"
    at = place_of(stored.grade, row.target)
    last = latest.get((student, row.target))
    seen, seen_basis = _state(row.state, row.number)
    if last is not None and last.by == by:
        seen = max(seen, last.number)  # nobody is warned of themselves
    return Decision(
        student=student,
        target=at.target,
        points=points_of(row.points, at),
        comment=checked_comment(row.comment),
        by=by,
        basis=seen_basis or basis(stored.grade, at.target),
        seen=None if force else seen,
    )


def _state(text: str, number: int) -> tuple[int, str]:
    """Read what a row was written from; without it, nothing is known to have been seen."""
    if not text:
        return 0, ""
    match = _STATE.fullmatch(text)
    if match is None:
        raise UsageError(
            f"the column `state` of row {number} was changed",
            remedy="write the table anew, or empty the cell",
        )
    return int(match[1]), match[2]


def _stored(
    book: Gradebook,
    decisions: Mapping[tuple[str, str], tuple[int, Decision]],
    latest: Mapping[tuple[str, str], StoredMark],
    name: str,
) -> Taken:
    wanted = [decision for _, decision in decisions.values()]
    conflicts = book.marks.put(wanted, now=datetime.now(tz=UTC))
    if conflicts:
        told = [
            f"row {decisions[one.decision.student, one.decision.target][0]}, which says {one.decision.points:g}: "
            f"{conflict_text(one)}"
            for one in conflicts
        ]
        raise UsageError(
            _listed(f"{name}: nothing was taken in, since others have marked meanwhile", told),
            remedy="empty the points of these rows, or replace what others gave with --force",
        )
    new = sum(not _holds(decision, latest) for decision in wanted)
    return Taken(
        decided=new, unchanged=len(wanted) - new, question=", ".join(dict.fromkeys(_targets(decisions)))
    )


def _targets(decisions: Mapping[tuple[str, str], object]) -> Iterator[str]:
    yield from (target for _, target in decisions)


def _holds(decision: Decision, latest: Mapping[tuple[str, str], StoredMark]) -> bool:
    last = latest.get((decision.student, decision.target))
    return last is not None and (last.points, last.comment) == (decision.points, decision.comment)


def _listed(what: str, lines: list[str]) -> str:
    shown = [f"  {line}" for line in lines[:_MOST_TOLD]]
    if len(lines) > _MOST_TOLD:
        shown.append(f"  and {len(lines) - _MOST_TOLD} more")
    return "\n".join([f"{what}:", *shown])
