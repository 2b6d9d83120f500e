"""Finds and reads what students handed in: from paths on the command line to `Submission` values.

Nothing here runs, compiles or imports student code, follows a link inside a submission, or writes a file.
"""

from __future__ import annotations

from grader.submissions.finding import Found, find, resolve_conflicts
from grader.submissions.names import file_name
from grader.submissions.reading import read

__all__ = ["Found", "file_name", "find", "read", "resolve_conflicts"]
