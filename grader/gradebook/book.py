"""The grades of a class as its gradebook has them, and how they changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from datetime import datetime

from msgspec import Struct

from grader.gradebook.answers import answers_of, put_answers
from grader.gradebook.database import Database, restored, stored
from grader.gradebook.marks import NOTE_OUTDATED, Marks
from grader.gradebook.tables import FORGET
from grader.model import Grade, Origin, Status
from grader.serialize import dumps, loads, loads_origin

_PAGE = 100


class Entry(Struct, frozen=True, kw_only=True):
    """A grade laid out for the gradebook, by whoever made it; storing it reads nothing of the text."""

    student: str
    file_name: str
    """Name of the student's files in `results/` and `reports/`, without a suffix; no other student's."""
    key: str
    """Everything the grade depends on; empty where it must be made again."""
    points: float
    status: Status
    first_mistake: str | None
    text: str
    """The whole grade, as `grader.serialize.dumps` writes it."""
    answers: bytes | None = None
    """What the grade was made from, to be marked again; None leaves what is stored, empty removes it."""


def entry(file_name: str, key: str, grade: Grade, answers: bytes | None = None) -> Entry:
    """Lay a grade out for the gradebook.

    Parameters
    ----------
    file_name : str
        Name of the student's files without a suffix.
    key : str
        Everything the grade depends on.
    grade : Grade
    answers : bytes, optional
        What the grade was made from; None leaves what is stored.

    Returns
    -------
    Entry
    """
    return Entry(
        student=grade.student,
        file_name=file_name,
        key=key,
        points=grade.points,
        status=grade.status,
        first_mistake=grade.first_mistake,
        text=dumps(grade),
        answers=answers,
    )


class StoredGrade(Struct, frozen=True, kw_only=True):
    """One grade as the gradebook has it."""

    file_name: str
    """Name of the student's files in `results/` and `reports/`, without a suffix."""
    key: str
    """Everything the grade depends on."""
    graded_at: datetime
    grade: Grade


class Change(Struct, frozen=True, kw_only=True):
    """A grade that came out differently when it was made again."""

    student: str
    old_points: float
    new_points: float
    old_status: Status
    new_status: Status
    old_first_mistake: str | None
    new_first_mistake: str | None
    reason: str
    at: datetime


