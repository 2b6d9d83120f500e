"""What people decided, as the gradebook has it: rows that are only ever added, of which the last one of a place holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from grader.gradebook.database import Database, restored, stored

NOTE_OUTDATED = "INSERT OR REPLACE INTO outdated (student) VALUES (?)"
"""Replaced under a new number: what was noted before the files were read is told from what came after."""
_COLUMNS = "id, student, target, points, comment, by, at, basis"
_STANDING = f"SELECT {_COLUMNS} FROM marks WHERE id IN (SELECT MAX(id) FROM marks GROUP BY student, target)"  # noqa: S608


class Decision(Struct, frozen=True, kw_only=True):
    """What a person decides about a place: a question, a quantity of one, or the total."""

    student: str
    target: str
    """`gradients`, `gradients:dL/dw0` or `total`."""
    points: float | None
    """None takes back what was decided before."""
    comment: str = ""
    by: str
    basis: str
    """What the grader had found and the student had written when it was decided (`grader.overrides.basis`)."""
    seen: int | None = None
    """Number of the last row of the place that the person knew of, 0 for none; None where it does not matter."""


class StoredMark(Struct, frozen=True, kw_only=True):
    """A row: a decision, when it was stored, and its number, which grows."""

    number: int
    student: str
    target: str
    points: float | None
    """None where an earlier one was taken back."""
    comment: str
    by: str
    at: datetime
    basis: str


class Conflict(Struct, frozen=True, kw_only=True):
    """A decision, and another person's that it would replace unseen."""

    decision: Decision
    stored: StoredMark


