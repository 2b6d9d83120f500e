"""The answers of students that the gradebook keeps beside their grades; what they are is nobody's matter here."""

from __future__ import annotations

import sqlite3

from grader.gradebook.database import Database, stored


def put_answers(connection: sqlite3.Connection, student: str, answers: bytes | None) -> None:
    """Put the answers of a student in the place of those that are stored.

    Parameters
    ----------
    connection : sqlite3.Connection
        Inside of the transaction that stores the grade.
    student : str
    answers : bytes or None
        None leaves what is stored; empty removes it.
    """
    if answers:
        connection.execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", (stored(student), answers))
    elif answers is not None:
        connection.execute("DELETE FROM answers WHERE student = ?", (stored(student),))


def answers_of(database: Database, student: str) -> bytes | None:
    """Look up the answers of a student.

    Parameters
    ----------
    database : Database
        Open.
    student : str

    Returns
    -------
    bytes or None
        As they were put; None where none are stored.
    """
    row = database.row("SELECT answers FROM answers WHERE student = ?", stored(student))
    return row[0] if row is not None and isinstance(row[0], bytes) else None
