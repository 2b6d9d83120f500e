"""Paths on the command line become submissions, one per student."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.errors import ExitCode, NothingToGradeError, UsageError
from grader.submissions import Found, find, read, resolve_conflicts


def students(found: tuple[Found, ...]) -> list[str]:
    return [one.student for one in found]


def write(path: Path, text: str = "x = 1\n", *, modified: float | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    if modified is not None:
        os.utime(path, (modified, modified))
    return path


def test_a_file_is_one_submission_of_the_student_in_its_stem(tmp_path: Path) -> None:
    path = write(tmp_path / "alice.py", modified=1000.0)

    assert find([path], single=False) == (Found(student="alice", path=path, modified=1000.0),)


def test_everything_directly_in_a_folder_is_a_submission_sorted_by_name(tmp_path: Path) -> None:
    for name in ("carol.ipynb", "alice.py", "bob/main.py", "dave.pdf"):
        write(tmp_path / name)

    assert students(find([tmp_path], single=False)) == ["alice", "bob", "carol", "dave"]


def test_hidden_files_caches_and_the_leftovers_of_macos_are_no_submissions(tmp_path: Path) -> None:
    for name in (
        ".hidden.py",
        "._alice.py",
        "__pycache__/x.pyc",
        "__MACOSX/alice.py",
        ".git/HEAD",
        "alice.py",
    ):
        write(tmp_path / name)

    assert students(find([tmp_path], single=False)) == ["alice"]


def test_a_readme_and_a_licence_in_a_class_are_no_submissions(tmp_path: Path) -> None:
    """Nobody is called so; a text that somebody may be called after is."""
    for name in ("README.md", "readme", "Read_Me.txt", "LICENSE", "licence.md", "alice.md", "readmore.md"):
        write(tmp_path / name)
    write(tmp_path / "Readme" / "main.py")

    assert students(find([tmp_path], single=False)) == ["Readme", "alice", "readmore"]


def test_a_readme_that_is_named_is_a_submission(tmp_path: Path) -> None:
    path = write(tmp_path / "README.md")

    assert students(find([path], single=False)) == ["README"]


def test_the_output_folder_is_no_submission(tmp_path: Path) -> None:
    write(tmp_path / "alice.py")
    write(tmp_path / "out" / "index.html")

    assert students(find([tmp_path], single=False, exclude=[tmp_path / "x" / ".." / "out"])) == ["alice"]


def test_what_lies_inside_an_excluded_folder_is_no_submission_but_a_named_file_is(tmp_path: Path) -> None:
    path = write(tmp_path / "class" / "alice.py")

    with pytest.raises(NothingToGradeError):
        find([path.parent], single=False, exclude=[tmp_path])
    assert students(find([path], single=False, exclude=[tmp_path])) == ["alice"]


def test_with_single_a_folder_is_one_submission(tmp_path: Path) -> None:
    write(tmp_path / "alice" / "main.py")
    write(tmp_path / "alice" / "lib.py")

    assert students(find([tmp_path / "alice"], single=True)) == ["alice"]


def test_a_folder_keeps_its_dots_in_the_student(tmp_path: Path) -> None:
    write(tmp_path / "anna.k" / "main.py")

    assert students(find([tmp_path], single=False)) == ["anna.k"]


def test_a_name_from_macos_is_composed(tmp_path: Path) -> None:
    path = write(tmp_path / "Zoe\u0308.py")

    assert students(find([path], single=False)) == ["Zo\u00eb"]


def test_the_current_folder_gives_its_real_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "alice" / "main.py")
    monkeypatch.chdir(tmp_path / "alice")

    assert students(find([Path()], single=True)) == ["alice"]


def test_what_is_reached_twice_counts_once(tmp_path: Path) -> None:
    path = write(tmp_path / "alice.py")

    assert students(find([tmp_path, path, tmp_path / "." / "alice.py"], single=False)) == ["alice"]


def test_a_path_that_is_not_there_is_a_usage_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere") as caught:
        find([tmp_path / "nowhere"], single=False)
    assert caught.value.exit_code == ExitCode.USAGE


def test_a_folder_that_cannot_be_listed_is_a_usage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The refusal is simulated, as root may list every folder."""

    def refuse(path: Path) -> list[str]:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "listdir", refuse)

    with pytest.raises(UsageError, match="permission denied"):
        find([tmp_path], single=False)


def test_an_empty_folder_has_nothing_to_grade(tmp_path: Path) -> None:
    with pytest.raises(NothingToGradeError) as caught:
        find([tmp_path], single=False)
    assert caught.value.exit_code == ExitCode.NOTHING_TO_GRADE


@pytest.mark.parametrize(
    ("expression", "student"),
    [
        (r"hw1_(?P<number>\d+)_(?P<student>\w+)", "alice"),
        (r"_(\d+)_", "77"),
        (r"[a-z]+(?=\.py)", "alice"),
        (r"class-(\w+)/", "x"),
    ],
)
def test_the_student_is_the_named_group_else_the_first_else_the_match(
    tmp_path: Path, expression: str, student: str
) -> None:
    """The last expression fits only the path, not the file's name."""
    write(tmp_path / "class-x" / "hw1_77_alice.py")

    assert students(find([tmp_path / "class-x"], single=False, student_from=expression)) == [student]


@pytest.mark.parametrize(
    "expression", ["(unclosed", "does-not-match", "(never)?alice", "(?P<student>z)?alice"]
)
def test_a_bad_expression_or_one_that_takes_nothing_is_a_usage_error_that_names_it(
    tmp_path: Path, expression: str
) -> None:
    path = write(tmp_path / "alice.py")

    with pytest.raises(UsageError) as caught:
        find([path], single=False, student_from=expression)
    assert f"`{expression}`" in caught.value.message


