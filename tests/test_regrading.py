"""A changed assignment: what was marked is marked again from stored answers, and code is run only where that must be."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from corpus import CORPUS
from msgspec.structs import replace

from grader.assignment_file import load, shipped_folder
from grader.batch import Options, Progress, Summary, grade_class
from grader.gradebook import Decision, Gradebook
from grader.model import Grade, Origin
from grader.outfolder import GRADEBOOK
from grader.serialize import dumps
from grader.submissions import Found, find
from grader.submissions.found import Member

RIGHT = (CORPUS / "correct" / "plain_dicts.py").read_text(encoding="utf-8")
ASCENT = (CORPUS / "wrong" / "ascent.py").read_text(encoding="utf-8")
RANDOM = (CORPUS / "wrong" / "random_noise.py").read_text(encoding="utf-8")
"""Another gradient in every run."""
ROUGH = RIGHT.replace('return {"z0": z0', 'return {"z0": z0 * 1.001')
"""A value that is off by a thousandth: wrong at a tolerance of 1e-4."""


def ignore(_: Progress) -> None:
    """Listen to nothing."""


class Course:
    """A copy of an assignment, a class, and its output folder."""

    def __init__(self, root: Path) -> None:
        self.assignment = root / "homework"
        self.folder = root / "class"
        self.out = root / "out"

    def grade(
        self,
        found: Sequence[Found] = (),
        on_progress: Callable[[Progress], None] = ignore,
        **options: Any,
    ) -> Summary:
        """Grade the class, or only what is given of it."""
        given = Options(**{"out": self.out, "secret": "seed 7", **options})
        asked = found or find([self.folder], single=False)
        return grade_class(load(str(self.assignment)), asked, given, on_progress)

    def edit(self, old: str, new: str) -> None:
        path = self.assignment / "assignment.toml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def harm(self, *statements: str) -> None:
        with sqlite3.connect(self.out / GRADEBOOK) as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    def grades(self, out: Path | None = None) -> dict[str, Grade]:
        with Gradebook((out or self.out) / GRADEBOOK) as book:
            return {entry.grade.student: entry.grade for entry in book.grades()}

    def verdicts(self, out: Path | None = None) -> dict[str, str]:
        """Return all that is said of each student, without what is measured."""
        return {
            student: dumps(replace(grade, seconds=0.0, peak_memory_mib=0.0))
            for student, grade in self.grades(out).items()
        }

    def verdicts_afresh(self) -> dict[str, str]:
        """Return what a class gets that was never graded before."""
        fresh = self.out.with_name("fresh")
        assert self.grade(out=fresh).from_stored == 0
        return self.verdicts(fresh)


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a course whose class was graded once. Not to be changed."""
    course = Course(tmp_path_factory.mktemp("course"))
    ignored = shutil.ignore_patterns("submissions")
    shutil.copytree(shipped_folder() / "skip_network", course.assignment, ignore=ignored)
    course.folder.mkdir()
    for name, text in (("anna", RIGHT), ("ben", ASCENT), ("carla", ROUGH), ("dora", "def f(:\n")):
        (course.folder / f"{name}.py").write_text(text)
    summary = course.grade()
    assert (summary.graded, summary.run, summary.from_stored, summary.new) == (4, 4, 0, 4)
    return course.out.parent


@pytest.fixture
def course(graded: Path, tmp_path: Path) -> Course:
    """Return the course as if it had been graded here, free to be changed."""
    shutil.copytree(graded, tmp_path / "course")
    return Course(tmp_path / "course")


def counts(summary: Summary) -> tuple[int, int, int]:
    """Return how many were run, marked from stored answers, and left as they are."""
    return summary.run, summary.from_stored, summary.unchanged


def changes(summary: Summary) -> list[tuple[str, float, float, str]]:
    return sorted((c.student, c.old_points, c.new_points, c.reason) for c in summary.changes)


def test_other_points_are_given_without_running_code(course: Course) -> None:
    course.edit("points = 4", "points = 8")
    summary = course.grade()
    assert counts(summary) == (0, 4, 0)
    why = "points of gradients: 4 -> 8"
    assert changes(summary) == [
        ("anna", 10.0, 14.0, why),
        ("ben", 9.25, 13.25, why),
        ("carla", 10 - 3 / 7, 14 - 3 / 7, why),
    ]
    assert course.verdicts() == course.verdicts_afresh()
    assert counts(course.grade()) == (0, 0, 4)


def test_another_tolerance_changes_only_the_grade_that_depends_on_it(course: Course) -> None:
    course.edit("schema = 1\n", "schema = 1\nmarking = { rtol = 1e-2 }\n")
    summary = course.grade()
    assert counts(summary) == (0, 4, 0)
    assert changes(summary) == [("carla", 10 - 3 / 7, 10.0, "tolerance (rtol): 0.0001 -> 0.01")]
    assert course.verdicts() == course.verdicts_afresh()


