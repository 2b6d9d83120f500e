"""The page for authors: every file and every command on it, in order, from an empty folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from installed import environment

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "authoring.md"
BLOCK = re.compile(
    r"(?:`(?P<file>tanh_net/\S+)`:\n\n)?```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)
COMMANDS = {"show", "new", "validate", "handout", "grade"}


def _commands(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each command with the lines that the page shows below it."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, *shown = part.splitlines()
        yield command, shown


def _fits(shown: list[str], printed: str) -> bool:
    """Whether a command printed what the page shows; `...` stands for any lines."""
    pattern = "".join(r"(?:.*\n)*" if line == "..." else re.escape(f"{line}\n") for line in shown)
    return re.fullmatch(pattern, printed) is not None


def _run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    return subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=environment(PATH=path),
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_is_shown_is_held_against_what_is_printed() -> None:
    assert _fits(["a", "...", "z"], "a\nb\nc\nz\n")
    assert not _fits(["a", "..."], "b\n")
    assert not _fits(["a"], "a\nb\n")


def test_the_page_shows_each_command_of_an_author() -> None:
    text = PAGE.read_text(encoding="utf-8")
    blocks = [match for match in BLOCK.finditer(text) if match["kind"] == "console"]
    called = {
        command.split()[1]
        for match in blocks
        for command, _ in _commands(match["text"])
        if command[:6] == "grader"
    }
    assert called == COMMANDS


@pytest.mark.slow
def test_whoever_does_what_the_page_says_has_a_sound_assignment_and_a_graded_class(tmp_path: Path) -> None:
    for match in BLOCK.finditer(PAGE.read_text(encoding="utf-8")):
        if match["kind"] != "console":
            (tmp_path / match["file"]).write_text(match["text"], encoding="utf-8")
            continue
        for command, shown in _commands(match["text"]):
            done = _run(command, tmp_path)
            assert done.returncode == 0, (command, done.stdout, done.stderr)
            assert _fits(shown, done.stdout), (command, done.stdout)
    grades = (tmp_path / "graded" / "grades.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(grades) == 4
    assert (tmp_path / "start" / "check.py").is_file()
    handed_out = (tmp_path / "start" / "tanh_net.py").read_text(encoding="utf-8")
    assert "H1**2" not in handed_out
