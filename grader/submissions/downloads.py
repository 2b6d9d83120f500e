"""Tells the work of a whole class, as learning platforms pack it for download, from that of one student."""

from __future__ import annotations

import re
from collections.abc import Iterable

# `Jane Doe_123456_assignsubmission_file/main.py`, or flat `Jane Doe_123456_assignsubmission_file_main.py`:
# mod/assign/classes/downloader.php of Moodle.
_MOODLE = re.compile(r"(?P<student>.+_\d+)_assignsubmission_[a-z]+")
# `doejane_LATE_12345_678901_main.py`: lib/content_zipper.rb of Canvas. Its numbers are long; those in `lab_3_1_a.py`
# are not.
_CANVAS = re.compile(r"(?P<student>[^/]+?_(?:LATE_)?\d{3,})_\d{4,}_")


def count_students(paths: Iterable[str]) -> int:
    """Return how many students the files in an archive are from, as far as a learning platform named them.

    Parameters
    ----------
    paths : iterable of str
        Paths in the archive, with `/`.

    Returns
    -------
    int
        0 where not every file is named so.
    """
    students = set()
    for path in paths:
        match = _MOODLE.match(path) or _CANVAS.match(path)
        if match is None:
            return 0
        students.add(match["student"])
    return len(students)
