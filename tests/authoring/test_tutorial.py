"""The page for authors: every file and every command on it, in order, from an empty folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages import DOCS, Command, run_page, steps

PAGE = DOCS / "authoring.md"
COMMANDS = {"show", "new", "validate", "handout", "grade"}


def test_the_page_shows_each_command_of_an_author() -> None:
    lines = [step.line for step in steps(PAGE.read_text(encoding="utf-8")) if isinstance(step, Command)]
    assert {line.split()[1] for line in lines if line.startswith("grader ")} == COMMANDS


@pytest.mark.slow
def test_whoever_does_what_the_page_says_has_a_sound_assignment_and_a_graded_class(tmp_path: Path) -> None:
    run_page(PAGE, tmp_path)
    grades = (tmp_path / "graded" / "grades.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(grades) == 4
    assert (tmp_path / "start" / "check.py").is_file()
    handed_out = (tmp_path / "start" / "tanh_net.py").read_text(encoding="utf-8")
    assert "H1**2" not in handed_out
