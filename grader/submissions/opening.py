"""Opens what one student handed in, be it a file, a folder or an archive, as one listing with contents."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace

from grader.submissions.files import check_regular, load, unreadable
from grader.submissions.finding import place_of
from grader.submissions.folder import list_folder
from grader.submissions.found import Upload
from grader.submissions.limits import Budget, UnusableError, is_document
from grader.submissions.listing import Fetch, Gathering, Listing, is_source, nothing_in
from grader.submissions.names import archive_suffix, distinct, quoted


@contextmanager
def open_submission(path: Path, name: str, budget: Budget) -> Iterator[tuple[Listing, Fetch]]:
    """Open what one student handed in, for the time of a `with` block.

    Parameters
    ----------
    path : Path
        A file, a folder or an archive. A folder without sources and with one archive in it is that archive; a text
        beside it is named, and not read.
    name : str
        Its name as `name_of` gives it.
    budget : Budget
        Pays for every byte read.

    Yields
    ------
    listing : Listing
        At least one source, text or file that may hold an answer and is not read, and what is beside.
    fetch : callable
        Gives each source and text once.

    Raises
    ------
    UnusableError
        If it is none of these, holds nothing that anybody could read, or cannot be used.
    """
    try:
        status = path.lstat()
    except OSError as error:
        raise unreadable(name, error) from error
    if stat.S_ISDIR(status.st_mode):
        listing = list_folder(path, name)
        with _open_listing(listing, lambda inside: path / inside, name, budget) as opened_folder:
            yield opened_folder
        return
    check_regular(status, name)
    if archive_suffix(name):
        with _open_archive(path, name, budget) as opened_archive:
            yield opened_archive
    elif is_source(name) or is_document(name):
        yield _only(name, status.st_mtime), lambda _, shown: _loaded(path, shown, budget)
    else:
        raise _other_kind(name)


def _only(name: str, modified: float) -> Listing:
    sources, documents = ((name,), ()) if is_source(name) else ((), (name,))
    return Listing(sources=sources, documents=documents, others=(), archives=(), links=(), modified=modified)


@contextmanager
def open_uploads(uploads: Sequence[Upload], name: str, budget: Budget) -> Iterator[tuple[Listing, Fetch]]:
    """Open files that lie among those of others, as if they lay in a folder of their own.

    Parameters
    ----------
    uploads : sequence of Upload
        At least one.
    name : str
        What they are called together in messages.
    budget : Budget
        Pays for every byte read.

    Yields
    ------
    listing : Listing
        As of a folder.
    fetch : callable
        Gives each source and text once.

    Raises
    ------
    UnusableError
        If they hold nothing that anybody could read, or cannot be used.
    """
    gathering = Gathering(name=name)
    places = {}
    for upload in uploads:
        gathering.count_entry()
        try:
            status = upload.path.lstat()
        except OSError as error:
            raise unreadable(upload.name, error) from error
        if stat.S_ISREG(status.st_mode):
            gathering.add_file(upload.name, status.st_mtime)
        else:
            gathering.add_link(upload.name)
        places[upload.name] = upload.path
    with _open_listing(gathering.listing(), places.__getitem__, name, budget) as opened_files:
        yield opened_files


@contextmanager
def _open_listing(
    listing: Listing, place: Callable[[str], Path], name: str, budget: Budget
) -> Iterator[tuple[Listing, Fetch]]:
    if listing.sources:
        yield listing, lambda source, shown: _loaded(place(source), shown, budget)
    elif len(listing.archives) == 1:
        # As learning platforms unpack a class: a folder per student, in it what the student sent.
        (inside,) = listing.archives
        with _open_archive(place(inside), source_name(inside), budget) as (packed, fetch):
            beside = (*packed.others, *listing.documents, *listing.others)
            yield replace(packed, others=beside), fetch
    elif listing.documents or listing.unread:
        yield listing, lambda document, shown: _loaded(place(document), shown, budget)
    else:
        raise nothing_in(name, listing)


@contextmanager
def _open_archive(path: Path, name: str, budget: Budget) -> Iterator[tuple[Listing, Fetch]]:
    # Most submissions are no archives, and importing the readers of archives takes as long as reading fifty files.
    from grader.submissions.archive import open_archive  # noqa: PLC0415

    with open_archive(path, name, budget) as (listing, fetch):
        if not (listing.sources or listing.documents or listing.unread):
            raise nothing_in(name, listing)
        yield listing, fetch


def _loaded(path: Path, shown: str, budget: Budget) -> bytes:
    data = load(path, shown, limit=budget.limit_of(path.name))
    budget.spend_bytes(path.name, len(data))
    return data


def without_code(name: str, listing: Listing) -> UnusableError:
    """Return the error for a submission that holds texts and no code.

    Parameters
    ----------
    name : str
        Its name in messages.
    listing : Listing
        What is in it.

    Returns
    -------
    UnusableError
        Says what could be graded.
    """
    if is_document(name) and listing.documents == (name,):
        return _other_kind(name)
    return nothing_in(name, listing)


def name_of(path: Path) -> str:
    """Return the name of a submission in messages.

    Parameters
    ----------
    path : Path
        Where it is.

    Returns
    -------
    str
        Fit for display.
    """
    return distinct(place_of(path).name or "submission")


def source_name(path: str) -> str:
    """Return the name of a source.

    Parameters
    ----------
    path : str
        Inside the submission, with `/`.

    Returns
    -------
    str
        Fit for display; different for different paths.
    """
    return "/".join(distinct(part) for part in path.split("/"))


def _other_kind(name: str) -> UnusableError:
    suffix = Path(name).suffix
    kind = f"is a {quoted(suffix)} file" if suffix else "has no suffix"
    return UnusableError(
        f"{quoted(name)} {kind}; read are a `.py` file, an `.ipynb` notebook, or a folder or `.zip` with them."
    )
