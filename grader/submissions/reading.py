"""Reads one found submission into a `Submission`; whatever is wrong with it becomes a sentence, never an exception."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.model import Source, Submission
from grader.submissions.files import MIB, UnusableError, check_regular, load, too_large, unreadable
from grader.submissions.finding import Found, place_of
from grader.submissions.folder import list_folder, nothing_in, without_wrapper
from grader.submissions.module import read_module
from grader.submissions.names import display, distinct, listed, quoted
from grader.submissions.notebook import read_notebook

MAX_MODULE_BYTES = 8 * MIB
MAX_NOTEBOOK_BYTES = 64 * MIB
MAX_TEXT = 32 * MIB
"""Characters of code in one submission."""
MAX_BYTES = 128 * MIB
"""Bytes read of one submission, outputs of notebooks included."""

_ARCHIVES = frozenset({".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz"})


@dataclass(frozen=True, kw_only=True, slots=True)
class _Piece:
    """What became of one file."""

    name: str
    digest: bytes
    """SHA-256 of the file's bytes, or of the problem where there are none."""
    size: int = 0
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
        and notebooks; data files in a folder are never read and do not count.
    """
    if found.conflict is not None:
        return _conflicting(found)
    notes = found.notes
    pieces: list[_Piece] = []
    problem = found.problem
    try:
        files, skipped = _files_of(found.path)
        notes = (*notes, *skipped)
        pieces = _read_all(files, _name_of(found.path))
    except UnusableError as error:
        problem = problem or str(error)
    unusable = [piece.problem for piece in pieces if piece.problem]
    if unusable and not any(_holds_code(piece) for piece in pieces):
        problem = problem or unusable[0]
    elif unusable:
        notes = (*notes, *(f"Left out: {sentence}" for sentence in unusable))
    contents = [(piece.name, piece.digest) for piece in pieces]
    if not contents:
        contents = [(_name_of(found.path), _digest_of_problem(problem))]
    return Submission(
        student=found.student,
        path=display(str(found.path)),
        files=tuple(piece.name for piece in pieces),
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


def _files_of(path: Path) -> tuple[list[tuple[str, Path]], tuple[str, ...]]:
    """Return name and path of each file to read, and notes on what is left out."""
    name = _name_of(path)
    try:
        status = path.lstat()
    except OSError as error:
        raise unreadable(name, error) from error
    if not stat.S_ISDIR(status.st_mode):
        check_regular(status, name)
        return [(name, path)], ()
    listing = list_folder(path, name)
    if not listing.sources:
        raise nothing_in(name, listing)
    start = without_wrapper(listing.sources)
    files = [(_source_name(source[start:]), path / source) for source in listing.sources]
    links = (f"Links are not followed; left out: {listed(listing.links)}.",) if listing.links else ()
    return files, links


def _read_all(files: Sequence[tuple[str, Path]], name: str) -> list[_Piece]:
    """Read every file, also after a problem, so that the digest tells any two contents apart."""
    pieces: list[_Piece] = []
    size = text = 0
    for file, path in files:
        piece = _read_file(file, path)
        pieces.append(piece)
        size += piece.size
        text += sum(map(len, piece.source.cells)) if piece.source else 0
        if text > MAX_TEXT:
            raise too_large(name, text, MAX_TEXT)
        if size > MAX_BYTES:
            raise too_large(name, size, MAX_BYTES)
    return pieces


def _read_file(name: str, path: Path) -> _Piece:
    data = None
    try:
        suffix = path.suffix.lower()
        if suffix == ".py":
            data = load(path, name, limit=MAX_MODULE_BYTES)
            source, notes = read_module(name, data)
        elif suffix == ".ipynb":
            data = load(path, name, limit=MAX_NOTEBOOK_BYTES)
            source, notes = read_notebook(name, data)
        else:
            raise _other_kind(name, suffix)
    except UnusableError as error:
        digest = _digest_of_problem(str(error)) if data is None else hashlib.sha256(data).digest()
        return _Piece(name=name, digest=digest, size=len(data or b""), problem=str(error))
    return _Piece(name=name, digest=hashlib.sha256(data).digest(), size=len(data), source=source, notes=notes)


def _other_kind(name: str, suffix: str) -> UnusableError:
    if suffix in _ARCHIVES:
        return UnusableError(
            f"{quoted(name)} is an archive; unpack it and hand in the folder or the files in it."
        )
    kind = f"is a {quoted(suffix)} file" if suffix else "has no suffix"
    return UnusableError(
        f"{quoted(name)} {kind}; read are a `.py` file, an `.ipynb` notebook, or a folder with them."
    )


def _name_of(path: Path) -> str:
    return distinct(place_of(path).name or "submission")


def _source_name(path: str) -> str:
    return "/".join(distinct(part) for part in path.split("/"))


def _digest_of_problem(problem: str | None) -> bytes:
    return hashlib.sha256((problem or "").encode()).digest()


def _sha256(contents: Iterable[tuple[str, bytes]]) -> str:
    """Return the digest over sorted names and contents; lengths keep `a` + `bc` apart from `ab` + `c`."""
    total = hashlib.sha256()
    for name, digest in sorted(contents):
        encoded = name.encode()
        total.update(len(encoded).to_bytes(8, "big") + encoded + digest)
    return total.hexdigest()
