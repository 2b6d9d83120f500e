"""Counts the words of a paragraph that are none of a formula, a command or an address."""

from __future__ import annotations

import re
import unicodedata

_INLINE = re.compile(r"\$[^$\n]*+\$|\\\((?:[^\\\n]|\\(?![()]))*+\\\)|`[^`\n]*+`")
"""A formula or code within a line."""
_NO_TEXT = re.compile(
    r"\]\([^()\s]*+\)"  # where a link or picture leads
    r"|https?://\S++"
    r"|</?[A-Za-z][^<>]{0,200}+>"
    r"|\\(?:usepackage|documentclass|begin|end|label|(?:eq)?ref|cite|includegraphics|input|title|author|date|newcommand)"
    r"\*?+(?:\[[^\[\]]*+\])?(?:\{[^{}]*+\})*+"
    r"|\\[A-Za-z]++\*?"
)
_WORD = re.compile(r"(?<![\w^])[^\W\d_]++(?![\w(])")
_LETTERS_OF_A_WORD = 2
"""So many letters make a word, also where a script puts no spaces between words."""
_RELATION = re.compile(r"[=<>\u2264\u2265\u2248]|\\(?:le|ge|approx)\b")
_FEW_WORDS = 4
"""A line with a formula and fewer words than these is one."""


def count_words(text: str) -> int:
    """Count what is a word to a reader of sentences.

    Parameters
    ----------
    text : str
        Of any length; without displays.

    Returns
    -------
    int
        Letters of formulas, code between backticks, commands and addresses are none. Of a script without spaces, two signs count
        as a word.
    """
    plain = _NO_TEXT.sub(" ", _INLINE.sub(" ", text))
    return sum(_weight(match[0]) for match in _WORD.finditer(plain))


def _weight(word: str) -> int:
    if unicodedata.category(word[0]) == "Lo":
        return max(len(word) // _LETTERS_OF_A_WORD, 1)
    return int(len(word) >= _LETTERS_OF_A_WORD)


def is_formula(line: str) -> bool:
    """Whether a line is a formula with few words beside it, with or without dollar signs.

    Parameters
    ----------
    line : str
        A line of text.

    Returns
    -------
    bool
    """
    has_formula = _INLINE.search(line) is not None or _RELATION.search(line) is not None
    return has_formula and count_words(line) < _FEW_WORDS
