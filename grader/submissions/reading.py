"""Reads one found submission into a `Submission`; whatever is wrong with it becomes a sentence, never an exception."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from grader.model import Document, Source, Submission
from grader.submissions.documents import Texts, bounded, read_documents
from grader.submissions.files import is_regular, opened
from grader.submissions.found import Found
from grader.submissions.limits import MAX_ARCHIVE_BYTES, Budget, OverBudgetError, UnusableError
from grader.submissions.listing import Fetch, Listing, left_out, without_wrapper
from grader.submissions.live_check import without_live_check
from grader.submissions.module import read_module
from grader.submissions.names import archive_suffix, display, listed, quoted, shown
from grader.submissions.notebook import read_notebook
from grader.submissions.opening import name_of, open_submission, open_uploads, source_name, without_code
from grader.submissions.outputs import count_values, without_outputs

_ABSENT = hashlib.sha256(b"absent").hexdigest()
"""In the place of the digest of what was not handed in."""
_UNREAD = b"unread"
"""In the place of a digest; no digest is as short."""


class _Piece(Struct, frozen=True, kw_only=True):
    """What became of one file."""

    name: str
    digest: bytes
    """SHA-256 of the file's bytes, or of the problem where there are none."""
    source: Source | None = None
    documents: tuple[Document, ...] = ()
    """Markdown cells."""
    notes: tuple[str, ...] = ()
    problem: str | None = None


class _Contents(Struct, frozen=True, kw_only=True):
    """What was read of a submission."""

    pieces: tuple[_Piece, ...] = ()
    documents: tuple[Document, ...] = ()
    files: tuple[tuple[str, bytes], ...] = ()
    """Name and digest of every file that was read."""
    unread: tuple[str, ...] = ()


def read(found: Found) -> Submission:
    """Return what one student handed in, read but not run.

    Parameters
    ----------
    found : Found
        As `find` or `resolve_conflicts` returns it.

    Returns
    -------
    Submission
        With `problem` where no code of it can be used: one sentence with what, where and what to do. In a folder one
        unusable file is left out with a note, as long as another holds code; a text beside code is never a problem.
        With `conflict`, all files and neither sources nor documents where a person must choose among several.
        `sha256` is over the names and contents of the Python files, notebooks and texts, over the names of what may
        hold an answer and is not read, and over the whole of an archive that is refused; data files do not count.
    """
    if found.is_absent:
        return Submission(student=found.student, path=found.place, files=(), sha256=_ABSENT, is_absent=True)
    if found.conflict is not None:
        return _conflicting(found)
    notes = (*found.notes, *_not_read(found.beside))
    contents = _Contents()
    problem = found.problem
    name = _name_of(found)
    budget = Budget(name=quoted(name))
    try:
        with _opened(found, name, budget) as (listing, fetch):
            notes = (*notes, *left_out(listing))
            contents = _read_all(listing, fetch, budget)
            problem = problem or (None if listing.sources else str(without_code(name, listing)))
    except UnusableError as error:
        problem = problem or str(error)
    pieces = contents.pieces
    unusable = [piece.problem for piece in pieces if piece.problem]
    if unusable and not any(_holds_code(piece) for piece in pieces):
        problem = problem or unusable[0]
    elif unusable:
        notes = (*notes, *(f"Left out: {sentence}" for sentence in unusable))
    files, sha256 = _files_and_digest(found.path, name, contents, problem)
    return Submission(
        student=found.student,
        path=found.place,
        files=files,
        sha256=sha256,
        sources=() if problem else tuple(piece.source for piece in pieces if piece.source),
        documents=() if found.problem else contents.documents,
        unread=(*(contents.unread or (() if contents.files else files)), *found.beside),
        problem=problem,
        notes=(*notes, *(note for piece in pieces for note in piece.notes)),
    )


def _name_of(found: Found) -> str:
    if found.uploads and found.origin is not None:
        return shown(found.origin.folder)
    return name_of(found.path)


