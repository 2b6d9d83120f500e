"""Puts the files of a pytest run together that are one submission, as `grader check` does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from grader.assignment import Assignment
from grader.errors import GraderError
from grader.model import Submission
from grader.recognition import joined
from grader.submissions import find, read

_MOST_JOINED = 20
"""Files that are looked at for being one submission; more are a class."""


def submissions_of(
    lists: Sequence[Sequence[Path]], reached: Sequence[Path], assignment: Assignment
) -> Mapping[Path, tuple[Path, ...]]:
    """Find the submissions of a run.

    Parameters
    ----------
    lists : sequence of sequence of Path
        What was listed together: by the settings, and on the command line.
    reached : sequence of Path
        Those of them that the run comes to.
    assignment : Assignment

    Returns
    -------
    mapping of Path to tuple of Path
        The files or the folder of each submission, by the first of them that the run comes to: its tests stand there.
    """
    groups = [group for paths in lists for group in _groups(paths, assignment)]
    firsts = [(next((path for path in group if path in reached), None), group) for group in groups]
    return {first: group for first, group in firsts if first is not None}


def read_together(paths: Sequence[Path], assignment: Assignment) -> list[Submission]:
    """Read what was listed together.

    Parameters
    ----------
    paths : sequence of Path
    assignment : Assignment

    Returns
    -------
    list of Submission
        One where the files belong together, else one for each path.

    Raises
    ------
    GraderError
        Where a path cannot be read at all.
    """
    read_alone = [read(found) for path in paths for found in find([path], single=True)]
    return joined(read_alone, assignment)


def _groups(paths: Sequence[Path], assignment: Assignment) -> Iterator[tuple[Path, ...]]:
    files = [path for path in paths if path.is_file()]
    try:
        belong = 1 < len(files) <= _MOST_JOINED and len(read_together(files, assignment)) == 1
    except GraderError:
        belong = False  # it is told when its tests run
    alone = [path for path in paths if not (belong and path in files)]
    yield from [tuple(files)] if belong else []
    yield from ((path,) for path in alone)
