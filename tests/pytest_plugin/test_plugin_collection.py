"""What the plugin collects by its option and its settings, and what it refuses: nothing is run here."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from corpus import CORPUS

# What a run inside this process imports is forgotten after it, and NumPy cannot be imported twice: all of it before.
import grader.pytest_plugin.grading  # noqa: F401

pytest_plugins = ["pytester"]

SETTINGS = '[tool.pytest.ini_options]\ngrade = "skip_network"\ntestpaths = ["tests"]\n'
OWN_TEST = "def test_of_the_course():\n    pass\n"
WRONG = CORPUS / "wrong" / "skip_path_dropped.py"
RIGHT = CORPUS / "correct" / "tuples.py"


@pytest.fixture(name="course")
def _course(pytester: pytest.Pytester) -> Path:
    """Return a repository with a test of the course and a submission."""
    (pytester.path / "pyproject.toml").write_text(SETTINGS)
    (pytester.path / "tests").mkdir()
    (pytester.path / "tests" / "test_course.py").write_text(OWN_TEST)
    shutil.copy(WRONG, pytester.path / "solution.py")
    return pytester.path


def collected(pytester: pytest.Pytester, *arguments: str) -> list[str]:
    """Return the ids of the tests that pytest collects."""
    done = pytester.runpytest_subprocess("--collect-only", "-q", "-p", "no:randomly", *arguments)
    assert done.ret == 0
    return done.outlines[: done.outlines.index("")]


def refused(pytester: pytest.Pytester, *arguments: str) -> str:
    """Return what pytest says of a call that it refuses."""
    done = pytester.runpytest_subprocess("-p", "no:randomly", *arguments)
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    return done.stderr.str()


@pytest.mark.usefixtures("course")
def test_by_settings_a_run_of_everything_grades_beside_the_tests_of_the_course(
    pytester: pytest.Pytester,
) -> None:
    assert collected(pytester) == [
        "tests/test_course.py::test_of_the_course",
        "solution.py::forward",
        "solution.py::gradients",
        "solution.py::update",
    ]


@pytest.mark.usefixtures("course")
def test_by_settings_a_run_of_one_test_file_grades_nothing(pytester: pytest.Pytester) -> None:
    assert collected(pytester, "tests/test_course.py") == ["tests/test_course.py::test_of_the_course"]


def test_by_settings_a_run_of_a_folder_grades_what_is_listed_in_it_and_no_other_file(
    course: Path, pytester: pytest.Pytester
) -> None:
    shutil.copy(RIGHT, course / "helper.py")
    names = {name.partition("::")[0] for name in collected(pytester, ".")}
    assert names == {"solution.py", "tests/test_course.py"}


def test_a_pattern_takes_every_file_it_fits_and_a_folder_is_one_submission(
    course: Path, pytester: pytest.Pytester
) -> None:
    (course / "pyproject.toml").write_text(SETTINGS + 'grade_files = ["hand_in/*"]\n')
    (course / "hand_in").mkdir()
    shutil.copy(RIGHT, course / "hand_in" / "alice.py")
    shutil.copytree(CORPUS / "correct" / "two_files", course / "hand_in" / "bob")
    (course / "hand_in" / "bob" / "test_bob.py").write_text(OWN_TEST)
    names = [name for name in collected(pytester) if name.startswith("hand_in")]
    assert names == [
        "hand_in/alice.py::forward",
        "hand_in/alice.py::gradients",
        "hand_in/alice.py::update",
        "hand_in/bob::forward",
        "hand_in/bob::gradients",
        "hand_in/bob::update",
        "hand_in/bob/test_bob.py::test_of_the_course",
    ]


def test_a_listed_file_that_is_not_there_stops_a_run_of_everything(
    course: Path, pytester: pytest.Pytester
) -> None:
    (course / "solution.py").unlink()
    said = refused(pytester)
    assert f"grader: grade_files: there is no solution.py in {course}" in said
    assert "what to do: save the work under this name" in said


def test_the_option_grades_named_files_and_folders_that_are_no_tests(pytester: pytest.Pytester) -> None:
    shutil.copy(RIGHT, pytester.path / "mine.py")
    (pytester.path / "test_own.py").write_text(OWN_TEST)
    shutil.copytree(CORPUS / "correct" / "two_files", pytester.path / "work")
    (pytester.path / "tests").mkdir()
    (pytester.path / "tests" / "test_more.py").write_text(OWN_TEST)
    names = collected(pytester, "--grade", "skip_network", "mine.py", "test_own.py", "work", "tests")
    assert [name for name in names if name.endswith("::forward")] == ["mine.py::forward", "work::forward"]
    assert [name for name in names if "test_" in name] == [
        "test_own.py::test_of_the_course",
        "tests/test_more.py::test_of_the_course",
    ]


@pytest.mark.parametrize("where", [(), ("tests",)])
def test_the_option_with_nothing_to_grade_is_an_error_of_usage(
    course: Path, pytester: pytest.Pytester, where: tuple[str, ...]
) -> None:
    (course / "solution.py").unlink()
    said = refused(pytester, "--grade", "skip_network", *where)
    assert "there is nothing to grade for skip_network" in said
    assert "what to do: name a file" in said


@pytest.mark.usefixtures("course")
def test_an_assignment_that_is_not_there_is_an_error_of_usage_with_the_names_there_are(
    pytester: pytest.Pytester,
) -> None:
    said = refused(pytester, "--grade", "skip_netwrok")
    assert "there is no assignment `skip_netwrok`" in said
    assert "did you mean `skip_network`?" in said


def test_an_assignment_of_the_settings_may_be_a_folder_beside_them(
    course: Path, pytester: pytest.Pytester
) -> None:
    shutil.copytree(CORPUS.parent, course / "task", ignore=shutil.ignore_patterns("submissions"))
    (course / "pyproject.toml").write_text(SETTINGS.replace("skip_network", "task"))
    assert "solution.py::gradients" in collected(pytester)
    assert "solution.py::gradients" in collected(pytester, "solution.py")


@pytest.mark.usefixtures("course")
def test_a_keyword_and_an_id_choose_questions(pytester: pytest.Pytester) -> None:
    assert collected(pytester, "-k", "update") == ["solution.py::update"]
    assert collected(pytester, "solution.py::gradients") == ["solution.py::gradients"]


@pytest.mark.usefixtures("course")
def test_switched_off_it_leaves_no_option_behind(pytester: pytest.Pytester) -> None:
    assert "--grade" in refused(pytester, "-p", "no:grader", "--grade", "skip_network")
    left = collected(pytester, "-p", "no:grader", "-W", "ignore")
    assert left == ["tests/test_course.py::test_of_the_course"]


def test_what_names_no_submission_is_told_before_anything_is_run(pytester: pytest.Pytester) -> None:
    (pytester.path / "pyproject.toml").write_text(SETTINGS + 'grade_files = ["/else/where/*.py"]\n')
    assert "grade_files: '/else/where/*.py' is no pattern" in refused(pytester)


@pytest.mark.usefixtures("course")
def test_a_mistake_of_ours_at_the_start_is_one_sentence(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_name: str) -> None:
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr("grader.pytest_plugin.grading.load", broken)
    done = pytester.runpytest_inprocess("-p", "no:randomly")
    assert done.ret == pytest.ExitCode.INTERNAL_ERROR
    assert "the grader broke: RuntimeError: a mistake of ours" in done.stdout.str() + done.stderr.str()
    assert "Traceback" not in done.stdout.str() + done.stderr.str()


def test_of_a_path_that_is_not_there_pytest_says_so(pytester: pytest.Pytester) -> None:
    assert "file or directory not found: mine.py" in refused(pytester, "--grade", "skip_network", "mine.py")


def test_files_that_belong_together_are_one_submission_and_its_tests_stand_at_the_first(
    pytester: pytest.Pytester,
) -> None:
    """Of one assignment: a module with half of the functions, one with the other half, and a text."""
    for name in ("learn.py", "net.py"):
        shutil.copy(CORPUS / "correct" / "two_files" / name, pytester.path)
    (pytester.path / "notes.md").write_text("# Notes\n")
    arguments = ("--grade", "skip_network", "net.py", "learn.py", "notes.md")
    assert collected(pytester, *arguments) == [
        "net.py::forward",
        "net.py::gradients",
        "net.py::update",
    ]


def test_files_that_define_the_same_are_a_submission_each(pytester: pytest.Pytester) -> None:
    shutil.copy(RIGHT, pytester.path / "alice.py")
    shutil.copy(WRONG, pytester.path / "bob.py")
    names = collected(pytester, "--grade", "skip_network", "alice.py", "bob.py")
    assert [name for name in names if name.endswith("update")] == ["alice.py::update", "bob.py::update"]
