"""A wrong call, a bad folder or a bad machine is one clear message, what to do, and the exit code of the contract."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest
from classes import RIGHT, GradedClass, small_class
from installed import GRADER, Done, call, environment

from grader.assignment_file import shipped_folder


def is_refused(done: Done, code: int, *texts: str) -> None:
    """Assert that a call was refused: code, message and remedy on standard error, nothing else anywhere."""
    assert done.code == code, done
    assert done.out == ""
    assert all(text in done.err for text in texts), done.err
    assert "Traceback" not in done.err
    assert len(done.err.splitlines()) <= 4, done.err


def hand_in(folder: Path) -> Path:
    path = folder / "alice.py"
    path.write_text(RIGHT)
    return path


def test_an_unknown_assignment_suggests_the_right_name(tmp_path: Path) -> None:
    """For every command that takes one."""
    file = hand_in(tmp_path)
    for done in (
        call("show", "skip_netwrok"),
        call("grade", "skip_netwrok", file, "-o", tmp_path / "out"),
        call("check", file, "-a", "skip_netwrok"),
    ):
        is_refused(done, 2, "no assignment `skip_netwrok`", "did you mean `skip_network`?")
    assert not (tmp_path / "out").exists()


def test_a_path_that_is_not_there_is_a_wrong_call(tmp_path: Path) -> None:
    is_refused(
        call("grade", "skip_network", tmp_path / "nobody", "-o", tmp_path / "out"),
        2,
        "nobody",
        "no such file",
    )
    is_refused(call("check", tmp_path / "nobody.py"), 2, "nobody.py", "no such file")
    is_refused(call("report", tmp_path / "nobody"), 2, "holds no gradebook")


def test_an_empty_path_is_a_wrong_call_and_never_the_current_folder(tmp_path: Path) -> None:
    """As a variable gives that was never set."""
    file = hand_in(tmp_path)
    is_refused(call("grade", "skip_network", "", "-o", tmp_path / "out"), 2, "PATHS", "is empty", "variable")
    is_refused(call("grade", "skip_network", file, "-o", ""), 2, "--out", "is empty")
    is_refused(call("grade", "", file, "-o", tmp_path / "out"), 2, "no assignment ``")
    is_refused(call("check", ""), 2, "FILES", "is empty")
    is_refused(call("report", ""), 2, "OUT", "is empty")
    assert not (tmp_path / "out").exists()


def test_a_class_folder_without_submissions_is_nothing_to_grade(tmp_path: Path) -> None:
    (tmp_path / "class" / "__pycache__").mkdir(parents=True)
    (tmp_path / "class" / ".DS_Store").touch()
    is_refused(
        call("grade", "skip_network", tmp_path / "class", "-o", tmp_path / "class" / "out"),
        3,
        "There is no submission in",
    )


def test_an_output_folder_that_cannot_be_made_is_a_matter_of_the_machine(tmp_path: Path) -> None:
    """Below a file, as root may write into every folder."""
    (tmp_path / "file").touch()
    is_refused(
        call("grade", "skip_network", hand_in(tmp_path), "-o", tmp_path / "file" / "out"),
        5,
        "cannot be used: Not a directory",
        "choose a folder that can be written",
    )


def test_the_output_folder_of_another_assignment_is_refused_and_stays_as_it_is(
    tmp_path: Path, small: GradedClass
) -> None:
    shutil.copytree(small.out, tmp_path / "out")
    shutil.copytree(
        shipped_folder() / "skip_network", tmp_path / "homework", ignore=shutil.ignore_patterns("submissions")
    )
    before = (tmp_path / "out" / "grades.csv").read_bytes()

    done = call("grade", tmp_path / "homework", hand_in(tmp_path), "-o", tmp_path / "out")

    is_refused(done, 2, "holds the grades of `skip_network`, not of `homework`", "another output folder")
    assert (tmp_path / "out" / "grades.csv").read_bytes() == before


def test_a_file_that_is_no_gradebook_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "gradebook.sqlite").write_text(
        "not a database at all, but long enough to be one\n" * 99
    )
    grade = call("grade", "skip_network", hand_in(tmp_path), "-o", tmp_path / "out")
    for done in (grade, call("report", tmp_path / "out")):
        is_refused(done, 2, "is not a gradebook", "Move the file away")


def test_a_gradebook_that_is_damaged_inside_is_said_to_be(tmp_path: Path, small: GradedClass) -> None:
    shutil.copytree(small.out, tmp_path / "out")
    path = tmp_path / "out" / "gradebook.sqlite"
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))

    is_refused(call("report", tmp_path / "out"), 2, "is not a gradebook", "malformed")


def test_a_grade_that_is_no_grade_is_said_to_be_none(tmp_path: Path, small: GradedClass) -> None:
    shutil.copytree(small.out, tmp_path / "out")
    with sqlite3.connect(tmp_path / "out" / "gradebook.sqlite") as connection:
        connection.execute("UPDATE grades SET grade = '{}' WHERE student = 's1'")
    connection.close()

    is_refused(call("report", tmp_path / "out"), 2, "holds a grade that cannot be read", "with --force")


@pytest.mark.parametrize("expression", ["(", "nobody-is-called-so", "(?P<student>[a-z"])
def test_an_expression_that_is_wrong_or_matches_nothing_is_a_wrong_call(
    tmp_path: Path, expression: str
) -> None:
    done = call(
        "grade", "skip_network", hand_in(tmp_path), "-o", tmp_path / "out", "--student-from", expression
    )
    is_refused(done, 2, f"--student-from `{expression}`")


def test_a_seed_and_a_secret_file_together_are_a_wrong_call(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("tulip\n")
    arguments: list[str | Path] = ["grade", "skip_network", hand_in(tmp_path), "-o", tmp_path / "out"]
    is_refused(
        call(*arguments, "--seed", "1", "--secret-file", tmp_path / "secret"), 2, "--seed and --secret-file"
    )
    is_refused(call(*arguments, "--secret-file", tmp_path / "none"), 2, "cannot be read")
    assert not (tmp_path / "out").exists()


def test_an_assignment_that_cannot_be_used_names_file_and_key(tmp_path: Path) -> None:
    (tmp_path / "homework").mkdir()
    (tmp_path / "homework" / "assignment.toml").write_text("schema = 1\n")
    is_refused(call("show", tmp_path / "homework"), 2, "assignment.toml", "title")


@pytest.mark.parametrize(
    "arguments", [["nope"], ["grade"], ["show", "skip_network", "--nope"], ["check"], ["grade", "x", "y"]]
)
def test_a_call_that_cannot_be_parsed_is_a_wrong_call(arguments: list[str]) -> None:
    done = call(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("Usage: grader")


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_a_reader_that_has_gone_is_no_failure(more: list[str]) -> None:
    """As with `| head`."""
    process = subprocess.Popen(
        [GRADER, "list", *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    assert process.stdout is not None
    process.stdout.close()
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("more", [[], ["--json"]])
def test_a_full_disk_is_a_matter_of_the_machine(more: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [GRADER, "show", "skip_network", *more],
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            check=False,
        )
    assert done.returncode == 5
    assert b"No space left on device" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.slow
def test_an_output_folder_that_another_run_is_using_is_refused(tmp_path: Path) -> None:
    """A lock that another process holds on the gradebook."""
    folder = small_class(tmp_path / "class", 1)
    assert call("grade", "skip_network", folder, "-o", tmp_path / "out").code == 0
    connection = sqlite3.connect(tmp_path / "out" / "gradebook.sqlite", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")

    done = call("grade", "skip_network", folder, "-o", tmp_path / "out", "--force")

    connection.close()
    is_refused(done, 5, "is locked")


def test_a_folder_that_is_no_assignment_is_said_to_lack_its_file(tmp_path: Path) -> None:
    """It is there: that there is no such assignment would send its author to look for a misspelt name."""
    is_refused(call("show", tmp_path), 2, f"{tmp_path} holds no assignment.toml", "shipped are")


def test_an_output_folder_that_is_a_file_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    is_refused(
        call("grade", "skip_network", hand_in(tmp_path), "-o", tmp_path / "out"),
        5,
        "cannot be used: it is no folder",
    )


def test_a_name_that_is_too_long_for_a_file_is_no_fault_of_ours(tmp_path: Path) -> None:
    """As an assignment there is none of that name; as an output folder the machine does not allow it."""
    name = "x" * 300
    is_refused(call("show", name), 2, f"there is no assignment `{name}`")
    out = call("grade", "skip_network", hand_in(tmp_path), "-o", tmp_path / name)
    is_refused(out, 5, "File name too long", "choose a shorter name")


def test_a_class_that_is_its_own_output_folder_is_said_to_be_one(tmp_path: Path) -> None:
    """Else it would be said to hold no submission, which it does; nothing is written into it."""
    hand_in(tmp_path)
    done = call("grade", "skip_network", tmp_path, "-o", tmp_path)
    is_refused(done, 3, "is the output folder, or lies in it", "Name another output folder with -o")
    assert [path.name for path in tmp_path.iterdir()] == ["alice.py"]


def test_a_secret_file_that_cannot_be_read_says_why_in_words(tmp_path: Path) -> None:
    """No number of the operating system, and no name of a codec."""
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\xff")
    for path, why in (
        (tmp_path / "nothing", "No such file or directory"),
        (picture, "it is no text in UTF-8"),
    ):
        done = call("grade", "skip_network", hand_in(tmp_path), "-o", tmp_path / "out", "--secret-file", path)
        is_refused(done, 2, f"{path} cannot be read: {why}\n", "--secret-file")


def test_a_hand_out_that_cannot_be_written_is_a_matter_of_the_machine(tmp_path: Path) -> None:
    """Below a file, as root may write into every folder."""
    (tmp_path / "file").touch()
    is_refused(
        call("handout", "skip_network", "-o", tmp_path / "file" / "start"), 5, "cannot be written", "with -o"
    )


def test_points_below_zero_are_refused_as_points(tmp_path: Path, small: GradedClass) -> None:
    """A minus is no option; an option that there is not stays one."""
    shutil.copytree(small.out, tmp_path / "out")
    for points in ("-1", "-0.5", "-.5"):
        is_refused(
            call("mark", tmp_path / "out", "s1", "forward", points), 2, "points below 0", "a number from 0"
        )
    assert "No such option '--frob'" in call("mark", tmp_path / "out", "--frob").err


@pytest.mark.parametrize("arguments", ["list", "list --json", "show skip_network"])
def test_a_closed_output_is_no_fault_of_ours(tmp_path: Path, arguments: str) -> None:
    """As a shell closes it with `>&-`, and some services do."""
    done = subprocess.run(
        f"{GRADER} {arguments} >&-",
        shell=True,
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
