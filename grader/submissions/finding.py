"""Finds submissions under the paths of a command line and says which student each one is from.

It looks at names and times only; what is inside is read by `reading.py`. The paths a person typed are trusted, what
lies under them is not.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.errors import NothingToGradeError, UsageError
from grader.submissions.files import is_regular
from grader.submissions.folder import list_folder
from grader.submissions.limits import UnusableError
from grader.submissions.names import archive_suffix, display, distinct, quoted, same_name_key

_NOT_SUBMISSIONS = frozenset({"__pycache__", "__MACOSX"})
_NOBODYS_TEXT = re.compile(
    r"(read[ _-]?me|licen[cs]e|copying)(\.(md|markdown|rst|txt|html|pdf))?", re.IGNORECASE
)
"""Files that come with a folder, and that no student is called after."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """Where the submission of one student is."""

    student: str
    """Fit for display."""
    path: Path
    modified: float
    """Seconds since 1970; of a folder, that of its newest Python file, notebook or text, or of its newest archive."""
    others: tuple[Path, ...] = ()
    """Further submissions of the same student among which a person must choose."""
    conflict: str | None = None
    """Says so; None where nobody must choose."""
    problem: str | None = None
    """Why nobody can say whose it is; None where that is known."""
    notes: tuple[str, ...] = ()


def find(
    paths: Sequence[Path], *, single: bool, exclude: Sequence[Path] = (), student_from: str | None = None
) -> tuple[Found, ...]:
    """Return the submissions under the paths, in the order of the paths, each folder sorted by name.

    A file is one submission. A folder is a class: every file or folder directly in it is one, except hidden ones,
    `__pycache__`, `__MACOSX`, a README or LICENSE, and what is excluded. What is reached by two of the paths counts once.

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

    Returns
    -------
    tuple of Found
        At least one.

    Raises
    ------
    UsageError
        If a path is not there or cannot be listed, or the expression is wrong or matches nothing at all.
    NothingToGradeError
        If there is no submission.
    """
    pattern = _compiled(student_from)
    barred = tuple(Path(os.path.realpath(path)) for path in exclude)
    places: dict[Path, Path] = {}
    for path in paths:
        for entry in _submissions_of(path, single=single, barred=barred):
            places.setdefault(place_of(entry), entry)
    if not places:
        raise NothingToGradeError(
            f"There is no submission in {', '.join(quoted(str(path)) for path in paths) or 'no path'}.",
            remedy="Put one file or folder per student directly into it, outside the output folder.",
        )
    found = tuple(_found(path, pattern) for path in places.values())
    if pattern is not None and all(one.problem for one in found):
        raise UsageError(
            f"--student-from {quoted(pattern.pattern)} does not match {quoted(found[0].path.as_posix())}"
            f"{', nor any other path' if len(found) > 1 else ''}.",
            remedy="Change the expression; it is looked for in the name and then in the whole path.",
        )
    return found


def resolve_conflicts(found: Sequence[Found], *, latest: bool) -> tuple[Found, ...]:
    """Return one entry per student.

    Parameters
    ----------
    found : sequence of Found
        As `find` returns it.
    latest : bool
        Whether the newest of several submissions counts; the others are named in a note. Where two are equally
        new nothing is guessed.

    Returns
    -------
    tuple of Found
        Each with another student, in the order of first appearance. Where a person must choose, `conflict` says
        so and `others` names the rest.
    """
    by_student: dict[str, list[Found]] = {}
    for one in found:
        by_student.setdefault(same_name_key(one.student), []).append(one)
    return tuple(
        group[0] if len(group) == 1 else _resolved(group, latest=latest) for group in by_student.values()
    )


def _resolved(group: Sequence[Found], *, latest: bool) -> Found:
    newest = max(group, key=lambda one: one.modified)
    rest = tuple(one for one in group if one is not newest)
    if latest and all(one.modified < newest.modified for one in rest):
        passed_over = _and([display(str(one.path)) for one in rest])
        note = f"The newest of {len(group)} submissions was taken; not read: {passed_over}."
        return replace(newest, notes=(*newest.notes, note))
    number = "two" if len(group) == 2 else str(len(group))  # noqa: PLR2004 -- a pair
    paths = _and([display(str(one.path)) for one in group])
    what = f"{number} submissions of {quoted(group[0].student)}"
    remedy = "remove one" if len(group) == 2 else "remove all but one"  # noqa: PLR2004 -- a pair
    if latest:
        conflict = f"{what} that are equally new: {paths}; {remedy}"
    else:
        conflict = f"{what}: {paths}; {remedy} or use --latest"
    return replace(group[0], others=tuple(one.path for one in group[1:]), conflict=conflict)


def _and(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


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


def _submissions_of(path: Path, *, single: bool, barred: Sequence[Path]) -> Iterator[Path]:
    try:
        path.lstat()
        names = None if single or not path.is_dir() else sorted(os.listdir(path))  # noqa: PTH208 -- names alone
    except OSError as error:
        raise UsageError(
            f"{quoted(str(path))} cannot be read ({(error.strerror or 'no reason given').lower()}).",
            remedy="Check the path and its permissions.",
        ) from error
    if names is None:
        yield path  # named by a person: graded whatever it is called and wherever it is
        return
    for name in names:
        entry = path / name
        hidden = name.startswith(".") or name in _NOT_SUBMISSIONS
        nobodys = _NOBODYS_TEXT.fullmatch(name) is not None and is_regular(entry)
        if not hidden and not nobodys and not any(place_of(entry).is_relative_to(bar) for bar in barred):
            yield entry


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


def _found(path: Path, pattern: re.Pattern[str] | None) -> Found:
    student = _student(path) if pattern is None else _matched(path, pattern)
    if student:
        return Found(student=_shown(student), path=path, modified=_modified(path))
    name = place_of(path).name or "submission"
    return Found(
        # With the suffix, so that `alice.py` is not taken for a second submission of a student `alice`.
        student=_shown(name),
        path=path,
        modified=_modified(path),
        problem=f"--student-from does not match {quoted(name)}, so nobody can say whose it is; "
        "change the expression, or rename the file or take it out of the folder.",
    )


def _student(path: Path) -> str:
    place = place_of(path)
    if place.is_dir() and not place.is_symlink():
        return place.name or "submission"  # `anna.k` has no suffix
    packed = archive_suffix(place.name)
    return place.name.removesuffix(packed) if packed else place.stem or "submission"


def _matched(path: Path, pattern: re.Pattern[str]) -> str | None:
    match = pattern.search(place_of(path).name) or pattern.search(path.as_posix())
    return _taken_from(match) if match else None


def _taken_from(match: re.Match[str]) -> str | None:
    if "student" in match.re.groupindex:
        return match["student"]
    return match[1] if match.re.groups else match[0]


def _shown(student: str) -> str:
    return unicodedata.normalize("NFC", distinct(student))


def _modified(path: Path) -> float:
    try:
        status = path.lstat()
        if stat.S_ISDIR(status.st_mode):
            # A folder's own time says when an entry came or went, not when a file was last edited.
            return list_folder(path, path.name).modified or status.st_mtime
    except (OSError, UnusableError):
        return 0.0  # reading it will say what is wrong
    return status.st_mtime
