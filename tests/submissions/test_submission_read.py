"""Whatever is handed in becomes a value with a sentence, never an exception."""

from __future__ import annotations

import hashlib
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from clock import allowed

from grader.model import Submission
from grader.submissions import find, read
from grader.submissions.files import load
from grader.submissions.limits import UnusableError

HandIn = Callable[[str, bytes], Submission]
ReadOne = Callable[[Path], Submission]
needs_posix = pytest.mark.skipif(os.name == "nt", reason="no such files on Windows")


def problem_of(submission: Submission) -> str:
    assert submission.problem is not None
    assert submission.sources == ()
    assert len(submission.sha256) == 64
    return submission.problem


@pytest.mark.parametrize("name", ["a.txt", "a.pdf", "a.docx", "a.rtf", "a.md", "a.pyc", "a.tex", "noext"])
def test_another_kind_of_file_is_a_problem_that_says_what_is_read(hand_in: HandIn, name: str) -> None:
    submission = hand_in(name, b"x = 1")
    problem = problem_of(submission)

    assert problem.startswith(f"`{name}` ")
    assert "a `.py` file, an `.ipynb` notebook, or a folder or `.zip`" in problem
    assert submission.files == (name,)


@needs_posix
def test_a_link_is_a_problem_and_not_followed(tmp_path: Path, read_one: ReadOne) -> None:
    (tmp_path / "solution.py").write_text("secret = 1\n")
    (tmp_path / "folder").mkdir()
    for name, target in (
        ("a.py", "solution.py"),
        ("dangling.py", "nowhere"),
        ("loop.py", "loop.py"),
        ("dir", "folder"),
    ):
        (tmp_path / name).symlink_to(tmp_path / target)

        assert "is a link" in problem_of(read_one(tmp_path / name))


@needs_posix
def test_a_fifo_a_socket_and_a_device_are_problems_and_never_opened(
    tmp_path: Path, read_one: ReadOne
) -> None:
    """Opening the fifo for reading would wait for ever."""
    os.mkfifo(tmp_path / "fifo.py")
    assert "not a regular file" in problem_of(read_one(tmp_path / "fifo.py"))
    assert "not a regular file" in problem_of(read_one(Path("/dev/null")))
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(tmp_path / "s.py"))  # the full path may be too long for a socket
        assert "not a regular file" in problem_of(read_one(tmp_path / "s.py"))


@pytest.mark.parametrize(("name", "limit"), [("a.py", 6), ("a.ipynb", 64)])
def test_a_file_beyond_its_limit_is_a_problem_with_size_and_limit(
    tmp_path: Path, read_one: ReadOne, name: str, limit: int
) -> None:
    path = tmp_path / name
    with path.open("wb") as file:
        file.truncate((limit + 1) * 1024 * 1024)  # a hole: no block of it is on the disk

    assert f"({limit + 1}.0 MiB; the limit is {limit} MiB)" in problem_of(read_one(path))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs a file that lies about its size")
def test_a_file_that_says_it_is_empty_and_is_not_is_a_problem() -> None:
    with pytest.raises(UnusableError, match="grows while it is read"):
        load(Path("/proc/self/status"), "status", limit=100)


