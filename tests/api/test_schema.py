"""The shipped schemas describe what the command prints, and no wrong field gets past them."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from corpus import ASSIGNMENTS
from installed import call
from jsonschema import Draft202012Validator
from result_schema import closed, violations

import grader
from grader.schema import NAMES, schema

CORPUS = ASSIGNMENTS / "skip_network" / "submissions"
BESIDE = ("hint", "gradient_check", "rules")
"""What `check` tells beside a result."""
WRITTEN = ASSIGNMENTS / "skip_network_by_hand" / "submissions" / "mixed" / "two_small_slips.md"


SHIPPED = {name: Draft202012Validator(schema(name)) for name in NAMES}
STRICT = {name: Draft202012Validator(closed(schema(name))) for name in NAMES if name != "check"}
"""What is beside a result in `check` is no field of it: a closed schema would refuse either by the other."""


def departures(name: str, document: object, *, strict: bool = False) -> list[str]:
    validator = STRICT[name] if strict else SHIPPED[name]
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


@pytest.fixture(scope="module")
def checked() -> Any:
    """Two checks: of code with a mistake, told with its rule, and of a derivation."""
    files = (CORPUS / "wrong" / "skip_path_left_out.py", WRITTEN)
    checks = [call("check", file, "--json", "--hint", "3").document["checks"] for file in files]
    return {"schema": 1, "checks": [entry for one in checks for entry in one]}


def result_of(entry: Any) -> dict[str, Any]:
    """Return the result in an entry of `check`."""
    return {name: value for name, value in entry.items() if name not in BESIDE}


@pytest.fixture(scope="module")
def small(checked: Any) -> Any:
    """The same with one entry in every list but those of results and questions."""
    return cut(checked)


def cut(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {name: cut(entry, name) for name, entry in value.items()}
    if isinstance(value, list):
        return [cut(entry) for entry in (value if name in ("checks", "questions") else value[-1:])]
    return value


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of every field of every object."""
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for name, entry in entries:
        if isinstance(name, str):
            yield (*path, name)
        yield from places(entry, (*path, name))


def one_of_each(document: Any) -> list[tuple[str | int, ...]]:
    """Return a path to each kind of field."""
    kinds: dict[tuple[str, ...], tuple[str | int, ...]] = {}
    for path in places(document):
        kinds.setdefault(tuple(name for name in path if isinstance(name, str)), path)
    return list(kinds.values())


def holder(document: Any, path: tuple[str | int, ...]) -> Any:
    for name in path[:-1]:
        document = document[name]
    return document


@pytest.mark.parametrize("name", NAMES)
def test_every_schema_is_one_by_the_rules_of_its_draft(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))
    assert schema(name)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("name", NAMES)
def test_the_command_prints_the_shipped_schema(name: str) -> None:
    assert call("schema", name).document == schema(name)


def test_without_a_name_the_schema_of_results_is_printed() -> None:
    assert call("schema").document == schema("results")


def test_what_check_prints_is_as_described(checked: Any) -> None:
    assert departures("check", checked) == []
    assert departures("check", call("check", WRITTEN, "--json", "--hint", "1").document) == []
    assert [entry["assignment"] for entry in checked["checks"]] == ["skip_network", "skip_network_by_hand"]
    assert [violations(result_of(entry)) for entry in checked["checks"]] == [[], []]


def test_what_list_prints_is_as_described() -> None:
    document = call("list", "--json").document
    assert departures("list", document, strict=True) == []
    assert len(document["assignments"]) > 5


@pytest.mark.parametrize("name", ["skip_network", "skip_network_by_hand", "mlp_lab", "mlp_lab_report"])
def test_what_show_prints_is_as_described(name: str) -> None:
    assert departures("show", call("show", name, "--json").document, strict=True) == []


def test_a_grade_of_values_is_as_described() -> None:
    grade = grader.mark("skip_network", {"z0": [float("nan")], "h0": [0.5, 0.5], "z1": "text", "h1": 2.0})
    assert violations(grader.result_document(grade)) == []


def test_every_field_that_is_left_out_is_noticed(small: Any) -> None:
    """But the limits of the environment, which old results lack, and rules, which are told at the last step alone."""
    for path in one_of_each(small):
        damaged = copy.deepcopy(small)
        del holder(damaged, path)[path[-1]]
        found = departures("check", damaged)
        assert bool(found) is (path[-1] not in ("limits", "rules") and "rules" not in path), path


def test_every_field_of_another_kind_is_noticed(small: Any) -> None:
    for path in one_of_each(small):
        damaged = copy.deepcopy(small)
        holder(damaged, path)[path[-1]] = {"planted": 1}
        assert departures("check", damaged), path


def test_a_further_field_is_taken_by_the_schema_and_noticed_by_these_tests(small: Any) -> None:
    result = result_of(small["checks"][0])
    for path in one_of_each(result):
        damaged = copy.deepcopy(result)
        holder(damaged, path)["planted"] = 1
        assert departures("results", damaged) == [], path
        assert departures("results", damaged, strict=True), path


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("points",), "7"),
        (("points",), -1.0),
        (("schema",), 2),
        (("status",), "passed"),
        (("submission", "sha256"), "abc"),
        (("first_mistake",), "not a name"),
        (("questions", 0, "status"), "done"),
        (("questions", 0, "quantities", 0, "verdict"), "right"),
        (("questions", 0, "quantities", 0, "case"), "case 1"),
        (("questions", 0, "quantities", 0, "actual"), "infinity"),
        (("questions", 0, "findings", 0, "slip"), "Path Dropped"),
        (("environment", "isolation"), "docker"),
        (("environment", "limits", "memory_mib"), 0.5),
    ],
    ids=str,
)
def test_a_planted_wrong_value_is_noticed(checked: Any, path: tuple[str | int, ...], value: object) -> None:
    damaged = copy.deepcopy(result_of(checked["checks"][0]))
    assert departures("results", damaged) == []
    holder(damaged, path)[path[-1]] = value
    assert departures("results", damaged)


def test_the_schemas_are_shipped_beside_the_code() -> None:
    folder = Path(grader.__file__).parent / "schema"
    assert {path.name for path in folder.glob("*.json")} == {f"{name}.schema.json" for name in NAMES}
