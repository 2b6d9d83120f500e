"""Finds submissions under the paths of a command line and says which student each one is from.

It looks at names and times only; what is inside is read by `reading.py`. The paths a person typed are trusted, what
lies under them is not.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from grader.errors import NothingToGradeError, UsageError
from grader.submissions.classes import Folder, is_download, submissions_in
from grader.submissions.downloads import moodle
from grader.submissions.files import is_regular
from grader.submissions.folder import list_folder
from grader.submissions.found import Found
from grader.submissions.limits import UnusableError
from grader.submissions.names import archive_suffix, quoted, shown

_NOT_SUBMISSIONS = frozenset({"__pycache__", "__MACOSX"})
_NOBODYS_TEXT = re.compile(
    r"(read[ _-]?me|licen[cs]e|copying)(\.(md|markdown|rst|txt|html|pdf))?", re.IGNORECASE
)
"""Files that come with a folder, and that no student is called after."""


def find(
    paths: Sequence[Path],
    *,
    single: bool,
    exclude: Sequence[Path] = (),
    student_from: str | None = None,
    unpacked: Mapping[Path, Path] | None = None,
) -> tuple[Found, ...]:
    """Return the submissions under the paths, in the order of the paths, each folder sorted by name.

    A file is one submission. A folder is a class: every file or folder directly in it is one, except hidden ones,
    `__pycache__`, `__MACOSX`, a README or LICENSE, and what is excluded. Where the names are those of a learning platform, they
    say whose the entries are, several may be one submission, and tables beside them are none. What is reached by two of the
    paths counts once.

    Parameters
    ----------
    paths : sequence of Path
        Files and folders as a person gave them.
    single : bool
        Whether a folder is itself one submission.
    exclude : sequence of Path
        Folders of a class that are no submissions, such as the output folder; they need not exist.
    student_from : str, optional
        Regular expression that takes the student from the file's or folder's name or, where that does not match,
        from its path with `/`: the group `student`, else the first group, else the whole match. What it does not
        match goes under its whole name, with a `problem`: one stray file must not stop a class.
    unpacked : mapping of Path to Path, optional
        Where an archive of a whole class among the paths was unpacked.

    Returns
    -------
    tuple of Found
        At least one.

    Raises
    ------
    UsageError
        If a path is not there or cannot be listed, the expression is wrong or matches nothing at all, or the metadata of a
        Gradescope export cannot be read.
    NothingToGradeError
        If there is no submission.
    """
    pattern = _compiled(student_from)
    barred = tuple(Path(os.path.realpath(path)) for path in exclude)
    folders = _once(_folders(paths, unpacked or {}, single=single, barred=barred))
    found = tuple(
        _as_told(one, pattern) for folder in folders for one in submissions_in(folder, _plain, modified_of)
    )
    if not found:
        _not_the_output(paths, barred)
        raise NothingToGradeError(
            f"There is no submission in {', '.join(quoted(str(path)) for path in paths) or 'no path'}.",
            remedy="Put one file or folder per student directly into it, outside the output folder.",
        )
    if pattern is not None and all(one.problem for one in found):
        raise UsageError(
            f"--student-from {quoted(pattern.pattern)} does not match {quoted(found[0].path.as_posix())}"
            f"{', nor any other path' if len(found) > 1 else ''}.",
            remedy="Change the expression; it is looked for in the name and then in the whole path.",
        )
    return tuple(_outside(one, unpacked) for one in found) if unpacked else found


def _not_the_output(paths: Sequence[Path], barred: Sequence[Path]) -> None:
    """Say so where what was named is the output folder: the submissions in it are passed over, and nobody would see why."""
    for path in paths:
        real = Path(os.path.realpath(path))
        if any(real == one or one in real.parents for one in barred):
            raise NothingToGradeError(
                f"{quoted(str(path))} is the output folder, or lies in it.",
                remedy="Name another output folder with -o; it may be a new one inside the folder of the class.",
            )


def _compiled(student_from: str | None) -> re.Pattern[str] | None:
    if student_from is None:
        return None
    try:
        return re.compile(student_from)
    except (re.error, RecursionError, OverflowError) as error:
        raise UsageError(
            f"--student-from {quoted(student_from)} is not a regular expression: {error}.",
            remedy=r"Give one with a group for the student, for example `(?P<student>\w+)_hw1`.",
        ) from error


def _folders(
    paths: Sequence[Path], unpacked: Mapping[Path, Path], *, single: bool, barred: Sequence[Path]
) -> Iterator[Folder]:
    """Return what a person named, folder by folder; what was named entry by entry lies together in its folder."""
    named: dict[Path, list[str]] = {}
    for path in paths:
        names = _listed(unpacked.get(path, path), single=single and path not in unpacked)
        if names is None:
            # Graded whatever it is called and wherever it is.
            entry = path if path.name not in ("", "..") else Path(os.path.realpath(path))
            named.setdefault(entry.parent, []).append(entry.name)
            continue
        yield from _named_folders(named)
        named = {}
        yield _class_folder(unpacked.get(path, path), names, barred)
    yield from _named_folders(named)


def _named_folders(named: Mapping[Path, list[str]]) -> Iterator[Folder]:
    for parent, names in named.items():
        yield Folder(path=parent, names=tuple(dict.fromkeys(names)), is_class=False)


def _listed(path: Path, *, single: bool) -> list[str] | None:
    """Return what is in a folder of a class; None for what is one submission."""
    try:
        path.lstat()
        is_one = single or not path.is_dir() or moodle(place_of(path).name, is_folder=True) is not None
        return None if is_one else sorted(os.listdir(path))  # noqa: PTH208 -- names alone
    except OSError as error:
        raise UsageError(
            f"{quoted(str(path))} cannot be read ({(error.strerror or 'no reason given').lower()}).",
            remedy="Check the path and its permissions.",
        ) from error


def _class_folder(path: Path, names: Sequence[str], barred: Sequence[Path]) -> Folder:
    """Return the folder of a class without what is nobody's; that of a download in it, where there is nothing else."""
    kept = []
    for name in names:
        entry = path / name
        hidden = name.startswith(".") or name in _NOT_SUBMISSIONS
        nobodys = _NOBODYS_TEXT.fullmatch(name) is not None and is_regular(entry)
        if not hidden and not nobodys and not any(place_of(entry).is_relative_to(bar) for bar in barred):
            kept.append(name)
    folder = Folder(path=path, names=tuple(kept), is_class=True)
    if len(kept) == 1 and (path / kept[0]).is_dir() and not is_download(folder):
        inside = _listed(path / kept[0], single=False)
        inner = _class_folder(path / kept[0], inside, barred) if inside else folder
        return inner if is_download(inner) else folder
    return folder