def test_a_file_that_grows_after_it_was_opened_is_a_problem(
    tmp_path: Path, read_one: ReadOne, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.py"
    path.write_text("x = 1\n")
    fstat = os.fstat

    def append_after(descriptor: int) -> os.stat_result:
        status = fstat(descriptor)
        with path.open("a") as file:
            file.write("y = 2\n" * 100_000)
        return status

    monkeypatch.setattr(os, "fstat", append_after)

    assert "grows while it is read" in problem_of(read_one(path))


def test_a_file_that_becomes_shorter_is_read_as_far_as_it_goes(
    tmp_path: Path, read_one: ReadOne, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.py"
    path.write_text("x = 1\ny = 2\n")
    fstat = os.fstat

    def cut_after(descriptor: int) -> os.stat_result:
        status = fstat(descriptor)
        os.truncate(path, 6)
        return status

    monkeypatch.setattr(os, "fstat", cut_after)

    assert read_one(path).sources[0].cells == ("x = 1\n",)


@needs_posix
def test_a_file_that_is_changed_for_a_link_or_a_fifo_after_a_first_look_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first look is made to see the regular file that was there before."""
    regular = tmp_path / "regular.py"
    regular.write_text("x = 1\n")
    before = regular.lstat()
    (tmp_path / "link.py").symlink_to(regular)
    os.mkfifo(tmp_path / "fifo.py")
    monkeypatch.setattr(Path, "lstat", lambda _: before)

    with pytest.raises(UnusableError, match=r"`link\.py` cannot be read"):
        load(tmp_path / "link.py", "link.py", limit=100)
    with pytest.raises(UnusableError, match=r"`fifo\.py` is not a regular file"):
        load(tmp_path / "fifo.py", "fifo.py", limit=100)


@needs_posix
def test_a_hard_link_is_a_file_like_any_other(tmp_path: Path, read_one: ReadOne) -> None:
    """Whoever can make one could as well have copied the content."""
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "b.py").hardlink_to(tmp_path / "a.py")

    assert read_one(tmp_path / "b.py").sources[0].cells == ("x = 1\n",)


def test_a_file_with_a_hole_of_a_terabyte_costs_nothing(tmp_path: Path, read_one: ReadOne) -> None:
    path = tmp_path / "a.ipynb"
    with path.open("wb") as file:
        try:
            file.truncate(1 << 40)
        except OSError:
            pytest.skip("this file system takes no file of that size")
    start = time.process_time()

    assert "the limit is 64 MiB" in problem_of(read_one(path))
    assert time.process_time() - start < allowed(0.1)


def test_a_python_file_of_exactly_the_limit_is_read(hand_in: HandIn) -> None:
    assert hand_in("a.py", b"#" * 6 * 1024 * 1024).problem is None


def test_a_file_that_is_gone_by_the_time_of_reading_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("x = 1\n")
    (found,) = find([path], single=False)
    path.unlink()

    assert "no such file" in problem_of(read(found))


def test_an_error_of_the_disk_while_reading_is_a_problem(
    tmp_path: Path, read_one: ReadOne, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.py"
    path.write_text("x = 1\n")

    def fail(*_: object) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "open", fail)

    assert problem_of(read_one(path)) == (
        "`a.py` cannot be read (input/output error); check that it is there and its permissions."
    )


def test_the_digest_is_that_of_name_and_content(hand_in: HandIn) -> None:
    """As documented: length of the name in 8 bytes, the name, SHA-256 of the content."""
    content = hashlib.sha256(b"x = 1\n").digest()
    expected = hashlib.sha256(b"\0\0\0\0\0\0\0\x04" + b"a.py" + content).hexdigest()

    assert hand_in("a.py", b"x = 1\n").sha256 == expected


def test_every_byte_and_the_name_change_the_digest(hand_in: HandIn) -> None:
    digests = {
        hand_in(name, data).sha256
        for name, data in (
            ("a.py", b"x"),
            ("b.py", b"x"),
            ("a.py", b"y"),
            ("a.py", b"x\r\n"),
            ("a.py", b"x\n"),
        )
    }

    assert len(digests) == 5


def test_a_problem_of_the_content_does_not_hide_a_change_of_it(hand_in: HandIn) -> None:
    assert hand_in("a.py", b"\0").sha256 != hand_in("a.py", b"\0\0").sha256


def test_reading_creates_nothing_in_the_folder(tmp_path: Path, hand_in: HandIn) -> None:
    hand_in("a.py", b"open('created', 'w')\n")

    assert [path.name for path in tmp_path.iterdir()] == ["a.py"]
