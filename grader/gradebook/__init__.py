"""The gradebook: one SQLite file that holds every grade and every mark of a class; the truth behind all reports.

`database.py` is the file, `tables.py` what is in it, `book.py` the grades, `marks.py` what people decided.
"""

from __future__ import annotations

from grader.gradebook.book import Change, Entry, Gradebook, StoredGrade, entry
from grader.gradebook.marks import Conflict, Decision, Marks, StoredMark

__all__ = [
    "Change",
    "Conflict",
    "Decision",
    "Entry",
    "Gradebook",
    "Marks",
    "StoredGrade",
    "StoredMark",
    "entry",
]