class Marks:
    """The marks of a gradebook; made by `Gradebook.marks`.

    Parameters
    ----------
    database : Database
        Open.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, student: str) -> tuple[StoredMark, ...]:
        """Tell which marks of a student hold.

        Parameters
        ----------
        student : str

        Returns
        -------
        tuple of StoredMark
            One per target at most, in the order in which they were made.
        """
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM marks WHERE id IN "  # noqa: S608
            "(SELECT MAX(id) FROM marks WHERE student = ? GROUP BY target) AND points IS NOT NULL ORDER BY id",
            stored(student),
        )
        return tuple(_mark(*row) for row in rows)

    def standing(self) -> Mapping[str, tuple[StoredMark, ...]]:
        """Tell which marks hold, of all students.

        Returns
        -------
        mapping of str to tuple of StoredMark
            By student; those without marks are not in it.
        """
        found: dict[str, list[StoredMark]] = {}
        for row in self._database.rows(f"{_STANDING} AND points IS NOT NULL ORDER BY id"):
            found.setdefault(restored(row[1]), []).append(_mark(*row))
        return {student: tuple(marks) for student, marks in found.items()}

    def latest(self) -> Mapping[tuple[str, str], StoredMark]:
        """Tell the last row of every place, also where it takes something back.

        Returns
        -------
        mapping of (str, str) to StoredMark
            By student and target.
        """
        return {
            (restored(row[1]), restored(row[2])): _mark(*row)
            for row in self._database.rows(f"{_STANDING} ORDER BY id")
        }

    def log(self, student: str | None = None) -> tuple[StoredMark, ...]:
        """Tell everything that people ever decided.

        Parameters
        ----------
        student : str, optional
            Only what concerns this one.

        Returns
        -------
        tuple of StoredMark
            Oldest first.
        """
        name = None if student is None else stored(student)
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM marks WHERE student = ? OR ? IS NULL ORDER BY id",  # noqa: S608
            name,
            name,
        )
        return tuple(_mark(*row) for row in rows)

    def put(self, decisions: Sequence[Decision], *, now: datetime) -> tuple[Conflict, ...]:
        """Store decisions, all of them in one transaction or none.

        Parameters
        ----------
        decisions : sequence of Decision
            What says the same as the mark that holds, on the same basis, adds no row.
        now : datetime
            The time.

        Returns
        -------
        tuple of Conflict
            What was decided meanwhile and would be replaced unseen; where there is any, nothing was stored.

        Raises
        ------
        HostError
            Where they cannot be stored; then none is.
        """
        with self._database.transaction(durable=True) as connection:
            found = [(decision, self._last(decision)) for decision in decisions]
            conflicts = tuple(
                Conflict(decision=decision, stored=last)
                for decision, last in found
                if last is not None and _is_unseen(decision, last)
            )
            if conflicts:
                return conflicts
            for decision, last in found:
                if not _says_the_same(decision, last):
                    connection.execute(
                        "INSERT INTO marks (student, target, points, comment, by, at, basis) VALUES (?, ?, ?, ?, ?, ?, ?)",
                        (*_place(decision), decision.points, stored(decision.comment), stored(decision.by),
                         now.isoformat(), stored(decision.basis)),
                    )  # fmt: skip
                    connection.execute(NOTE_OUTDATED, (stored(decision.student),))
        return ()

    def comments(self, target: str) -> tuple[tuple[str, int], ...]:
        """Tell which comments were given on a target before.

        Parameters
        ----------
        target : str

        Returns
        -------
        tuple of (str, int)
            Comment and for how many students it holds; the most frequent first, of two the newer.
        """
        rows = self._database.rows(
            "SELECT comment, COUNT(*) AS uses, MAX(id) AS last FROM marks WHERE id IN "
            "(SELECT MAX(id) FROM marks WHERE target = ? GROUP BY student) AND points IS NOT NULL AND comment <> '' "
            "GROUP BY comment ORDER BY uses DESC, last DESC",
            stored(target),
        )
        return tuple((restored(comment), uses) for comment, uses, _ in rows)

    def outdated(self) -> Mapping[int, str]:
        """Tell whose files are older than what is decided.

        Returns
        -------
        mapping of int to str
            Student by the number of the note.
        """
        rows = self._database.rows("SELECT id, student FROM outdated ORDER BY id")
        return {number: restored(student) for number, student in rows}

    def note_outdated(self, students: Iterable[str]) -> None:
        """Note that the files of some students are older than what is decided.

        Parameters
        ----------
        students : iterable of str
        """
        with self._database.transaction() as connection:
            connection.executemany(NOTE_OUTDATED, [(stored(student),) for student in students])

    def forget_outdated(self, numbers: Iterable[int]) -> None:
        """Note that files were written.

        Parameters
        ----------
        numbers : iterable of int
            Of `outdated`, read before the grades were.
        """
        with self._database.transaction() as connection:
            connection.executemany("DELETE FROM outdated WHERE id = ?", [(number,) for number in numbers])

    def _last(self, decision: Decision) -> StoredMark | None:
        """Return the last row of a decision's place."""
        row = self._database.row(
            f"SELECT {_COLUMNS} FROM marks WHERE student = ? AND target = ? ORDER BY id DESC LIMIT 1",  # noqa: S608
            *_place(decision),
        )
        return None if row is None else _mark(*row)


def _place(decision: Decision) -> tuple[str, str]:
    return stored(decision.student), stored(decision.target)


def _is_unseen(decision: Decision, last: StoredMark) -> bool:
    """Say whether a row came after those that the person knew of, and says something else."""
    same = (last.points, last.comment) == (decision.points, decision.comment)
    return decision.seen is not None and last.number > decision.seen and not same


def _says_the_same(decision: Decision, last: StoredMark | None) -> bool:
    if last is None:
        return decision.points is None  # there is nothing to take back
    if decision.points is None:
        return last.points is None
    return (last.points, last.comment, last.basis) == (decision.points, decision.comment, decision.basis)


def _mark(
    number: int, student: str, target: str, points: float | None, comment: str, by: str, at: str, basis: str
) -> StoredMark:
    fields: dict[str, Any] = {
        "student": restored(student),
        "target": restored(target),
        "comment": restored(comment),
        "by": restored(by),
        "basis": restored(basis),
    }
    return StoredMark(number=number, points=points, at=datetime.fromisoformat(at), **fields)
