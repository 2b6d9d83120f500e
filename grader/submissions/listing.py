"""Sorts what a folder or an archive holds into sources, texts and the rest; knows neither of disks nor of formats.

Data files, hidden files, caches, virtual environments and the like are left out; links are never followed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import TypeAlias

from msgspec import Struct, field

from grader.submissions.limits import MAX_DEPTH, MAX_ENTRIES, MAX_SOURCES, UnusableError, is_document
from grader.submissions.names import archive_suffix, listed, quoted

SOURCE_SUFFIXES = frozenset({".py", ".ipynb"})
ENVIRONMENT_FILE = "pyvenv.cfg"
"""Its folder is a virtual environment (PEP 405)."""

_ANSWER_SUFFIXES = frozenset(
    {".pdf", ".docx", ".doc", ".odt", ".rtf", ".pages", ".pptx", ".html", ".htm"}
    | {".png", ".jpg", ".jpeg", ".heic", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".svg"}
)
"""Of files in which people write, or photograph what they wrote, and that are not read."""

_SKIPPED_FOLDERS = frozenset({"__pycache__", "__MACOSX", "node_modules", "site-packages"})

Fetch: TypeAlias = Callable[[str, str], bytes]
"""Gives the bytes of a source or text, at most as many as it may have, by its path in the listing and its name in messages."""


class Listing(Struct, frozen=True, kw_only=True):
    """What is in a folder or archive."""

    sources: tuple[str, ...]
    """Python files and notebooks, sorted; relative to the folder, with `/`."""
    documents: tuple[str, ...]
    """Text files, sorted; relative to the folder."""
    others: tuple[str, ...]
    """Data and other files, relative to the folder."""
    archives: tuple[str, ...]
    """Archives inside, relative to the folder."""
    links: tuple[str, ...]
    """Links and other things that are neither files nor folders; never opened."""
    modified: float
    """Time of the newest source or text, or of the newest archive where there is neither, in seconds since 1970; 0.0
    where there is nothing of these."""

    @property
    def unread(self) -> tuple[str, ...]:
        """Files that may hold a written answer and are of a kind that is not read."""
        return tuple(path for path in self.others if _may_hold_answer(path))


class Gathering(Struct, kw_only=True):
    """A listing while it is made."""

    name: str
    """What is listed, in messages."""
    _sources: dict[str, float] = field(default_factory=dict)
    _documents: dict[str, float] = field(default_factory=dict)
    _archives: dict[str, float] = field(default_factory=dict)
    _others: list[str] = field(default_factory=list)
    _links: list[str] = field(default_factory=list)
    _environments: list[str] = field(default_factory=list)
    _entries: int = 0

    def count_entry(self) -> None:
        """Count one file or folder.

        Raises
        ------
        UnusableError
            If there are too many.
        """
        self._entries += 1
        if self._entries > MAX_ENTRIES:
            raise too_many_entries(self.name)

    def add_file(self, path: str, modified: float = 0.0) -> None:
        """Note a regular file.

        Parameters
        ----------
        path : str
            Relative, with `/`.
        modified : float, optional
            Seconds since 1970; of no use where the archive has a time of its own.
        """
        if is_source(path):
            self._sources[path] = modified
        elif is_document(path):
            self._documents[path] = modified
        elif archive_suffix(path):
            self._archives[path] = modified
        else:
            self._others.append(path)
        folder, _, file = path.rpartition("/")
        if file == ENVIRONMENT_FILE and folder:
            self._environments.append(f"{folder}/")

    def add_link(self, path: str) -> None:
        """Note something that is neither file nor folder.

        Parameters
        ----------
        path : str
            Relative, with `/`.
        """
        self._links.append(path)

    def listing(self) -> Listing:
        """Return what was gathered.

        Returns
        -------
        Listing
            Possibly without sources.

        Raises
        ------
        UnusableError
            If there are too many sources.
        """
        environments = tuple(self._environments)
        sources, documents = (
            {path: time for path, time in files.items() if not path.startswith(environments)}
            for files in (self._sources, self._documents)
        )
        if len(sources) > MAX_SOURCES:
            raise _beyond(self.name, f"more than {MAX_SOURCES} Python files and notebooks")
        return Listing(
            sources=tuple(sorted(sources)),
            documents=tuple(sorted(documents)),
            others=tuple(sorted(self._others)),
            archives=tuple(sorted(self._archives)),
            links=tuple(sorted(self._links)),
            modified=max((sources | documents or self._archives).values(), default=0.0),
        )


def is_source(path: str) -> bool:
    """Whether a name is that of a Python file or a notebook.

    Parameters
    ----------
    path : str
        With `/`.

    Returns
    -------
    bool
        The case of the suffix does not matter.
    """
    return PurePosixPath(path).suffix.lower() in SOURCE_SUFFIXES


def _may_hold_answer(path: str) -> bool:
    # A text is among the others where it lies beside the archive that is the submission.
    return PurePosixPath(path).suffix.lower() in _ANSWER_SUFFIXES or is_document(path)


def is_skipped(folder: str) -> bool:
    """Whether what lies in a folder of this name is nobody's work.

    Parameters
    ----------
    folder : str
        Its name, without the folders it is in.

    Returns
    -------
    bool
        True of hidden folders as well.
    """
    return folder.startswith(".") or folder in _SKIPPED_FOLDERS


def check_depth(name: str, depth: int) -> None:
    """Raise where folders lie too deep in each other.

    Parameters
    ----------
    name : str
        What is listed, in messages.
    depth : int
        How many folders a file lies in.

    Raises
    ------
    UnusableError
        If these are too many.
    """
    if depth > MAX_DEPTH:
        raise _beyond(name, f"folders more than {MAX_DEPTH} deep")


def without_wrapper(sources: Sequence[str]) -> int:
    """Return how many characters of every path are folders that merely wrap the whole submission.

    `hw1/main.py` and `hw1/lib/layers.py` are `main.py` and `lib/layers.py`, as archives have one folder
    too many. A folder with an `__init__.py` is a package, and its name is part of the imports; so is that of a folder with a
    module of its own name, `mlp/mlp.py`: without the folder, `import mlp.losses` would look into that module.

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
        if not wraps or not {f"{wrapper}__init__.py", f"{wrapper}{first}.py"}.isdisjoint(sources):
            return length
        length = len(wrapper)


