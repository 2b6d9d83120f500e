"""Whatever is written in a hand-in, grading it ends within seconds and 100 MiB, and says in a line what was refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hostile_texts import TEXTS
from installed import environment, once

MOST_SECONDS = 4.0
"""Of processor time: twice what is aimed at, since a machine may be half as quick as the one it is aimed at on."""
"""Of CPU time, on a machine that does other things too."""
MOST_MIB = 100.0
QUICK = (
    *("brackets in one another", "a sum of 10^15 terms", "macros that double", "definitions in a circle"),
    *("dollars", "100 MB of dollars", "3,000 factors", "10,000 lines", "a number of a million digits"),
    *(
        "digits behind a formula",
        "derivatives in words",
        "50 free indices",
        "numbers beyond floats",
        "null bytes",
        "quotes",
        "letters",
    ),
)
REFUSED = {
    "macros that double": "steps",
    "a macro of itself": "steps",
    "sums in sums": "steps",
    "100 MB of dollars": "alice.md",
    "10,000 lines": "2,000 formulas",
    "environments without end": "never closed",
}
"""What must stand in the line that says what was not read."""


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Grade the quick ones in one process, once for all workers of a test run."""
    return measured(tmp_path_factory, "quick-texts", QUICK)


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Grade them all."""
    return measured(tmp_path_factory, "all-texts", tuple(TEXTS))


def measured(factory: pytest.TempPathFactory, kind: str, names: tuple[str, ...]) -> dict[str, Any]:
    def run(folder: Path) -> None:
        done = subprocess.run(
            [sys.executable, Path(__file__).with_name("hostile_child.py"), *names],
            env=environment(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1"),
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        (folder / "lines").write_text(done.stdout, encoding="utf-8")

    lines = (once(factory, kind, run) / "lines").read_text(encoding="utf-8").splitlines()
    return {one["name"]: one for one in map(json.loads, lines)}


def assert_harmless(one: dict[str, Any]) -> None:
    """Assert what holds for each: little time and memory, no fault, no point for it, and no right line lost."""
    assert one["seconds"] < MOST_SECONDS
    assert one["mib"] < MOST_MIB
    assert one["status"] == "graded", one["message"]
    assert one["z0"] in ("correct", "undecided", "missing")
    if one["z0"] != "correct":
        assert one["questions"]["derivation"] == "awaiting", (
            "the right line before it is lost, so a person looks"
        )
    assert sum(one["points"].values()) <= 3 * 2.0 / 17 + 1e-9, "z0 is right, and two more lines at most"
    assert not [note for note in one["notes"] if "\n" in note or len(note) > 300]


@pytest.mark.parametrize("name", QUICK)
def test_it_is_graded_soon_and_in_little_memory(name: str, quick: dict[str, Any]) -> None:
    assert_harmless(quick[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", TEXTS)
def test_each_is_graded_soon_and_in_little_memory(name: str, every: dict[str, Any]) -> None:
    assert_harmless(every[name])


@pytest.mark.slow
@pytest.mark.parametrize(("name", "words"), REFUSED.items())
def test_what_is_refused_is_said_in_a_line(name: str, words: str, every: dict[str, Any]) -> None:
    said = [*every[name]["notes"], *every[name]["messages"]]
    assert [text for text in said if words in text]


def test_what_costs_too_much_is_seen(quick: dict[str, Any]) -> None:
    """The assertions themselves."""
    fine = quick["dollars"]
    for change in (
        {"seconds": 4.5},
        {"mib": 120.0},
        {"status": "fault"},
        {"notes": ["one\ntwo"]},
        {"z0": "wrong"},
    ):
        with pytest.raises(AssertionError):
            assert_harmless({**fine, **change})
