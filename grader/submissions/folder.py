"""Lists the Python files and notebooks of a folder that one student handed in; opens none of them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from grader.submissions.files import unreadable
from grader.submissions.limits import MAX_ENTRIES
from grader.submissions.listing import (
    ENVIRONMENT_FILE,
    Gathering,
    Listing,
    check_depth,
    is_skipped,
    too_many_entries,
)


def list_folder(folder: Path, name: str) -> Listing:
    """Return the sources of a folder and of the folders inside it.

    Parameters
    ----------
    folder : Path
        The folder; not a link.
    name : str
        Its name in messages.

    Returns
    -------
    Listing
        Possibly without sources.

    Raises
    ------
    UnusableError
        If it holds more than the limits allow, or cannot be listed.
    """
    gathering = Gathering(name=name)
    todo = [("", 0)]
    while todo:
        inside, depth = todo.pop()
        check_depth(name, depth)
        for entry, status in _entries(folder / inside, name):
            path = f"{inside}{entry.name}"
            gathering.count_entry()
            if stat.S_ISREG(status.st_mode):
                gathering.add_file(path, status.st_mtime)
            elif not stat.S_ISDIR(status.st_mode):
                gathering.add_link(path)
            elif not is_skipped(entry.name) and not _is_environment(entry):
                todo.append((f"{path}/", depth + 1))
    return gathering.listing()


def _entries(folder: Path, name: str) -> Iterator[tuple[os.DirEntry[str], os.stat_result]]:
    """Yield what is in one folder, without hidden entries, and not more than may be there."""
    try:
        with os.scandir(folder) as scan:
            for seen, entry in enumerate(scan):
                if seen == MAX_ENTRIES:
                    raise too_many_entries(name)
                if not entry.name.startswith("."):
                    yield entry, entry.stat(follow_symlinks=False)
    except OSError as error:
        raise unreadable(name, error) from error


def _is_environment(folder: os.DirEntry[str]) -> bool:
    """Whether a folder is a virtual environment, of which not even the names are worth listing."""
    return os.path.lexists(Path(folder.path, ENVIRONMENT_FILE))
