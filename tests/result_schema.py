"""The contract on `results/STUDENT.json`: the shipped schema, read strictly, and what must hold between fields."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator

from grader.schema import schema

MOST_ENTRIES = 64


def closed(value: Any) -> Any:
    """Return a schema that takes no field it does not name: one that is added belongs into the schema."""
    if isinstance(value, list):
        return [closed(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    more = {"additionalProperties": False} if isinstance(value.get("properties"), dict) else {}
    return {name: closed(entry) for name, entry in value.items()} | more


def _orders(value: Any) -> Iterator[list[str]]:
    """Yield the fields of every object that a schema describes, in order."""
    if isinstance(value, dict):
        if isinstance(value.get("properties"), dict):
            yield list(value["properties"])
        for entry in value.values():
            yield from _orders(entry)


STRICT = Draft202012Validator(closed(schema("results")))
ORDERS = {frozenset(names): names for names in _orders(schema("results"))}


def violations(result: Mapping[str, Any]) -> list[str]:
    """Return every way in which a result file departs from the contract."""
    found = [f"{error.json_path}: {error.message}" for error in STRICT.iter_errors(result)]
    found += _out_of_order("$", result)
    if found:
        return found
    first = result["first_mistake"]
    return [*_top(result), *(text for entry in result["questions"] for text in _question(entry, first))]


def _out_of_order(where: str, value: object) -> Iterator[str]:
    """Yield the objects whose fields do not stand as in the schema; numbers that JSON does not have, too."""
    if isinstance(value, float) and not math.isfinite(value):
        yield f"{where} is a number that JSON does not have"
    if isinstance(value, dict):
        if list(value) != ORDERS.get(frozenset(value), list(value)):
            yield f"{where}: not in the order {ORDERS[frozenset(value)]}"
        for name, entry in value.items():
            yield from _out_of_order(f"{where}.{name}", entry)
    if isinstance(value, list):
        for place, entry in enumerate(value):
            yield from _out_of_order(f"{where}[{place}]", entry)


def _top(result: Mapping[str, Any]) -> Iterator[str]:
    checks = {"final": result["final"] == (result["pending_points"] == 0.0)}
    is_summed = not any(mark["target"] == "total" and mark["in_force"] for mark in result["marks"])
    for name in ("points", "max_points", "pending_points") if is_summed else ("max_points",):
        total = sum(entry[name] for entry in result["questions"])
        checks[f"{name} is written as a float"] = type(result[name]) is float
        checks[f"sum of {name}"] = math.isclose(result[name], total, abs_tol=1e-9)
    if result["status"] != "graded":
        checks["nothing is decided"] = result["pending_points"] == result["max_points"]
    yield from (f"{name}: does not hold" for name, holds in checks.items() if not holds)


def _question(question: Mapping[str, Any], first: object) -> Iterator[str]:
    where = str(question["id"])
    checks = {
        "message": question["status"] == "graded" or question["message"],
        "points": 0.0 <= question["points"] <= question["max_points"] + 1e-9,
        "pending": 0.0 <= question["pending_points"] <= question["max_points"] - question["points"] + 1e-9,
        "a text where a person reads it": question["text"] is None
        or question["status"] == "awaiting"
        or question["automatic"] is not None,
        "a place of each text": (question["text"] is None) == (question["place"] is None),
        "each quantity once": len({entry["name"] for entry in question["quantities"]})
        == len(question["quantities"]),
        "a finding says something": all(entry["text"].strip() for entry in question["findings"]),
    }
    yield from (f"{where}.{name}: does not hold" for name, holds in checks.items() if not holds)
    for entry in question["quantities"]:
        yield from _quantity(f"{where}.{entry['name']}", entry, first, in_writing=bool(question["lines"]))
    for number, entry in enumerate(question["lines"], start=1):
        yield from _line(f"{where}.line {number}", entry)


def _line(where: str, entry: Mapping[str, Any]) -> Iterator[str]:
    checks = {
        "a relation before each further side": all(bool(side["relation"]) for side in entry["sides"][1:]),
        "what it counts as": entry["quantity"] is not None
        or entry["verdict"] not in ("follows", "mislabelled", "repeated"),
    }
    yield from (f"{where}.{name}: does not hold: {entry}" for name, holds in checks.items() if not holds)


def _quantity(where: str, entry: Mapping[str, Any], first: object, *, in_writing: bool) -> Iterator[str]:
    # The first mistake may be a quantity that nobody gave, or that nobody was asked for.
    is_inferred = entry["verdict"] == "wrong" and entry["name"] == first and entry["actual"] is None
    # That something does not change is shown in writing, and has no number.
    is_identity = in_writing and entry["actual"] is None and entry["expected"] is None
    is_compared = entry["verdict"] in ("correct", "follows", "wrong") and not is_inferred and not is_identity
    checks = {
        "few entries": all(_size(entry[name]) <= MOST_ENTRIES for name in ("expected", "actual")),
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
    is_zero = isinstance(expected, int | float) and expected == 0
    checks = {
        "abs": error["abs"] != "-inf",
        "rel is null where zero is expected": not is_zero or error["rel"] is None,
        "rel is there where a number is expected": is_zero
        or not isinstance(expected, int | float)
        or error["rel"] is not None,
        # A final number of an experiment, such as an accuracy, has an absolute tolerance alone.
        "rtol": 0.0 <= error["rtol"] <= 1e-2 and (error["rtol"] > 0.0 or error["atol"] > 0.0),
    }
    yield from (f"{where}.{name}: does not hold: {error}" for name, holds in checks.items() if not holds)


def _size(value: object) -> int:
    return sum(map(_size, value)) if isinstance(value, list) else 1