def test_code_is_run_again_where_a_case_changes(course: Course) -> None:
    """All calls of it: what a function gives can depend on the calls before."""
    course.edit("\nws = 0.5\n", "\nws = 0.75\n")
    summary = course.grade()
    assert (counts(summary), summary.assignment_changes) == ((4, 0, 0), ("worked case changed",))
    assert course.verdicts() == course.verdicts_afresh()


@pytest.mark.slow
def test_a_case_that_is_added_is_asked_of_everybody(course: Course) -> None:
    course.edit("drawn = 6", "drawn = 7")
    summary = course.grade()
    assert (counts(summary), summary.assignment_changes) == ((4, 0, 0), ("number of drawn cases: 6 -> 7",))


def test_who_hands_in_anew_is_run_and_the_others_are_marked_from_stored_answers(course: Course) -> None:
    (course.folder / "ben.py").write_text(RIGHT)
    course.edit("points = 4", "points = 8")
    summary = course.grade()
    assert counts(summary) == (1, 3, 0)
    assert changes(summary)[1] == ("ben", 9.25, 14.0, "submission changed; points of gradients: 4 -> 8")


def test_what_moves_no_grade_runs_nothing_and_changes_nothing(course: Course) -> None:
    course.edit("title = ", "# a comment\ntitle = ")
    summary = course.grade()
    assert (counts(summary), summary.changes, summary.assignment_changes) == ((0, 4, 0), [], ())


def test_a_team_is_run_once_and_marked_again_without_a_run(course: Course) -> None:
    """The answers are stored with the member who was run."""
    (found,) = [one for one in find([course.folder], single=False) if one.student == "ben"]
    members = tuple(Member(student=name, origin=Origin()) for name in ("ben", "eva"))
    team = [replace(found, members=members)]
    assert counts(course.grade(found=team, force=True)) == (1, 1, 0)
    course.edit("points = 4", "points = 8")
    assert counts(course.grade(found=team)) == (0, 2, 0)
    assert [course.grades()[name].points for name in ("ben", "eva")] == [13.25, 13.25]


def test_what_people_decided_holds_and_is_told_beside_the_change(course: Course) -> None:
    decision = Decision(student="ben", target="total", points=3.0, by="tutor", basis="")
    with Gradebook(course.out / GRADEBOOK) as book:
        book.marks.put([decision], now=datetime.now(tz=UTC))
    course.edit("points = 4", "points = 8")
    tried = course.grade(dry_run=True)
    assert (len(tried.changes), tried.marked) == (3, {"ben"})
    done = course.grade()
    assert (counts(done), done.marked) == ((0, 4, 0), {"ben"})
    result = json.loads((course.out / "results" / "ben.json").read_text(encoding="utf-8"))
    assert result["points"] == 3.0


def test_a_dry_run_that_is_stopped_leaves_everything_as_it_was(course: Course) -> None:
    course.edit("points = 4", "points = 8")
    before = course.verdicts()

    def stop(progress: Progress) -> None:
        if progress.done == 1:
            raise KeyboardInterrupt

    summary = course.grade(dry_run=True, on_progress=stop)
    assert (summary.interrupted, summary.dry_run) == (True, True)
    assert course.verdicts() == before


@pytest.mark.slow
def test_random_answers_keep_their_numbers_until_the_code_is_run_again(course: Course) -> None:
    """So nothing was run in between; `--force` runs it."""

    def gradient() -> Any:
        return [
            entry.actual
            for entry in course.grades()["anna"].questions[1].quantities
            if entry.name == "dL/dw0"
        ]

    (course.folder / "anna.py").write_text(RANDOM)
    course.grade()
    before = gradient()
    course.edit("points = 4", "points = 8")
    course.grade()
    assert gradient() == before
    assert counts(course.grade(force=True)) == (4, 0, 0)
    assert gradient() != before


@pytest.mark.slow
@pytest.mark.parametrize(
    "harm",
    [("UPDATE answers SET answers = x'00'",), ("DROP TABLE answers", "PRAGMA user_version = 3")],
    ids=["damaged", "of an earlier version"],
)
def test_where_no_answers_are_stored_the_code_is_run_and_they_are_stored_again(
    course: Course, harm: tuple[str, ...]
) -> None:
    course.harm(*harm)
    course.edit("points = 4", "points = 8")
    assert counts(course.grade()) == (4, 0, 0)
    course.edit("points = 8", "points = 9")
    assert counts(course.grade()) == (0, 4, 0)


def test_a_version_of_the_assignment_that_is_not_known_is_only_called_changed(course: Course) -> None:
    """As in a gradebook of an earlier grader."""
    course.harm("DELETE FROM meta WHERE name LIKE 'assignment-version %'")
    course.edit("points = 4", "points = 8")
    assert {reason for *_, reason in changes(course.grade())} == {"assignment changed"}
