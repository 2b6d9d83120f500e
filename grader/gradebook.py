"""The gradebook: one SQLite file that holds every grade of a class and how grades changed; the truth behind all reports."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from grader.errors import GraderError, HostError, UsageError
from grader.model import Grade, Status
from grader.serialize import dumps, loads

APPLICATION_ID = 0x42504752
"""`BPGR`: tells a gradebook from any other SQLite file."""
SCHEMA_VERSION = 1
LOCK_TIMEOUT_S = 5.0
_PAGE = 100

_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE grades (
    student TEXT PRIMARY KEY,
    file_name TEXT NOT NULL UNIQUE,
    key TEXT NOT NULL,
    points REAL NOT NULL,
    status TEXT NOT NULL,
    first_mistake TEXT,
    graded_at TEXT NOT NULL,
    grade TEXT NOT NULL
);
CREATE TABLE changes (
    id INTEGER PRIMARY KEY,
    student TEXT NOT NULL,
    old_points REAL NOT NULL,
    new_points REAL NOT NULL,
    old_status TEXT NOT NULL,
    new_status TEXT NOT NULL,
    old_first_mistake TEXT,
    new_first_mistake TEXT,
    reason TEXT NOT NULL,
    at TEXT NOT NULL
);
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
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


def entry(file_name: str, key: str, grade: Grade) -> Entry:
    """Lay a grade out for the gradebook.

    Parameters
    ----------
    file_name : str
        Name of the student's files without a suffix.
    key : str
        Everything the grade depends on.
    grade : Grade

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
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredGrade:
    """One grade as the gradebook has it."""

    file_name: str
    """Name of the student's files in `results/` and `reports/`, without a suffix."""
    key: str
    """Everything the grade depends on."""
    graded_at: datetime
    grade: Grade


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
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


