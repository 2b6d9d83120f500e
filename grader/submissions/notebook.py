"""Reads the cells of a Jupyter notebook, code into a `Source` and text into documents; never executes or renders one.

Outputs may hold megabytes of pictures; `outputs.py` takes them out before. Format: the notebook file format of
nbformat (https://nbformat.readthedocs.io/en/latest/format_description.html), read as leniently as Jupyter does.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from grader.model import Document, Source
from grader.submissions.documents import without_pictures
from grader.submissions.limits import MAX_CELLS, UnusableError
from grader.submissions.names import REPLACEMENT, quoted
from grader.submissions.text import decode, unify_line_ends, without_surrogates

Json: TypeAlias = Any
"""What `json.loads` returns; checked before use."""

# An empty list takes 3 bytes of JSON and 60 of memory: the number of values is bounded besides the bytes.
MAX_CONTAINERS = 100_000
MAX_ITEMS = 300_000

CURRENT_FORMAT = 4
_TEXT_KEYS = {1: "code", 2: "input", 3: "input", 4: "source"}
"""Where each major format keeps the text of a code cell."""
_TEXT_CELLS = frozenset({"markdown", "raw", "text", "html", "heading"})
"""What people write in; the last three were given up with formats 1, 2 and 3."""


def read_notebook(name: str, data: bytes) -> tuple[Source, tuple[Document, ...], tuple[str, ...]]:
    """Return the code and the text of an `.ipynb` file, and notes on it.

    Parameters
    ----------
    name : str
        Path inside the submission, with `/`.
    data : bytes
        The file's content, best without outputs.

    Returns
    -------
    source : Source
        One text per code cell; empty ones stay, so that cell numbers are what the student sees.
    documents : tuple of Document
        One per Markdown cell (or other cell of text) with text in it; what is no text is passed over.
    notes : tuple of str
        A repaired encoding, an old format, an empty notebook.

    Raises
    ------
    UnusableError
        If it is no JSON, no notebook, or a notebook of another language than Python.
    """
    document, notes = _parsed(name, data)
    if document is None:
        empty = f"{quoted(name)} is empty."
        return Source(name=name, cells=(), is_notebook=True), (), (*notes, empty)
    version = _format(name, document)
    all_cells = _cells(name, document, version)
    cells, places = _code_cells(name, all_cells, version)
    _check_language(name, document, cells)
    texts = [cell["text"] for cell in cells]
    if version < CURRENT_FORMAT:
        texts = _upgraded(texts, version)
        notes = (*notes, f"{quoted(name)} is in notebook format {version}; it was upgraded.")
    if not any(text.strip() for text in texts):
        notes = (*notes, f"{quoted(name)} has no code in it.")
    source = Source(name=name, cells=tuple(texts), is_notebook=True, places=tuple(places))
    return source, tuple(_documents(name, all_cells)), notes


def _parsed(name: str, data: bytes) -> tuple[dict[str, Json] | None, tuple[str, ...]]:
    """Return the content, None of an empty file, and notes on its encoding; the text of it is kept no longer."""
    text, notes = decode(name, data, cookie=False)
    if not text or text.isspace():
        return None, notes
    if text.count("[") + text.count("{") > MAX_CONTAINERS or text.count(",") > MAX_ITEMS:
        raise UnusableError(
            f"{quoted(name)} holds too many values; clear its outputs, save it and hand it in again."
        )
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise UnusableError(
            f"{quoted(name)} is a broken notebook: no valid JSON at line {error.lineno}, column {error.colno} "
            f"({error.msg}); open and save it in Jupyter, or download it again."
        ) from error
    except RecursionError as error:
        raise UnusableError(f"{quoted(name)} is nested too deeply to be a notebook.") from error
    except ValueError as error:  # an integer of thousands of digits
        raise UnusableError(
            f"{quoted(name)} holds a number that is too long; clear its outputs, save it and hand it in again."
        ) from error
    if not isinstance(document, dict):
        raise _no_notebook(name)
    return document, notes


def _format(name: str, document: Mapping[str, Json]) -> int:
    """Return the major format, by what is there rather than by what is claimed."""
    claimed = document.get("nbformat")
    if isinstance(document.get("cells"), list):
        return 1 if claimed == 1 else CURRENT_FORMAT
    if isinstance(document.get("worksheets"), list):
        return 2 if claimed == 2 else 3  # noqa: PLR2004 -- the formats with worksheets
    raise _no_notebook(name)


def _cells(name: str, document: Mapping[str, Json], version: int) -> list[Json]:
    """Return all cells, of whatever kind, in their order."""
    sheets = document["worksheets"] if version in (2, 3) else [document]
    cells: list[Json] = []
    for sheet in sheets:
        found = sheet.get("cells", []) if isinstance(sheet, dict) else None
        if not isinstance(found, list):
            raise _no_notebook(name)
        cells.extend(found)
    if len(cells) > MAX_CELLS:
        raise UnusableError(
            f"{quoted(name)} holds more than {MAX_CELLS:,} cells; hand in only what is asked for."
        )
    return cells


def _code_cells(name: str, cells: Sequence[Json], version: int) -> tuple[list[dict[str, str]], list[int]]:
    """Return `text` and `language` of every code cell, and its number among all cells, from 1."""
    lean = []
    places = []
    for number, cell in enumerate(cells, start=1):
        if not isinstance(cell, dict):
            raise _bad_cell(name, number)
        if cell.get("cell_type") == "code":
            text = _joined(cell.get(_TEXT_KEYS[version]), name, number)
            language = cell.get("language")
            lean.append({"text": text, "language": language if isinstance(language, str) else ""})
            places.append(number)
    return lean, places


def _documents(name: str, cells: Sequence[Mapping[str, Json]]) -> Iterator[Document]:
    """Yield the cells of text. What is wrong with one of them must not make the code beside it unreadable."""
    for number, cell in enumerate(cells, start=1):
        kind = cell.get("cell_type")
        value = cell.get("source", cell.get("text"))  # the latter in format 1
        parts = value if isinstance(value, list) else [value]
        if not isinstance(kind, str) or kind not in _TEXT_CELLS:
            continue
        if not all(isinstance(part, str) for part in parts):
            continue
        text = without_surrogates(unify_line_ends("".join(parts))).replace("\0", REPLACEMENT)
        if kind == "heading":
            text = f"{'#' * _level(cell.get('level'))} {text}"
        if text.strip():
            yield Document(name=name, text=without_pictures(text), cell=number)


def _level(value: Json) -> int:
    return value if isinstance(value, int) and 1 <= value <= 6 else 1  # noqa: PLR2004 -- levels of Markdown


def _joined(value: Json, name: str, number: int) -> str:
    """Return the text of a cell, which the format allows as one string or as a list of lines."""
    if value is None:
        return ""
    parts = value if isinstance(value, list) else [value]
    if not all(isinstance(part, str) for part in parts):
        raise _bad_cell(name, number)
    text = without_surrogates(unify_line_ends("".join(parts)))
    if "\0" in text:
        raise UnusableError(
            f"Cell {number} of {quoted(name)} holds NUL characters; remove them and hand it in again."
        )
    return text


def _check_language(name: str, document: Mapping[str, Json], cells: Sequence[Mapping[str, str]]) -> None:
    """Refuse a notebook that names another language and nowhere Python."""
    metadata = _mapping(document.get("metadata"))
    named = [
        _mapping(metadata.get("language_info")).get("name"),
        _mapping(metadata.get("kernelspec")).get("language"),
        metadata.get("language"),  # IJulia and IRuby, formats 2 and 3
    ]
    languages = [language for language in named if isinstance(language, str) and language.strip()]
    # Cells of format 3 say `python` whatever the kernel was, so they count only where nothing else is said.
    languages = languages or [cell["language"] for cell in cells if cell["language"].strip()]
    if languages and not any("python" in language.casefold() for language in languages):
        raise UnusableError(
            f"{quoted(name)} is a notebook of the language {quoted(languages[0])}; hand in one with a Python kernel."
        )


def _upgraded(texts: Sequence[str], version: int) -> list[str]:
    """Return the code cells of a notebook of format 1 to 3 as nbformat upgrades them."""
    # Only old notebooks need nbformat, and importing it takes as long as reading a whole class.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import nbformat  # noqa: PLC0415

        cells = [
            {"cell_type": "code", _TEXT_KEYS[version]: text, "language": "python", "outputs": []}
            for text in texts
        ]
        content = {"cells": cells} if version == 1 else {"worksheets": [{"cells": cells, "metadata": {}}]}
        old = nbformat.from_dict({"nbformat": version, "nbformat_minor": 0, "metadata": {}, **content})
        new = nbformat.convert(old, CURRENT_FORMAT)
    return [str(cell["source"]) for cell in new["cells"]]


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, dict) else {}


def _no_notebook(name: str) -> UnusableError:
    return UnusableError(
        f"{quoted(name)} is JSON but no notebook: it has no list of cells; hand in the notebook."
    )


def _bad_cell(name: str, number: int) -> UnusableError:
    return UnusableError(
        f"Cell {number} of {quoted(name)} has no text; open the notebook in Jupyter and save it."
    )
