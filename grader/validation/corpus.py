"""The corpus of an assignment: submissions in `submissions/`, and what `expected.toml` says that each must get."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from grader.errors import AssignmentError
from grader.model import Grade
from grader.reports.result import result_document
from grader.validation.departures import DEFAULTS, completed, departures
from grader.validation.proof import Proof, counted, fails, holds, not_here
from grader.validation.rendering import unrendered
from grader.validation.tasks import CorpusResult

NAME = "corpus"
FOLDER = "submissions"
FILE = "expected.toml"
SKIPPED = ("__pycache__", ".ipynb_checkpoints")


def entries(folder: Path) -> Mapping[str, Mapping[str, Any]]:
    """Read what each submission of a corpus must get.

    Parameters
    ----------
    folder : Path
        Of the assignment.

    Returns
    -------
    mapping of str to mapping
        By path in the folder of submissions; empty where there is no corpus.

    Raises
    ------
    AssignmentError
        Where the file is no TOML.
    """
    file = folder / FOLDER / FILE
    if not file.is_file():
        return {}
    try:
        read = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise AssignmentError(f"{file}: {error}", remedy="correct the file at this place") from error
    defaults = read.pop(DEFAULTS, {})
    return {path: completed(entry, defaults) for path, entry in read.items()}


def on_disk(folder: Path) -> set[str]:
    """Return the submissions that are there: what stands in a folder named after a kind of outcome."""
    place = folder / FOLDER
    if not place.is_dir():
        return set()
    return {
        path.relative_to(place).as_posix()
        for kind in place.iterdir()
        if kind.is_dir() and kind.name not in SKIPPED
        for path in kind.iterdir()
        if path.name not in SKIPPED and not path.name.startswith(".")
    }


def judged(path: str, want: Mapping[str, Any], result: Grade) -> CorpusResult:
    """Hold a grade against what was worked out by hand, and render its reports.

    Parameters
    ----------
    path : str
    want : mapping
    result : Grade

    Returns
    -------
    CorpusResult
    """
    return CorpusResult(
        path=path,
        departures=list(departures(want, result_document(result))),
        problems=unrendered(result),
    )


def proof_of(folder: Path, results: Sequence[CorpusResult]) -> Proof:
    """Say whether every submission gets what it must.

    Parameters
    ----------
    folder : Path
        Of the assignment.
    results : sequence of CorpusResult

    Returns
    -------
    Proof
    """
    expected, there = entries(folder), on_disk(folder)
    if not expected and not there:
        return not_here(NAME, f"there is no {FOLDER}/{FILE}")
    details = [
        *(f"{path}: it is not in {FILE}" for path in sorted(there - expected.keys())),
        *(f"{path}: there is no such file" for path in sorted(expected.keys() - there)),
        *(f"{one.path}: {text}" for one in results for text in one.departures),
    ]
    departing = sum(bool(one.departures) for one in results)
    found = f"{counted(len(results), 'submission')} graded, {departing or 'none'} other than {FILE} says"
    if not details:
        return holds(NAME, found)
    remedy = f"work the entry out by hand again; then correct {FILE}, or the assignment"
    return fails(NAME, found, details, remedy=remedy)
