"""What a student's own check tells first of each submission of a corpus, beside what was worked out for it by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpus import CORPORA, Corpus

from grader.assignment_file import load
from grader.hints import KIND, view_at
from grader.model import Finding, Grade, Job, RunOutcome, Verdict
from grader.pipeline import grade
from grader.secret import PRACTICE
from grader.session import Session, session
from grader.submissions import find, read

MISTAKEN = ("wrong", "follows", "mixed")
"""Kinds of submissions that have a mistake in what they compute or derive."""
MADE_UP = {
    "skip_network/wrong/huge_base.py": "dL/dy_hat times 1e9",
    "skip_network/wrong/made_up_number.py": "dL/dw2 times a constant that no mistake gives",
    "skip_network/wrong/tiny_base_then_zeros.py": "dL/dy_hat of 1e-12, then zeros",
}
"""Made to test the guards of marking: there is no cause that could be told."""
HIDDEN = "seed 1"
"""What the cases of marking are drawn from here."""
UNKNOWN = "No single known mistake"
"""Where these words stand, the cause is not told, unless what was seen is the cause."""
Run = Callable[[Job], RunOutcome]


@dataclass(frozen=True, kw_only=True)
class Told:
    """What one submission is told."""

    path: str
    expected: str
    """The mistake worked out by hand: a quantity and a slip, or a quantity alone."""
    first: str
    """What is told first."""
    is_true_cause: bool
    same_as_marking: bool
    """Whether checking and marking find the same first mistake, on different cases."""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """An assignment on practice cases and on those of a class."""

    corpus: Corpus
    practice: Session
    marking: Session


def pair(name: str) -> Pair:
    """Draw the cases of both."""
    assignment = load(name)
    return Pair(
        corpus=CORPORA[name],
        practice=session(assignment, PRACTICE),
        marking=session(assignment, HIDDEN),
    )


def mistaken(corpus: Corpus) -> list[str]:
    """Return the submissions that have a mistake, and run into no limit."""
    return [
        path
        for path, entry in corpus.expected.items()
        if path.startswith(MISTAKEN)
        and corpus.is_quick(path)
        and (entry.get("first_mistake") or entry.get("findings"))
        and f"{corpus.assignment}/{path}" not in MADE_UP
    ]


def told(both: Pair, path: str, run: Run) -> Told:
    """Check and mark a submission, and say what its student is told first."""
    submission = read(find([both.corpus.folder / path], single=True)[0])
    checked = grade(both.practice, submission, run, "any")
    marked = grade(both.marking, submission, run, "any")
    expected = both.corpus.expected[path]
    first = _first_finding(checked)
    return Told(
        path=path,
        expected=_expected(expected),
        first="nothing" if first is None else f"{first.slip} at {first.at}",
        is_true_cause=_is_true(checked, first, expected),
        same_as_marking=checked.first_mistake == marked.first_mistake
        and _named(first) == _named(_first_finding(marked)),
    )


def _first_finding(found: Grade) -> Finding | None:
    """Return the finding that a student reads first: that of the first mistake, else the first that costs something."""
    findings = [one for question in found.questions for one in question.findings]
    of_first = [one for one in findings if one.at == found.first_mistake]
    return next(iter([*of_first, *(one for one in findings if one.explains), *findings]), None)


def _named(finding: Finding | None) -> tuple[str, str] | None:
    return None if finding is None else (finding.slip, finding.at)


def _expected(entry: Mapping[str, Any]) -> str:
    wanted = _wanted(entry)
    return ", ".join(f"{one['slip']} at {one['at']}" for one in wanted) or str(entry.get("first_mistake"))


def _wanted(entry: Mapping[str, Any]) -> Sequence[Mapping[str, str]]:
    """Return the findings by hand that may be told first."""
    findings = entry.get("findings", [])
    return [one for one in findings if one["at"] == entry.get("first_mistake")] or findings[:1]


def _is_true(checked: Grade, first: Finding | None, entry: Mapping[str, Any]) -> bool:
    """Whether what is told first is the mistake by hand: its place and its kind, in the view that students see."""
    if (checked.first_mistake or "") != entry.get("first_mistake", "") or first is None:
        return False
    view = view_at(checked, KIND)
    shown = any(one.at == first.at for question in view.questions for one in question.findings)
    fits = any(one["slip"] in (first.slip, *first.also) and one["at"] == first.at for one in _wanted(entry))
    return shown and fits and (first.slip != "unexplained" or _says_the_cause(checked, first))


def _says_the_cause(checked: Grade, first: Finding) -> bool:
    """Whether a finding without a slip says what happened: no numbers of the right kind, a number written down, a proof not shown."""
    refused = any(
        entry.name == first.at and entry.verdict is Verdict.INVALID and entry.reason
        for question in checked.questions
        for entry in question.quantities
    )
    return refused or "the same number on every case" in first.text or UNKNOWN not in first.text


def share(found: Iterable[Told]) -> float:
    """Return the share of submissions that are told the true cause first."""
    outcomes = list(found)
    return sum(one.is_true_cause for one in outcomes) / len(outcomes)
