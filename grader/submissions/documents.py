"""Reads what is written for people: text files, and texts within bounds; what cannot be read is named, never refused.

A text beside code must not make the code unreadable, nor may a data set of text files.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from msgspec import Struct

from grader.model import Document
from grader.submissions.limits import DOCUMENT_SUFFIXES, MAX_DOCUMENTS, MAX_DOCUMENTS_TEXT, UnusableError
from grader.submissions.listing import Fetch
from grader.submissions.text import decode

PASTED = "[a pasted picture]"

# As Jupyter's and other editors' "paste" writes it: 64 characters are shorter than any picture.
_PASTED_PICTURE = re.compile(r"data:image/[\w.+-]{1,20};base64,[A-Za-z0-9+/=]{64,}+")


class Texts(Struct, frozen=True, kw_only=True):
    """What became of the text files of a submission."""

    documents: tuple[Document, ...] = ()
    digests: tuple[tuple[str, bytes], ...] = ()
    """Name and SHA-256 of each file that was read."""
    unread: tuple[str, ...] = ()
    """Names of those that were not."""


def read_documents(names: Mapping[str, str], fetch: Fetch) -> Texts:
    """Read text files.

    Parameters
    ----------
    names : mapping of str to str
        Path in the listing to name in messages.
    fetch : callable
        Gives the bytes of a file, as long as there is room for texts.

    Returns
    -------
    Texts
        Markdown first and plain text last, those in few folders before those in many. Unread are files that are no
        text or too large, and those beyond `MAX_DOCUMENTS`.
    """
    in_order = sorted(names, key=_order)
    documents = []
    digests = []
    unread = [names[path] for path in in_order[MAX_DOCUMENTS:]]
    for path in in_order[:MAX_DOCUMENTS]:
        name = names[path]
        try:
            data = fetch(path, name)
            text, notes = decode(name, data, cookie=False)
        except UnusableError:
            unread.append(name)
            continue
        documents.append(Document(name=name, text=without_pictures(text), notes=notes))
        digests.append((name, hashlib.sha256(data).digest()))
    return Texts(documents=tuple(documents), digests=tuple(digests), unread=tuple(unread))


def _order(path: str) -> tuple[int, int, str]:
    return DOCUMENT_SUFFIXES.index(PurePosixPath(path).suffix.lower()), path.count("/"), path


def without_pictures(text: str) -> str:
    """Return the text with a word in the place of each picture that is pasted into it.

    Parameters
    ----------
    text : str
        Markdown or HTML.

    Returns
    -------
    str
        Without the megabytes that nobody can read.
    """
    return _PASTED_PICTURE.sub(PASTED, text) if ";base64," in text else text


def bounded(documents: Iterable[Document]) -> tuple[tuple[Document, ...], tuple[str, ...]]:
    """Keep documents as long as there is room for them.

    Parameters
    ----------
    documents : iterable of Document
        The more important ones first.

    Returns
    -------
    kept : tuple of Document
        No more than `MAX_DOCUMENTS_TEXT` characters in all.
    unread : tuple of str
        Names of the files of which something is not kept, each once.
    """
    left = MAX_DOCUMENTS_TEXT
    kept = []
    unread: dict[str, None] = {}
    for document in documents:
        if len(document.text) > left:
            unread[document.name] = None
            continue
        left -= len(document.text)
        kept.append(document)
    return tuple(kept), tuple(unread)
