"""The tables of the gradebook, version by version: what is added to a file is a further version, and old files are brought up to it."""

from __future__ import annotations

APPLICATION_ID = 0x42504752
"""`BPGR`: tells a gradebook from any other SQLite file."""

_GRADES = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE grades (
        student TEXT PRIMARY KEY,
        file_name TEXT NOT NULL UNIQUE,
        key TEXT NOT NULL,
        points REAL NOT NULL,
        status TEXT NOT NULL,
        first_mistake TEXT,
        graded_at TEXT NOT NULL,
        grade TEXT NOT NULL
    )""",
    """CREATE TABLE changes (
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
    )""",
)
_MARKS = (
    # Nothing in it is ever changed or removed: of a student and a target the last row holds, and all are the log.
    """CREATE TABLE marks (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        student TEXT NOT NULL,
        target TEXT NOT NULL,
        points REAL,
        comment TEXT NOT NULL,
        by TEXT NOT NULL,
        at TEXT NOT NULL,
        basis TEXT NOT NULL
    )""",
    "CREATE INDEX marks_of ON marks (student, target, id)",
    # Whose files are older than what is decided; written with the decision, removed when the files are there.
    "CREATE TABLE outdated (id INTEGER PRIMARY KEY AUTOINCREMENT, student TEXT NOT NULL UNIQUE)",
)

_ORIGINS = ("CREATE TABLE origins (student TEXT PRIMARY KEY, origin TEXT NOT NULL) WITHOUT ROWID",)

_ANSWERS = (
    # What came out of the process of a student's code: marking is made again from it. A rowid table: rows hold some kilobytes.
    "CREATE TABLE answers (student TEXT PRIMARY KEY, answers BLOB NOT NULL)",
)

VERSIONS: tuple[tuple[str, ...], ...] = (_GRADES, _MARKS, _ORIGINS, _ANSWERS)
"""The statements that make each version from the one before; the first one from an empty file."""
SCHEMA_VERSION = len(VERSIONS)
FORGET = (
    "DELETE FROM grades WHERE student = ?",
    "DELETE FROM answers WHERE student = ?",
    "DELETE FROM origins WHERE student = ?",
    "DELETE FROM outdated WHERE student = ?",
)
"""The statements that take out a student who is none: all but what people decided, and how grades changed."""