def _opened(found: Found, name: str, budget: Budget) -> AbstractContextManager[tuple[Listing, Fetch]]:
    if found.uploads:
        return open_uploads(found.uploads, name, budget)
    return open_submission(found.path, name, budget)


def _not_read(beside: Sequence[str]) -> tuple[str, ...]:
    return (f"Handed in as well, and not read: {listed(beside)}.",) if beside else ()


def _files_and_digest(
    path: Path, name: str, contents: _Contents, problem: str | None
) -> tuple[tuple[str, ...], str]:
    files = dict(contents.files)
    unread = [(name, _UNREAD) for name in contents.unread if name not in files]
    if files:
        return tuple(files), _sha256([*contents.files, *unread])
    names = contents.unread or ((name,) if is_regular(path) else ())
    return names, _sha256([(name, _digest_of_unread(path, problem)), *unread])


def _holds_code(piece: _Piece) -> bool:
    """Whether there is any text to run: an empty `__init__.py` alone is no work."""
    return piece.source is not None and any(cell.strip() for cell in piece.source.cells)


def _conflicting(found: Found) -> Submission:
    several = (replace(found, others=(), conflict=None), *found.others)
    each = [read(one) for one in several]
    return Submission(
        student=found.student,
        path=found.place,
        files=tuple(
            name
            for one, submission in zip(several, each, strict=True)
            for name in (submission.files if found.is_of_several else _files_by_path(one, submission))
        ),
        sha256=_sha256((one.path, bytes.fromhex(one.sha256)) for one in each),
        conflict=found.conflict,
        notes=found.notes,
    )


def _files_by_path(found: Found, submission: Submission) -> list[str]:
    """Return the files as a person finds them from where the command was given."""
    if found.uploads:
        folder = Path(submission.path).parent
        return [display(str(folder / upload.path.name)) for upload in found.uploads]
    if found.path.is_symlink() or not found.path.is_dir() or not submission.files:
        return [submission.path]
    return [f"{submission.path}/{name}" for name in submission.files]


def _read_all(listing: Listing, fetch: Fetch, budget: Budget) -> _Contents:
    """Read every file, also after a problem, so that the digest tells any two contents apart."""
    names = _names(listing)
    pieces = tuple(_read_file(path, names[path], fetch, budget) for path in listing.sources)
    texts = (
        read_documents({path: names[path] for path in listing.documents}, fetch)
        if listing.documents
        else Texts()
    )
    cells = (cell for piece in pieces for cell in piece.documents)
    documents, too_much = bounded((*cells, *texts.documents))
    unusable = (piece.name for piece in pieces if piece.problem)
    of_another_kind = (source_name(path) for path in listing.unread)
    return _Contents(
        pieces=pieces,
        documents=documents,
        files=(*((piece.name, piece.digest) for piece in pieces), *texts.digests),
        unread=tuple(dict.fromkeys((*unusable, *too_much, *texts.unread, *of_another_kind))),
    )


def _names(listing: Listing) -> dict[str, str]:
    """Return the name of each source and text by its path, without the folders that wrap the sources."""
    sources = listing.sources or listing.documents
    wrapper = sources[0][: without_wrapper(sources)] if sources else ""
    # A text outside the wrapper keeps its path, and keeps others from coming to the same name.
    outside = {path for path in listing.documents if not path.startswith(wrapper)}
    names = {}
    for path in (*listing.sources, *listing.documents):
        short = path.removeprefix(wrapper)
        names[path] = source_name(path if short in outside else short)
    return names


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
        documents: tuple[Document, ...] = ()
        if is_notebook:
            source, documents, notes = read_notebook(name, data)
        else:
            source, notes = read_module(name, data)
        source = without_live_check(source)
    except OverBudgetError:
        raise
    except UnusableError as error:
        return _Piece(name=name, digest=digest or _digest_of_problem(str(error)), problem=str(error))
    return _Piece(name=name, digest=digest, source=source, documents=documents, notes=notes)


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
