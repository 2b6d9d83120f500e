"""`grade` runs unread code behind strong walls only, and says which were in force."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from classes import small_class
from installed import call, call_with

from grader.cli.protection import protection
from grader.errors import HostError
from grader.sandbox import Isolation, Level, canaries
from grader.sandbox.canaries import Confirmed
from grader.sandbox.choice import Probed


def offered(monkeypatch: pytest.MonkeyPatch, level: Level, *, broken: tuple[str, ...] = ()) -> None:
    """Let a machine offer one level and nothing above it."""
    confirmed = Confirmed(isolation=Isolation(level=level), broken=broken)

    def confirm(_probed: Probed) -> Confirmed:
        return confirmed

    monkeypatch.setattr(canaries, "confirm", confirm)


def said(*_lines: str) -> None:
    """Take no notice."""


@pytest.mark.parametrize("level", [Level.PROCESS, Level.LIMITS])
def test_unread_code_is_refused_below_seal(monkeypatch: pytest.MonkeyPatch, level: Level) -> None:
    offered(monkeypatch, level)
    with pytest.raises(HostError, match=f"`seal` is needed .* only `{level}` is in force") as refused:
        protection(None, trusted=False, tell=said)
    assert "--trust-submissions" in str(refused.value.remedy)


@pytest.mark.parametrize("level", [Level.SEAL, Level.FENCE, Level.JAIL])
def test_unread_code_runs_from_seal_up(monkeypatch: pytest.MonkeyPatch, level: Level) -> None:
    offered(monkeypatch, level)
    assert protection(None, trusted=False, tell=said).level is level


def test_read_code_runs_at_any_level(monkeypatch: pytest.MonkeyPatch) -> None:
    offered(monkeypatch, Level.PROCESS)
    assert protection(None, trusted=True, tell=said).level is Level.PROCESS


def test_less_than_what_is_demanded_is_refused_even_for_read_code(monkeypatch: pytest.MonkeyPatch) -> None:
    offered(monkeypatch, Level.FENCE)
    assert protection("fence", trusted=False, tell=said).level is Level.FENCE
    with pytest.raises(HostError, match="isolation `jail` was demanded, and only `fence`") as refused:
        protection("jail", trusted=True, tell=said)
    assert "grader doctor" in str(refused.value.remedy)


def test_a_level_that_was_broken_into_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    offered(monkeypatch, Level.SEAL, broken=("fence: connect: it gave connected",))
    protection(None, trusted=False, tell=lines.append)
    assert lines == ["isolation given up: fence: connect: it gave connected"]


def test_each_result_says_which_isolation_was_in_force(tmp_path: Path) -> None:
    level = call("doctor", "--json").document["isolation"]
    out = tmp_path / "out"
    done = call("grade", "skip_network", small_class(tmp_path / "class", 1), "-o", out, "--trust-submissions")
    assert done.code == 0
    [result] = (out / "results").iterdir()
    assert json.loads(result.read_text())["environment"]["isolation"] == level


def test_the_doctor_says_of_each_probe_what_came_and_what_it_is_for() -> None:
    document = call("doctor", "--json").document
    for probe in document["probes"]:
        assert probe["available"] == (probe["answer"] == "held")
        assert probe["for"]
    if document["isolation"] == "jail":
        assert document["missing"] == []
    else:
        assert all(entry["command"] for entry in document["missing"])


def test_python_m_grader_imports_no_submission_that_lies_in_the_current_folder(tmp_path: Path) -> None:
    """`-m` puts that folder first, and the file of a student may be called as a library is."""
    small_class(tmp_path / "class")
    names = ("click", "json", "msgspec", "numpy", "random", "sqlite3", "struct")
    for name in names:
        (tmp_path / "class" / f"{name}.py").write_text(f"raise SystemExit('{name} ran')\n", encoding="utf-8")
    done = call_with(
        [sys.executable, "-m", "grader"],
        *("grade", "skip_network", ".", "-o", "../graded", "--seed", "1"),
        folder=tmp_path / "class",
    )
    assert done.code == 0, done.err
    assert all((tmp_path / "graded" / "results" / f"{name}.json").exists() for name in names)
