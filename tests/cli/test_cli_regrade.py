"""A dry run lists the grades that would change, and why, before anything is written."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from classes import ASCENT, RIGHT, GradedClass
from installed import Done, call

from grader.assignment_file import shipped_folder


class Course(GradedClass):
    """A copy of an assignment beside a graded class."""

    @property
    def assignment(self) -> Path:
        return self.out.with_name("skip_network")

    def grade(self, *more: str) -> Done:
        return call("grade", self.assignment, self.folder, "-o", self.out, "-j", "1", *more)

    def files(self) -> dict[str, bytes]:
        """Return every file of the output folder but the lock and SQLite's own, which come and go."""
        return {
            path.relative_to(self.out).as_posix(): path.read_bytes()
            for path in self.out.rglob("*")
            if path.is_file() and path.name != ".lock" and not path.name.endswith(("-wal", "-shm"))
        }

    def rows(self) -> list[Any]:
        with sqlite3.connect(self.out / "gradebook.sqlite") as connection:
            rows = connection.execute("SELECT * FROM grades, meta").fetchall()
        connection.close()
        return rows


@pytest.fixture
def course(small: GradedClass, tmp_path: Path) -> Course:
    """Return the small class (s0 and s2 right, s1 and s3 up the gradient), and an assignment with more points."""
    shutil.copytree(small.folder, tmp_path / "class")
    shutil.copytree(small.out, tmp_path / "out")
    copied = Course(folder=tmp_path / "class", out=tmp_path / "out", printed="", errors="")
    ignored = shutil.ignore_patterns("submissions")
    shutil.copytree(shipped_folder() / "skip_network", copied.assignment, ignore=ignored)
    path = copied.assignment / "assignment.toml"
    path.write_text(path.read_text().replace("points = 4", "points = 8"))
    return copied


def changed(done: Done) -> list[str]:
    return [
        line.replace("would change:", "changed:").strip() for line in done.out.splitlines() if "->" in line
    ]


def test_a_dry_run_lists_every_grade_that_would_change_and_writes_nothing_and_the_run_then_does_that(
    course: Course,
) -> None:
    (course.folder / "s0.py").write_text(ASCENT)
    (course.folder / "s3.py").write_text("def f(:\n")
    (course.folder / "s4.py").write_text(RIGHT)
    before, rows = course.files(), course.rows()

    tried = course.grade("--dry-run")

    why = "points of gradients: 4 -> 8"
    assert tried.code == 0
    assert tried.out.splitlines() == [
        "dry run, nothing is written: 4 of 4 grades would change, 1 would be new (2 from stored answers, 3 run)",
        f"  assignment: {why}",
        f"  would change: s0: 10 -> 13.25 points (graded -> graded); submission changed; {why}",
        f"  would change: s1: 9.25 -> 13.25 points (graded -> graded); {why}",
        f"  would change: s2: 10 -> 14 points (graded -> graded); {why}",
        f"  would change: s3: 9.25 -> 0 points (graded -> unreadable); submission changed; {why}",
        "the same command without --dry-run makes it so",
    ]
    assert course.files() == before
    assert course.rows() == rows

    real = course.grade()
    assert real.out.splitlines()[0] == "5 graded (2 from stored answers, 3 run), 0 unchanged"
    assert changed(real) == changed(tried)
    assert course.grade("--dry-run").out.splitlines() == [
        "dry run, nothing is written: 0 of 5 grades would change, 0 would be new",
        "there is nothing to do",
    ]


def test_a_dry_run_as_json_is_the_document_of_the_run_that_would_follow(course: Course) -> None:
    tried = course.grade("--dry-run", "--json").document
    assert tried["dry_run"] is True
    assert (tried["graded"], tried["from_stored_answers"], tried["run"], tried["new"]) == (4, 4, 0, 0)
    assert tried["assignment_changes"] == ["points of gradients: 4 -> 8"]
    assert [change["student"] for change in tried["changes"]] == ["s0", "s1", "s2", "s3"]
    assert {**tried, "dry_run": False} == course.grade("--json").document


@pytest.mark.parametrize(
    ("more", "message"),
    [(("-o", "nowhere"), "nowhere holds no gradebook"), (("--strict",), "--dry-run and --strict")],
)
def test_a_dry_run_that_means_nothing_is_refused(
    course: Course, more: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    done = call(
        "grade", course.assignment, course.folder, "-o", course.out, "--dry-run", *more, folder=tmp_path
    )
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert not (tmp_path / "nowhere").exists()
