"""How a result departs from what was worked out for it by hand: the entries of a corpus's `expected.toml`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

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
ROUNDED = 1e-6
"""Points are rounded in the file."""
DEFAULTS = "defaults"
"""Entry of `expected.toml` whose keys hold where another entry does not say otherwise."""


def completed(entry: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry with what it leaves out; of a table, each key that it leaves out.

    Parameters
    ----------
    entry : mapping
    defaults : mapping
        The entry `defaults` of the file.

    Returns
    -------
    dict
    """
    whole = {**defaults, **entry}
    for key, value in defaults.items():
        if isinstance(value, Mapping):
            whole[key] = {**value, **entry.get(key, {})}
    return whole


def departures(want: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[str]:
    """Yield every way in which a result file departs from what was worked out by hand.

    Parameters
    ----------
    want : mapping
        The entry, completed.
    result : mapping
        The result document.

    Yields
    ------
    str
        One departure each.
    """
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
    if abs(question["points"] - points) > ROUNDED:
        yield f"{name}: {question['points']} points, not {points}"
    status = want.get("question_status", {}).get(name, want["status"])
    if question["status"] != status:
        yield f"{name}: status is {question['status']}, not {status}"
    # Of a question that waits all points do, where nothing else is said.
    pending = want.get("pending", {}).get(name, question["max_points"] if status == "awaiting" else 0.0)
    if status in WAITING and abs(question["pending_points"] - pending) > ROUNDED:
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
