"""Colour and a bar are for terminals; a pipe, a log and NO_COLOR get plain text."""

from __future__ import annotations

import os
import pty
import subprocess
import threading
from pathlib import Path

import pytest
from classes import RIGHT
from installed import GRADER, call, environment

ESCAPE = "\x1b"


def on_a_terminal(*arguments: str | Path, **variables: str) -> tuple[int, str]:
    """Call the command with a terminal as its output and error output; return exit code and all it wrote."""
    ours, theirs = pty.openpty()
    written: list[bytes] = []

    def collect() -> None:
        while True:
            try:
                chunk = os.read(ours, 65536)
            except OSError:  # how Linux says that the other end is closed
                return
            if not chunk:
                return
            written.append(chunk)

    reader = threading.Thread(target=collect)
    reader.start()
    process = subprocess.Popen(
        [GRADER, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env=environment(TERM="xterm-256color", **variables),
    )
    os.close(theirs)
    code = process.wait(timeout=120)
    reader.join(timeout=10)
    os.close(ours)
    return code, b"".join(written).decode()


@pytest.fixture
def alice(tmp_path: Path) -> Path:
    path = tmp_path / "alice.py"
    path.write_text(RIGHT)
    return path


def test_a_terminal_gets_colour_and_a_bar_with_rate_and_count(alice: Path, tmp_path: Path) -> None:
    code, text = on_a_terminal("grade", "skip_network", alice, "-o", tmp_path / "out")
    assert code == 0
    assert ESCAPE in text
    assert "grading" in text
    assert "0/1" in text
    assert "1 graded, 0 unchanged" in text
    assert ESCAPE in on_a_terminal("check", alice)[1]


def test_no_color_on_a_terminal_means_plain_text_without_a_bar(alice: Path, tmp_path: Path) -> None:
    for arguments in (("grade", "skip_network", alice, "-o", tmp_path / "out"), ("check", alice)):
        code, text = on_a_terminal(*arguments, NO_COLOR="1")
        assert code == 0
        assert ESCAPE not in text
        assert "0/1" not in text
        assert "\r" not in text.replace("\r\n", "\n")


def test_a_pipe_gets_plain_text_even_where_colour_is_forced(alice: Path, tmp_path: Path) -> None:
    """FORCE_COLOR is set by some CI systems for all programs; a log is no place for a bar."""
    forced = {"FORCE_COLOR": "1", "COLUMNS": "20"}
    grade = ("grade", "skip_network", alice, "-o", tmp_path / "out", "--trust-submissions")
    done = call(*grade, variables=forced)
    assert done.code == 0
    assert ESCAPE not in done.out + done.err
    assert done.err.startswith("graded 1 of 1, ")
    assert len(done.err.splitlines()) == 1
    assert ESCAPE not in call("check", alice, variables={"FORCE_COLOR": "1"}).out


@pytest.mark.parametrize("arguments", [["list"], ["show", "skip_network"], ["doctor"]])
def test_json_on_a_terminal_has_no_colour_either(arguments: list[str]) -> None:
    code, text = on_a_terminal(*arguments, "--json")
    assert code == 0
    assert ESCAPE not in text
    assert text.startswith("{")
