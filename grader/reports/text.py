"""Hostile text made plain, and numbers as people read them; nothing here knows HTML or Markdown."""

from __future__ import annotations

import re

from grader.model import ErrorReport, JsonNumbers

SHOWN_ENTRIES = 12
"""Arrays with more entries are shown by shape and beginning."""
SHOWN_HEAD = 6

# Colours and cursor moves of terminals: removed as a whole, for their inner characters are ordinary text.
_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]{0,500}(?:\x07|\x1b\\)")

# Control characters except tab and line feed, then those that reorder, hide or join text (soft hyphen, bidi
# controls, zero-width marks, tags), line separators, lone surrogates and noncharacters.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e0fff]"
)


def clean(text: str, limit: int) -> str:
    r"""Make hostile text safe to look at: no control or bidi characters, bounded, the cut shown.

    Parameters
    ----------
    text : str
        Anything.
    limit : int
        Most characters kept.

    Returns
    -------
    str
        The text with `\n` and `\t` as its only control characters; others became U+FFFD.
    """
    # Most texts are names and numbers: no need to look for what only other characters can spell.
    if len(text) <= limit and text.isascii() and text.isprintable():
        return text
    kept = text[:limit]
    plain = _ANSI.sub("", kept).replace("\r\n", "\n").replace("\r", "\n")
    plain = _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", plain)
    if len(text) > limit:
        plain += f" \N{HORIZONTAL ELLIPSIS} [cut: {len(text) - limit} more characters]"
    return plain


def clean_line(text: str, limit: int) -> str:
    """Make hostile text one safe line; white space of any kind becomes one space.

    Parameters
    ----------
    text : str
        Anything.
    limit : int
        Most characters kept.

    Returns
    -------
    str
        One line without outer space.
    """
    return " ".join(clean(text, limit).split())


def clean_all(texts: tuple[str, ...], limit: int, most: int) -> tuple[str, ...]:
    """Make several hostile texts safe; more than `most` are cut with the cut shown.

    Parameters
    ----------
    texts : tuple of str
        Anything.
    limit : int
        Most characters kept of each.
    most : int
        Most texts kept.

    Returns
    -------
    tuple of str
        One line each.
    """
    shown = tuple(clean_line(text, limit) for text in texts[:most])
    if len(texts) > most:
        shown += (f"\N{HORIZONTAL ELLIPSIS} and {len(texts) - most} more",)
    return shown


def points_text(points: float) -> str:
    """Write points with at most two decimals and no trailing zeros: `7`, `7.5`, `0.33`.

    Parameters
    ----------
    points : float
        Points.

    Returns
    -------
    str
        The number.
    """
    text = f"{points:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def earned_text(points: float, max_points: float) -> str:
    """Write earned points; rounding alone never shows full points.

    Parameters
    ----------
    points, max_points : float
        Points earned, and points to be had.

    Returns
    -------
    str
        As `points_text`, but 9.996 of 10 is `9.99`.
    """
    text = points_text(points)
    if text == points_text(max_points) and points < max_points - 1e-6:
        return points_text(max_points - 0.01)
    return text


def number_text(number: object) -> str:
    """Write one entry of `JsonNumbers` with six digits.

    Parameters
    ----------
    number : object
        A number, or the name of one that is not finite; anything else is cleaned text.

    Returns
    -------
    str
        The number.
    """
    if isinstance(number, float):
        text = f"{number:.6g}"
        return "0" if text == "-0" else text
    return clean_line(str(number), 40)


def numbers_text(numbers: JsonNumbers) -> str:
    """Write an array as one short line.

    Parameters
    ----------
    numbers : JsonNumbers
        As `grader.serialize.json_numbers` writes it.

    Returns
    -------
    str
        The number; `[[1, 2], [3, 4]]` up to 12 entries; `8 x 8: 1, 2, 3, ...` for more.
    """
    if isinstance(numbers, dict):
        return _head_text(numbers.get("shape", []), numbers.get("head", []))
    if not isinstance(numbers, list):
        return number_text(numbers)
    entries = _entries(numbers)
    if len(entries) > SHOWN_ENTRIES:
        return _head_text(shape_of(numbers), entries)
    return _list_text(numbers)


def _head_text(shape: list[int], head: list[object]) -> str:
    """Write the shape and the first few entries."""
    size = " \N{MULTIPLICATION SIGN} ".join(str(length) for length in shape)
    size = size if len(shape) > 1 else f"{size} entries"
    if not head:
        return f"{size}: empty"
    return f"{size}: {', '.join(number_text(entry) for entry in head[:SHOWN_HEAD])}, \N{HORIZONTAL ELLIPSIS}"


def _list_text(numbers: JsonNumbers) -> str:
    if isinstance(numbers, list):
        return "[" + ", ".join([_list_text(entry) for entry in numbers]) + "]"
    return number_text(numbers)


def _entries(numbers: list[JsonNumbers]) -> list[JsonNumbers]:
    """Return the entries of nested lists in order; level by level, which takes half the time of one after the other."""
    while any(isinstance(entry, list) for entry in numbers):
        numbers = [one for entry in numbers for one in (entry if isinstance(entry, list) else (entry,))]
    return numbers


def shape_of(numbers: JsonNumbers) -> list[int]:
    """Return the shape of an array.

    Parameters
    ----------
    numbers : JsonNumbers
        Nested lists, or a number.

    Returns
    -------
    list of int
        Lengths, the outermost first; empty for a number.
    """
    shape = []
    while isinstance(numbers, list):
        shape.append(len(numbers))
        numbers = numbers[0] if numbers else None
    return shape


def error_text(error: ErrorReport) -> str:
    """Write how far an answer is off: absolute, relative where it means something, and where.

    Parameters
    ----------
    error : ErrorReport
        The worst entry.

    Returns
    -------
    str
        `2 (relative 2) at [0, 1]`.
    """
    text = number_text(error.abs)
    if error.rel is not None:
        text += f" (relative {number_text(error.rel)})"
    if error.index:
        text += f" at [{', '.join(str(place) for place in error.index)}]"
    return text
