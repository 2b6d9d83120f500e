"""Opens what one student handed in, be it a file, a folder or an archive, as one listing with contents."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.submissions.files import check_regular, load, unreadable
from grader.submissions.finding import place_of
from grader.submissions.folder import list_folder
from grader.submissions.limits import Budget, UnusableError, source_limit
from grader.submissions.listing import Fetch, Listing, is_source, nothing_in
from grader.submissions.names import archive_suffix, distinct, quoted


@contextmanager
def open_submission(path: Path, budget: Budget) -> Iterator[tuple[Listing, Fetch]]:
    """Open what one student handed in, for the time of a `with` block.

    Parameters
    ----------
    path : Path
        A file, a folder or an archive. A folder without sources and with one archive in it is that archive.
    budget : Budget
        Pays for every byte read.

    Yields
    ------
    listing : Listing
        At least one source, and what is beside.
    fetch : callable
        Gives each source once.

    Raises
    ------
    UnusableError
        If it is none of these, holds no source, or cannot be used.
    """
    name = name_of(path)
    try:
        status = path.lstat()
    except OSError as error:
        raise unreadable(name, error) from error
    if stat.S_ISDIR(status.st_mode):
        with _open_folder(path, name, budget) as opened_folder:
            yield opened_folder
        return
    check_regular(status, name)
    if archive_suffix(name):
        with _open_archive(path, name, budget) as opened_archive:
            yield opened_archive
    elif is_source(name):
        only = Listing(sources=(name,), others=(), archives=(), links=(), modified=status.st_mtime)
        yield only, lambda _, shown: _loaded(path, shown, budget)
    else:
        raise _other_kind(name)


@contextmanager
def _open_folder(path: Path, name: str, budget: Budget) -> Iterator[tuple[Listing, Fetch]]:
    listing = list_folder(path, name)
    if listing.sources:
        yield listing, lambda source, shown: _loaded(path / source, shown, budget)
    elif len(listing.archives) == 1:
        # As learning platforms unpack a class: a folder per student, in it what the student sent.
        (inside,) = listing.archives
        with _open_archive(path / inside, source_name(inside), budget) as opened_archive:
            yield opened_archive
    else:
        raise nothing_in(name, listing)


@contextmanager
def _open_archive(path: Path, name: str, budget: Budget) -> Iterator[tuple[Listing, Fetch]]:
    # Most submissions are no archives, and importing the readers of archives takes as long as reading fifty files.
    from grader.submissions.archive import open_archive  # noqa: PLC0415

    with open_archive(path, name, budget) as (listing, fetch):
        if not listing.sources:
            raise nothing_in(name, listing)
        yield listing, fetch


def _loaded(path: Path, shown: str, budget: Budget) -> bytes:
    data = load(path, shown, limit=source_limit(path.name))
    budget.spend_bytes(len(data))
    return data


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