def nothing_in(name: str, listing: Listing) -> UnusableError:
    """Return the error for a folder or archive without a source.

    Parameters
    ----------
    name : str
        Its name in messages.
    listing : Listing
        What is in it instead.

    Returns
    -------
    UnusableError
        To be raised.
    """
    files = sorted([*listing.documents, *listing.others])
    found = listed([*listing.archives, *files, *listing.links]) or "nothing"
    unpack = "unpack the archives inside, and " if listing.archives else ""
    return UnusableError(
        f"{quoted(name)} has no Python file or notebook in it; found: {found}; "
        f"{unpack}hand in a `.py` file or an `.ipynb` notebook."
    )


def left_out(listing: Listing) -> tuple[str, ...]:
    """Return notes on what is in a listing and might be missed.

    Parameters
    ----------
    listing : Listing
        With sources or texts.

    Returns
    -------
    tuple of str
        One sentence on links and one on archives, where there are any; data files are worth no note.
    """
    notes = []
    if listing.links:
        notes.append(f"Links are not followed; left out: {listed(listing.links)}.")
    if listing.archives:
        notes.append(f"Archives inside are not opened; left out: {listed(listing.archives)}.")
    return tuple(notes)


def too_many_entries(name: str) -> UnusableError:
    """Return the error for more files and folders than may be there.

    Parameters
    ----------
    name : str
        What holds them.

    Returns
    -------
    UnusableError
        To be raised.
    """
    return _beyond(name, f"more than {MAX_ENTRIES} files")


def _beyond(name: str, what: str) -> UnusableError:
    return UnusableError(f"{quoted(name)} holds {what}; hand in only the files that are asked for.")
