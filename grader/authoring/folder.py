"""The folder of a new assignment: its name, and files written into it or not at all."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath

from grader.assignment import file_stem
from grader.assignment_file import shipped
from grader.errors import HostError, UsageError

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
SKIPPED = frozenset({"__pycache__", ".ipynb_checkpoints", ".DS_Store"})
TEMPLATE = "neuron"
"""What the small assignment is called in its own texts."""
TEXTS = "py|ipynb|md|tex|txt"


def checked(folder: Path) -> Path:
    """Refuse a folder that a new assignment must not be written to.

    Parameters
    ----------
    folder : Path
        Its last part is the name of the assignment.

    Returns
    -------
    Path
        The same.

    Raises
    ------
    UsageError
        Where the name is none, is one that ships, or something is there already.
    """
    name = folder.name
    if not NAME.fullmatch(name):
        raise UsageError(
            f"`{name}` is no name of an assignment",
            remedy="take a letter, then letters, digits, `-` and `_`",
        )
    if name in shipped():
        raise UsageError(
            f"`{name}` is the name of an assignment that ships with the grader",
            remedy="choose another name: by this one every command finds the shipped one",
        )
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise UsageError(
            f"{folder} is there already", remedy="choose another name, or move away what is there"
        )
    return folder


def small(name: str) -> dict[str, bytes]:
    """Make a complete small assignment: one neuron.

    Parameters
    ----------
    name : str
        Of the assignment.

    Returns
    -------
    dict of str to bytes
        Contents by path in the folder.
    """
    found = dict(_resources(files("grader.authoring") / "template", PurePosixPath()))
    task = found["task.md"].decode()
    return found | {"task.md": renamed(task, TEMPLATE, name).encode()}


def _resources(place: Traversable, below: PurePosixPath) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in sorted(place.iterdir(), key=lambda entry: entry.name):
        if entry.name in SKIPPED:
            continue
        if entry.is_dir():
            found += _resources(entry, below / entry.name)
        else:
            found.append(((below / entry.name).as_posix(), entry.read_bytes()))
    return found


def renamed(text: str, old: str, new: str) -> str:
    """Give files that are called after an assignment in a text the name of another one.

    Parameters
    ----------
    text : str
    old, new : str
        Names of assignments.

    Returns
    -------
    str
    """
    return re.sub(rf"(?<![\w/.-]){re.escape(file_stem(old))}\.(?={TEXTS})", f"{file_stem(new)}.", text)


def contents(folder: Path) -> dict[str, bytes]:
    """Read every file of an assignment.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    dict of str to bytes
        By path in the folder.
    """
    return dict(_resources(folder, PurePosixPath()))


def write(folder: Path, made: Mapping[str, bytes]) -> None:
    """Write a folder, whole or not at all.

    Parameters
    ----------
    folder : Path
        Not there yet, or empty.
    made : mapping of str to bytes
        Contents by path in the folder.

    Raises
    ------
    HostError
        Where it cannot be written.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as beside:
            whole = Path(beside) / folder.name
            for name, content in made.items():
                path = whole / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            if folder.exists():
                folder.rmdir()  # empty: nothing is lost
            shutil.move(whole, folder)
    except OSError as error:
        raise HostError(
            f"{folder}: {error.strerror}", remedy="make room or give permission, and run it again"
        ) from error
