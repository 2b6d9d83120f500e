"""Grades in a pytest run: collects what is graded beside what is tested, and sums up the points."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader.assignment_file import load
from grader.errors import GraderError
from grader.pytest_plugin.nodes import SUBMISSIONS, GradedFile, GradedFolder, Question
from grader.pytest_plugin.submitted import HOW_TO_REPORT, Submissions, broke
from grader.pytest_plugin.summary import summary
from grader.pytest_plugin.targets import Targets
from grader.pytest_plugin.together import submissions_of

if TYPE_CHECKING:
    from grader.assignment import Assignment

_SHARED = "grader_shared"
"""Where a worker of pytest-xdist is told the folder of the whole run."""


class Grading:
    """The hooks of a run that grades.

    Parameters
    ----------
    config : pytest.Config
    targets : Targets
        With something to grade.

    Raises
    ------
    pytest.UsageError
        Where there is no such assignment, or it cannot be used.
    """

    def __init__(self, config: pytest.Config, targets: Targets) -> None:
        told = getattr(config, "workerinput", {}).get(_SHARED)
        assignment = _load(targets.assignment)
        paths = submissions_of(targets.lists, targets.reached, assignment)
        config.stash[SUBMISSIONS] = Submissions(assignment, paths, Path(told) if told else None)
        self._paths = targets.reached
        self._title = f"grader: {assignment.name}, practice cases"
        self._shared: Path | None = None

    def pytest_report_header(self) -> str:
        """Say what is graded, and on which cases."""
        return self._title

    @pytest.hookimpl(wrapper=True)
    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
        """Take a graded file from those who would import it as a test or run the examples in it."""
        collectors = yield
        if file_path not in self._paths:
            return collectors
        others = [collector for collector in collectors if not isinstance(collector, pytest.Module)]
        return [GradedFile.from_parent(parent, path=file_path), *others]

    @pytest.hookimpl(tryfirst=True)
    def pytest_collect_directory(self, path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Take a graded folder."""
        return GradedFolder.from_parent(parent, path=path) if path in self._paths else None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Have the short summary name the student's file and the mistake, in the place of a line of ours."""
        report = yield
        if isinstance(item, Question):
            crash = getattr(report.longrepr, "reprcrash", None)
            if crash is not None and item.headline:
                (crash.path, crash.lineno), crash.message = item.place, item.headline
            elif isinstance(report.longrepr, tuple):
                report.longrepr = (*item.place, report.longrepr[2])
        return report

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Write the points of each submission."""
        lines = summary(report for reports in terminalreporter.stats.values() for report in reports)
        if lines:
            terminalreporter.section(self._title)
            for line in lines:
                terminalreporter.write_line(line)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:  # noqa: ANN401  a type of pytest-xdist
        """Give the workers of pytest-xdist a folder, so that one of them runs a submission and the others read of it."""
        if self._shared is None:
            self._shared = Path(tempfile.mkdtemp(prefix="grader-"))
        node.workerinput[_SHARED] = str(self._shared)

    def pytest_unconfigure(self) -> None:
        """Remove that folder."""
        if self._shared is not None:
            shutil.rmtree(self._shared, ignore_errors=True)


def _load(name: str) -> Assignment:
    try:
        return load(name)
    except GraderError as error:
        raise pytest.UsageError(f"grader: {error.message}", f"what to do: {error.remedy}") from None
    except Exception as error:  # the edge: our own mistake is one message
        if os.environ.get("GRADER_DEBUG"):
            raise
        pytest.exit(f"{broke(error)}; {HOW_TO_REPORT}", returncode=pytest.ExitCode.INTERNAL_ERROR)
