"""Sums up the points of each submission of a pytest run, from the reports of its tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct, field

from grader.pytest_plugin.nodes import MARK
from grader.reports.text import earned_text, points_text
from grader.reuse import NOTHING_RUN


class _Sum(Struct, kw_only=True):
    """What the reports of one submission come to."""

    points: float = 0.0
    max_points: float = 0.0
    pending_points: float = 0.0
    questions: int = 0
    isolations: set[str] = field(default_factory=set)


def summary(reports: Iterable[object]) -> list[str]:
    """Say the points of each submission.

    Parameters
    ----------
    reports : iterable of object
        All that a terminal reporter has kept, of whatever kind.

    Returns
    -------
    list of str
        A line for each submission, and one on how they were made; nothing where none was graded.
    """
    sums: dict[str, _Sum] = {}
    for name, told in _told(reports).items():
        one = sums.setdefault(name.partition("::")[0], _Sum())
        one.points += told["points"]
        one.max_points += told["max_points"]
        one.pending_points += told["pending_points"]
        one.questions += 1
        one.isolations.add(told["isolation"])
    if not sums:
        return []
    width = max(map(len, sums))
    lines = [f"{name:{width}}  {_points(one)}" for name, one in sums.items()]
    return [*lines, _how(set().union(*(one.isolations for one in sums.values())))]


def _told(reports: Iterable[object]) -> dict[str, Mapping[str, Any]]:
    """Return the properties of each of our tests by its name; a test has several reports, and counts once."""
    properties = {
        str(getattr(report, "nodeid", "")): dict(getattr(report, "user_properties", ())) for report in reports
    }
    return {name: told for name, told in properties.items() if MARK in told}


def _points(one: _Sum) -> str:
    questions = "1 question" if one.questions == 1 else f"{one.questions} questions"
    text = f"{earned_text(one.points, one.max_points)} of {points_text(one.max_points)} points"
    if not one.pending_points:
        return f"{text} in {questions}"
    return f"{text} so far in {questions}; {points_text(one.pending_points)} more wait"


def _how(isolations: set[str]) -> str:
    levels = sorted(isolations - {NOTHING_RUN})
    ran = f"The code ran apart from pytest, in isolation {' and '.join(levels)}. " if levels else ""
    return f"{ran}Marking uses other cases."
