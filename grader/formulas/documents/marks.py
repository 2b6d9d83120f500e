r"""Reads what a student says that a mark means on any value: `\bar v = \partial L / \partial v`, or a bar for each derivative, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from grader.formulas.symbols import Meaning, SymbolTable
from grader.model import Document

_ACCENT = r"\\(?P<accent>bar|overline|tilde|widetilde|dot)\s{0,2}(?:\{\s{0,2}(?P<braced>\\?[A-Za-z]{1,6})\s{0,2}\}|(?P<bare>[A-Za-z]))"
_SCRIPT = r"\\?(?P<letter>delta|[A-Za-z])_(?:\{\s{0,2}(?P<below>[A-Za-z])\s{0,2}\}|(?P<only>[A-Za-z]))"
_MARK = r"(?:\\partial|\\mathrm\s{0,2}\{d\}|\\delta|d)\s{0,2}"
_IS = r"\s{0,2}\$?\s{0,3}(?:=|:=|\\equiv|\\coloneqq|for|means|denotes|stands\s+for|f\u00fcr|bezeichnet|steht\s+f\u00fcr)\s{0,3}\$?\s{0,2}"
_BY = (
    r"\\[dt]?frac\s{0,2}\{\s{0,2}"
    + _MARK
    + r"\{?(?:L|\\mathcal\s{0,2}\{?\s{0,2}L\s{0,2}\}?|\\ell)\}?\s{0,2}\}\s{0,2}\{\s{0,2}"
    + _MARK
)
_FORMULA = re.compile(rf"(?:{_ACCENT}|{_SCRIPT}){_IS}{_BY}\{{?(?P<by>\\?[A-Za-z]{{1,6}})\}}?\s{{0,2}}\}}")
_WORDS = re.compile(
    r"\b(?:a|the|each|every|with\s+a|an?\s+over|bars?|overbars?|ein|der)\s+(?:over)?(?:bar|querstrich|balken)s?\b"
    r"[^.\n$]{0,40}\b(?:means?|denotes?|marks?|stands?\s+for|is|bedeutet|bezeichnet|steht\s+f\u00fcr|ist)\b"
    r"[^.\n$]{0,30}\b(?:derivative|gradient|adjoint|ableitung)",
    re.IGNORECASE,
)
_SAME = {"overline": "bar", "widetilde": "tilde"}
_BASE = re.compile(r"[^_^']+")


def with_marked_gradients(document: Document, table: SymbolTable) -> SymbolTable:
    r"""Take in what a document says of a mark on any value.

    Parameters
    ----------
    document : Document
        Hostile.
    table : SymbolTable
        The names of the assignment.

    Returns
    -------
    SymbolTable
        With `\bar z_2` for the gradient by each value, where a line says so of a letter that stands for all of them; a line
        that says so of one value explains the name of that one alone.
    """
    marks = set(_marks(document.text, table))
    known = dict(table.by_key)
    bases = set(table.bases)
    for key, (meaning, name) in table.by_key.items():
        for mark in marks if meaning is Meaning.VALUE and name != table.loss else ():
            base, made = _marked(mark, key)
            known.setdefault(made, (Meaning.GRADIENT, name))
            bases.add(base)
    return replace(table, by_key=known, bases=frozenset(bases)) if marks else table


def _marks(text: str, table: SymbolTable) -> Iterator[str]:
    """Yield the accents, and letters with a script, that are said to mean a derivative by anything."""
    if _WORDS.search(text):
        yield "bar()"
    for found in _FORMULA.finditer(text):
        of = found["braced"] or found["bare"] or found["below"] or found["only"]
        is_generic = of == found["by"] and of.lstrip("\\") not in table.by_key
        if is_generic and found["accent"]:
            yield f"{_SAME.get(found['accent'], found['accent'])}()"
        elif is_generic and found["letter"] not in table.by_key:
            yield found["letter"]


def _marked(mark: str, key: str) -> tuple[str, str]:
    """Return what the name of a value begins with when it is marked, and its key."""
    if not mark.endswith("()"):
        return mark, f"{mark}_{_flat(key)}"
    base = _BASE.match(key)
    stem = base.group() if base else key
    marked = f"{mark[:-1]}{_flat(stem)})"
    return marked, marked + key[len(stem) :]


def _flat(key: str) -> str:
    return key.translate(str.maketrans("", "", "()_"))
