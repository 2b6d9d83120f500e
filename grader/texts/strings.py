"""Finds strings that stand alone in Python code: docstrings, and texts written as a statement.

The code is looked at as text. Parsing it with `ast` would give nothing for a file with one wrong line in it, and hostile
code can exhaust the parser's stack.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from grader.model import Document, Source, Submission

MOST_CHARACTERS = 256 * 1024
"""Of all strings of one submission; as many as its text files may have."""
MOST_CODE = 1024 * 1024
"""Characters of code that are looked through; a course's is a hundredth of it."""
MOST_STRINGS = 2_000
"""Of one submission; more are data."""

_MOST_INDENT = 200
_TOKEN = re.compile(
    r"""
      \#[^\n]*+
    | \"\"\"(?P<double>(?:[^"\\]++|\\.|"(?!""))*+)(?:\"\"\"|\Z)   # also one that nobody closed
    | '''(?P<single>(?:[^'\\]++|\\.|'(?!''))*+)(?:'''|\Z)
    | "(?P<short_double>(?:[^"\\\n]++|\\.)*+)"?
    | '(?P<short_single>(?:[^'\\\n]++|\\.)*+)'?
    | (?P<open>[(\[{])
    | (?P<close>[)\]}])
    | (?P<restart>(?m:^)(?:def|class|import|from)\b)              # whatever bracket was left open before
    """,
    re.VERBOSE | re.DOTALL,
)
_BEFORE = frozenset({"", "r", "R", "u", "U"})
"""What may stand before a string that is text; bytes and f-strings are none."""
_AFTER = re.compile(r"[ \t]*+(?:[#;\n]|\Z)")
_NO_CODE = re.compile(r"(?:[ \t]*+[rRuU]?[ \t]*+;?[ \t]*+(?:#[^\n]*+)?(?:\n|\Z))*+")
_TEXT_CELL = re.compile(r"\s*+%%(?:markdown|latex|html)\b[^\n]*+\n")
"""A cell that Jupyter shows as text."""


class _String(Struct, frozen=True, kw_only=True):
    """A string that is a statement."""

    start: int
    end: int
    line: int
    text: str


def documents_of(submission: Submission) -> tuple[Document, ...]:
    """Return everything in a submission that is written for people.

    Parameters
    ----------
    submission : Submission
        Its code is not run.

    Returns
    -------
    tuple of Document
        Text files and Markdown cells, and the strings in code at their places among them.
    """
    documents = list(submission.documents)
    left = MOST_CHARACTERS
    for document in islice(_all_strings(submission.sources), MOST_STRINGS):
        left -= len(document.text)
        if left < 0:
            break
        documents.append(document)
    rank = {name: number for number, name in enumerate(dict.fromkeys(one.name for one in documents))}
    return tuple(sorted(documents, key=lambda one: (rank[one.name], one.cell or 0, one.line)))


def _all_strings(sources: Sequence[Source]) -> Iterator[Document]:
    left = MOST_CODE
    for source in sources:
        cells = []
        for text in source.cells:
            cells.append(text[:left])
            left -= len(cells[-1])
        yield from strings_of(replace(source, cells=tuple(cells)))


def strings_of(source: Source) -> Iterator[Document]:
    """Yield the strings in a source that are statements of their own.

    Parameters
    ----------
    source : Source
        A module or notebook.

    Yields
    ------
    Document
        What stands between the quotes, without the indentation of its lines. In a notebook, a string that shares its
        cell with nothing but comments is a text like a Markdown cell.
    """
    for index, text in enumerate(source.cells):
        cell = source.places[index] if index < len(source.places) else None
        shown = _TEXT_CELL.match(text)
        if shown is not None:
            yield Document(name=source.name, text=text[shown.end() :], cell=cell, line=2)
            continue
        strings = tuple(islice(_strings(text), MOST_STRINGS))
        alone = source.is_notebook and _is_without_code(text, strings)
        for string in strings:
            shown_text = _dedented(string.text)
            if shown_text.strip():
                yield Document(
                    name=source.name, text=shown_text, cell=cell, line=string.line, in_code=not alone
                )


def _strings(text: str) -> Iterator[_String]:
    """Yield every string that is a statement."""
    depth = 0
    line, counted = 1, 0
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind in ("open", "close", "restart"):
            depth = {"open": depth + 1, "close": max(depth - 1, 0), "restart": 0}[kind]
        elif kind is not None and depth == 0 and _is_statement(text, token.start(), token.end()):
            line += text.count("\n", counted, token.start())
            counted = token.start()
            yield _String(start=token.start(), end=token.end(), line=line, text=token[kind])


def _is_statement(text: str, start: int, end: int) -> bool:
    """Whether nothing else is on the first and the last line of a string, and the line before has ended."""
    line_start = text.rfind("\n", max(start - _MOST_INDENT, 0), start) + 1
    if line_start == 0 and start > _MOST_INDENT:
        return False
    continues = text.endswith("\\\n", 0, line_start)
    return not continues and text[line_start:start].strip() in _BEFORE and _AFTER.match(text, end) is not None


def _is_without_code(text: str, strings: Sequence[_String]) -> bool:
    """Whether a cell holds nothing but these strings and comments."""
    starts = [0, *(string.end for string in strings)]
    ends = [*(string.start for string in strings), len(text)]
    rest = "\n".join(text[start:end] for start, end in zip(starts, ends, strict=True))
    return bool(strings) and _NO_CODE.fullmatch(rest) is not None


def _dedented(text: str) -> str:
    """Return the text without what its lines are indented by; the first one begins behind the quotes."""
    first, newline, rest = text.partition("\n")
    return f"{first.lstrip()}{newline}{textwrap.dedent(rest)}"
