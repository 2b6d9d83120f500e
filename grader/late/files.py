"""Reads what lateness costs from the files of an instructor: a rule in TOML, and extensions in a table."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import datetime

from grader.errors import UsageError
from grader.late.rule import DAY_S, Amount, Extension, Rule
from grader.spelling import folded

_KEYS = ("due", "grace", "per_day", "cap", "days")
_UNITS = {"minute": 60.0, "min": 60.0, "hour": 3_600.0, "h": 3_600.0, "day": DAY_S, "d": DAY_S}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(minutes?|min|hours?|h|days?|d)")
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*(%|percent|points?)")
_ALL = 100.0
_SEE = "write it as docs/giving_back.md shows"


def read_rule(text: str, name: str) -> Rule:
    """Read a rule.

    Parameters
    ----------
    text : str
        TOML, with the keys at the top or in a table `[late]`.
    name : str
        Of the file, for messages.

    Returns
    -------
    Rule

    Raises
    ------
    UsageError
        Where it is no TOML, or a key is unknown or says nothing that can be used.
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{name} is no TOML: {error}", remedy=_SEE) from error
    return rule_of(found["late"] if isinstance(found.get("late"), dict) else found, name)


def rule_of(table: Mapping[str, object], name: str) -> Rule:
    """Make a rule of the table that says it.

    Parameters
    ----------
    table : mapping of str to object
        As TOML has it.
    name : str
        Of the file, for messages.

    Returns
    -------
    Rule

    Raises
    ------
    UsageError
        Where a key is unknown or says nothing that can be used.
    """
    unknown = [key for key in table if key not in _KEYS]
    if unknown:
        raise _unusable(name, unknown[0], f"there is no such key; there are {', '.join(_KEYS)}")
    if "per_day" not in table:
        raise _unusable(name, "per_day", "it is missing")
    return Rule(
        per_day=_amount(table["per_day"], name, "per_day"),
        due=_moment(table["due"], name, "due") if "due" in table else None,
        grace_s=_seconds(table.get("grace", "0 min"), name, "grace"),
        cap=_amount(table["cap"], name, "cap") if "cap" in table else None,
        days=_whole(table["days"], name) if "days" in table else None,
    )


def _amount(value: object, name: str, key: str) -> Amount:
    match = _AMOUNT.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or (match[2] in ("%", "percent") and float(match[1]) > _ALL):
        raise _unusable(name, key, 'it is neither a percentage, as "10 %", nor points, as "1.5 points"')
    return Amount(number=float(match[1]), is_percent=match[2] in ("%", "percent"))


def _seconds(value: object, name: str, key: str) -> float:
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise _unusable(name, key, 'it is no time, as "15 minutes", "2 hours" or "1 day"')
    return float(match[1]) * _UNITS[match[2] if match[2] in _UNITS else match[2].removesuffix("s")]


def _whole(value: object, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _unusable(name, "days", "it is no whole number")
    return value


def _moment(value: object, name: str, key: str) -> float:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            value = None
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise _unusable(name, key, "it is no time with an offset, as 2026-11-20T23:59:00+01:00")
    return value.timestamp()


def _unusable(name: str, key: str, why: str) -> UsageError:
    return UsageError(f"{name}: `{key}` cannot be used: {why}", remedy=_SEE)


def read_extensions(rows: Iterable[tuple[int, Mapping[str, str]]], name: str) -> dict[str, Extension]:
    """Read what students were granted.

    Parameters
    ----------
    rows : iterable of (int, mapping)
        Number of the line in the file, and cells by heading in lower case: `student` (name, id or e-mail address), and `until`,
        `days` or `submitted`.
    name : str
        Of the file, for messages.

    Returns
    -------
    dict of str to Extension
        As `Policy.extensions`.

    Raises
    ------
    UsageError
        Where a line names nobody, grants nothing, or somebody has two.
    """
    found: dict[str, Extension] = {}
    for number, row in rows:
        where = f"{name}, line {number}"
        who = folded(row.get("student", "") or row.get("id", "") or row.get("email", ""))
        if not who:
            raise _unusable(where, "student", "it is empty")
        if who in found:
            raise _unusable(where, "student", f"{who} has a line already")
        until, days, submitted = (row.get(key, "").strip() for key in ("until", "days", "submitted"))
        if not (until or days or submitted):
            raise _unusable(where, "until", "the line grants nothing")
        if days and not re.fullmatch(r"\d{1,4}(\.\d{1,4})?", days):
            raise _unusable(where, "days", "it is no number of days")
        found[who] = Extension(
            until=_moment(until, where, "until") if until else None,
            days=float(days or 0),
            submitted=_moment(submitted, where, "submitted") if submitted else None,
        )
    return found
