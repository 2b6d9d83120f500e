"""The corpus of an assignment: what each submission must get, and how a result departs from it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).parent.parent / "assignments" / "skip_network" / "submissions"


def expected() -> dict[str, dict[str, Any]]:
    """Return what each submission of the corpus must get, by its path."""
    return tomllib.loads((CORPUS / "expected.toml").read_text(encoding="utf-8"))


def departures(want: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[str]:
    """Yield every way in which a result file departs from what was worked out by hand."""
    questions = {question["id"]: question for question in result["questions"]}
    if result["status"] != want["status"]:
        yield f"status is {result['status']}, not {want['status']}"
    if (result["first_mistake"] or "") != want.get("first_mistake", ""):
        yield f"first mistake is {result['first_mistake']}, not {want.get('first_mistake')!r}"
    for name, question in questions.items():
        points = want.get("points", {}).get(name, 0.0)
        if abs(question["points"] - points) > 1e-6:
            yield f"{name}: {question['points']} points, not {points}"
        status = want.get("question_status", {}).get(name, "graded" if want["status"] == "graded" else want["status"])
        if question["status"] != status:
            yield f"{name}: status is {question['status']}, not {status}"
        if want["status"] == "graded":
            yield from _verdicts(name, want.get("verdicts", {}).get(name, {}), question)
        yield from _findings(name, [f for f in want.get("findings", []) if f["question"] == name], question)


def _verdicts(name: str, want: Mapping[str, list[str]], question: Mapping[str, Any]) -> Iterator[str]:
    wanted = {quantity: verdict for verdict, quantities in want.items() for quantity in quantities}
    given = {entry["name"]: entry["verdict"] for entry in question["quantities"]}
    for quantity in wanted.keys() | given.keys():
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
