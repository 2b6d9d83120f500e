"""The check of a running notebook says what the sandboxed check says of the same code."""

from __future__ import annotations

import contextlib
import io
import warnings
from functools import partial
from pathlib import Path

import pytest
from corpus import CORPORA, Corpus
from live_code import defined

from grader.assignment_file import load
from grader.model import Grade
from grader.notebook import live
from grader.notebook.check import _submission
from grader.notebook.namespace import Namespace
from grader.pipeline import grade
from grader.sandbox import Runner
from grader.secret import PRACTICE
from grader.session import session
from grader.submissions import find, read

KINDS = ("correct/", "follows/", "wrong/", "failed/", "missing/", "invalid/")
"""Outcomes of code that can be run in a process that is to live on."""
BY_CHANCE = "wrong/random_noise.py"
"""Other numbers in each run."""


def _modules(corpus: Corpus) -> list[str]:
    return [
        name
        for name in corpus.submissions()
        if name.startswith(KINDS) and name.endswith(".py") and corpus.is_quick(name) and name != BY_CHANCE
    ]


def _statement(given: Grade, written: set[str]) -> object:
    """Return all that is said of code, but for the name of the file and the lines in it."""
    return given.first_mistake, [
        (
            question.id,
            question.status,
            question.points,
            question.findings,
            [(one.name, one.verdict, one.case, one.actual, one.share) for one in question.quantities],
        )
        for question in given.questions
        if question.id not in written
    ]


def _differences(corpus: Corpus, folder: Path) -> tuple[int, list[str]]:
    """Return how many submissions were looked at, and those of which something else is said."""
    assignment = load(corpus.assignment)
    written = {question.id for question in assignment.questions if question.headings}
    drawn = session(assignment, PRACTICE)
    differing, looked_at = [], 0
    with Runner() as runner, warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")  # of the students' code, as it is defined and called
        for name in _modules(corpus):
            submission = read(find([corpus.folder / name], single=True)[0])
            try:
                names = defined(submission.sources[0].cells[0], folder / "code.py")
            except Exception:  # noqa: BLE001  (as in a notebook: what raised is not there to be checked)
                continue
            apart = grade(drawn, submission, runner.run, "seal")
            namespace = Namespace(names=names)
            here = grade(drawn, _submission(namespace), partial(live.run, namespace=namespace), "process")
            looked_at += 1
            if _statement(apart, written) != _statement(here, written):
                differing.append(name)
    return looked_at, differing


def test_every_quick_module_for_the_skip_network_gets_the_statements_of_the_sandbox(tmp_path: Path) -> None:
    looked_at, differing = _differences(CORPORA["skip_network"], tmp_path)
    assert looked_at >= 115
    assert differing == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("assignment", "least"),
    [("two_layer_net", 30), ("softmax_cross_entropy", 28), ("vanishing_gradients", 20)],
)
def test_every_quick_module_of_a_lab_gets_the_statements_of_the_sandbox(
    assignment: str, least: int, tmp_path: Path
) -> None:
    """Some are built of layers: where those are wrong, known-good ones stand in for them. Some train."""
    looked_at, differing = _differences(CORPORA[assignment], tmp_path)
    assert looked_at >= least
    assert differing == []
