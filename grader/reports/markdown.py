"""Hostile text in Markdown: escaped so that no renderer makes markup, a link or a mention of it."""

from __future__ import annotations

import re
from functools import lru_cache

from grader.reports.typeset import latex

_REMEMBERED = 1_024
"""The same names, words and numbers stand in every row and every report: most are escaped already."""

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "~": "&#126;", "$": "&#36;", "^": "&#94;"}
"""A pipe ends a table cell even after a backslash in some renderers; `~`, `$` and `^` are no classic escapes."""

_ACTIVE = re.compile(r"[\\`*_{}\[\]#&<>|~$^]")

# What starts a list, a heading or a rule at the beginning of a block.
_BLOCK_START = re.compile(r"^(\d{1,9})([.)])(?=\s|$)|^([-+=:])(?!\d)")

# Renderers turn these into links and mentions after all escapes are resolved; a zero-width space is what stops them.
# Each begins with a sign, for which a text is searched ten times as fast as for words.
_AUTOLINK = re.compile(r"@|\.(?<=\bwww\.)|:(?:(?<=\bmailto:)|(?<=\bxmpp:)|//)", re.IGNORECASE)
_ZERO_WIDTH_SPACE = "\N{ZERO WIDTH SPACE}"

_PLAIN_CODE = re.compile(
    r"[\w/ .,;:()\[\]{}<>=+*%'\"\N{MULTIPLICATION SIGN}\N{HORIZONTAL ELLIPSIS}&-]+", re.ASCII
)


@lru_cache(_REMEMBERED)
def escape(text: str) -> str:
    """Escape a text for a place inside a line: a paragraph, a list item, a table cell, a heading.

    Parameters
    ----------
    text : str
        Clean text (`grader.reports.text.clean`); line feeds become spaces.

    Returns
    -------
    str
        Markdown that renders as the text.
    """
    line = " ".join(text.split())
    line = _AUTOLINK.sub(lambda match: match[0] + _ZERO_WIDTH_SPACE, line)
    line = _ACTIVE.sub(lambda match: _ENTITIES.get(match[0], "\\" + match[0]), line)
    return _BLOCK_START.sub(
        lambda match: f"{match[1]}\\{match[2]}" if match[1] else f"&#{ord(match[3])};", line
    )


@lru_cache(_REMEMBERED)
def code(text: str) -> str:
    """Write a short text as code where that is safe in a table cell, else escape it.

    Parameters
    ----------
    text : str
        Clean text.

    Returns
    -------
    str
        A code span, or escaped text where backticks, pipes or backslashes could end the span or the cell.
    """
    line = " ".join(text.split())
    if _PLAIN_CODE.fullmatch(line) and not _AUTOLINK.search(line):
        return f"`{line}`"
    return escape(line)


def formula(text: str) -> str:
    """Write the source of a formula as code, with its backslashes, where that is safe in a table cell, else escape it.

    Parameters
    ----------
    text : str
        Clean text.

    Returns
    -------
    str
        A code span, in which a backslash stands for itself (CommonMark 0.31, section 6.1); escaped text where a backtick
        could end the span, a pipe the cell, or a last backslash would stand before the closing mark.
    """
    line = " ".join(text.split())
    is_plain = line.isprintable() and not {"`", "|"} & set(line) and not line.endswith("\\")
    return f"`{line}`" if line and is_plain and not _AUTOLINK.search(line) else escape(line)


@lru_cache(_REMEMBERED)
def typeset(text: str) -> str:
    """Write a rule as a formula, as GitHub and GitLab typeset it, and as code beside it for everywhere else.

    Parameters
    ----------
    text : str
        Clean text.

    Returns
    -------
    str
        The text alone where it is no rule that can be typeset.
    """
    formula_of_it = latex(text)
    # Between backticks no letter of it is taken for Markdown: it has none itself.
    return code(text) if formula_of_it is None else f"$`{formula_of_it}`$, in code {code(text)}"


def fence(text: str) -> str:
    """Write lines of text as a code block.

    Parameters
    ----------
    text : str
        Clean text.

    Returns
    -------
    str
        A block whose fence is longer than any run of backticks inside.
    """
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    marks = "`" * max(3, longest + 1)
    return f"{marks}text\n{text}\n{marks}"
