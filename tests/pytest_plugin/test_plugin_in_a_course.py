"""The plugin beside a course's own tests: what it leaves alone, the options of pytest, workers, and mistakes of ours."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from corpus import CORPUS
from installed import Done
from pytest_runs import JUNIT, run, told

SETTINGS = '[tool.pytest.ini_options]\ngrade = "skip_network"\ntestpaths = ["tests"]\n'
OWN_TEST = "def test_of_the_course():\n    pass\n"
LEAVES_A_TRACE = (
    'from pathlib import Path\ntry:\n    Path("imported").touch()\nexcept OSError:\n    pass\n\n\n'
    'def forward(x, w0, w1, w2, ws):\n    """\n    >>> 1\n    2\n    """\n'
)
COUNTING = """
from pathlib import Path

from grader import practice

HERE = Path(__file__).parent
check = practice.check


def counting(*arguments, **options):
    with (HERE / "checks").open("a") as file:
        file.write("x")
    return check(*arguments, **options)


practice.check = counting
"""
BROKEN = """
from grader import practice


def broken(*arguments, **options):
    raise RuntimeError("a mistake of ours")


practice.check = broken
"""
WRONG = CORPUS / "wrong" / "skip_path_dropped.py"
RIGHT = CORPUS / "correct" / "tuples.py"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Return a repository with a test of the course and a submission with one mistake."""
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_course.py").write_text(OWN_TEST)
    shutil.copy(WRONG, tmp_path / "solution.py")
    return tmp_path


def outcomes(folder: Path) -> dict[str, str]:
    """Return the outcomes of the last run of `folder`."""
    return {name: one.outcome for name, one in told(folder).items()}


def test_without_option_and_settings_nothing_of_the_grader_is_loaded_but_the_plugin(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(
        "import sys\n\n\ndef pytest_sessionfinish():\n"
        "    print('LOADED', sorted({name for name in sys.modules if name.startswith(('grader', 'numpy'))}))\n"
    )
    (tmp_path / "test_own.py").write_text(OWN_TEST)
    shutil.copy(WRONG, tmp_path / "solution.py")
    done = run(tmp_path, "-s")
    assert "1 passed" in done.out
    assert "LOADED ['grader', 'grader.pytest_plugin']" in done.out


def test_a_graded_file_is_neither_imported_nor_are_its_examples_run_in_the_process_of_pytest(
    tmp_path: Path,
) -> None:
    (tmp_path / "solution.py").write_text(LEAVES_A_TRACE)
    done = run(tmp_path, "--grade", "skip_network", "--doctest-modules", "solution.py", "--junitxml", JUNIT)
    assert sorted(outcomes(tmp_path)) == ["solution::forward", "solution::gradients", "solution::update"]
    assert "Expected:" not in done.out
    assert not (tmp_path / "imported").exists()


@pytest.fixture
def failed_once(course: Path) -> Path:
    """Return the course after a run that stopped at its first failure, and kept which test that was."""
    done = cached(course, "-x", "--junitxml", JUNIT)
    assert done.code == pytest.ExitCode.TESTS_FAILED
    return course


def cached(folder: Path, *arguments: str) -> Done:
    """Run pytest with its cache."""
    return run(folder, "-p", "no:randomly", *arguments, plain=False)


@pytest.mark.slow
def test_stopping_at_the_first_failure_and_running_the_last_failed_do_what_they_do(failed_once: Path) -> None:
    assert outcomes(failed_once) == {
        "tests.test_course::test_of_the_course": "passed",
        "solution::forward": "passed",
        "solution::gradients": "failure",
    }
    cached(failed_once, "--lf", "--junitxml", JUNIT)
    assert outcomes(failed_once) == {"solution::gradients": "failure"}
    shutil.copy(RIGHT, failed_once / "solution.py")
    assert cached(failed_once, "--lf").code == pytest.ExitCode.OK


def test_editors_and_logs_are_sent_to_the_line_of_the_function_that_is_not_right(course: Path) -> None:
    done = run(course, "--tb=line", "solution.py")
    text = (course / "solution.py").read_text().splitlines()
    line = next(number for number, one in enumerate(text, 1) if one.startswith("def backward("))
    assert f"{course}/solution.py:{line}: 3 of 4 points: first mistake: dL/dh0" in done.out


def test_a_failure_tells_no_more_than_the_author_lets_hints_tell(course: Path) -> None:
    """At most where the first mistake is: neither its kind nor the quantities that follow from it."""
    shutil.copytree(CORPUS.parent, course / "task", ignore=shutil.ignore_patterns("submissions"))
    with (course / "task" / "assignment.toml").open("a") as file:
        file.write("\n[marking]\nmax_hint = 1\n")
    run(course, "--grade", "task", "solution.py", "--junitxml", JUNIT)
    text = told(course)["solution::gradients"].text
    assert text.startswith("3 of 4 points: not all of it is right\nFirst mistake: dL/dh0")
    assert "left out" not in text
    assert "dL/dw0" not in text


@pytest.mark.slow
def test_spread_over_workers_each_test_says_the_same_and_the_submission_is_run_once(course: Path) -> None:
    (course / "conftest.py").write_text(COUNTING)
    run(course, "--junitxml", JUNIT)
    alone = told(course)
    assert (course / "checks").read_text() == "x"
    (course / "checks").unlink()
    done = run(course, "-n", "2", "--junitxml", JUNIT)
    assert told(course) == alone
    assert (course / "checks").read_text() == "x"
    assert "solution.py  9 of 10 points in 3 questions" in done.out


def test_a_mistake_of_the_grader_is_one_error_with_a_remedy_and_no_failed_work(course: Path) -> None:
    (course / "conftest.py").write_text(BROKEN)
    done = run(course, "--junitxml", JUNIT)
    assert done.code == pytest.ExitCode.TESTS_FAILED
    assert outcomes(course) == {
        "tests.test_course::test_of_the_course": "passed",
        "solution::forward": "error",
        "solution::gradients": "skipped",
        "solution::update": "skipped",
    }
    text = told(course)["solution::forward"].text
    assert "the grader broke: RuntimeError: a mistake of ours" in text
    assert "what to do: run it again with GRADER_DEBUG=1" in text
    assert "Traceback" not in done.out
