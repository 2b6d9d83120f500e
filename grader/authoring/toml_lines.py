"""Replaces values in the text of a TOML file, and leaves its comments and its order as they are."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

Path: TypeAlias = tuple[str, ...]
BARE = re.compile(r"[A-Za-z0-9_-]+")


def replaced(text: str, changes: Mapping[Path, object]) -> str:
    """Replace values of a TOML text.

    Parameters
    ----------
    text : str
    changes : mapping of tuple of str to value
        By the keys that lead to it from the top; what is not there is left out.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        Where the text cannot be changed so, such as an entry over several lines; the message names it.
    """
    lines = []
    table: Path | None = ()
    for line in text.splitlines():
        if line.lstrip().startswith("["):
            header = _table(line)
            table = header if header is not None or _parsed(line) is not None else table
            lines.append(line)
        else:
            lines.append(line if table is None else _line(line, table, changes))
    made = "\n".join(lines) + "\n"
    wanted = tomllib.loads(text)
    for path, value in changes.items():
        _put(wanted, path, value)
    found = tomllib.loads(made)
    if found != wanted:
        raise ValueError(_first_difference(found, wanted))
    return made


def without_tables(text: str, names: Callable[[str], bool]) -> str:
    """Leave tables of the top level out of a TOML text, each with the comments right before it.

    Parameters
    ----------
    text : str
    names : callable
        Whether the table of a name is left out.

    Returns
    -------
    str
    """
    lines = text.splitlines()
    heads = [number for number, line in enumerate(lines) if line.startswith("[") and _table(line)]
    ends = [*(_above(lines, head) for head in heads[1:]), len(lines)]
    if not heads:
        return text
    kept = lines[: _above(lines, heads[0])]
    for head, end in zip(heads, ends, strict=True):
        path = _table(lines[head])
        if path and not names(path[0]):
            kept += lines[_above(lines, head) : end]
    return "\n".join(kept).rstrip() + "\n"


def _above(lines: Sequence[str], head: int) -> int:
    """Return where the comments begin that stand right before a line."""
    while head > 0 and lines[head - 1].startswith("#"):
        head -= 1
    return head


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _table(line: str) -> Path | None:
    """Return the keys of a line that opens a table; None where it opens one of several, or is none."""
    entry: object = _parsed(line)
    if not isinstance(entry, dict):
        return None
    path: Path = ()
    while isinstance(entry, dict) and entry:
        [(key, entry)] = entry.items()
        path = (*path, key)
    return None if isinstance(entry, list) else path


def _line(line: str, table: Path, changes: Mapping[Path, object]) -> str:
    entry = _parsed(line)
    if not entry or len(entry) != 1:
        return line
    touched = {path[len(table) :]: value for path, value in changes.items() if _leads(table, entry, path)}
    if not touched:
        return line
    for path, value in touched.items():
        _put(entry, path, value)
    [(key, value)] = entry.items()
    return f"{_key(key)} = {_dumped(value)}{_comment(line)}"


def _leads(table: Path, entry: Mapping[str, Any], path: Path) -> bool:
    if path[: len(table)] != table:
        return False
    place: object = entry
    for key in path[len(table) :]:
        if not isinstance(place, dict) or key not in place:
            return False
        place = place[key]
    return len(path) > len(table)


def _comment(line: str) -> str:
    """Return the comment behind the entry of a line."""
    whole = _parsed(line)
    for match in re.finditer(r"\s*#", line):
        if _parsed(line[: match.start()]) == whole:
            return line[match.start() :]
    return ""


def _put(document: dict[str, Any], path: Path, value: object) -> None:
    place = document
    for key in path[:-1]:
        if not isinstance(place.get(key), dict):
            return
        place = place[key]
    if path[-1] in place:
        place[path[-1]] = value


def _dumped(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_dumped(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_dumped, value)) + "]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str | bool) else repr(value)


def _key(key: str) -> str:
    return key if BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def _first_difference(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    for key, value in wanted.items():
        there = found.get(key)
        if isinstance(value, dict) and isinstance(there, dict) and value != there:
            return f"{key}.{_first_difference(there, value)}"
        if value != there:
            return key
    return "an entry"
