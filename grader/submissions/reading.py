"""Reads one found submission into a `Submission`; whatever is wrong with it becomes a sentence, never an exception."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.model import Source, Submission
from grader.submissions.files import is_regular, opened
from grader.submissions.finding import Found
from grader.submissions.limits import MAX_ARCHIVE_BYTES, Budget, OverBudgetError, UnusableError
from grader.submissions.listing import Fetch, left_out, without_wrapper
from grader.submissions.module import read_module
from grader.submissions.names import archive_suffix, display, quoted
from grader.submissions.notebook import read_notebook
from grader.submissions.opening import name_of, open_submission, source_name
from grader.submissions.outputs import count_values, without_outputs


@dataclass(frozen=True, kw_only=True, slots=True)
class _Piece:
    """What became of one file."""

    name: str
    digest: bytes
    """SHA-256 of the file's bytes, or of the problem where there are none."""
    source: Source | None = None
    notes: tuple[str, ...] = ()
    problem: str | None = None


def read(found: Found) -> Submission:
    """Return what one student handed in, read but not run.

    Parameters
    ----------
    found : Found
        As `find` or `resolve_conflicts` returns it.

    Returns
    -------
    Submission
        With `problem` where it cannot be used: one sentence with what, where and what to do. In a folder one
        unusable file is left out with a note, as long as another holds code. With `conflict`, all files and no
        sources where a person must choose among several. `sha256` is over the names and contents of the Python files
        and notebooks, and over the whole of an archive that is refused; data files are never read and do not count.
    """
    if found.conflict is not None:
        return _conflicting(found)
    notes = found.notes
    pieces: list[_Piece] = []
    problem = found.problem
    budget = Budget(name=quoted(name_of(found.path)))
    try:
        with open_submission(found.path, budget) as (listing, fetch):
            notes = (*notes, *left_out(listing))
            pieces = _read_all(listing.sources, fetch, budget)
    except UnusableError as error:
        problem = problem or str(error)
    unusable = [piece.problem for piece in pieces if piece.problem]
    if unusable and not any(_holds_code(piece) for piece in pieces):
        problem = problem or unusable[0]
    elif unusable:
        notes = (*notes, *(f"Left out: {sentence}" for sentence in unusable))
    contents = [(piece.name, piece.digest) for piece in pieces]
    files = tuple(name for name, _ in contents)
    if not contents:
        name = name_of(found.path)
        contents = [(name, _digest_of_unread(found.path, problem))]
        files = (name,) if is_regular(found.path) else ()
    return Submission(
        student=found.student,
        path=display(str(found.path)),
        files=files,
        sha256=_sha256(contents),
        sources=() if problem else tuple(piece.source for piece in pieces if piece.source),
        problem=problem,
        notes=(*notes, *(note for piece in pieces for note in piece.notes)),
    )


def _holds_code(piece: _Piece) -> bool:
    """Whether there is any text to run: an empty `__init__.py` alone is no work."""
    return piece.source is not None and any(cell.strip() for cell in piece.source.cells)


def _conflicting(found: Found) -> Submission:
    paths = (found.path, *found.others)
    each = [read(Found(student=found.student, path=path, modified=found.modified)) for path in paths]
    return Submission(
        student=found.student,
        path=display(str(found.path)),
        files=tuple(
            name for path, one in zip(paths, each, strict=True) for name in _files_by_path(path, one)
        ),
        sha256=_sha256((one.path, bytes.fromhex(one.sha256)) for one in each),
        conflict=found.conflict,
        notes=found.notes,
    )


def _files_by_path(path: Path, submission: Submission) -> list[str]:
    """Return the files as a person finds them from where the command was given."""
    if path.is_symlink() or not path.is_dir() or not submission.files:
        return [submission.path]
    return [f"{submission.path}/{name}" for name in submission.files]


def _read_all(paths: Sequence[str], fetch: Fetch, budget: Budget) -> list[_Piece]:
    """Read every file, also after a problem, so that the digest tells any two contents apart."""
    start = without_wrapper(paths)
    return [_read_file(path, source_name(path[start:]), fetch, budget) for path in paths]


def _read_file(path: str, name: str, fetch: Fetch, budget: Budget) -> _Piece:
    digest = None
    try:
        data = fetch(path, name)
        digest = hashlib.sha256(data).digest()
        is_notebook = name.lower().endswith(".ipynb")
        if is_notebook:
            budget.spend_values(count_values(data))
            data = without_outputs(name, data)  # nothing else holds the outputs: here they are gone
        budget.spend_text(len(data))
        source, notes = read_notebook(name, data) if is_notebook else read_module(name, data)
    except OverBudgetError:
        raise
    except UnusableError as error:
        return _Piece(name=name, digest=digest or _digest_of_problem(str(error)), problem=str(error))
    return _Piece(name=name, digest=digest, source=source, notes=notes)


def _digest_of_problem(problem: str | None) -> bytes:
    return hashlib.sha256((problem or "").encode()).digest()


def _digest_of_unread(path: Path, problem: str | None) -> bytes:
    """Return a digest that changes when an archive that is refused is handed in anew."""
    if not archive_suffix(path.name):
        return _digest_of_problem(problem)
    try:
        with (
            opened(path, path.name, limit=MAX_ARCHIVE_BYTES) as (descriptor, _),
            os.fdopen(descriptor, "rb", closefd=False) as file,
        ):
            return hashlib.file_digest(file, "sha256").digest()
    except UnusableError:
        return _digest_of_problem(problem)


def _sha256(contents: Iterable[tuple[str, bytes]]) -> str:
    """Return the digest over sorted names and contents; lengths keep `a` + `bc` apart from `ab` + `c`."""
    total = hashlib.sha256()
    for name, digest in sorted(contents):
        encoded = name.encode()
        total.update(len(encoded).to_bytes(8, "big") + encoded + digest)
    return total.hexdigest()
