"""Where we break, nobody loses a point: status `fault`, exit code 4, all others graded, tried again by the next run."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from classes import RIGHT, small_class
from installed import call, call_with, results
from result_schema import violations

NO_PROCESS = """
import sys
import grader.sandbox.runner as runner
text = sys.argv.pop(1).encode()
start = runner.Runner._start
def refuse(self, job, calls, own):
    if text in own:
        raise OSError(11, "Resource temporarily unavailable")
    return start(self, job, calls, own)
runner.Runner._start = refuse
from grader.cli import main
main()
"""
"""The command on a machine that gives no process to jobs with some text in them."""
EVERY_SUBMISSION = "def forward"


def test_a_submission_that_gets_no_process_is_our_fault_and_the_next_run_tries_again(tmp_path: Path) -> None:
    folder = small_class(tmp_path / "class")
    (folder / "unlucky.py").write_text(f"# no process for me\n{RIGHT}")
    arguments = ("grade", "skip_network", folder, "-o", tmp_path / "out")

    done = call_with([sys.executable, "-c", NO_PROCESS, "no process for me"], *arguments)

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


def test_where_there_is_no_process_at_all_everything_is_our_fault_and_nothing_is_decided(
    tmp_path: Path,
) -> None:
    folder = small_class(tmp_path / "class", 2)
    command: list[str | Path] = [sys.executable, "-c", NO_PROCESS, EVERY_SUBMISSION]
    done = call_with(command, "grade", "skip_network", folder, "-o", tmp_path / "out", "--json")
    assert done.code == 4
    assert sorted(json.loads(done.out)["faults"]) == ["s0", "s1"]
    for result in results(tmp_path / "out").values():
        assert (result["status"], result["pending_points"]) == ("fault", 10.0)
        assert "Resource temporarily unavailable" in result["questions"][0]["message"]


def test_check_ends_with_four_where_we_break(tmp_path: Path) -> None:
    (tmp_path / "alice.py").write_text(RIGHT)
    done = call_with([sys.executable, "-c", NO_PROCESS, EVERY_SUBMISSION], "check", tmp_path / "alice.py")
    assert done.code == 4
    assert "pass" not in done.out.splitlines()[-1]
