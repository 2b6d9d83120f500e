"""Reads the number in brackets right behind a name of plain text: that of a layer, `W(2)` beside `W_2`, or that of an entry."""

from __future__ import annotations

import re

from grader.formulas.limits import UnreadableError
from grader.formulas.symbols import Meaning, SymbolTable, word_of
from grader.formulas.vocabulary import UNICODE_COMMANDS

VALUES = frozenset({Meaning.VALUE, Meaning.GRADIENT})
LONGEST_NAME = 40
_LAYERED = VALUES | {Meaning.UPDATED}
_STEP = r"_(?:new|neu|updated|next|old)"
_NUMBER = re.compile(
    rf"(?:\[(?P<square>[0-9]{{1,2}})\]|\((?P<round>[0-9]{{1,2}}|[a-z])\))(?P<step>{_STEP}(?![A-Za-z0-9_]))?"
)
_BEFORE_NUMBER = re.compile(rf"(?P<base>.+?)(?P<step>{_STEP})")


def with_number(text: str, start: int, behind: int, end: int, table: SymbolTable) -> tuple[str, int]:
    """Return a name with the number in brackets behind it where the task has a name of both.

    Parameters
    ----------
    text : str
        Of the document; hostile.
    start, behind : int
        Where the name begins, and where it ends without a number: that of `z`, `dW`, `grad_z`.
    end : int
        Where the line ends.
    table : SymbolTable
        The names of the assignment.

    Returns
    -------
    tuple of str and int
        The name, and where it ends. Without a number that belongs to it, it is as it was: `h(2)` may be a product.

    Raises
    ------
    UnreadableError
        It is an entry by its number, or may be one.
    """
    name = text[start:behind]
    found = _NUMBER.match(text, behind, end)
    if found is None or len(name) > LONGEST_NAME:
        return name, behind
    number = found["square"] or found["round"]
    stepped = _BEFORE_NUMBER.fullmatch(name)
    base, step = (
        stepped.group("base", "step") if stepped and not found["step"] else (name, found["step"] or "")
    )
    if step and meaning_of(base + number + step, table):
        return base + number + step, found.end()
    for value in _values_in(name):
        own, layered = meaning_of(value, table), meaning_of(value + number, table)
        is_other = own is not None and own != layered
        if layered and layered[0] in _LAYERED and not (is_other and not table.has_layers):
            return name + number, found.end() - len(found["step"] or "")
        is_entry = own is not None and own[0] in VALUES and number.isdigit()
        if is_entry and own and (found["square"] or table.axes.get(own[1], 0)):
            shown = f"{name}{found.group()}"
            raise UnreadableError(f"`{shown}` cannot be read.", start=start, end=found.end())
    return name, behind


def meaning_of(name: str, table: SymbolTable) -> tuple[Meaning, str] | None:
    """Return what a name as code has it stands for in the task."""
    return table.words.get(word_of(in_ascii(name))) if len(name) <= LONGEST_NAME else None


def in_ascii(text: str) -> str:
    """Return a name with its Greek letters spelled out."""
    return text if text.isascii() else "".join(UNICODE_COMMANDS.get(one, one) for one in text)


def _values_in(name: str) -> list[str]:
    """Return what a name may be said of: all of it, and what stands behind a `d` or a line, as in `dz` and `grad_z`."""
    return [name, *(name[at:] for at in range(1, len(name)) if name[at - 1] in "d_")]
