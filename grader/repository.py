"""Finds what is handed in in a repository: what `[tool.grader]` names, else the files that define what the assignment asks for.

It reads texts and runs nothing. Tests, and the files of the repository itself, are never taken for work that is handed in.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from grader.assignment import Assignment
from grader.errors import NothingToGradeError, UsageError
from grader.model import Source, Submission
from grader.recognition import joined, recognised
from grader.submissions import find, read
from grader.submissions.folder import list_folder
from grader.submissions.limits import UnusableError
from grader.submissions.listing import without_wrapper
from grader.submissions.names import display, listed
from grader.submissions.opening import source_name

SETTINGS = "pyproject.toml"
_KEYS = ("assignment", "files")

_NO_WORK = re.compile(
    r"(?:^|/)(?:tests?|docs?|build|dist|venv|env)/"
    r"|(?:^|/)(?:test_[^/]*|[^/]*_tests?|conftest|setup|noxfile)\.py$"
    r"|(?:^|/)(?:read[ _-]?me|licen[cs]e|copying|contributing|code_of_conduct|changelog|task|requirements[^/]*)"
    r"(?:\.\w+)?$",
    re.IGNORECASE,
)
"""Files that belong to a repository or a course, and that nobody hands in."""
_DEFINITION = re.compile(
    r"^(?:async[ \t]+)?(?:def|class)[ \t]+(?P<name>\w+)[^\n]*\n(?P<body>(?:(?:[ \t][^\n]*)?\n){0,1000})",
    re.MULTILINE,
)
_UNWRITTEN = re.compile(r'(?:[rR]?"""[^"]*+""" )?raise NotImplementedError\b.*')
_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+\.*(?P<package>[\w.]*)[ \t]+import|import)[ \t]+(?P<names>\([^)]*|[^\n#]*)",
    re.MULTILINE,
)


class Settings(Struct, frozen=True, kw_only=True):
    """What `[tool.grader]` says."""

    assignment: str | None = None
    """A shipped name, or the path of a folder."""
    files: tuple[Path, ...] = ()
    """What is handed in; empty where it is to be looked for."""


class HandedIn(Struct, frozen=True, kw_only=True):
    """A submission, and where it is."""

    name: str
    """Its path, or paths, as named; the repository, where several files were found."""
    submission: Submission
    paths: Mapping[str, str]
    """The path of each file by its name in the submission, with `/`."""


def settings(folder: Path) -> Settings:
    """Read `[tool.grader]` from the `pyproject.toml` of a repository.

    Parameters
    ----------
    folder : Path
        The repository.

    Returns
    -------
    Settings
        Empty where there is no such file or table.

    Raises
    ------
    UsageError
        Where it cannot be read, or holds what has no meaning.
    """
    file = folder / SETTINGS
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {}).get("grader", {})
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{SETTINGS}: {display(str(error))}", remedy="correct the file") from error
    for key in table:
        if key not in _KEYS:
            close = difflib.get_close_matches(key, _KEYS, n=1)
            hint = f"did you mean `{close[0]}`? " if close else ""
            raise UsageError(
                f"{SETTINGS}: [tool.grader] has no key `{display(key)}`",
                remedy=f"{hint}keys are: {', '.join(_KEYS)}",
            )
    assignment, files = table.get("assignment"), table.get("files", [])
    if not isinstance(assignment, str | None):
        raise _wrong("assignment", "a name or the path of a folder, in quotes")
    if not isinstance(files, list) or not all(isinstance(entry, str) for entry in files):
        raise _wrong("files", 'a list of paths, for example ["solution.py"]')
    return Settings(assignment=assignment, files=tuple(folder / entry for entry in files))


def _wrong(key: str, meant: str) -> UsageError:
    return UsageError(f"{SETTINGS}: [tool.grader] {key} is not what it should be", remedy=f"write {meant}")


