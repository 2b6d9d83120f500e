"""The file of a gradebook: opened, brought up to date, changed all or not at all, and its errors told to people."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

from grader.errors import GraderError, HostError, UsageError
from grader.gradebook.tables import APPLICATION_ID, SCHEMA_VERSION, VERSIONS

LOCK_TIMEOUT_S = 5.0
SqlValue: TypeAlias = str | int | float | None


class Database:
    """The SQLite file of a gradebook, for one thread; a context manager.

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
        On opening: no SQLite database, no gradebook, or a gradebook of a later version.
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
        """Open the file, make it where it is not there or empty, and bring one of an earlier version up to date."""
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

    def row(self, query: str, *values: SqlValue) -> tuple[Any, ...] | None:
        """Return the first row of a query; None where there is none."""
        rows = self.rows(query, *values)
        return rows[0] if rows else None

    def rows(self, query: str, *values: SqlValue) -> list[tuple[Any, ...]]:
        """Return all rows of a query; no lock is held afterwards."""
        with self._told():
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def transaction(self, *, durable: bool = False) -> Iterator[sqlite3.Connection]:
        """Do all of the body or nothing; the lock is taken at the start, so that what is read still holds.

        Parameters
        ----------
        durable : bool
            Whether it is on the disk when this returns: for what nobody can make again.

        Yields
        ------
        sqlite3.Connection
        """
        connection = self._connection
        with self._told(), self._synced(connection, durable=durable):
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # SQLite itself rolls back after some errors, a full disk among them.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    # ----------------------------------------------------------------------------------------------------------

    @property
    def _connection(self) -> sqlite3.Connection:
        if self._open_connection is None:
            raise ValueError(f"the gradebook {self.path} is not open")
        return self._open_connection

    def _check(self) -> None:
        """Make the tables that are not there yet; refuse a file that is not ours, or of a later version."""
        if self._number("application_id") == APPLICATION_ID and self._version() == SCHEMA_VERSION:
            return
        with self.transaction() as connection:
            # Looked at inside the lock: another process may have made the tables meanwhile.
            is_ours = self._number("application_id") == APPLICATION_ID
            is_empty = self.row("SELECT 1 FROM sqlite_master LIMIT 1") is None
            if not is_ours and (not is_empty or self._number("application_id")):
                raise UsageError(
                    f"{self.path} is a database, but not a gradebook.", remedy="Choose another output folder."
                )
            for statements in VERSIONS[self._version() if is_ours else 0 :]:
                for statement in statements:
                    connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _version(self) -> int:
        version = self._number("user_version")
        if not 1 <= version <= SCHEMA_VERSION:
            raise UsageError(
                f"{self.path} is a gradebook of version {version}; this grader writes version {SCHEMA_VERSION}.",
                remedy="Use the version of backprop-grader that made it, or grade into a new output folder.",
            )
        return version

    def _number(self, pragma: str) -> int:
        return int(self._connection.execute(f"PRAGMA {pragma}").fetchone()[0])

    @contextmanager
    def _synced(self, connection: sqlite3.Connection, *, durable: bool) -> Iterator[None]:
        """Have the commits inside wait for the disk, where asked for."""
        if not durable:
            yield
            return
        connection.execute("PRAGMA synchronous = FULL")
        try:
            yield
        finally:
            connection.execute("PRAGMA synchronous = NORMAL")

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


def stored(text: str) -> str:
    """Write a lone surrogate (a file name that is no UTF-8) as an escape; SQLite's text is UTF-8."""
    return text.replace("\\", "\\\\").encode("utf-8", errors="backslashreplace").decode("utf-8")


def restored(text: str) -> str:
    """Read what `stored` wrote."""
    return re.sub(
        r"\\(?:u([0-9a-f]{4})|\\)", lambda match: chr(int(match[1], 16)) if match[1] else "\\", text
    )
