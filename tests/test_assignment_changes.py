"""What changed in an assignment is told in words, the same in every process, and holds no value of a case."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from corpus import ASSIGNMENTS

from grader.assignment import Assignment
from grader.assignment_changes import differences, in_short, outline
from grader.assignment_file import load, read


def edited(folder: Path, name: str, *edits: tuple[str, str]) -> Assignment:
    """Return an assignment that differs in some places from one that ships."""
    copy = folder / name
    shutil.copytree(ASSIGNMENTS / name, copy, ignore=shutil.ignore_patterns("submissions"))
    file = copy / "assignment.toml"
    text = file.read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    file.write_text(text, encoding="utf-8")
    return read(copy)


@pytest.mark.parametrize(
    ("edits", "told"),
    [
        ((("points = 4", "points = 4.5"),), ("points of gradients: 4 -> 4.5",)),
        ((("schema = 1", "schema = 1\nmarking = { rtol = 1e-3 }"),), ("tolerance (rtol): 0.0001 -> 0.001",)),
        ((("schema = 1", "schema = 1\nmarking = { atol = 1e-9 }"),), ("tolerance (atol): None -> 1e-09",)),
        (
            (("schema = 1", "schema = 1\nmarking = { follow_share = 0.5 }"),),
            ("marking (follow_share): 1 -> 0.5",),
        ),
        ((("schema = 1", "schema = 1\nmarking = { max_hint = 1 }"),), ()),
        ((("\nws = 0.5", "\nws = 0.75"),), ("worked case changed",)),
        ((("drawn = 6", "drawn = 10"),), ("number of drawn cases: 6 -> 10",)),
        ((("x = [-2.0, 2.0]", "x = [-2.0, 2.5]"),), ("ranges of drawn cases changed",)),
        ((("call_cpu_s = 2.0", "call_cpu_s = 3.0"),), ("limit call_cpu_s: 2 -> 3",)),
        ((("[limits]", '[late]\nper_day = "10 %"\n\n[limits]'),), ("late policy added",)),
        ((('title = "A network', 'title = "Network'),), ()),
        (
            (("points = 3", "points = 2"), ("drawn = 6", "drawn = 10")),
            ("points of forward: 3 -> 2", "number of drawn cases: 6 -> 10"),
        ),
    ],
)
def test_a_change_is_told(tmp_path: Path, edits: tuple[tuple[str, str], ...], told: tuple[str, ...]) -> None:
    """What no grade depends on (titles, hints of a check) is no change."""
    before = edited(tmp_path / "before", "skip_network", ("[limits]", "[limits]"))
    now = edited(tmp_path / "now", "skip_network", *edits)
    assert differences(outline(before), outline(now)) == told


def test_a_unit_is_named(tmp_path: Path) -> None:
    now = outline(edited(tmp_path, "mlp_lab", ("points = 1.8", "points = 2")))
    assert {"points of linear", "number of drawn cases of relu", "experiment xor"} <= set(now)


def test_what_is_new_or_gone_is_told_with_the_new_first() -> None:
    before = {"points of a": "1", "edge case 2": "#1", "worked case": "#2"}
    now = {"points of a": "1", "worked case": "#3", "edge case 1": "#1"}
    assert differences(before, now) == ("worked case changed", "edge case 1 added", "edge case 2 removed")


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ((), ""),
        (("a", "b", "c"), "a, b, c"),
        (("a", "b", "c", "d", "e"), "a, b, c and 2 more changes of the assignment"),
    ],
)
def test_a_line_names_three_changes_and_counts_the_others(found: tuple[str, ...], told: str) -> None:
    assert in_short(found) == told


def test_no_value_of_a_case_stands_in_an_outline() -> None:
    """Arrays are digests: 16 digits of hexadecimals."""
    values = [value for name, value in outline(load("mlp_lab")).items() if "case of" in name]
    assert len(values) > 5
    assert all(len(value) == 17 and value.startswith("#") for value in values)


def test_an_outline_is_the_same_in_every_process() -> None:
    """Sets have another order there; else everything would seem to have changed."""
    text = (
        "from grader.assignment_file import load\nfrom grader.assignment_changes import outline\n"
        "print(sorted(outline(load('mlp_lab')).items()))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", text],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1
