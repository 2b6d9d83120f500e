"""Reads what learning platforms say in the names of a download: who handed in, under which number, late or not; opens no file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from grader.model import Platform

# mod/assign/classes/downloader.php of Moodle. A folder `Jane Doe_123456_assignsubmission_file`, with `_` at its end before 4.1;
# flat, `Jane Doe_123456_assignsubmission_file_main.py`. The group of those who are in none has no number.
_MOODLE = re.compile(
    r"(?P<folder>(?P<name>.+?)(?:_(?P<number>\d+))?_assignsubmission_(?P<kind>[a-z0-9]+))_?(?P<file>.*)",
    re.DOTALL,
)
# lib/content_zipper.rb of Canvas: `doejane_LATE_12345_678901_main.py`, `anon_a1b2c_678901_main.py`. The first two numbers are it:
# numbers between underscores are taken out of people's names there.
_CANVAS = re.compile(
    r"(?P<folder>(?P<name>\w+?)(?P<late>_LATE)?_(?P<number>\d+))_(?P<upload>\d+)_(?P<file>.+)", re.DOTALL
)
_CANVAS_ANONYMOUS = re.compile(
    r"(?P<folder>(?P<late>LATE_)?(?P<name>anon_(?P<number>[A-Za-z0-9]+)))_(?P<upload>\d+)_(?P<file>.+)",
    re.DOTALL,
)
_CANVAS_PAGE = re.compile(
    r"(?P<folder>(?P<name>\w+?)(?P<late>_LATE)?_(?P<number>\d+)|(?P<late_anon>LATE_)?(?P<anon>anon_[A-Za-z0-9]+))"
    r"_(?P<file>(?:text|link)\.html)"
)
_CANVAS_DIGITS, _CANVAS_UPLOAD_DIGITS = 3, 4
"""Of the two numbers, where nothing else shows that they are Canvas': those in `lab_3_1_a.py` are shorter."""
# `layers-2.py`: what Canvas makes of a second upload of `layers.py`. No module that can be imported is called so.
_CANVAS_COPY = re.compile(r"(?P<stem>[^\W\d]\w*)-\d{1,3}(?P<suffix>\.py)", re.IGNORECASE)

MOODLE_FILES = "file"
"""The part of a Moodle submission that is files; `onlinetext` is what was typed into a form."""

_TITLES = {
    Platform.MOODLE: "a Moodle download",
    Platform.CANVAS: "a Canvas download",
    Platform.GRADESCOPE: "a Gradescope export",
    Platform.CLASSROOM: "clones from GitHub Classroom",
}


class Named(Struct, frozen=True, kw_only=True):
    """What a platform says in the name of a folder or file."""

    platform: Platform
    participant: str
    """Empty where the name has none."""
    name: str
    folder: str
    """What all names of this submission begin with, and what feedback goes back under."""
    file: str = ""
    """The file's own name where the download is flat; empty for a folder."""
    late: bool = False
    is_page: bool = False
    """Whether it is what was typed into a form."""
    upload: str = ""
    """Canvas' number of the file."""


def moodle(name: str, *, is_folder: bool) -> Named | None:
    """Read the name of an entry of a Moodle download.

    Parameters
    ----------
    name : str
        Of a folder or file, without the folders it is in.
    is_folder : bool

    Returns
    -------
    Named or None
        None where it is not named so.
    """
    match = _MOODLE.fullmatch(unicodedata.normalize("NFC", name))
    if match is None or is_folder == bool(match["file"]):
        return None
    return Named(
        platform=Platform.MOODLE,
        participant=match["number"] or "",
        name=match["name"],
        folder=match["folder"],
        file=match["file"],
        is_page=match["kind"] != MOODLE_FILES,
    )


def canvas(name: str) -> Named | None:
    """Read the name of a file of a Canvas download.

    Parameters
    ----------
    name : str

    Returns
    -------
    Named or None
        None where it is not named so. A name of this shape may be somebody's own.
    """
    text = unicodedata.normalize("NFC", name)
    match = _CANVAS_PAGE.fullmatch(text)
    if match is not None:
        who = match["anon"] or match["name"]
        return Named(
            platform=Platform.CANVAS,
            participant=match["anon"] or match["number"],
            name=who,
            folder=match["folder"],
            file=match["file"],
            late=bool(match["late"] or match["late_anon"]),
            is_page=True,
        )
    match = _CANVAS_ANONYMOUS.fullmatch(text) or _CANVAS.fullmatch(text)
    if match is None or (match["name"].lower() != match["name"] and match.re is _CANVAS):
        return None
    return Named(
        platform=Platform.CANVAS,
        participant=match["name"] if match.re is _CANVAS_ANONYMOUS else match["number"],
        name=match["name"],
        folder=match["folder"],
        file=match["file"],
        late=bool(match["late"]),
        upload=match["upload"],
    )


