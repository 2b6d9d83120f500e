"""Says what a pytest run grades: the files and folders that are named for it, and never those that are tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest
from msgspec import Struct

_MOST_LOOKED_AT = 2_000
"""Files of a folder that are looked at for tests; what has more is no hand-in."""


class Targets(Struct, frozen=True, kw_only=True):
    """What is graded in a run, and what of it the run comes to."""

    assignment: str
    """A shipped name, or the path of a folder."""
    lists: tuple[tuple[Path, ...], ...]
    """Absolute: what the settings list, and what was named on the command line."""
    reached: tuple[Path, ...]
    """Those of them under what pytest was called with, or has to be."""


def targets_of(config: pytest.Config) -> Targets:
    """Find what is to be graded, and have pytest go there where it was called without paths.

    Parameters
    ----------
    config : pytest.Config
        Of a run with `--grade` or the setting `grade`. Its `args` grow where `testpaths` leave out what is to be graded.

    Returns
    -------
    Targets

    Raises
    ------
    pytest.UsageError
        Where nothing could be graded although that was asked for: a green run would say more than it knows.
    """
    called_for: str = config.getoption("grade") or ""
    source = config.args_source
    named = [_path(config, text) for text in config.args]
    listed, lacking = _listed(config)
    own: list[Path] = []
    if called_for and source is pytest.Config.ArgsSource.ARGS:
        own = [one for one in dict.fromkeys(named) if one not in listed and _is_submission(config, one)]
    if source is pytest.Config.ArgsSource.TESTPATHS:
        beyond = [path for path in listed if not _is_under(path, named)]
        config.args.extend(str(path) for path in beyond)
        named += beyond
    reached = tuple(path for path in (*listed, *own) if _is_under(path, named))
    # Of a path that is not there pytest itself says so.
    if called_for and not reached and all(path.exists() for path in named):
        raise _nothing(called_for, config.args)
    runs_all = source is not pytest.Config.ArgsSource.ARGS and config.invocation_params.dir == config.rootpath
    if lacking and runs_all and not called_for:
        raise _lacking(lacking[0], config.rootpath)
    return Targets(
        assignment=called_for or _from_settings(config), lists=(tuple(listed), tuple(own)), reached=reached
    )


def _from_settings(config: pytest.Config) -> str:
    """Return the assignment of the settings; a folder is meant from the folder of the settings on."""
    name: str = config.getini("grade")
    folder = config.rootpath / name
    return str(folder) if (folder / "assignment.toml").is_file() else name


def _path(config: pytest.Config, argument: str) -> Path:
    """Return the path of an argument of pytest, without what selects among its tests."""
    text = argument.partition("[")[0].partition("::")[0]
    return _absolute(config.invocation_params.dir / text)


def _absolute(path: Path) -> Path:
    # As pytest does: links are left as they are.
    return Path(os.path.abspath(path))  # noqa: PTH100


def _is_under(path: Path, folders: list[Path]) -> bool:
    return any(path == folder or folder in path.parents for folder in folders)


def _listed(config: pytest.Config) -> tuple[list[Path], list[str]]:
    """Return what the settings list, and the entries that nothing is found for."""
    found: dict[Path, None] = {}
    lacking = []
    for pattern in config.getini("grade_files"):
        paths = list(_matching(config.rootpath, pattern))
        found.update(dict.fromkeys(paths))
        if not paths:
            lacking.append(pattern)
    return list(found), lacking


def _matching(root: Path, pattern: str) -> Iterator[Path]:
    literal = root / pattern
    if literal.exists():
        yield _absolute(literal)
        return
    try:
        yield from sorted(_absolute(path) for path in root.glob(pattern))
    except (ValueError, NotImplementedError) as error:
        raise pytest.UsageError(f"grader: grade_files: {pattern!r} is no pattern: {error}") from None


def _is_submission(config: pytest.Config, path: Path) -> bool:
    """Say whether something that was named beside `--grade` is work to be graded, and not tests to be run."""
    if not path.is_dir():
        return path.exists() and not _is_test(config, path.name)
    for count, name in enumerate(_names_below(path)):
        if count > _MOST_LOOKED_AT or _is_test(config, name):
            return False
    return True


def _names_below(folder: Path) -> Iterator[str]:
    for _, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and name != "__pycache__"]
        yield from files


def _is_test(config: pytest.Config, name: str) -> bool:
    patterns = config.getini("python_files")
    return name.endswith(".py") and (name == "conftest.py" or any(fnmatch(name, one) for one in patterns))


def _nothing(assignment: str, arguments: list[str]) -> pytest.UsageError:
    return pytest.UsageError(
        f"grader: there is nothing to grade for {assignment} in: {' '.join(arguments)}",
        "what to do: name a file, or a folder without tests in it; or list it as grade_files in the settings of pytest",
    )


def _lacking(pattern: str, root: Path) -> pytest.UsageError:
    return pytest.UsageError(
        f"grader: grade_files: there is no {pattern} in {root}",
        "what to do: save the work under this name, or change grade_files in the settings of pytest",
    )
