"""Makes the code cells of a notebook plain Python: takes out magics and shell lines where a statement starts.

It never executes anything. A cell that is Python already stays as it is, to the letter; line numbers never move.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

KEPT_CELL_MAGICS = frozenset({"time", "timeit", "capture", "prun", "python", "python3", "pypy", "memit"})
"""Cell magics whose body is Python that defines things in the notebook, or at least may."""

_NOTE_WIDTH = 60
_CELL_MAGIC = re.compile(r"%%(\w+)")
_WHOLE_LINE = re.compile(r"%|!|\?{1,2}\s*\w|(?:pip3?|conda|mamba)\s+install\b")
_HELP = re.compile(r"%{0,2}[\w.*]+\?{1,2}\s*(?:#.*)?$")
_ASSIGNMENT = re.compile(r"([A-Za-z_][\w.]*(?:\[[^\]=]*\])?)\s*=\s*[!%]")
_TIMED = re.compile(r"%time\s+(\S.*)")
_QUOTE = re.compile(r"'''|\"\"\"|'|\"")


@dataclass(frozen=True, kw_only=True, slots=True)
class CleanCell:
    """A code cell as Python, and what was done to it."""

    text: str
    notes: tuple[str, ...] = ()


def clean_cell(text: str, *, where: str) -> CleanCell:
    """Take out of a code cell what only IPython understands.

    Parameters
    ----------
    text : str
        The cell.
    where : str
        How the notes name it: `alice.ipynb, cell 3`.

    Returns
    -------
    CleanCell
        The same number of lines. It may still be no Python, when the student's own code is not.
    """
    if _is_python(text):
        return CleanCell(text=text)
    lines = text.split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    magic = _CELL_MAGIC.match(lines[first].strip())
    notes: list[str] = []
    if magic and magic[1] not in KEPT_CELL_MAGICS:
        return CleanCell(text="\n" * (len(lines) - 1), notes=(f"{where}: a `%%{magic[1]}` cell was skipped",))
    if magic:
        notes.append(f"{where}: `%%{magic[1]}` was taken out")
        lines[first] = ""
    cleaned, taken = _clean_lines(lines)
    notes += [f"{where}, line {number}: `{_cut(line)}` was taken out" for number, line in taken]
    return CleanCell(text="\n".join(cleaned), notes=tuple(notes))


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def _cut(line: str) -> str:
    line = line.strip()
    return line if len(line) <= _NOTE_WIDTH else line[: _NOTE_WIDTH - 1] + "…"


def _clean_lines(lines: list[str]) -> tuple[list[str], list[tuple[int, str]]]:
    """Replace magics line by line; a line inside a string, a bracket or after a backslash is no start of a statement."""
    cleaned: list[str] = []
    taken: list[tuple[int, str]] = []
    position = _Position()
    continued = False  # the line before was a magic and ended with a backslash
    for number, line in enumerate(lines, start=1):
        plain = "" if continued else (_without_magic(line) if position.starts_statement else None)
        if plain is None:
            position = position.after(line)
            cleaned.append(line)
            continue
        if not continued:
            taken.append((number, line))
        continued = line.rstrip().endswith("\\")
        cleaned.append(plain)
    return cleaned, taken


def _without_magic(line: str) -> str | None:
    """Give the line that stands for a magic, or None where the line is none."""
    stripped = line.lstrip()
    indent = line[: len(line) - len(stripped)]
    if timed := _TIMED.match(stripped):
        return indent + timed[1]
    if assignment := _ASSIGNMENT.match(stripped):
        return f"{indent}{assignment[1]} = None"
    if _WHOLE_LINE.match(stripped) or _HELP.match(stripped):
        return indent + "pass"
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Position:
    """Where the end of a line leaves us: inside brackets, inside a string, after a backslash."""

    depth: int = 0
    quote: str = ""
    backslash: bool = False

    @property
    def starts_statement(self) -> bool:
        return self.depth == 0 and not self.quote and not self.backslash

    def after(self, line: str) -> _Position:
        depth, quote, at, comment = self.depth, self.quote, 0, False
        while at < len(line):
            character = line[at]
            if quote:
                if line.startswith(quote, at):
                    at += len(quote)
                    quote = ""
                else:
                    at += 2 if character == "\\" else 1
                continue
            if character == "#":
                comment = True
                break
            if opening := _QUOTE.match(line, at):
                quote = opening[0]
                at += len(quote)
                continue
            depth = max(0, depth + (character in "([{") - (character in ")]}"))
            at += 1
        backslash = line.endswith("\\") and not comment
        if len(quote) == 1 and not backslash:
            quote = ""  # an unfinished short string ends with its line
        return _Position(depth=depth, quote=quote, backslash=backslash and not quote)
