"""Tables as learning platforms write them: cells are replaced where they stand, and every other byte stays as it was.

Python's `csv` reads and writes whole tables, and another writer chooses other quotes; a platform that compares what comes back
with what it gave must find the same. Source of the second dialect: PHP's manual on `fputcsv`, whose default escape character lets
a quote behind a backslash stand single inside of quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from grader.errors import UsageError

_BOM = "\ufeff"
_DELIMITERS = (",", ";", "\t")
# Possessive: what was taken for a part of a cell is never tried as its end, which could take forever.
_QUOTED = re.compile(r'"((?:[^"]|"")*+)"')
_QUOTED_BY_PHP = re.compile(r'"((?:\\"|""|[^"])*+)"')
_LINE_END = re.compile(r"\r\n|\n|\r")
_NEEDS_QUOTES = re.compile(r'[",;\r\n\t \\]')
_FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n")
_NEVER_QUOTED_BEFORE = re.compile(r'\\(?="|$)')
MOST_BYTES = 64 * 1024 * 1024


class Cell(Struct, frozen=True, kw_only=True):
    """One cell of a table."""

    text: str
    """What it says, without its quotes."""
    start: int
    """Where it begins in the text of the table, with its quotes."""
    end: int
    """Where it ends, likewise."""


class Sheet(Struct, frozen=True, kw_only=True):
    """A table with the text that it was read from."""

    name: str
    """Of the file, for messages."""
    text: str
    delimiter: str
    rows: tuple[tuple[Cell, ...], ...]
    """All lines that are not empty, the headings first."""

    @property
    def headings(self) -> tuple[str, ...]:
        """The texts of the first row."""
        return tuple(cell.text.strip() for cell in self.rows[0])

    def line(self, row: int) -> int:
        """Return the line of the file where a row begins, from 1."""
        return self.text.count("\n", 0, self.rows[row][0].start) + 1

    def at(self, row: int, column: int) -> str:
        """Return the text of a cell without outer space; empty where the row is too short."""
        cells = self.rows[row]
        return cells[column].text.strip() if column < len(cells) else ""


def read_sheet(content: bytes, name: str) -> Sheet:
    """Read a table.

    Parameters
    ----------
    content : bytes
        UTF-8, with or without a byte order mark; separated by commas, semicolons or tabs.
    name : str
        Of the file, for messages.

    Returns
    -------
    Sheet
        Written again without changes it is the same to the byte.

    Raises
    ------
    UsageError
        Where it is no such table.
    """
    if len(content) > MOST_BYTES:
        raise UsageError(
            f"{name} has more than {MOST_BYTES // 2**20} MiB", remedy="name the table that you downloaded"
        )
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(
            f"{name}, line {line}: it is not UTF-8",
            remedy="download it again, and leave it as it is: spreadsheets save in other encodings",
        ) from error
    if "\0" in text:
        raise UsageError(f"{name} is no CSV", remedy="name the CSV file that you downloaded")
    first = text.removeprefix(_BOM).splitlines()
    if not first or not first[0].strip():
        raise UsageError(f"{name} begins with an empty line", remedy="name the CSV file that you downloaded")
    delimiter = max(_DELIMITERS, key=first[0].count)
    return Sheet(name=name, text=text, delimiter=delimiter, rows=_rows(text, delimiter, name))


def _rows(text: str, delimiter: str, name: str) -> tuple[tuple[Cell, ...], ...]:
    """Read the rows in the dialect that fits: with a backslash before a quote both never do.

    Where one takes that quote for the end of a cell and the other does not, each later quote is inside for one and outside for the
    other, up to the end of the text.
    """
    rows = tuple(_read(text, delimiter, _QUOTED))
    if '\\"' not in text or _misfit(rows, text, _QUOTED) is None:
        _check(rows, text, _QUOTED, name)
        return rows
    rows = tuple(_read(text, delimiter, _QUOTED_BY_PHP))
    _check(rows, text, _QUOTED_BY_PHP, name)
    return rows


def _read(text: str, delimiter: str, quoted: re.Pattern[str]) -> Iterator[tuple[Cell, ...]]:
    """Yield the rows; a cell that goes on behind its closing quote takes in what follows."""
    plain = re.compile(f"[^{re.escape(delimiter)}\r\n]*")
    place = len(_BOM) if text.startswith(_BOM) else 0
    row: list[Cell] = []
    while place < len(text) or row:
        start = place
        inside = quoted.match(text, place)
        place = inside.end() if inside is not None else place
        rest = plain.match(text, place)
        place = rest.end() if rest is not None else place
        said = (
            text[start:place] if inside is None else inside[1].replace('""', '"') + text[inside.end() : place]
        )
        row.append(Cell(text=said, start=start, end=place))
        if text.startswith(delimiter, place):
            place += len(delimiter)
            continue
        line_end = _LINE_END.match(text, place)
        place = line_end.end() if line_end is not None else place
        if len(row) > 1 or row[0].text:
            yield tuple(row)
        row = []


def _misfit(rows: tuple[tuple[Cell, ...], ...], text: str, quoted: re.Pattern[str]) -> int | None:
    """Return the number of the first row that cannot be right; None where all can."""
    for number, row in enumerate(rows):
        if len(row) != len(rows[0]) or any(_is_torn(text[cell.start : cell.end], quoted) for cell in row):
            return number
    return None


def _is_torn(raw: str, quoted: re.Pattern[str]) -> bool:
    """Say whether a quote stands in a cell where none can: behind its end, or in one that has none around it."""
    return '"' in raw and quoted.fullmatch(raw) is None


def _check(rows: tuple[tuple[Cell, ...], ...], text: str, quoted: re.Pattern[str], name: str) -> None:
    number = _misfit(rows, text, quoted)
    if number is None:
        return
    line = text.count("\n", 0, rows[number][0].start) + 1
    raise UsageError(
        f"{name}, line {line}: {len(rows[number])} cells where the headings are {len(rows[0])}, or a quote inside of one",
        remedy="download it again, without texts that students typed in, and leave it as it is",
    )


# --------------------------------------------------------------------------------------------------------------
# Writing


def spliced(sheet: Sheet, changes: Mapping[tuple[int, int], str]) -> bytes:
    """Write a table with some cells replaced.

    Parameters
    ----------
    sheet : Sheet
    changes : mapping of (int, int) to str
        New texts by row (0 the headings) and column, from 0.

    Returns
    -------
    bytes
        Outside of these cells those that were read; a cell that says the same already stays as it was written.
    """
    pieces: list[str] = []
    done = 0
    for (row, column), new in sorted(changes.items()):
        cell = sheet.rows[row][column]
        if cell.text == new:
            continue
        pieces += (sheet.text[done : cell.start], quoted(new))
        done = cell.end
    return "".join((*pieces, sheet.text[done:])).encode("utf-8")


def quoted(text: str) -> str:
    """Write a text as a cell, in quotes where it needs them.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        The same cell in both dialects: no backslash stands before a quote.
    """
    apart = _NEVER_QUOTED_BEFORE.sub(r"\\ ", text)
    return f'"{apart.replace(chr(34), chr(34) * 2)}"' if _NEEDS_QUOTES.search(apart) else apart


def harmless(text: str) -> str:
    """Change a text so that no spreadsheet runs it as a formula.

    Parameters
    ----------
    text : str
        Clean text that a person may open in a spreadsheet; never a number.

    Returns
    -------
    str
        With an apostrophe before it where it begins like a formula.
    """
    begins = text.lstrip().startswith(_FORMULA_STARTS) or text.startswith(_FORMULA_STARTS)
    return f"'{text}" if begins else text