def named(paths: Sequence[Path], assignment: Assignment | None = None) -> tuple[HandedIn, ...]:
    """Read what somebody named: a folder is a submission; files are one where they belong together, as in `grader check`.

    Parameters
    ----------
    paths : sequence of Path
    assignment : Assignment, optional
        What is asked, where that is known.

    Returns
    -------
    tuple of HandedIn

    Raises
    ------
    UsageError
        Where one is not there.
    """
    entries = [(path, entry) for path in paths for entry in find([path], single=True)]
    each = tuple(
        HandedIn(
            # The repository itself is `.`, which tells nobody anything.
            name=entry.student if path.name in ("", "..") else display(path.as_posix()),
            submission=read(entry),
            # As named: where a folder is found, it may be under another path.
            paths=_paths(path),
        )
        for path, entry in entries
    )
    found = joined([one.submission for one in each], assignment)
    if len(found) == len(each):
        return each
    paths_of_all = {file: path for one in each for file, path in one.paths.items()}
    return (HandedIn(name=", ".join(one.name for one in each), submission=found[0], paths=paths_of_all),)


def _paths(path: Path) -> dict[str, str]:
    """Return the path of each file of a submission by the name that reading gives it."""
    if path.is_symlink() or not path.is_dir():
        return {source_name(path.name): path.as_posix()}
    try:
        listing = list_folder(path, path.name)
    except UnusableError:
        return {}  # reading it says what is wrong
    files = listing.sources or listing.documents
    wrapper = files[0][: without_wrapper(files)] if files else ""
    whole = {source_name(file): (path / file).as_posix() for file in (*listing.sources, *listing.documents)}
    return whole | {
        source_name(file.removeprefix(wrapper)): (path / file).as_posix() for file in listing.sources
    }


def searched(folder: Path, assignment: Assignment | None) -> tuple[Assignment, HandedIn]:
    """Look for what is handed in in a repository: one submission.

    Parameters
    ----------
    folder : Path
        The repository.
    assignment : Assignment, optional
        What is asked; recognised by what is there where it is left out.

    Returns
    -------
    assignment : Assignment
    found : HandedIn
        The files that define what is asked for, with what they import; where texts are asked for, the texts too.

    Raises
    ------
    UsageError
        Where no assignment is recognised, or two files define the same.
    NothingToGradeError
        Where no file answers the assignment.
    """
    (whole,) = named([folder])
    work = _only(whole, lambda file: not _is_no_work(folder, whole.paths.get(file, file)))
    if not work.submission.files:
        raise NothingToGradeError(
            "there is nothing to check in this repository",
            remedy=f"name the files, or list them as `files` under [tool.grader] in {SETTINGS}",
        )
    asked = assignment or recognised(replace(work.submission, problem=None))
    code = _code(work, asked) if asked.has_code else frozenset(one.name for one in work.submission.sources)
    texts = {one.name for one in work.submission.documents} if asked.has_writing else set()
    found = _only(work, lambda file: file in code or file in texts)
    # Of a notebook whose code does not count what is written between may.
    sources = tuple(source for source in found.submission.sources if source.name in code)
    found = replace(found, submission=replace(found.submission, sources=sources))
    if not found.submission.files:
        raise NothingToGradeError(
            f"no file here is an answer to {asked.name}",
            remedy=f"name the file, or list it as `files` under [tool.grader] in {SETTINGS}",
        )
    if len(found.submission.files) == 1:
        (found,) = named([Path(found.paths[found.submission.files[0]])])
    return asked, found


def _is_no_work(folder: Path, path: str) -> bool:
    """Whether a file is nobody's work: a test, a page of the repository, or a part of an assignment of the course."""
    inside = Path(path).relative_to(folder)
    of_course = any((folder / above / "assignment.toml").is_file() for above in inside.parents)
    return of_course or _NO_WORK.search(inside.as_posix()) is not None


