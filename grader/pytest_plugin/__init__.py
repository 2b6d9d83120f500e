"""The pytest plugin: `pytest --grade ASSIGNMENT FILE` gives one test per question, with the finding as its failure.

pytest loads this module in every run of an environment that has the grader: it imports nothing, and does nothing, where
nothing is graded.
"""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option and the settings."""
    group = parser.getgroup("grader", "backpropagation coursework")
    group.addoption(
        "--grade",
        metavar="ASSIGNMENT",
        help="Grade the files and folders of this call that are no tests: one test per question of ASSIGNMENT, a shipped "
        "name or a folder, on practice cases.",
    )
    parser.addini("grade", help="The assignment that grade_files are graded for.", default="")
    parser.addini(
        "grade_files",
        type="args",
        help="Files, folders and patterns to grade, from the folder of this file on.",
        default=["solution.py"],
    )


def pytest_sessionstart(session: pytest.Session) -> None:
    """Begin to grade where that is asked for, before anything is collected."""
    config = session.config
    if config.getoption("grade") or config.getini("grade"):
        from grader.pytest_plugin.targets import targets_of

        targets = targets_of(config)
        if targets.reached:
            from grader.pytest_plugin.grading import Grading

            config.pluginmanager.register(Grading(config, targets), "grader-grading")
