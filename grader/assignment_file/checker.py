"""Raises the errors of an assignment file: each names the file, the key and what to write instead."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from grader.errors import AssignmentError

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Checker:
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
            where = ".".join(part for part in (key, path.rstrip("`").lstrip(".")) if part) or "top level"
            raise self.fail(where, message, "see docs/authors.md for what the key may be") from error

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
                raise self.fail(key, f"`{name}` is no {what}", f"use one of: {', '.join(allowed)}")

    def unique(self, key: str, names: Sequence[str]) -> None:
        """Refuse a name that stands twice."""
        for name in names:
            if names.count(name) > 1:
                raise self.fail(key, f"`{name}` stands more than once", "name each once")