def _once(folders: Iterable[Folder]) -> Iterator[Folder]:
    """Leave out what was reached before."""
    seen: set[Path] = set()
    for folder in folders:
        places = {name: place_of(folder.path / name) for name in folder.names}
        yield replace(folder, names=tuple(name for name in folder.names if places[name] not in seen))
        seen.update(places.values())


def place_of(path: Path) -> Path:
    """Return where an entry itself is: links on the way to it are followed, and it is not where it is one.

    Parameters
    ----------
    path : Path
        Any path; `.` and `..` get the name of the folder they mean.

    Returns
    -------
    Path
        Absolute.
    """
    if path.name in ("", ".."):
        return Path(os.path.realpath(path))
    return Path(os.path.realpath(path.parent), path.name)


def _plain(path: Path) -> Found:
    return Found(student=shown(_student(path)), path=path, modified=modified_of(path))


def _student(path: Path) -> str:
    place = place_of(path)
    if place.is_dir() and not place.is_symlink():
        return place.name or "submission"  # `anna.k` has no suffix
    packed = archive_suffix(place.name)
    return place.name.removesuffix(packed) if packed else place.stem or "submission"


def _as_told(found: Found, pattern: re.Pattern[str] | None) -> Found:
    """Return a submission under the student whom a person's expression takes from its path."""
    if pattern is None:
        return found
    name = place_of(found.path).name or "submission"
    match = pattern.search(name) or pattern.search(found.path.as_posix())
    student = _taken_from(match) if match else None
    if student:
        return replace(found, student=shown(student), members=())
    return replace(
        found,
        # With the suffix, so that `alice.py` is not taken for a second submission of a student `alice`.
        student=shown(name),
        members=(),
        problem=f"--student-from does not match {quoted(name)}, so nobody can say whose it is; "
        "change the expression, or rename the file or take it out of the folder.",
    )


def _taken_from(match: re.Match[str]) -> str | None:
    if "student" in match.re.groupindex:
        return match["student"]
    return match[1] if match.re.groups else match[0]


def _outside(found: Found, unpacked: Mapping[Path, Path]) -> Found:
    """Return a submission that messages place in the archive which a person named."""
    for archive, folder in unpacked.items():
        if found.path.is_relative_to(folder):
            return replace(found, shown=str(archive / found.path.relative_to(folder)))
    return found


def modified_of(path: Path) -> float:
    """Return the time of a submission: of a folder, that of its newest source or text.

    Parameters
    ----------
    path : Path

    Returns
    -------
    float
        Seconds since 1970; 0.0 where it cannot be told.
    """
    try:
        status = path.lstat()
        if stat.S_ISDIR(status.st_mode):
            # A folder's own time says when an entry came or went, not when a file was last edited.
            return list_folder(path, path.name).modified or status.st_mtime
    except (OSError, UnusableError):
        return 0.0  # reading it will say what is wrong
    return status.st_mtime