def recognised(entries: Mapping[str, bool]) -> Mapping[str, Named]:
    """Tell which entries of a folder are from a learning platform.

    One name of Moodle's is enough, for nobody else writes such names. Those of Canvas count where nearly all others are of
    the same kind and their numbers fit together.

    Parameters
    ----------
    entries : mapping of str to bool
        Name, and whether it is a folder.

    Returns
    -------
    mapping of str to Named
        By name; empty where it is no download.
    """
    found = {name: moodle(name, is_folder=is_folder) for name, is_folder in entries.items()}
    named = {name: one for name, one in found.items() if one is not None}
    if named:
        return named
    files = [name for name, is_folder in entries.items() if not is_folder]
    named = {name: one for name in files if (one := canvas(name)) is not None}
    uploads = [one for one in named.values() if one.upload]
    others = len(entries) - len(named)
    if not uploads or others >= len(named) or others > max(1, len(entries) // 10) or not _is_canvas(uploads):
        return {}
    return named


def _is_canvas(uploads: Sequence[Named]) -> bool:
    """Say whether names that look like Canvas' are: every file has a number of its own there, and every number one person."""
    if len({one.upload for one in uploads}) < len(uploads):
        return False  # these are dates, or numbers of sheets
    if any(len(one.upload) < _CANVAS_UPLOAD_DIGITS for one in uploads):
        return False
    people = {(one.participant, one.name) for one in uploads}
    if len({participant for participant, _ in people}) < len(people):
        return False
    return len(people) > 1 or all(_has_long_numbers(one) for one in uploads)


def _has_long_numbers(one: Named) -> bool:
    return len(one.participant) >= _CANVAS_DIGITS and len(one.upload) >= _CANVAS_UPLOAD_DIGITS


def own_names(files: Sequence[Named]) -> tuple[str, ...]:
    """Return what the files of one flat submission were called before they were handed in.

    Parameters
    ----------
    files : sequence of Named
        The files of one submission.

    Returns
    -------
    tuple of str
        One for each, no two alike. Canvas' `layers-1.py` is `layers.py` again, where there is no other.
    """
    given = [one.file for one in files]
    names: list[str] = []
    for one in files:
        copy = _CANVAS_COPY.fullmatch(one.file) if one.platform is Platform.CANVAS else None
        name = one.file if copy is None else copy["stem"] + copy["suffix"]
        if copy is not None and (name in given or name in names):
            name = one.file
        names.append(name if name not in names else f"{one.upload}_{name}")
    return tuple(names)


def classroom_prefix(names: Sequence[str], parent: str) -> str | None:
    """Return what the repositories of an assignment in GitHub Classroom begin with.

    Parameters
    ----------
    names : sequence of str
        Of the folders with a clone in them.
    parent : str
        Name of the folder they are in; `gh classroom clone` calls it `ex3-submissions`.

    Returns
    -------
    str or None
        `ex3-`; None where they do not begin alike.
    """
    told = parent.removesuffix("-submissions")
    if told != parent and names and all(name.startswith(f"{told}-") for name in names):
        return f"{told}-"
    if len(names) < 2:  # noqa: PLR2004 -- one name has no common part
        return None
    first, last = min(names), max(names)
    common = next(
        (index for index, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first)
    )
    prefix = first[: first.rfind("-", 0, common) + 1]
    return prefix if prefix and all(len(name) > len(prefix) for name in names) else None


def title_of(platform: Platform) -> str:
    """Return what a download of a platform is called in messages, with its article."""
    return _TITLES[platform]


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
        first, slash, _ = path.partition("/")
        one = moodle(first, is_folder=bool(slash))
        if one is None:
            one = None if slash else canvas(first)
            if one is None or (one.upload and not _has_long_numbers(one)):
                return 0
        students.add((one.participant, one.name))
    return len(students)
