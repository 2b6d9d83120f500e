"""`kill -9` between any two steps of a decision leaves the gradebook whole: all of it was decided, or nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
SCRIPT = HERE / "kill_each_step.py"
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")


def outcomes(action: str, folder: Path) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, SCRIPT, action, folder], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def check_all(found: list[dict[str, Any]], least: int) -> None:
    assert len(found) > least, "there are more steps than this"
    assert all(one["whole"] == [["ok"]] for one in found)
    assert all(one["left"] == {} for one in found), "whoever comes next writes what is left"


@needs_fork
def test_a_decision_is_there_with_its_files_or_was_never_made(tmp_path: Path) -> None:
    found = outcomes("mark", tmp_path)
    check_all(found, 20)
    before: tuple[tuple[str, Any], ...] = (("marks", {}), ("log", 0))
    after = (("marks", {"alice": [1.5]}), ("log", 1))
    states = [(("marks", one["marks"]), ("log", one["log"])) for one in found]
    assert states == sorted(states, key=lambda state: state == after), "once it is there, it stays"
    assert {str(state) for state in states} == {str(before), str(after)}
    for one, state in zip(found, states, strict=True):
        if state == after:
            assert one["csv"] == ["007,,6,3,,graded", "alice,4.5,6,3,1.5,graded", "bob,,6,3,,graded"]
        else:
            assert one["csv"] is None, "nobody had written it"


@needs_fork
def test_a_table_is_taken_in_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    found = outcomes("table", tmp_path)
    check_all(found, 30)
    everybody = {"007": [0.5], "alice": [0.5], "bob": [0.5]}
    assert [one["marks"] for one in found if one["marks"]] == [everybody] * sum(
        bool(one["marks"]) for one in found
    )
    assert found[0]["marks"] == {}
    assert found[-1]["marks"] == everybody
    for one in found:
        if one["marks"]:
            assert one["csv"] == [f"{name},3.5,6,3,0.5,graded" for name in ("007", "alice", "bob")]


@needs_fork
def test_a_mark_outlives_a_regrade_that_is_killed_anywhere(tmp_path: Path) -> None:
    found = outcomes("regrade", tmp_path)
    check_all(found, 20)
    assert all(one["marks"] == {"alice": [1.5]} for one in found)
    # The grader's own points are 3, then 4; the person's 1.5 are beside them.
    old, new = "alice,4.5,6,3,1.5,graded", "alice,5.5,6,4,1.5,graded"
    assert [one["csv"][1] for one in found] == [
        new if one["points"] == [3.0, 4.0, 3.0] else old for one in found
    ]
    assert (found[0]["csv"][1], found[-1]["csv"][1]) == (old, new)
