"""The corpora of the assignments: what each submission must get, and how a result departs from it."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from grader.validation.departures import DEFAULTS, completed

ASSIGNMENTS = Path(__file__).parent.parent / "assignments"
CORPUS = ASSIGNMENTS / "skip_network" / "submissions"
"""The corpus that tests of anything else take submissions from."""
LIMITED = ("memory", "output", "timeout")
"""Folders of submissions that run into a limit, and so take seconds each."""


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """The submissions of one assignment, and what was worked out for each by hand."""

    assignment: str

    @property
    def folder(self) -> Path:
        """Where they are: one folder for each kind of outcome, and `expected.toml`."""
        return ASSIGNMENTS / self.assignment / "submissions"

    @cached_property
    def expected(self) -> Mapping[str, Mapping[str, Any]]:
        """What each submission must get, by its path in the folder."""
        entries = tomllib.loads((self.folder / "expected.toml").read_text(encoding="utf-8"))
        defaults = entries.pop(DEFAULTS, {})
        return {path: completed(entry, defaults) for path, entry in entries.items()}

    def submissions(self) -> list[str]:
        """Return every submission on the disk: what stands in a folder that is named after a kind of outcome."""
        return sorted(
            path.relative_to(self.folder).as_posix()
            for kind in self.folders(limited=True)
            for path in kind.iterdir()
            if path.name != "__pycache__"
        )

    def is_quick(self, submission: str) -> bool:
        """Say whether a submission takes much less than a second: it runs into no limit, and does not train."""
        return not submission.startswith(LIMITED) and not self.expected[submission].get("slow", False)

    def class_of(self, submissions: Iterable[str], folder: Path) -> Path:
        """Copy some submissions into a class folder of their own."""
        folder.mkdir(parents=True)
        for submission in submissions:
            path = self.folder / submission
            if path.is_dir():
                shutil.copytree(path, folder / path.name)
            else:
                shutil.copy2(path, folder)
        return folder

    def folders(self, *, limited: bool) -> list[Path]:
        """Return the class folders, with or without those that run into a limit."""
        return sorted(
            path for path in self.folder.iterdir() if path.is_dir() and (limited or path.name not in LIMITED)
        )

    def student(self, submission: str) -> str:
        """Return the student of a submission: a file's stem, a folder's name."""
        path = self.folder / submission
        return path.name if path.is_dir() else path.stem


CORPORA = {
    path.parent.parent.name: Corpus(assignment=path.parent.parent.name)
    for path in sorted(ASSIGNMENTS.glob("*/submissions/expected.toml"))
}
"""Every corpus by its assignment."""
