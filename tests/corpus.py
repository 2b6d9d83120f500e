"""The corpora of the assignments: what each submission must get, and how a result departs from it."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

ASSIGNMENTS = Path(__file__).parent.parent / "assignments"
CORPUS = ASSIGNMENTS / "skip_network" / "submissions"
"""The corpus that tests of anything else take submissions from."""
LIMITED = ("memory", "output", "timeout")
"""Folders of submissions that run into a limit, and so take seconds each."""
ENTRY_KEYS = {
    *(
        "status",
        "first_mistake",
        "points",
        "pending",
        "verdicts",
        "findings",
        "question_status",
        "slow",
        "why",
    )
}
WAITING = ("awaiting", "graded", "missing")
"""Statuses of a question of which it is known what waits."""
DEFAULTS = "defaults"
"""Entry of `expected.toml` whose keys hold where another entry does not say otherwise."""


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


def completed(entry: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry with what it leaves out; of a table, each key that it leaves out."""
    whole = {**defaults, **entry}
    for key, value in defaults.items():
        if isinstance(value, Mapping):
            whole[key] = {**value, **entry.get(key, {})}
    return whole


def departures(want: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[str]:
    """Yield every way in which a result file departs from what was worked out by hand."""
    questions = {question["id"]: question for question in result["questions"]}
    if result["status"] != want["status"]:
        yield f"status is {result['status']}, not {want['status']}"
    if (result["first_mistake"] or "") != want.get("first_mistake", ""):
        yield f"first mistake is {result['first_mistake']}, not {want.get('first_mistake')!r}"
    yield from _unknown(want, questions)
    for name, question in questions.items():
        yield from _question(name, want, question)


def _unknown(want: Mapping[str, Any], questions: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the expectation has and no result can have: a slip of the pen in it would go unseen."""
    if not want.keys() <= ENTRY_KEYS:
        yield f"expected.toml: unknown keys {want.keys() - ENTRY_KEYS}"
    named = {finding["question"] for finding in want.get("findings", [])}
    for key in ("points", "pending", "verdicts", "question_status"):
        named |= want.get(key, {}).keys()
    if not named <= questions.keys():
        yield f"expected.toml: unknown questions {named - questions.keys()}"


def _question(name: str, want: Mapping[str, Any], question: Mapping[str, Any]) -> Iterator[str]:
    points = want.get("points", {}).get(name, 0.0)
    if abs(question["points"] - points) > 1e-6:
        yield f"{name}: {question['points']} points, not {points}"
    status = want.get("question_status", {}).get(name, want["status"])
    if question["status"] != status:
        yield f"{name}: status is {question['status']}, not {status}"
    # Of a question that waits all points do, where nothing else is said.
    pending = want.get("pending", {}).get(name, question["max_points"] if status == "awaiting" else 0.0)
    if status in WAITING and abs(question["pending_points"] - pending) > 1e-6:
        yield f"{name}: {question['pending_points']} points are pending, not {pending}"
    if want["status"] == "graded":
        yield from _verdicts(name, want.get("verdicts", {}).get(name, {}), question)
    yield from _findings(name, [f for f in want.get("findings", []) if f["question"] == name], question)


def _verdicts(name: str, want: Mapping[str, list[str]], question: Mapping[str, Any]) -> Iterator[str]:
    wanted = {quantity: verdict for verdict, quantities in want.items() for quantity in quantities}
    given = {entry["name"]: entry["verdict"] for entry in question["quantities"]}
    for quantity in sorted(wanted.keys() | given.keys()):
        verdict, right = given.get(quantity, "not listed"), wanted.get(quantity, "correct")
        if right == "either" and verdict in ("correct", "follows"):
            continue
        if verdict != right:
            yield f"{name}: {quantity} is {verdict}, not {right}"


def _findings(name: str, want: list[Mapping[str, str]], question: Mapping[str, Any]) -> Iterator[str]:
    given = [(entry["slip"], entry["also"], entry["at"]) for entry in question["findings"]]
    fits = len(given) == len(want) and all(
        finding["slip"] in (slip, *also) and finding["at"] == at
        for finding, (slip, also, at) in zip(want, given, strict=True)
    )
    if not fits:
        yield f"{name}: findings are {given}, not {[(f['slip'], f['at']) for f in want]}"
