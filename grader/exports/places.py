"""Finds the line of a submission that a remark belongs to: where a function is defined, or where an error says it happened.

The code is split into tokens and never parsed or imported: hostile code can exhaust a parser's stack, and a file with one wrong
line in it has right ones before.
"""

from __future__ import annotations

import re
import tokenize
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from grader.model import Source

_SAID = re.compile(r"\((?P<file>[^()\n]+?)(?:, cell (?P<cell>\d{1,6}))?, line (?P<line>\d{1,7})\)")
"""How messages name a line; `grader.sandbox.messages` writes them."""


class Spot(Struct, frozen=True, kw_only=True):
    """A line of a file."""

    file: str
    """Path with `/`."""
    line: int | None = None
    """In the file or, where there is a cell, in the cell, from 1."""
    cell: int | None = None
    """Number of the cell of a notebook, from 1."""

    def __str__(self) -> str:
        cell = f", cell {self.cell}" if self.cell is not None else ""
        line = f", line {self.line}" if self.line is not None else ""
        return f"{self.file}{cell}{line}"


class _Definition(Struct, frozen=True, kw_only=True):
    line: int
    name: str
    """With that of its class before it: `ReLULayer.delta`."""


def definition(sources: Sequence[Source], names: Sequence[str]) -> Spot | None:
    """Find where the first of some functions or classes that there is at all is defined.

    Parameters
    ----------
    sources : sequence of Source
        Of one submission.
    names : sequence of str
        As an assignment names them: `backward`, `ReLULayer.delta`. Of a method that is not defined the class is taken.

    Returns
    -------
    Spot or None
        The last definition, which is the one that counts when the code runs; None where there is none.
    """
    found: dict[str, Spot] = {}
    for source in sources:
        for number, text in enumerate(source.cells):
            cell = _number(source, number)
            found |= {
                one.name: Spot(file=source.name, line=one.line, cell=cell) for one in _definitions(text)
            }
    asked = [*names, *(name.partition(".")[0] for name in names)]
    return next((found[name] for name in asked if name in found), None)


def said(sources: Sequence[Source], message: str) -> Spot | None:
    """Take from a message the line that it names last.

    Parameters
    ----------
    sources : sequence of Source
        Of the submission it is about.
    message : str
        Of a question or submission; what student code wrote may stand in it.

    Returns
    -------
    Spot or None
        A line that there is; None where the message names none.
    """
    lengths = _lengths(sources)
    for match in reversed(list(_SAID.finditer(message))):
        cell = int(match["cell"]) if match["cell"] else None
        line = int(match["line"])
        if 1 <= line <= lengths.get((match["file"], cell), 0):
            return Spot(file=match["file"], line=line, cell=cell)
    return None


def _lengths(sources: Sequence[Source]) -> Mapping[tuple[str, int | None], int]:
    """Return how many lines each file or cell has; an error may be told of the line behind the last."""
    return {
        (source.name, _number(source, number)): text.count("\n") + 2
        for source in sources
        for number, text in enumerate(source.cells)
    }


def _number(source: Source, index: int) -> int | None:
    """Return the number of a code cell as messages have it: among the code cells; None outside of notebooks."""
    return index + 1 if source.is_notebook else None


def _definitions(text: str) -> Iterator[_Definition]:
    """Yield what is defined at the top level of a text, and the methods of its classes, as far as it can be read."""
    depth, inside, before = 0, "", ""
    for token in _tokens(text):
        depth += (token.type == tokenize.INDENT) - (token.type == tokenize.DEDENT)
        if before in ("def", "class") and depth == 0:
            inside = token.string if before == "class" else ""
            yield _Definition(line=token.start[0], name=token.string)
        elif before == "def" and depth == 1 and inside:
            yield _Definition(line=token.start[0], name=f"{inside}.{token.string}")
        before = token.string if token.type == tokenize.NAME else ""


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    """Yield the tokens of a text up to the first place that is no Python: a magic, an open bracket, a tab too many."""
    try:
        yield from tokenize.generate_tokens((f"{line}\n" for line in text.split("\n")).__next__)
    except (tokenize.TokenError, SyntaxError):
        return
