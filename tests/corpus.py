"""The corpus of an assignment: what each submission must get, and how a result departs from it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).parent.parent / "assignments" / "skip_network" / "submissions"
LIMITED = ("memory", "output", "timeout")
"""Folders of submissions that run into a limit, and so take seconds each."""
ENTRY_KEYS = {"status", "first_mistake", "points", "verdicts", "findings", "question_status", "why"}


def expected() -> dict[str, dict[str, Any]]:
    """Return what each submission of the corpus must get, by its path."""
    return tomllib.loads((CORPUS / "expected.toml").read_text(encoding="utf-8"))


def submissions() -> list[str]:
    """Return every submission on the disk: what stands in a folder that is named after a verdict or status."""
    return sorted(
        path.relative_to(CORPUS).as_posix()
        for folder in CORPUS.iterdir()
        if folder.is_dir()
        for path in folder.iterdir()
        if path.name != "__pycache__"
    )


def folders(*, limited: bool) -> list[Path]:
    """Return the class folders of the corpus, with or without those that run into a limit."""
    return sorted(
        path for path in CORPUS.iterdir() if path.is_dir() and (limited or path.name not in LIMITED)
    )


def student(submission: str) -> str:
    """Return the student of a submission: a file's stem, a folder's name."""
    path = CORPUS / submission
    return path.name if path.is_dir() else path.stem


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
    for key in ("points", "verdicts", "question_status"):
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
