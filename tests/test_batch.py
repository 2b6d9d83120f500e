"""A class in this process: what a run keeps when it is stopped, when we break, and when things change between runs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from corpus import CORPUS

from grader.assignment_file import load
from grader.batch import Options, Progress, Summary, grade_class
from grader.errors import HostError
from grader.gradebook import Gradebook, StoredGrade
from grader.model import Status
from grader.outfolder import GRADEBOOK
from grader.reports.write import write_student
from grader.submissions import find, read

RIGHT = (CORPUS / "correct" / "plain_dicts.py").read_text(encoding="utf-8")

OURS: dict[str, Callable[..., Any]] = {"read": read, "write_student": write_student}
"""What is made to fail."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a class of three, all right."""
    (tmp_path / "class").mkdir()
    for name in ("anna", "ben", "carla"):
        (tmp_path / "class" / f"{name}.py").write_text(RIGHT)
    return tmp_path / "class"


def ignore(_: Progress) -> None:
    """Listen to nothing."""


def run(folder: Path, listen: Callable[[Progress], None] = ignore, **options: Any) -> Summary:
    given = {"out": folder.parent / "out", "secret": "seed 1", **options}
    return grade_class(load("skip_network"), find([folder], single=False), Options(**given), listen)


def stored(folder: Path) -> dict[str, StoredGrade]:
    with Gradebook(folder.parent / "out" / GRADEBOOK) as book:
        return {entry.grade.student: entry for entry in book.grades()}


def statuses(folder: Path) -> dict[str, str]:
    return {student: entry.grade.status.value for student, entry in stored(folder).items()}


def broken_at_ben(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let a function of ours fail on one student, unless it is told that we failed."""

    def fails(*arguments: Any, **more: Any) -> Any:
        text = repr(arguments)
        if "student='ben'" in text and "the grader broke" not in text:
            raise ZeroDivisionError("by us")
        return OURS[name](*arguments, **more)

    monkeypatch.setattr(f"grader.work.{name}", fails)


@pytest.mark.parametrize("name", OURS)
def test_a_mistake_of_ours_with_one_submission_is_its_fault_status_and_stops_nobody(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """While reading it, or while showing its grade."""
    broken_at_ben(monkeypatch, name)
    summary = run(folder)
    assert (summary.graded, summary.faults) == (3, ["ben"])
    assert statuses(folder) == {"anna": "graded", "ben": "fault", "carla": "graded"}
    ben = stored(folder)["ben"].grade
    assert (ben.points, ben.pending_points) == (0.0, 10.0)
    assert ben.message is not None
    assert "ZeroDivisionError: by us" in ben.message
    assert (folder.parent / "out" / "reports" / "ben.html").is_file()


def test_after_a_fault_the_next_run_tries_again_and_only_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as for_now:
        broken_at_ben(for_now, "read")
        run(folder)

    summary = run(folder)

    assert (summary.graded, summary.unchanged, summary.faults) == (1, 2, [])
    (change,) = summary.changes
    assert (change.student, change.reason) == ("ben", "graded again after a fault")
    assert (change.old_status, change.new_status) == (Status.FAULT, Status.GRADED)


def test_a_full_disk_stops_the_run_and_is_no_fault_of_a_submission(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise HostError("the disk is full", remedy="make room")

    monkeypatch.setattr("grader.work.write_student", full)
    with pytest.raises(HostError, match="the disk is full"):
        run(folder)


def test_an_interruption_keeps_what_is_graded_and_the_next_run_does_the_rest(folder: Path) -> None:
    """Raised after the first submission, as a Ctrl-C where our handler cannot be."""

    def interrupt(progress: Progress) -> None:
        if progress.done == 1:
            raise KeyboardInterrupt

    summary = run(folder, interrupt)
    kept = statuses(folder)
    assert summary.interrupted
    assert len(kept) in (1, 2)  # the second may have been finished at the time; the third was not begun
    assert summary.graded == len(kept)
    assert set(kept.values()) == {"graded"}

    rest = run(folder)
    assert (rest.unchanged, rest.graded) == (len(kept), 3 - len(kept))
    assert not rest.interrupted
    assert set(statuses(folder).values()) == {"graded"}


def test_a_run_outside_the_main_thread_grades_as_well(folder: Path) -> None:
    """There no signal can be handled."""
    found: list[Summary] = []
    thread = threading.Thread(target=lambda: found.append(run(folder)))
    thread.start()
    thread.join()
    assert [summary.graded for summary in found] == [3]


def test_progress_counts_every_submission_once_and_says_which_were_graded(folder: Path) -> None:
    seen: list[Progress] = []
    run(folder, seen.append)
    assert [(progress.done, progress.total) for progress in seen] == [(1, 3), (2, 3), (3, 3)]
    assert all(progress.graded for progress in seen)

    seen.clear()
    (folder / "ben.py").write_text(RIGHT.replace("abs(y - y_hat)", "(y - y_hat) ** 2"))
    run(folder, seen.append, workers=2)
    assert sorted(progress.student for progress in seen) == ["anna", "ben", "carla"]
    assert [progress.student for progress in seen if progress.graded] == ["ben"]


def test_names_that_differ_in_case_alone_get_files_of_their_own(tmp_path: Path) -> None:
    """On a file system that tells them apart; on others one would overwrite the other."""
    (tmp_path / "one" / "class").mkdir(parents=True)
    (tmp_path / "two").mkdir()
    (tmp_path / "one" / "class" / "Anna.py").write_text(RIGHT)
    (tmp_path / "two" / "anna.py").write_text(RIGHT)
    found = find([tmp_path / "one" / "class", tmp_path / "two"], single=False)

    grade_class(load("skip_network"), found, Options(out=tmp_path / "one" / "out"), ignore)

    names = [entry.file_name for entry in stored(tmp_path / "one" / "class").values()]
    assert len({name.casefold() for name in names}) == 2


def test_a_student_keeps_the_file_name_of_the_first_run(folder: Path) -> None:
    """Also when another name comes that would have had it."""
    run(folder)
    (folder / "BEN.py").write_text(RIGHT)
    before = stored(folder)["ben"].file_name
    run(folder)
    assert stored(folder)["ben"].file_name == before == "ben"


def test_two_reasons_for_grading_again_are_both_named(folder: Path) -> None:
    run(folder)
    (folder / "anna.py").write_text(RIGHT.replace("abs(y - y_hat)", "(y - y_hat) ** 2"))
    (change,) = run(folder, secret="seed 2").changes
    assert change.reason == "submission and seed changed"