class Gradebook(Database):
    """The gradebook of one output folder; a context manager, used as its file is (`Database`)."""

    @property
    def marks(self) -> Marks:
        """What people decided."""
        return Marks(self)

    def meta(self, name: str) -> str | None:
        """Look up what the gradebook is about, e.g. `assignment`.

        Parameters
        ----------
        name : str
            The entry.

        Returns
        -------
        str or None
            None where there is no such entry.
        """
        row = self.row("SELECT value FROM meta WHERE name = ?", stored(name))
        return None if row is None else restored(row[0])

    def set_meta(self, name: str, value: str) -> None:
        """Say what the gradebook is about.

        Parameters
        ----------
        name, value : str
            The entry; replaces an earlier one.
        """
        self.set_all_meta({name: value})

    def set_all_meta(self, values: Mapping[str, str]) -> None:
        """Say several things of what the gradebook is about, all in one transaction.

        Parameters
        ----------
        values : mapping of str to str
            By entry; each replaces an earlier one.
        """
        rows = [(stored(name), stored(value)) for name, value in values.items()]
        with self.transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)

    def kept_meta(self, name: str, value: str) -> str:
        """Look up what the gradebook is about; say it where nobody has yet.

        Parameters
        ----------
        name : str
            The entry.
        value : str
            What it is to be where there is none.

        Returns
        -------
        str
            What it is now; the same for all who ask at the same time.
        """
        with self.transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", (stored(name), stored(value)))
            return self.meta(name) or value

    def key_of(self, student: str) -> str | None:
        """Tell under which content, assignment, version, seed and isolation a student was graded.

        Parameters
        ----------
        student : str
            The student.

        Returns
        -------
        str or None
            The key that `put` was given; None where there is no grade.
        """
        row = self.row("SELECT key FROM grades WHERE student = ?", stored(student))
        return None if row is None else restored(row[0])

    def put(self, new: Entry, *, reason: str, now: datetime) -> Change | None:
        """Store a grade in one transaction, and what it changed.

        Parameters
        ----------
        new : Entry
            The grade; an earlier one of the student is replaced.
        reason : str
            Why it was made again, for the table of changes.
        now : datetime
            The time.

        Returns
        -------
        Change or None
            Where an earlier grade had other points, another status or another first mistake.

        Raises
        ------
        HostError
            Where it cannot be stored; the earlier grade stands.
        ValueError
            Where another student has the file name.
        """
        with self.transaction() as connection:
            other = self.row(
                "SELECT student FROM grades WHERE file_name = ? AND student <> ?",
                stored(new.file_name),
                stored(new.student),
            )
            if other is not None:
                raise ValueError(f"{new.file_name!r} is the file name of {restored(other[0])!r}")
            change = self.change(new, reason=reason, now=now)
            connection.execute(
                "INSERT OR REPLACE INTO grades VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (stored(new.student), stored(new.file_name), stored(new.key), new.points, new.status.value,
                 _stored_or_none(new.first_mistake), now.isoformat(), new.text),
            )  # fmt: skip
            put_answers(connection, new.student, new.answers)
            if change is not None:
                _insert_change(connection, change)
            if self.marks.of(new.student):
                # Whoever made the grade wrote its files without them.
                connection.execute(NOTE_OUTDATED, (stored(new.student),))
        return change

    def get(self, student: str) -> StoredGrade | None:
        """Look up one grade.

        Parameters
        ----------
        student : str
            The student.

        Returns
        -------
        StoredGrade or None
            None where there is no grade.
        """
        row = self.row(
            "SELECT file_name, key, graded_at, grade FROM grades WHERE student = ?", stored(student)
        )
        return None if row is None else _stored_grade(*row)

    def grades(self) -> Iterator[StoredGrade]:
        """Go through all grades in the order of the students' names.

        Read in pages, so that a slow reader keeps neither memory nor a lock that would hold up a writer.

        Yields
        ------
        StoredGrade
            One grade.
        """
        query = (
            "SELECT student, file_name, key, graded_at, grade FROM grades "
            "WHERE student > ? OR ? IS NULL ORDER BY student LIMIT ?"
        )
        last: str | None = None
        while rows := self.rows(query, last, last, _PAGE):
            for row in rows:
                yield _stored_grade(*row[1:])
            last = rows[-1][0]

    def file_names(self) -> Mapping[str, str]:
        """Tell the file name of every student.

        Returns
        -------
        mapping of str to str
            Student to file name.
        """
        rows = self.rows("SELECT student, file_name FROM grades ORDER BY student")
        return {restored(student): restored(file_name) for student, file_name in rows}

    def changes(self) -> tuple[Change, ...]:
        """Tell how grades changed.

        Returns
        -------
        tuple of Change
            Oldest first.
        """
        rows = self.rows(
            "SELECT student, old_points, new_points, old_status, new_status, old_first_mistake, new_first_mistake, "
            "reason, at FROM changes ORDER BY id"
        )
        return tuple(
            Change(
                student=restored(student),
                old_points=old_points,
                new_points=new_points,
                old_status=Status(old_status),
                new_status=Status(new_status),
                old_first_mistake=_restored_or_none(old_first_mistake),
                new_first_mistake=_restored_or_none(new_first_mistake),
                reason=restored(reason),
                at=datetime.fromisoformat(at),
            )
            for student, old_points, new_points, old_status, new_status, old_first_mistake, new_first_mistake, reason, at
            in rows
        )  # fmt: skip

    def answers_of(self, student: str) -> bytes | None:
        """Look up what the grade of a student was made from.

        Parameters
        ----------
        student : str

        Returns
        -------
        bytes or None
            As `put` was given it; None where nothing is stored.
        """
        return answers_of(self, student)

    def forget(self, student: str) -> None:
        """Take a student out, with the grade and what belongs to it; marks of people and changes stay.

        Parameters
        ----------
        student : str
        """
        with self.transaction() as connection:
            for statement in FORGET:
                connection.execute(statement, (stored(student),))

    def set_origins(self, origins: Mapping[str, Origin]) -> None:
        """Say where submissions are from, all in one transaction.

        Parameters
        ----------
        origins : mapping of str to Origin
            By student; replaces what was said of them before, and leaves what is known of others.
        """
        rows = [(stored(student), dumps(origin)) for student, origin in origins.items()]
        with self.transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO origins VALUES (?, ?)", rows)

    def origin(self, student: str) -> Origin | None:
        """Tell where the submission of a student is from.

        Parameters
        ----------
        student : str

        Returns
        -------
        Origin or None
            None where nothing is known.
        """
        row = self.row("SELECT origin FROM origins WHERE student = ?", stored(student))
        return None if row is None else loads_origin(row[0])

    def origins(self) -> Mapping[str, Origin]:
        """Tell where submissions are from.

        Returns
        -------
        mapping of str to Origin
            By student; without those of whom nothing is known.
        """
        rows = self.rows("SELECT student, origin FROM origins ORDER BY student")
        return {restored(student): loads_origin(origin) for student, origin in rows}

    def change(self, new: Entry, *, reason: str, now: datetime) -> Change | None:
        """Hold a grade against the stored one, and store nothing.

        Parameters
        ----------
        new : Entry
        reason : str
            Why it was made again.
        now : datetime
            The time.

        Returns
        -------
        Change or None
            What `put` would have changed; None where there is no earlier grade, or it says the same.
        """
        row = self.row(
            "SELECT points, status, first_mistake FROM grades WHERE student = ?", stored(new.student)
        )
        if row is None or row == (new.points, new.status.value, _stored_or_none(new.first_mistake)):
            return None
        return Change(
            student=new.student,
            old_points=row[0],
            new_points=new.points,
            old_status=Status(row[1]),
            new_status=new.status,
            old_first_mistake=_restored_or_none(row[2]),
            new_first_mistake=new.first_mistake,
            reason=reason,
            at=now,
        )


def _insert_change(connection: sqlite3.Connection, change: Change) -> None:
    connection.execute(
        "INSERT INTO changes VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (stored(change.student), change.old_points, change.new_points, change.old_status.value,
         change.new_status.value, _stored_or_none(change.old_first_mistake),
         _stored_or_none(change.new_first_mistake), stored(change.reason), change.at.isoformat()),
    )  # fmt: skip


def _stored_grade(file_name: str, key: str, graded_at: str, grade: str) -> StoredGrade:
    return StoredGrade(
        file_name=restored(file_name),
        key=restored(key),
        graded_at=datetime.fromisoformat(graded_at),
        grade=loads(grade),
    )


def _stored_or_none(text: str | None) -> str | None:
    return None if text is None else stored(text)


def _restored_or_none(text: str | None) -> str | None:
    return None if text is None else restored(text)