def test_what_the_expression_does_not_match_is_a_problem_under_its_whole_name(tmp_path: Path) -> None:
    """`alice.py` stays apart from the student `alice`, and the class goes on."""
    for name in ("hw1_alice.py", "alice.py", "NOTES.txt"):
        write(tmp_path / name)

    found = find([tmp_path], single=False, student_from=r"hw1_(\w+)")

    assert [one.student for one in found] == ["NOTES.txt", "alice.py", "alice"]
    notes, stray, alice = (read(one) for one in found)
    assert alice.problem is None
    assert stray.sources == ()
    for submission, name in ((notes, "NOTES.txt"), (stray, "alice.py")):
        assert submission.problem is not None
        assert submission.problem.startswith(f"--student-from does not match `{name}`")


def test_the_time_of_a_folder_is_that_of_its_newest_source(tmp_path: Path) -> None:
    write(tmp_path / "alice" / "a.py", modified=3000.0)
    write(tmp_path / "alice" / "b.py", modified=2000.0)
    write(tmp_path / "alice" / "data.csv", modified=9000.0)

    assert find([tmp_path / "alice"], single=True)[0].modified == 3000.0


@pytest.mark.skipif(os.name == "nt", reason="names are text on Windows")
def test_hostile_names_become_valid_text_and_stay_apart(tmp_path: Path) -> None:
    try:
        for name in (b"al\xff.py", b"al\xfe.py", b"<script>.py", b"b\x1bob.py", "\u202eeve.py".encode()):
            Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_text("x = 1\n")
    except OSError:
        pytest.skip("this file system takes only text as names")

    found = find([tmp_path], single=False)
    for one in found:
        submission = read(one)
        assert submission.problem is None
        assert "\n" not in submission.student
        (submission.student + submission.path + submission.files[0]).encode("utf-8")
        assert not set(submission.student + submission.path + submission.files[0]) & set("\x1b\u202e")
    assert len({one.student for one in found}) == 5
    assert "<script>" in students(found)


def test_a_name_of_255_bytes_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / ("x" * 252 + ".py"))

    assert read(find([path], single=False)[0]).student == "x" * 252


def two_of_alice(tmp_path: Path, *, first: float, second: float) -> tuple[Found, ...]:
    write(tmp_path / "a" / "alice.py", modified=first)
    write(tmp_path / "a" / "alice.ipynb", '{"nbformat": 4, "cells": []}', modified=second)
    write(tmp_path / "a" / "bob.py", modified=first)
    return find([tmp_path / "a"], single=False)


def test_two_submissions_of_one_student_wait_for_a_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_of_alice(tmp_path, first=1000.0, second=2000.0)
    monkeypatch.chdir(tmp_path)

    alice, bob = (read(one) for one in resolve_conflicts(find([Path("a")], single=False), latest=False))

    assert alice.conflict == (
        "two submissions of `alice`: a/alice.ipynb and a/alice.py; remove one or use --latest"
    )
    assert alice.files == ("a/alice.ipynb", "a/alice.py")
    assert alice.sources == ()
    assert bob.conflict is None
    assert len(bob.sources) == 1


def test_the_digest_of_a_conflict_changes_with_either_submission(tmp_path: Path) -> None:
    found = two_of_alice(tmp_path, first=1000.0, second=2000.0)
    before = read(resolve_conflicts(found, latest=False)[0]).sha256
    assert read(resolve_conflicts(found, latest=False)[0]).sha256 == before

    write(tmp_path / "a" / "alice.py", "x = 2\n")

    assert read(resolve_conflicts(found, latest=False)[0]).sha256 != before


def test_the_digest_of_a_conflict_does_not_depend_on_the_order_of_the_paths(tmp_path: Path) -> None:
    found = two_of_alice(tmp_path, first=1000.0, second=2000.0)[:2]

    (one,), (other,) = (resolve_conflicts(order, latest=False) for order in (found, found[::-1]))

    assert read(one).sha256 == read(other).sha256


def test_latest_takes_the_newer_and_names_the_other(tmp_path: Path) -> None:
    found = two_of_alice(tmp_path, first=3000.0, second=2000.0)

    submission = read(resolve_conflicts(found, latest=True)[0])

    assert submission.conflict is None
    assert submission.files == ("alice.py",)
    assert any("alice.ipynb" in note for note in submission.notes)


def test_latest_guesses_nothing_between_equally_new_ones(tmp_path: Path) -> None:
    found = two_of_alice(tmp_path, first=2000.0, second=2000.0)

    conflict = resolve_conflicts(found, latest=True)[0].conflict

    assert conflict is not None
    assert "equally new" in conflict


def test_case_and_accents_written_differently_are_one_student(tmp_path: Path) -> None:
    found = [
        Found(student=student, path=tmp_path / f"{number}.py", modified=0.0)
        for number, student in enumerate(["Zo\u00eb", "zoe\u0308", "zoe", "ZO\u00cb"])
    ]

    first, second = resolve_conflicts(found, latest=False)

    assert first.conflict is not None
    assert first.conflict.startswith("3 submissions of `Zo\u00eb`: ")
    assert "remove all but one" in first.conflict
    assert second.student == "zoe"


def test_a_folder_and_a_file_of_one_student_list_all_their_files(tmp_path: Path) -> None:
    write(tmp_path / "c" / "alice" / "main.py")
    write(tmp_path / "c" / "alice" / "lib" / "layers.py")
    write(tmp_path / "c" / "alice.py")

    (found,) = resolve_conflicts(find([tmp_path / "c"], single=False), latest=False)

    assert [name.removeprefix(f"{tmp_path}/c/") for name in read(found).files] == [
        "alice/lib/layers.py",
        "alice/main.py",
        "alice.py",
    ]
