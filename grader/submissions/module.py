"""Reads a Python file into a `Source`; never compiles it."""

from __future__ import annotations

from grader.model import Source
from grader.submissions.names import quoted
from grader.submissions.text import decode


def read_module(name: str, data: bytes) -> tuple[Source, tuple[str, ...]]:
    """Return the source of a `.py` file and notes on it.

    Parameters
    ----------
    name : str
        Path inside the submission, with `/`.
    data : bytes
        The file's content.

    Returns
    -------
    source : Source
        With one cell; its text is empty for a file of white space.
    notes : tuple of str
        A repaired encoding, an empty file.

    Raises
    ------
    UnusableError
        If it is no text.
    """
    text, notes = decode(name, data, cookie=True)
    if text.strip():
        return Source(name=name, cells=(text,)), notes
    # An empty `__init__.py` is how a package is made; it is worth no note.
    if name.rpartition("/")[2] != "__init__.py":
        notes = (*notes, f"{quoted(name)} is empty.")
    return Source(name=name, cells=("",)), notes
