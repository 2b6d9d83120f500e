"""A strict reading of the contract on `results/STUDENT.json`: names, types, order, and what must hold between them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

FIELDS: dict[str, tuple[type, ...]] = {
    "schema": (int,),
    "assignment": (str,),
    "student": (str,),
    "submission": (dict,),
    "points": (float,),
    "max_points": (float,),
    "pending_points": (float,),
    "final": (bool,),
    "status": (str,),
    "first_mistake": (str, type(None)),
    "questions": (list,),
    "environment": (dict,),
    "seconds": (float,),
    "peak_memory_mib": (float,),
}
SUBMISSION: dict[str, tuple[type, ...]] = {"files": (list,), "sha256": (str,)}
QUESTION: dict[str, tuple[type, ...]] = {
    "id": (str,),
    "points": (float,),
    "max_points": (float,),
    "pending_points": (float,),
    "status": (str,),
    "message": (str, type(None)),
    "notes": (list,),
    "quantities": (list,),
    "findings": (list,),
    "text": (str, type(None)),
    "place": (dict, type(None)),
    "lines": (list,),
}
PLACE: dict[str, tuple[type, ...]] = {
    "file": (str,),
    "cell": (int, type(None)),
    "line": (int,),
    "heading": (str,),
}
LINE: dict[str, tuple[type, ...]] = {
    "place": (dict,),
    "column": (int,),
    "verdict": (str,),
    "quantity": (str, type(None)),
    "label": (str, type(None)),
    "text": (str,),
    "notes": (list,),
    "sides": (list,),
}
SIDE: dict[str, tuple[type, ...]] = {
    "relation": (str,),
    "source": (str,),
    "is_right": (bool, type(None)),
    "note": (str,),
}
ANY = (object,)
QUANTITY: dict[str, tuple[type, ...]] = {
    "name": (str,),
    "verdict": (str,),
    "case": (str, type(None)),
    "expected": ANY,
    "actual": ANY,
    "error": (dict, type(None)),
}
ERROR: dict[str, tuple[type, ...]] = {
    "abs": (float, str),
    "rel": (float, str, type(None)),
    "index": (list,),
    "rtol": (float,),
    "atol": (float,),
}
FINDING: dict[str, tuple[type, ...]] = {
    "slip": (str,),
    "also": (list,),
    "at": (str,),
    "explains": (list,),
    "text": (str,),
}
ENVIRONMENT: dict[str, tuple[type, ...]] = {
    "grader": (str,),
    "numpy": (str,),
    "isolation": (str,),
    "seed_sha256": (str,),
    "limits": (dict,),
}
QUESTION_STATUSES = {
    "graded", "awaiting", "missing", "failed", "timeout", "memory", "output", "killed", "unreadable", "fault",
}  # fmt: skip
STATUSES = {"graded", "awaiting", "unreadable", "fault"}
"""A submission is `graded` also where questions have a worse status of their own."""
UNDECIDED = STATUSES - {"graded"}
VERDICTS = {"correct", "follows", "wrong", "missing", "invalid", "undecided"}
LINE_VERDICTS = {
    "right", "follows", "wrong", "mislabelled", "method", "circular", "unread", "withdrawn", "repeated", "definition", "open",
}  # fmt: skip
NOT_FINITE = {"nan", "inf", "-inf"}
MOST_ENTRIES = 64
DIGEST = re.compile(r"[0-9a-f]{64}")
NAME = re.compile(r"([a-z]\w*\.)?[A-Za-z]\w*(/d\w+)?")
"""In an assignment of several units, the unit stands before the quantity."""
CASE = re.compile(r"worked|drawn-\d+|edge-\d+")
SLIP = re.compile(r"[a-z]+(-[a-z]+)*")


def violations(result: Mapping[str, Any]) -> list[str]:
    """Return every way in which a result file departs from the contract."""
    found = list(_fields("", result, FIELDS))
    if found:
        return found
    first = result["first_mistake"]
    return [*_top(result), *(text for entry in result["questions"] for text in _question(entry, first))]


def _fields(where: str, value: object, fields: Mapping[str, tuple[type, ...]]) -> Iterator[str]:
    if not isinstance(value, dict) or list(value) != list(fields):
        yield f"{where}: not the fields {list(fields)} in this order: {value!r}"
        return
    for name, types in fields.items():
        if types is not ANY and type(value[name]) not in types:
            yield f"{where}.{name} is {value[name]!r}"
        if isinstance(value[name], float) and not math.isfinite(value[name]):
            yield f"{where}.{name} is a number that JSON does not have"


def _texts(where: str, value: object, pattern: re.Pattern[str] | None = None) -> Iterator[str]:
    entries = value if isinstance(value, list) else [None]
    if not all(isinstance(entry, str) and (not pattern or pattern.fullmatch(entry)) for entry in entries):
        yield f"{where} is {value!r}"


def _top(result: Mapping[str, Any]) -> Iterator[str]:
    yield from _fields("submission", result["submission"], SUBMISSION)
    yield from _texts("files", result["submission"]["files"])
    yield from _fields("environment", result["environment"], ENVIRONMENT)
    checks = {
        "schema": result["schema"] == 1,
        "sha256": DIGEST.fullmatch(result["submission"]["sha256"]),
        "seed_sha256": DIGEST.fullmatch(result["environment"]["seed_sha256"]),
        "status": result["status"] in STATUSES,
        "first_mistake": result["first_mistake"] is None or NAME.fullmatch(result["first_mistake"]),
        "final": result["final"] == (result["pending_points"] == 0.0),
        "seconds": result["seconds"] >= 0.0,
        "peak_memory_mib": result["peak_memory_mib"] >= 0.0,
    }
    for name in ("points", "max_points", "pending_points"):
        total = sum(entry[name] for entry in result["questions"])
        checks[f"sum of {name}"] = math.isclose(result[name], total, abs_tol=1e-9)
    if result["status"] in UNDECIDED:
        checks["nothing is decided"] = result["pending_points"] == result["max_points"]
    yield from (f"{name}: does not hold" for name, holds in checks.items() if not holds)


def _question(question: Mapping[str, Any], first: object) -> Iterator[str]:
    where = str(question.get("id"))
    wrong = list(_fields(where, question, QUESTION))
    if wrong:
        yield from wrong
        return
    yield from _texts(f"{where}.notes", question["notes"])
    if question["place"] is not None:
        yield from _fields(f"{where}.place", question["place"], PLACE)
    checks = {
        "status": question["status"] in QUESTION_STATUSES,
        "message": question["status"] == "graded" or question["message"],
        "points": 0.0 <= question["points"] <= question["max_points"] + 1e-9,
        "pending": 0.0 <= question["pending_points"] <= question["max_points"] - question["points"] + 1e-9,
        "a text where a person reads it": question["text"] is None or question["status"] == "awaiting",
        "a place of each text": (question["text"] is None) == (question["place"] is None),
        "each quantity once": len({entry["name"] for entry in question["quantities"]})
        == len(question["quantities"]),
    }
    yield from (f"{where}.{name}: does not hold" for name, holds in checks.items() if not holds)
    for entry in question["quantities"]:
        yield from _quantity(f"{where}.{entry.get('name')}", entry, first, in_writing=bool(question["lines"]))
    for entry in question["findings"]:
        yield from _finding(f"{where}.{entry.get('slip')}", entry)
    for number, entry in enumerate(question["lines"], start=1):
        yield from _line(f"{where}.line {number}", entry)


def _line(where: str, entry: Mapping[str, Any]) -> Iterator[str]:
    wrong = [*_fields(where, entry, LINE), *_fields(f"{where}.place", entry.get("place"), PLACE)]
    wrong += [text for side in entry.get("sides", []) for text in _fields(f"{where}.side", side, SIDE)]
    if wrong:
        yield from wrong
        return
    yield from _texts(f"{where}.notes", entry["notes"])
    names = [name for name in (entry["quantity"], entry["label"]) if name is not None]
    checks = {
        "verdict": entry["verdict"] in LINE_VERDICTS,
        "names": all(map(NAME.fullmatch, names)),
        "place": entry["place"]["line"] > 0 and entry["column"] > 0,
        "sides": bool(entry["sides"]),
        "a relation before each further side": all(bool(side["relation"]) for side in entry["sides"][1:]),
        "what it counts as": entry["quantity"] is not None
        or entry["verdict"] not in ("follows", "mislabelled", "repeated"),
    }
    yield from (f"{where}.{name}: does not hold: {entry}" for name, holds in checks.items() if not holds)


def _quantity(where: str, entry: Mapping[str, Any], first: object, *, in_writing: bool) -> Iterator[str]:
    wrong = list(_fields(where, entry, QUANTITY))
    if wrong:
        yield from wrong
        return
    # The first mistake may be a quantity that nobody gave, or that nobody was asked for.
    is_inferred = entry["verdict"] == "wrong" and entry["name"] == first and entry["actual"] is None
    # That something does not change is shown in writing, and has no number.
    is_identity = in_writing and entry["actual"] is None and entry["expected"] is None
    is_compared = entry["verdict"] in ("correct", "follows", "wrong") and not is_inferred and not is_identity
    checks = {
        "name": NAME.fullmatch(entry["name"]),
        "verdict": entry["verdict"] in VERDICTS,
        "case": entry["case"] is None or CASE.fullmatch(entry["case"]),
        "expected": entry["expected"] is None or _is_numbers(entry["expected"]),
        "actual": entry["actual"] is None or _is_numbers(entry["actual"]),
        "a case for what is given": entry["case"] is not None
        or is_inferred
        or entry["verdict"] in ("missing", "undecided"),
        "expected where right or wrong": entry["expected"] is not None or not is_compared,
        # Of a run with known-good parts no number is shown.
        "given where right or wrong": entry["actual"] is not None
        or not is_compared
        or entry["verdict"] == "follows",
    }
    yield from (f"{where}.{name}: does not hold: {entry}" for name, holds in checks.items() if not holds)
    if entry["error"] is not None:
        yield from _error(f"{where}.error", entry["error"], entry["expected"])


def _error(where: str, error: Mapping[str, Any], expected: object) -> Iterator[str]:
    wrong = list(_fields(where, error, ERROR))
    if wrong:
        yield from wrong
        return
    is_zero = isinstance(expected, int | float) and expected == 0
    checks = {
        "abs": _is_number(error["abs"]) and error["abs"] != "-inf",
        "rel": error["rel"] is None or _is_number(error["rel"]),
        "rel is null where zero is expected": not is_zero or error["rel"] is None,
        "rel is there where a number is expected": is_zero
        or not isinstance(expected, int | float)
        or error["rel"] is not None,
        "index": all(type(entry) is int and entry >= 0 for entry in error["index"]),
        # A final number of an experiment, such as an accuracy, has an absolute tolerance alone.
        "rtol": 0.0 <= error["rtol"] <= 1e-2 and (error["rtol"] > 0.0 or error["atol"] > 0.0),
        "atol": error["atol"] >= 0.0,
    }
    yield from (f"{where}.{name}: does not hold: {error}" for name, holds in checks.items() if not holds)


def _finding(where: str, entry: Mapping[str, Any]) -> Iterator[str]:
    wrong = list(_fields(where, entry, FINDING))
    if wrong:
        yield from wrong
        return
    yield from _texts(f"{where}.also", entry["also"], SLIP)
    yield from _texts(f"{where}.explains", entry["explains"], NAME)
    if not (SLIP.fullmatch(entry["slip"]) and NAME.fullmatch(entry["at"]) and entry["text"].strip()):
        yield f"{where}: {entry}"


def _is_number(value: object) -> bool:
    if isinstance(value, str):
        return value in NOT_FINITE
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_numbers(value: object) -> bool:
    if isinstance(value, dict):
        return (
            list(value) == ["shape", "dtype", "head"]
            and all(type(length) is int for length in value["shape"])
            and isinstance(value["dtype"], str)
            and all(map(_is_number, value["head"]))
        )
    if isinstance(value, list):
        return _size(value) <= MOST_ENTRIES and all(_is_numbers(entry) for entry in value)
    return _is_number(value)


def _size(value: object) -> int:
    return sum(map(_size, value)) if isinstance(value, list) else 1