class Gradebook:
    """The gradebook of one output folder, for one thread; a context manager.

    A write-ahead log with `synchronous=NORMAL`: after `kill -9` the next `open` finds what was committed and nothing else, for
    the operating system has it. A commit waits for no disk, so a loss of power can take the last grades, never the file; the
    next run makes them again (`docs/decisions/0010-commits-wait-for-no-disk.md`). Closing moves the log into the file.

    Parameters
    ----------
    path : Path
        The file; made where it is not there.
    lock_timeout_s : float
        How long to wait for another writer, in seconds.

    Raises
    ------
    HostError
        From any method: not writable, full, or locked by another writer.
    UsageError
        On opening: no SQLite database, no gradebook, or a gradebook of another version.
    """

    def __init__(self, path: Path, *, lock_timeout_s: float = LOCK_TIMEOUT_S) -> None:
        self.path = path
        self._lock_timeout_s = lock_timeout_s
        self._open_connection: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self) -> None:
        """Open the file, and make it where it is not there or empty."""
        with self._told():
            connection = sqlite3.connect(self.path, timeout=self._lock_timeout_s, isolation_level=None)
        self._open_connection = connection
        try:
            with self._told():
                self._check()
                # Falls back to the rollback journal by itself where the file system has no shared memory.
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = NORMAL")
        except GraderError:
            self.close()
            raise

    def close(self) -> None:
        """Close the file; what was not committed is gone."""
        if self._open_connection is not None:
            self._open_connection.close()
            self._open_connection = None

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
        row = self._row("SELECT value FROM meta WHERE name = ?", _stored(name))
        return None if row is None else _restored(row[0])

    def set_meta(self, name: str, value: str) -> None:
        """Say what the gradebook is about.

        Parameters
        ----------
        name, value : str
            The entry; replaces an earlier one.
        """
        with self._transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_stored(name), _stored(value)))

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
        row = self._row("SELECT key FROM grades WHERE student = ?", _stored(student))
        return None if row is None else _restored(row[0])

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
        with self._transaction() as connection:
            other = self._row(
                "SELECT student FROM grades WHERE file_name = ? AND student <> ?",
                _stored(new.file_name),
                _stored(new.student),
            )
            if other is not None:
                raise ValueError(f"{new.file_name!r} is the file name of {_restored(other[0])!r}")
            change = self._change(new, reason, now)
            connection.execute(
                "INSERT OR REPLACE INTO grades VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (_stored(new.student), _stored(new.file_name), _stored(new.key), new.points, new.status.value,
                 _stored_or_none(new.first_mistake), now.isoformat(), new.text),
            )  # fmt: skip
            if change is not None:
                _insert_change(connection, change)
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
        row = self._row(
            "SELECT file_name, key, graded_at, grade FROM grades WHERE student = ?", _stored(student)
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
        while rows := self._rows(query, last, last, _PAGE):
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
        rows = self._rows("SELECT student, file_name FROM grades ORDER BY student")
        return {_restored(student): _restored(file_name) for student, file_name in rows}

    def changes(self) -> tuple[Change, ...]:
        """Tell how grades changed.

        Returns
        -------
        tuple of Change
            Oldest first.
        """
        rows = self._rows(
            "SELECT student, old_points, new_points, old_status, new_status, old_first_mistake, new_first_mistake, "
            "reason, at FROM changes ORDER BY id"
        )
        return tuple(
            Change(
                student=_restored(student),
                old_points=old_points,
                new_points=new_points,
                old_status=Status(old_status),
                new_status=Status(new_status),
                old_first_mistake=_restored_or_none(old_first_mistake),
                new_first_mistake=_restored_or_none(new_first_mistake),
                reason=_restored(reason),
                at=datetime.fromisoformat(at),
            )
            for student, old_points, new_points, old_status, new_status, old_first_mistake, new_first_mistake, reason, at
            in rows
        )  # fmt: skip

    # ----------------------------------------------------------------------------------------------------------

    @property
    def _connection(self) -> sqlite3.Connection:
        if self._open_connection is None:
            raise ValueError(f"the gradebook {self.path} is not open")
        return self._open_connection

    def _check(self) -> None:
        """Make the tables in an empty file; refuse one that is not ours."""
        if self._number("application_id") == APPLICATION_ID:
            version = self._number("user_version")
            if version != SCHEMA_VERSION:
                raise UsageError(
                    f"{self.path} is a gradebook of version {version}; this grader writes version {SCHEMA_VERSION}.",
                    remedy="Use the version of backprop-grader that made it, or grade into a new output folder.",
                )
            return
        with self._transaction() as connection:
            # Again inside the lock: another process may have made the tables meanwhile.
            if self._number("application_id") == APPLICATION_ID:
                return
            if self._row("SELECT 1 FROM sqlite_master LIMIT 1") is not None or self._number("application_id"):
                raise UsageError(
                    f"{self.path} is a database, but not a gradebook.", remedy="Choose another output folder."
                )
            for statement in _TABLES.split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _number(self, pragma: str) -> int:
        return int(self._connection.execute(f"PRAGMA {pragma}").fetchone()[0])

    def _row(self, query: str, *values: str | int | None) -> tuple[Any, ...] | None:
        rows = self._rows(query, *values)
        return rows[0] if rows else None

    def _rows(self, query: str, *values: str | int | None) -> list[tuple[Any, ...]]:
        with self._told():
            return self._connection.execute(query, values).fetchall()

    def _change(self, new: Entry, reason: str, now: datetime) -> Change | None:
        """Compare a grade with the stored one."""
        row = self._row(
            "SELECT points, status, first_mistake FROM grades WHERE student = ?", _stored(new.student)
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

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Do all of the body or nothing; the lock is taken at the start, so that what is read still holds."""
        connection = self._connection
        with self._told():
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # SQLite itself rolls back after some errors, a full disk among them.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say what SQLite's errors mean to a person."""
        try:
            yield
        except sqlite3.OperationalError as error:
            raise _host_error(self.path, error, self._lock_timeout_s) from error
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
                raise
            raise UsageError(
                f"{self.path} is not a gradebook: {error}.",
                remedy="Move the file away, or choose another output folder; a rerun makes a new gradebook.",
            ) from error


def _host_error(path: Path, error: sqlite3.OperationalError, lock_timeout_s: float) -> HostError:
    """Say in one line what the machine does not allow."""
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return HostError(
            f"{path} is locked: another process has been writing to it for {lock_timeout_s:g} s.",
            remedy="Wait until the other run has ended, or choose another output folder.",
        )
    if name.startswith("SQLITE_FULL"):
        return HostError(
            f"{path} cannot grow: the disk is full.",
            remedy="Make room on the disk and run the same command again.",
        )
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return HostError(
            f"{path} cannot be written: {error}.", remedy="Choose an output folder that you may write to."
        )
    return HostError(
        f"{path} cannot be used: {error}.", remedy="Check the disk, or choose another output folder."
    )


def _insert_change(connection: sqlite3.Connection, change: Change) -> None:
    connection.execute(
        "INSERT INTO changes VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (_stored(change.student), change.old_points, change.new_points, change.old_status.value,
         change.new_status.value, _stored_or_none(change.old_first_mistake),
         _stored_or_none(change.new_first_mistake), _stored(change.reason), change.at.isoformat()),
    )  # fmt: skip


def _stored_grade(file_name: str, key: str, graded_at: str, grade: str) -> StoredGrade:
    return StoredGrade(
        file_name=_restored(file_name),
        key=_restored(key),
        graded_at=datetime.fromisoformat(graded_at),
        grade=loads(grade),
    )


def _stored(text: str) -> str:
    """Write a lone surrogate (a file name that is no UTF-8) as an escape; SQLite's text is UTF-8."""
    return text.replace("\\", "\\\\").encode("utf-8", errors="backslashreplace").decode("utf-8")


def _restored(text: str) -> str:
    return re.sub(
        r"\\(?:u([0-9a-f]{4})|\\)", lambda match: chr(int(match[1], 16)) if match[1] else "\\", text
    )


def _stored_or_none(text: str | None) -> str | None:
    return None if text is None else _stored(text)


def _restored_or_none(text: str | None) -> str | None:
    return None if text is None else _restored(text)
