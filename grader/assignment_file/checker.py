"""Raises the errors of an assignment file: each names the file, the key and what to write instead."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec
from msgspec import Struct

from grader.errors import AssignmentError

_T = TypeVar("_T")
PART = re.compile(r"\.\w+|\[\d+\]|\[\.\.\.\]")
"""A step of the path to an entry: a key, a number in a list, or any key of a table whose keys are free."""
UNKNOWN = re.compile(r"Object contains unknown field `(.*)`")
MISSING = re.compile(r"Object missing required field `(.*)`")
MISMATCH = re.compile(r"Expected `([^`]*)`, got `([^`]*)`")
BOUND = re.compile(r"Expected `(int|float)` ([<>]=? .*)")
WORDS = {
    "array": "a list",
    "object": "a table",
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
}
SEE = "see docs/authors.md for what the key may be"


class Checker(Struct, frozen=True):
    """Checks one file, or the part of it below a key."""

    file: Path
    below: str = ""
    """The key of the part, with a dot at its end; empty for the whole file."""

    def at(self, key: str) -> Checker:
        """Return the checker of the part below a key."""
        return Checker(self.file, f"{self.below}{key}.")

    def fail(self, key: str, message: str, remedy: str) -> AssignmentError:
        """Return the error on a key."""
        return AssignmentError(f"{self.file}: {self.below}{key}: {message}", remedy=remedy)

    def convert(self, raw: object, kind: type[_T], *, key: str) -> _T:
        """Give a raw entry its type, or raise what is wrong with it."""
        try:
            return msgspec.convert(raw, kind)
        except msgspec.ValidationError as error:
            message, _, path = str(error).partition(" - at `$")
            found = "".join(_named(raw, kind, str(error), PART.findall(path)))
            where = ".".join(part for part in (key, found.lstrip(".")) if part) or "top level"
            raise self.fail(where, *_explained(message, kind)) from error

    def finite(self, key: str, entry: object) -> None:
        """Refuse `inf` and `nan`, which TOML has and no entry means."""
        if isinstance(entry, dict):
            for name, value in entry.items():
                self.finite(f"{key}.{name}" if key else name, value)
        elif isinstance(entry, list):
            for value in entry:
                self.finite(key, value)
        elif isinstance(entry, float) and not math.isfinite(entry):
            raise self.fail(key, f"`{entry}` is not finite", "write a number")

    def known(self, key: str, names: Iterable[str], allowed: Sequence[str], what: str) -> None:
        """Refuse names that mean nothing."""
        for name in names:
            if name not in allowed:
                raise self.fail(
                    key, f"`{name}` is no {what}", f"use one of: {', '.join(dict.fromkeys(allowed))}"
                )

    def unique(self, key: str, names: Sequence[str]) -> None:
        """Refuse a name that stands twice."""
        for name in names:
            if names.count(name) > 1:
                raise self.fail(key, f"`{name}` stands more than once", "name each once")


def _named(raw: Any, kind: type, error: str, parts: Sequence[str]) -> Iterator[str]:  # noqa: ANN401  (what TOML holds)
    """Yield the steps to a bad entry, with the name of a key where the error has any key of a table."""
    place = raw
    way: list[str | int] = []
    for part in parts:
        if part == "[...]":
            key = next(
                (key for key in place if _error(_with(raw, way, {key: place[key]}), kind) == error), "..."
            )
            yield f".{key}"
        else:
            key = int(part[1:-1]) if part.startswith("[") else part[1:]
            yield part
        if isinstance(place, dict) and key not in place:
            return
        place = place[key]
        way.append(key)


def _with(raw: Any, way: Sequence[str | int], entry: object) -> object:  # noqa: ANN401  (what TOML holds)
    """Return a raw entry with another one at a place in it."""
    if not way:
        return entry
    copy = raw.copy()
    copy[way[0]] = _with(raw[way[0]], way[1:], entry)
    return copy


def _error(raw: object, kind: type) -> str:
    try:
        msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        return str(error)
    return ""


def _explained(message: str, kind: type) -> tuple[str, str]:
    """Return an error of a type in words, and what to do."""
    if match := UNKNOWN.fullmatch(message):
        from difflib import get_close_matches  # noqa: PLC0415  (only for what is misspelt)

        close = get_close_matches(match[1], sorted(_keys(kind) - {match[1]}), n=1)
        hint = f"did you mean `{close[0]}`? " if close else ""
        return f"there is no key `{match[1]}`", f"{hint}{SEE}"
    if match := MISSING.fullmatch(message):
        return f"the key `{match[1]}` is missing", f"add it: {SEE}"
    if match := MISMATCH.fullmatch(message):
        expected, got = (" or ".join(WORDS.get(w, w) for w in words.split(" | ")) for words in match.groups())
        return f"{expected} is expected, not {got}", SEE
    if match := BOUND.fullmatch(message):
        return f"{WORDS.get(match[1], match[1])} {match[2]} is expected", SEE
    return message, SEE


def _keys(kind: object) -> frozenset[str]:
    """Return the keys of a table and of all tables in it."""
    own = getattr(kind, "__struct_fields__", ())
    inner = get_type_hints(kind).values() if own else get_args(kind)
    return frozenset(own).union(*map(_keys, inner))
