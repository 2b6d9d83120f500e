"""Nothing that a submission prints, raises, returns or is named becomes a command of the runner, markup or a broken file."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from installed import call
from repositories import RIGHT, on_github, repository

ATTACKS = (
    "::error::mine",
    "::add-mask::10",
    "##[group]mine",
    "::set-output name=points::10",
    "::stop-commands::x",
    "section_start:1560896352:mine\\r\\x1b[0Kmine",
    "\\x1b[31mred\\x1b[0m",
    "\\r::error::mine",
    "<img src=x> ![x](https://example.org) @everyone",
    "\\x00\\x08\\ufffe ]]>",
)
TEXT = "\\n".join(ATTACKS)
HOSTILE = f'import sys\nTEXT = "{TEXT}"\nprint(TEXT)\nprint(TEXT, file=sys.stderr)\n' + RIGHT.replace(
    "def loss(y_hat, y):\n", "def loss(y_hat, y):\n    raise ValueError(TEXT)\n", 1
).replace(
    "def update(weights, gradients, lr):\n",
    "def update(weights, gradients, lr):\n    print(TEXT)\n    return {TEXT: TEXT, 'w0_new': TEXT}\n",
    1,
)
NAME = "##[error]x ::error::y.py"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the repository of a student who wants to command the runner."""
    made = repository(tmp_path_factory.mktemp("hostile") / "repo")
    (made / NAME).write_text(HOSTILE, encoding="utf-8")
    return made


def test_the_attack_is_one() -> None:
    """Both replacements found their place, so that the code raises and prints."""
    assert "raise ValueError(TEXT)" in HOSTILE
    assert "return {TEXT: TEXT" in HOSTILE


def test_on_github_no_line_is_a_command_but_ours(folder: Path) -> None:
    step = on_github(folder)
    assert step.done.code == 1
    for command in step.commands:
        assert command.startswith(("::error file=", "::notice title=Autograding "))
    lines = re.split(r"[\r\n]", step.done.out)
    within = [line for line in lines if line not in step.commands and line]
    ours, theirs = (within[0], within[-1]), within[1:-1]
    assert ours[0].removeprefix("::stop-commands::") == ours[1].strip(":")
    assert theirs
    assert not any("##[" in line or line.lstrip().startswith("::") for line in theirs)
    assert "\x1b" not in step.done.out + step.done.err + step.summary
    assert step.output["points"] != "10"
    # What was printed is told as text, inside of a block.
    assert "<img" not in re.sub(r"^(`{3,})text\n.*?\n\1$", "", step.summary, flags=re.MULTILINE | re.DOTALL)


def test_on_gitlab_the_log_has_no_section_and_the_report_is_whole(folder: Path) -> None:
    done = call("ci", "--to", "gitlab", "--junit", "../report.xml", folder=folder)
    assert done.code == 1
    assert "\x1b" not in done.out
    assert not re.search(r"section_start:\d+:\w+\r", done.out)
    assert "\r" not in done.out
    root = ET.fromstring((folder.parent / "report.xml").read_bytes())
    assert [case.get("name") for case in root.iter("testcase")] == [
        "Forward values and the loss",
        "Gradients by backpropagation",
        "One step of gradient descent",
    ]


def test_an_error_that_names_a_hostile_file_commands_nothing(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("x = 1\n", encoding="utf-8")
    done = call("ci", NAME, folder=tmp_path, variables={"GITHUB_ACTIONS": "true"})
    assert done.code == 2
    (line,) = done.out.splitlines()
    assert line.startswith("::error title=The submission could not be checked::")
    assert done.err == ""
