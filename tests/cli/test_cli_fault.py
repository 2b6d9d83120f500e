"""Where we break, nobody loses a point: status `fault`, exit code 4, all others graded, tried again by the next run."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from classes import RIGHT, small_class
from installed import call, call_with, results
from result_schema import violations

NO_PROCESS = """
import grader.sandbox.runner as runner
start = runner.ChildProcess
def refuse(job, *, imports):
    if b"no process for me" in job:
        raise OSError(11, "Resource temporarily unavailable")
    return start(job, imports=imports)
runner.ChildProcess = refuse
from grader.cli import main
main()
"""
"""The command on a machine that gives one submission no process."""
NO_CHILD = """
import pathlib
import grader.sandbox.process as process
process._HERE = pathlib.Path("/nowhere")
from grader.cli import main
main()
"""
"""The command with a child that does not start."""


def test_a_submission_that_gets_no_process_is_our_fault_and_the_next_run_tries_again(tmp_path: Path) -> None:
    folder = small_class(tmp_path / "class")
    (folder / "unlucky.py").write_text(f"# no process for me\n{RIGHT}")
    arguments = ("grade", "skip_network", folder, "-o", tmp_path / "out")

    done = call_with([sys.executable, "-c", NO_PROCESS], *arguments)

    assert done.code == 4
    assert "our fault, no points decided: unlucky" in done.out
    given = results(tmp_path / "out")
    assert {name: entry["status"] for name, entry in given.items()} == {
        "s0": "graded", "s1": "graded", "s2": "graded", "s3": "graded", "unlucky": "fault",
    }  # fmt: skip
    unlucky = given["unlucky"]
    assert (unlucky["points"], unlucky["pending_points"], unlucky["final"]) == (0.0, 10.0, False)
    assert "Resource temporarily unavailable" in unlucky["questions"][0]["message"]
    assert violations(unlucky) == []
    assert "unlucky,,10,,,,fault" in (tmp_path / "out" / "grades.csv").read_text().splitlines()

    again = call(*arguments)
    assert again.code == 0
    assert again.out.splitlines()[:2] == [
        "1 graded, 4 unchanged",
        "  changed: unlucky: 0 -> 10 points (fault -> graded); graded again after a fault",
    ]


def test_where_no_child_starts_everything_is_our_fault_and_nothing_is_decided(tmp_path: Path) -> None:
    folder = small_class(tmp_path / "class", 2)
    done = call_with(
        [sys.executable, "-c", NO_CHILD], "grade", "skip_network", folder, "-o", tmp_path / "out", "--json"
    )
    assert done.code == 4
    assert sorted(json.loads(done.out)["faults"]) == ["s0", "s1"]
    for result in results(tmp_path / "out").values():
        assert (result["status"], result["pending_points"]) == ("fault", 10.0)
        assert "did not start" in result["questions"][0]["message"]


def test_check_ends_with_four_where_we_break(tmp_path: Path) -> None:
    (tmp_path / "alice.py").write_text(RIGHT)
    done = call_with([sys.executable, "-c", NO_CHILD], "check", tmp_path / "alice.py")
    assert done.code == 4
    assert "pass" not in done.out.splitlines()[-1]