def _only(of: HandedIn, keep: Callable[[str], bool]) -> HandedIn:
    """Return a submission without the files that are not to be kept, and without what was noted of others."""
    submission = of.submission
    every = [one.name for one in submission.sources] + [one.name for one in submission.documents]
    names = tuple(name for name in dict.fromkeys(every) if keep(name))
    return replace(
        of,
        submission=replace(
            submission,
            files=names,
            sources=tuple(one for one in submission.sources if one.name in names),
            documents=tuple(one for one in submission.documents if one.name in names),
            unread=tuple(name for name in submission.unread if keep(name)),
            notes=tuple(note for note in submission.notes if any(name in note for name in names)),
        ),
    )


def _code(work: HandedIn, asked: Assignment) -> frozenset[str]:
    """Return the files that define what is asked, and the files that these import."""
    names = _names_asked(asked)
    sources = work.submission.sources
    defined = {source.name: _defined(source) for source in sources}
    begun = {file: names.intersection(found) for file, found in defined.items() if names.intersection(found)}
    chosen = _without_blank(begun, {file for file in begun if _is_written(defined[file], begun[file], asked)})
    for name in sorted(names):
        files = [file for file in chosen if name in begun[file]]
        if len(files) > 1:
            raise UsageError(
                f"`{name}` is defined in {listed(files)}",
                remedy=f"say which one counts: name it, or list it as `files` under [tool.grader] in {SETTINGS}",
            )
    if not chosen:
        raise NothingToGradeError(
            f"no file here defines {listed(sorted(names))} of {asked.name}",
            remedy=f"write them, or list your files as `files` under [tool.grader] in {SETTINGS}",
        )
    return _with_imported(chosen, sources)


def _without_blank(begun: Mapping[str, frozenset[str]], written: AbstractSet[str]) -> list[str]:
    """Leave out files that are as they were handed out, where others define what they do: notebooks before modules."""
    chosen = dict(begun)
    for file in sorted(begun, key=lambda name: not name.lower().endswith(".ipynb")):
        others = {name for other, names in chosen.items() if other != file for name in names}
        if file not in written and begun[file] <= others:
            del chosen[file]
    return list(chosen)


def _is_written(defined: Mapping[str, str], names: Iterable[str], asked: Assignment) -> bool:
    """Whether any of what is asked is no longer as it was handed out."""
    handed_out = [_defined(source) for source in asked.template]
    return any(
        not _UNWRITTEN.fullmatch(defined[name]) and all(defined[name] != one.get(name) for one in handed_out)
        for name in names
    )


def _names_asked(asked: Assignment) -> frozenset[str]:
    """Return the functions and classes that students define."""
    functions = [spec for unit in asked.units for spec in unit.functions.values()]
    of_functions = {name for spec in functions for name in spec.uses or (spec.name.partition(".")[0],)}
    return frozenset(of_functions | {name for one in asked.experiments for name in one.uses})


def _defined(source: Source) -> dict[str, str]:
    """Return what a file defines at its top level, with the words of each definition."""
    text = "\n".join(f"{cell}\n" for cell in source.cells)
    return {match["name"]: " ".join(match["body"].split()) for match in _DEFINITION.finditer(text)}


def _with_imported(chosen: Iterable[str], sources: Sequence[Source]) -> frozenset[str]:
    """Add what files import, and the packages that they are in."""
    by_name = {source.name: source for source in sources}
    kept: set[str] = set()
    left = list(chosen)
    while left:
        file = left.pop()
        if file in kept:
            continue
        kept.add(file)
        modules = _imported(by_name[file])
        folders = [f"{above.as_posix()}/__init__.py" for above in Path(file).parents]
        left += [name for name in by_name if name in folders or _module(name) in modules]
    return frozenset(kept)


def _module(file: str) -> str:
    """Return the last word under which a file is imported: its stem, or its folder's name for `__init__.py`."""
    path = Path(file)
    return path.parent.name if path.stem == "__init__" else path.stem


def _imported(source: Source) -> set[str]:
    """Return every word of the imports of a file; that some are no modules does no harm."""
    statements = (match for cell in source.cells for match in _IMPORT.finditer(cell))
    words = (
        word
        for match in statements
        for word in re.findall(r"\w+", f"{match['package'] or ''} {match['names']}")
    )
    return set(words)
