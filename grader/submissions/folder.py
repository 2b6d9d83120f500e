"""Lists the Python files and notebooks of a folder that one student handed in; opens none of them.

Data files, hidden files, caches, virtual environments and the like are left out; links are never followed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.submissions.files import UnusableError, unreadable
from grader.submissions.names import listed, quoted

SOURCE_SUFFIXES = frozenset({".py", ".ipynb"})
MAX_SOURCES = 400
MAX_ENTRIES = 10_000
"""Files and folders of any kind; a data set of pictures is still fine."""
MAX_DEPTH = 8

_SKIPPED_FOLDERS = frozenset({"__pycache__", "__MACOSX", "node_modules", "site-packages"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """What is in a folder."""

    sources: tuple[str, ...]
    """Python files and notebooks, sorted; relative to the folder, with `/`."""
    others: tuple[str, ...]
    """Data and other files, relative to the folder."""
    links: tuple[str, ...]
    """Links and other things that are neither files nor folders; never opened."""
    modified: float
    """Time of the newest source, in seconds since 1970; 0.0 without one."""


@dataclass(kw_only=True, slots=True)
class _Walk:
    """What one walk has seen so far."""

    sources: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    modified: float = 0.0
    entries: int = 0


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
    walk = _Walk()
    todo = [("", 0)]
    while todo:
        inside, depth = todo.pop()
        if depth > MAX_DEPTH:
            raise _beyond(name, f"folders more than {MAX_DEPTH} deep")
        for entry, status in _entries(folder / inside, name):
            path = f"{inside}{entry.name}"
            walk.entries += 1
            if walk.entries > MAX_ENTRIES:
                raise _beyond(name, f"more than {MAX_ENTRIES} files")
            if stat.S_ISDIR(status.st_mode):
                if not _is_skipped(entry):
                    todo.append((f"{path}/", depth + 1))
            else:
                _note_file(walk, path, status)
        if len(walk.sources) > MAX_SOURCES:
            raise _beyond(name, f"more than {MAX_SOURCES} Python files and notebooks")
    return Listing(
        sources=tuple(sorted(walk.sources)),
        others=tuple(sorted(walk.others)),
        links=tuple(sorted(walk.links)),
        modified=walk.modified,
    )


def without_wrapper(sources: Sequence[str]) -> int:
    """Return how many characters of every path are folders that merely wrap the whole submission.

    `hw1/main.py` and `hw1/lib/layers.py` are `main.py` and `lib/layers.py`, as unpacked archives have one folder
    too many. A folder with an `__init__.py` is a package, and its name is part of the imports.

    Parameters
    ----------
    sources : sequence of str
        Paths of all sources, with `/`; at least one.

    Returns
    -------
    int
        Length of the common prefix to leave out; 0 where there is none.
    """
    length = 0
    while True:
        first, slash, _ = sources[0][length:].partition("/")
        wrapper = sources[0][:length] + first + "/"
        wraps = bool(slash) and all(source.startswith(wrapper) for source in sources)
        if not wraps or f"{wrapper}__init__.py" in sources:
            return length
        length = len(wrapper)


def nothing_in(name: str, listing: Listing) -> UnusableError:
    """Return the error for a folder without a source.

    Parameters
    ----------
    name : str
        The folder's name in messages.
    listing : Listing
        What is in it instead.

    Returns
    -------
    UnusableError
        To be raised.
    """
    found = listed([*listing.others, *listing.links]) or "nothing"
    return UnusableError(
        f"{quoted(name)} has no Python file or notebook in it; found: {found}; "
        "hand in a `.py` file or an `.ipynb` notebook."
    )


def _entries(folder: Path, name: str) -> Iterator[tuple[os.DirEntry[str], os.stat_result]]:
    """Yield what is in one folder, without hidden entries, and not more than may be there."""
    try:
        with os.scandir(folder) as scan:
            for seen, entry in enumerate(scan):
                if seen == MAX_ENTRIES:
                    raise _beyond(name, f"more than {MAX_ENTRIES} files")
                if not entry.name.startswith("."):
                    yield entry, entry.stat(follow_symlinks=False)
    except OSError as error:
        raise unreadable(name, error) from error


def _is_skipped(folder: os.DirEntry[str]) -> bool:
    return folder.name in _SKIPPED_FOLDERS or os.path.lexists(Path(folder.path, "pyvenv.cfg"))


def _note_file(walk: _Walk, path: str, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        walk.links.append(path)
    elif Path(path).suffix.lower() in SOURCE_SUFFIXES:
        walk.sources.append(path)
        walk.modified = max(walk.modified, status.st_mtime)
    else:
        walk.others.append(path)


def _beyond(name: str, what: str) -> UnusableError:
    return UnusableError(f"{quoted(name)} holds {what}; hand in only the files that are asked for.")
