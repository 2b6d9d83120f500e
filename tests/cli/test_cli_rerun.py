"""A rerun goes on: what is unchanged stays, what has changed is graded again, and says what changed and why."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from classes import ASCENT, RIGHT, GradedClass
from installed import Done, call, results, without_measurements

from grader.assignment_file import shipped_folder


@pytest.fixture
def copied(small: GradedClass, tmp_path: Path) -> GradedClass:
    """Return the small class as if it had been graded here, free to be changed."""
    shutil.copytree(small.folder, tmp_path / "class")
    shutil.copytree(small.out, tmp_path / "out")
    return GradedClass(folder=tmp_path / "class", out=tmp_path / "out", printed="", errors="")


def again(copied: GradedClass, *more: str) -> Done:
    return call("grade", "skip_network", copied.folder, "-o", copied.out, *more)


def stored_changes(out: Path) -> list[tuple[str, float, float, str]]:
    with sqlite3.connect(out / "gradebook.sqlite") as connection:
        rows = connection.execute("SELECT student, old_points, new_points, reason FROM changes").fetchall()
    connection.close()
    return rows


def files(out: Path) -> dict[str, bytes]:
    """Return the content of all files that a person may look at."""
    paths = [
        out / "grades.csv",
        out / "index.html",
        *(out / "results").iterdir(),
        *(out / "reports").iterdir(),
    ]
    return {str(path.relative_to(out)): path.read_bytes() for path in paths}


def test_unchanged_work_is_not_graded_again_and_the_run_says_so(copied: GradedClass) -> None:
    """Without --seed: the secret of the first run is kept in the output folder."""
    before = files(copied.out)
    done = again(copied)
    assert (done.code, done.out.splitlines()[0]) == (0, "0 graded, 4 unchanged")
    assert files(copied.out) == before


def test_changed_work_is_graded_again_and_the_change_is_shown_and_kept_with_its_reason(
    copied: GradedClass,
) -> None:
    (copied.folder / "s1.py").write_text(RIGHT)
    done = again(copied)
    assert done.out.splitlines()[:2] == [
        "1 graded, 3 unchanged",
        "  changed: s1: 9.25 -> 10 points (graded -> graded); submission changed",
    ]
    assert stored_changes(copied.out) == [("s1", 9.25, 10.0, "submission changed")]
    assert results(copied.out)["s1"]["points"] == 10.0
    assert "s1,10,10,3,4,3,graded" in (copied.out / "grades.csv").read_text().splitlines()


def test_the_json_of_a_run_is_one_document_with_its_changes(copied: GradedClass) -> None:
    (copied.folder / "s0.py").write_text(ASCENT)
    assert again(copied, "--json").document == {
        "schema": 1,
        "assignment": "skip_network",
        "out": str(copied.out),
        "submissions": 4,
        "graded": 1,
        "run": 1,
        "from_stored_answers": 0,
        "unchanged": 3,
        "new": 0,
        "interrupted": False,
        "dry_run": False,
        "faults": [],
        "waiting": 0,
        "assignment_changes": [],
        "changes": [
            {
                "student": "s0",
                "old_points": 10.0,
                "new_points": 9.25,
                "old_status": "graded",
                "new_status": "graded",
                "old_first_mistake": None,
                "new_first_mistake": "w0_new",
                "reason": "submission changed",
            }
        ],
    }


@pytest.mark.parametrize("workers", ["1", "2"])
def test_force_grades_unchanged_work_again_and_comes_to_the_same_with_one_worker_and_with_two(
    copied: GradedClass, workers: str
) -> None:
    before = results(copied.out)
    done = again(copied, "--force", "-j", workers)
    assert done.out.splitlines()[0] == "4 graded, 0 unchanged"
    after = results(copied.out)
    assert {name: without_measurements(entry) for name, entry in after.items()} == {
        name: without_measurements(entry) for name, entry in before.items()
    }
    assert stored_changes(copied.out) == []


def test_a_new_submission_is_graded_alone(copied: GradedClass) -> None:
    (copied.folder / "new.py").write_text(RIGHT)
    assert again(copied).out.splitlines()[0] == "1 graded, 4 unchanged"


def test_another_seed_grades_everything_again(copied: GradedClass) -> None:
    done = again(copied, "--seed", "8")
    assert done.out.splitlines()[0] == "4 graded, 0 unchanged"
    assert len({entry["environment"]["seed_sha256"] for entry in results(copied.out).values()}) == 1


def test_a_changed_assignment_grades_everything_again_and_is_the_reason(tmp_path: Path) -> None:
    homework = tmp_path / "homework"
    shutil.copytree(shipped_folder() / "skip_network", homework, ignore=shutil.ignore_patterns("submissions"))
    (tmp_path / "alice.py").write_text(ASCENT)
    arguments = ("grade", homework, tmp_path / "alice.py", "-o", tmp_path / "out", "--seed", "7")
    assert call(*arguments).code == 0

    path = homework / "assignment.toml"
    path.write_text(path.read_text().replace("points = 4", "points = 8"))
    done = call(*arguments)

    assert done.out.splitlines()[:2] == [
        "1 graded (1 from stored answers, 0 run), 0 unchanged",
        "  assignment: points of gradients: 4 -> 8",
    ]
    assert done.out.splitlines()[2] == (
        "  changed: alice: 9.25 -> 13.25 points (graded -> graded); points of gradients: 4 -> 8"
    )
    assert stored_changes(tmp_path / "out") == [("alice", 9.25, 13.25, "points of gradients: 4 -> 8")]


def test_files_that_were_lost_are_written_again_by_a_rerun_and_by_report(copied: GradedClass) -> None:
    before = files(copied.out)
    for step in ("rerun", "report"):
        shutil.rmtree(copied.out / "reports")
        for name in ("results/s1.json", "grades.csv", "index.html"):
            (copied.out / name).unlink()
        done = again(copied) if step == "rerun" else call("report", copied.out)
        assert done.code == 0, done.err
        assert files(copied.out) == before


def test_other_feedback_writes_every_report_again_and_is_kept(copied: GradedClass) -> None:
    """At `full` a report says the rule that was broken; at `points` it has no verdict."""
    hints = (copied.out / "reports" / "s1.md").read_text()
    assert again(copied, "--feedback", "points").out.splitlines()[0] == "0 graded, 4 unchanged"
    points = (copied.out / "reports" / "s1.md").read_text()
    assert "w0_new" in hints
    assert "w0_new" not in points
    assert again(copied).code == 0
    assert (copied.out / "reports" / "s1.md").read_text() == points

    assert call("report", copied.out, "--feedback", "full").code == 0
    full = (copied.out / "reports" / "s1.md").read_text()
    assert full != hints
    assert again(copied, "--feedback", "hints").code == 0
    assert (copied.out / "reports" / "s1.md").read_text() == hints


def test_report_says_how_many_reports_there_are_and_where(copied: GradedClass) -> None:
    assert call("report", copied.out).out == f"4 reports: {copied.out / 'index.html'}\n"


def test_strict_ends_with_one_unless_everything_of_everybody_is_correct(
    copied: GradedClass, tmp_path: Path
) -> None:
    """Of those who were named in this call; without --strict a class below full points is done all the same."""
    arguments = ("grade", "skip_network", "-o", copied.out, "--strict")
    assert call(*arguments, copied.folder).code == 1
    assert call(*arguments, copied.folder / "s0.py", copied.folder / "s2.py").code == 0
    (tmp_path / "broken.ipynb").write_text("{")
    assert call(*arguments, tmp_path / "broken.ipynb").code == 1
    assert again(copied).code == 0


def test_the_secret_is_kept_in_the_output_and_in_no_result(tmp_path: Path) -> None:
    """Random where none is given, so two output folders have different cases."""
    (tmp_path / "alice.py").write_text(RIGHT)
    secrets = []
    for name in ("one", "two"):
        assert call("grade", "skip_network", tmp_path / "alice.py", "-o", tmp_path / name).code == 0
        secrets.append((tmp_path / name / "secret").read_text().strip())
        assert all(secrets[-1].encode() not in content for content in files(tmp_path / name).values())
        assert (tmp_path / name / "secret").stat().st_mode & 0o077 == 0
    assert secrets[0] != secrets[1]
    assert len(secrets[0]) == 64
