"""Ten reports, each of another kind, are what they were when somebody last looked at them; `make golden` writes them anew.

Versions, times and style sheets are taken out, and the points of drawn curves, whose last digits differ from machine to machine.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from msgspec.structs import replace
from samples import ENVIRONMENT

from grader.assignment_file import load, shipped_folder
from grader.pipeline import grade
from grader.reports.conditions import Feedback
from grader.reports.student import student_html, student_markdown
from grader.reports.view import StudentView, public_view
from grader.sandbox import Runner
from grader.session import Session, session
from grader.submissions import find, read
from grader.work import facts

GOLDEN = Path(__file__).parent / "golden"
WRITES = os.environ.get("GRADER_WRITE_GOLDEN") == "1"
_STOPPED = re.compile(
    r"(took more than|did not end within) [\d.]+ s( of CPU time)? and was stopped at endless_loop_in_backward\.py, line \d+"
    r"; look for a loop without end(, or for something it waits for)?"
)
"""Which limit is met first, and in which line of the loop, is a matter of chance."""
PATIENCE_S = 0.3
"""Limit on a call, so that the one that never ends costs little."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A submission whose report is kept."""

    assignment: str
    submission: str
    level: Feedback = Feedback.HINTS


KEPT = {
    "right": Kept(assignment="skip_network", submission="correct/plain_dicts.py"),
    "one_slip": Kept(assignment="skip_network", submission="wrong/skip_path_dropped.py", level=Feedback.FULL),
    "failed": Kept(assignment="skip_network", submission="failed/raises_in_backward.py"),
    "timeout": Kept(assignment="skip_network", submission="timeout/endless_loop_in_backward.py"),
    "notebook": Kept(assignment="skip_network", submission="wrong/second_mask_forgotten.ipynb"),
    "missing": Kept(assignment="skip_network", submission="missing/one_weight_left_out.py"),
    "lab": Kept(
        assignment="vanishing_gradients", submission="wrong/last_layer_first.py", level=Feedback.FULL
    ),
    "derivation": Kept(assignment="skip_network_by_hand", submission="mixed/two_small_slips.md"),
    "mislabelled": Kept(assignment="skip_network_by_hand", submission="mixed/labels_exchanged.md"),
    "awaiting": Kept(assignment="skip_network_by_hand", submission="awaiting/only_a_scan.pdf"),
}


@cache
def _session(assignment: str) -> Session:
    asked = load(assignment)
    limits = asked.limits
    if assignment == "skip_network":
        limits = replace(limits, call_cpu_s=PATIENCE_S)
    return session(replace(asked, limits=limits), "seed 1")


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner() as started:
        yield started


def _view(kept: Kept, runner: Runner) -> StudentView:
    shared = _session(kept.assignment)
    (found,) = find([shipped_folder() / kept.assignment / "submissions" / kept.submission], single=True)
    graded = grade(shared, read(found), runner.run, "fence")
    graded = replace(graded, environment=ENVIRONMENT, seconds=0.02, peak_memory_mib=41.0)
    return public_view(graded, kept.level, facts=facts(shared.assignment))


def _lines(report: str) -> list[str]:
    """Return a report with one tag to a line, formulas in one piece, and without what is no claim of it."""
    text = re.sub(r"<style>.*?</style>", "<style></style>", report, flags=re.DOTALL)
    text = _STOPPED.sub("was stopped after a while", text)
    text = re.sub(r'(<path class="c-[^"]*") d="[^"]*"', r'\1 d="..."', text)
    text = re.sub(r"<math.*?</math>", lambda formula: formula[0].replace("><", "> <"), text, flags=re.DOTALL)
    return [line.rstrip() for line in text.replace("><", ">\n<").splitlines()]


def _hold(name: str, report: str) -> None:
    """Hold a report against the one that is kept, or keep it where that is asked for."""
    file = GOLDEN / name
    lines = _lines(report)
    if WRITES:
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    kept = file.read_text(encoding="utf-8").splitlines()
    changes = list(difflib.unified_diff(kept, lines, f"kept {name}", "made now", lineterm="", n=2))
    if changes:
        pytest.fail(
            "\n".join(changes) + "\n\nIf that is meant: `make golden`, and look at the difference.",
            pytrace=False,
        )


@pytest.mark.parametrize("name", KEPT)
def test_a_report_is_what_it_was(name: str, runner: Runner) -> None:
    view = _view(KEPT[name], runner)
    _hold(f"{name}.html", student_html(view))
    _hold(f"{name}.md", student_markdown(view))


def test_every_report_that_is_kept_is_looked_at() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(KEPT)
