"""Tells what a student wrote from what was handed out: files that lie untouched beside the work are no second answer.

A hand-out has everything twice, as a module and as a notebook, and its task speaks of what is asked. Who hands in the whole
folder must not lose by it, nor gain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from grader.model import Document, Source, Submission

_DEFINITION = re.compile(r"^(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE)


class Given(Struct, frozen=True, kw_only=True):
    """What was handed out, as far as marking must know it."""

    documents: tuple[Document, ...]
    """All texts: no line of them is an answer."""
    pages: frozenset[str]
    """Texts that nobody writes in, as `plain` has them."""
    texts: frozenset[str]
    """All texts, as `plain` has them."""
    cells: frozenset[str]
    """The code of modules and of cells, as `plain` has it."""
    names: frozenset[str]
    """The functions and classes in it."""
    tools: frozenset[str]
    """Code for students to run and not to hand in, as `plain` has it."""


def plain(text: str) -> str:
    """Return a text without what an editor changes in it: white space at the ends of lines and of the text."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def given_of(
    documents: Iterable[Document],
    pages: Iterable[Document],
    sources: Iterable[Source],
    tools: Iterable[str],
) -> Given:
    """Return what was handed out.

    Parameters
    ----------
    documents : iterable of Document
        All texts.
    pages : iterable of Document
        Those that nobody writes in.
    sources : iterable of Source
        Modules and notebooks.
    tools : iterable of str
        Code that students run and do not hand in.

    Returns
    -------
    Given
    """
    kept = tuple(documents)
    cells = [cell for source in sources for cell in source.cells]
    return Given(
        documents=kept,
        pages=frozenset(plain(one.text) for one in pages),
        texts=frozenset(plain(one.text) for one in kept),
        cells=frozenset(plain(cell) for cell in cells if cell.strip()),
        names=_names(cells),
        tools=frozenset(map(plain, tools)),
    )


def without_unchanged(submission: Submission, given: Given) -> Submission:
    """Return a submission without what lies in it as it was handed out, where something else of it stands in its place.

    Parameters
    ----------
    submission : Submission
    given : Given

    Returns
    -------
    Submission
        Without the pages of the hand-out; without an untouched notebook beside modules, and without untouched modules beside a
        notebook that was written in and imports none of them. Where both were written in, each name counts where it
        was written.
    """
    documents = tuple(one for one in submission.documents if plain(one.text) not in given.pages)
    own = tuple(one for one in submission.sources if plain("\n".join(one.cells)) not in given.tools)
    return replace(
        submission, documents=documents, sources=_sources(own, given) if own else submission.sources
    )


def changed_texts(documents: Iterable[Document], given: Given) -> tuple[Document, ...]:
    """Return the texts without files that are as they were handed out; an untouched cell may be the heading of the next."""
    return tuple(one for one in documents if one.cell is not None or plain(one.text) not in given.texts)


def _sources(sources: tuple[Source, ...], given: Given) -> tuple[Source, ...]:
    modules = [source for source in sources if not source.is_notebook]
    notebooks = [source for source in sources if source.is_notebook]
    if not modules or not notebooks:
        return sources
    in_modules = _written_names(modules, given)
    in_notebooks = _written_names(notebooks, given)
    if in_notebooks and not in_modules:
        code = "\n".join(cell for source in notebooks for cell in source.cells)
        return tuple(
            source
            for source in sources
            if source.is_notebook or not _is_untouched(source, given) or _is_imported(source, code)
        )
    left_out = _names(cell for source in modules for cell in source.cells) - in_notebooks
    return tuple(_without(source, left_out, given) if source.is_notebook else source for source in sources)


def _names(cells: Iterable[str]) -> frozenset[str]:
    return frozenset(name for cell in cells for name in _DEFINITION.findall(cell))


def _written_names(sources: Iterable[Source], given: Given) -> frozenset[str]:
    """Return which functions and classes of the hand-out stand in code that was changed."""
    changed = (cell for source in sources for cell in source.cells if plain(cell) not in given.cells)
    return _names(changed) & given.names


def _is_untouched(source: Source, given: Given) -> bool:
    return all(plain(cell) in given.cells for cell in source.cells if cell.strip())


def _is_imported(source: Source, code: str) -> bool:
    """Whether code imports a module, or anything of the package it is in."""
    top = source.name.split("/")[0].removesuffix(".py")
    return re.search(rf"^[ \t]*(?:from|import)[ \t]+{re.escape(top)}\b", code, re.MULTILINE) is not None


def _without(notebook: Source, names: frozenset[str], given: Given) -> Source:
    """Return a notebook without untouched cells that define some names."""
    cells = tuple(
        "" if plain(cell) in given.cells and _names([cell]) & names else cell for cell in notebook.cells
    )
    return replace(notebook, cells=cells)
