"""Finds and reads what students handed in: from paths on the command line to `Submission` values.

Nothing here runs, compiles or imports student code, or follows a link inside a submission. Nothing writes a file, but for
`class_archives.py`, which unpacks what a learning platform packed.
"""

from __future__ import annotations

from grader.submissions.conflicts import resolve_conflicts, told_apart
from grader.submissions.downloads import title_of
from grader.submissions.finding import find
from grader.submissions.found import Found, Member
from grader.submissions.names import file_name
from grader.submissions.reading import read

__all__ = ["Found", "Member", "file_name", "find", "read", "resolve_conflicts", "title_of", "told_apart"]
