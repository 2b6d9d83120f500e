"""A part that is asked for in the unit of what is built of it: `forward` beside the gradients that call it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.assignment_file import read
from grader.model import Grade, QuestionResult, Source, Status, Submission, Verdict
from grader.pipeline import grade
from grader.sandbox import Runner
from grader.session import Session, session

FOLDER = Path(__file__).parent.parent / "assignments" / "vanishing_gradients"
SOLUTION = (FOLDER / "solution.py").read_text(encoding="utf-8")
FIRST_LINE = "    outputs = []\n"
LAYER = "A = activate(H @ W, activation)\n        H = A"
"""Of `forward`; the gradients compute their own products."""


@pytest.fixture(scope="module")
def asked() -> Session:
    return session(read(FOLDER), "seed 1")


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner() as made:
        yield made


def changed(old: str, new: str, code: str = SOLUTION) -> str:
    assert code.count(old) == 1
    return code.replace(old, new)


def graded(asked: Session, runner: Runner, code: str) -> Grade:
    source = Source(name="ada.py", cells=(code,))
    submission = Submission(student="ada", path="ada.py", files=("ada.py",), sha256="0", sources=(source,))
    return grade(asked, submission, runner.run, "limits")


def question(found: Grade, name: str) -> QuestionResult:
    return next(one for one in found.questions if one.id == name)


def verdicts(found: Grade, name: str) -> set[Verdict]:
    return {entry.verdict for entry in question(found, name).quantities}


def test_a_forward_pass_that_raises_leaves_gradients_that_call_it_their_points(
    asked: Session, runner: Runner
) -> None:
    found = graded(asked, runner, changed(FIRST_LINE, "    outputs = [] + X\n    raise ValueError\n"))
    assert (question(found, "forward").status, question(found, "forward").points) == (Status.FAILED, 0.0)
    assert (question(found, "gradients").status, question(found, "gradients").points) == (Status.GRADED, 4.0)
    assert verdicts(found, "gradients") == {Verdict.FOLLOWS}
    told = question(found, "gradients").notes
    assert any("`gradients (sigmoid, plain)` is right with known-good parts" in note for note in told)
    assert question(found, "norms").points == 3.0


def test_gradients_that_are_right_at_right_values_follow_where_they_are_not_those_of_the_own_network(
    asked: Session, runner: Runner
) -> None:
    """Three times too large a product in `forward` alone: the slope in `gradients` is that of another number."""
    found = graded(asked, runner, changed(LAYER, LAYER.replace("H @ W", "3.0 * H @ W")))
    assert question(found, "forward").points < 2.0
    assert Verdict.WRONG in verdicts(found, "forward")
    assert verdicts(found, "gradients") <= {Verdict.FOLLOWS, Verdict.CORRECT}
    assert question(found, "gradients").points == 4.0
    assert question(found, "gradients").findings == ()
    assert found.first_mistake == "sigmoid_plain.H1"
    told = question(found, "gradients").notes
    assert not any("mistakes of parts cancel" in note for note in told), "what follows is no coincidence"


def test_a_mistake_of_the_gradients_stays_one_beside_a_forward_pass_that_raises(
    asked: Session, runner: Runner
) -> None:
    """Without the derivative: a third of a point for the first gradient, and the others are the same mistake again."""
    raising = changed(FIRST_LINE, "    outputs = [] + X\n    raise ValueError\n")
    found = graded(
        asked, runner, changed("dZ = dH * slope(H @ W, activation)", "dZ = dH * np.ones_like(H @ W)", raising)
    )
    assert question(found, "forward").points == 0.0
    assert {finding.slip for finding in question(found, "gradients").findings} == {"derivative-missing"}
    assert question(found, "gradients").points == pytest.approx(4.0 - 1.0 / 3.0)


def test_a_forward_pass_is_never_marked_on_the_known_good_one(asked: Session, runner: Runner) -> None:
    found = graded(asked, runner, changed(LAYER, LAYER.replace("H @ W", "W[0] + 0.0 * H")))
    assert verdicts(found, "forward") == {Verdict.WRONG}
    assert question(found, "forward").points == 0.0
    assert question(found, "forward").notes == ()


def test_a_mistake_that_has_a_name_at_the_own_values_keeps_it_where_good_parts_change_nothing(
    asked: Session, runner: Runner
) -> None:
    """The layers are classes with both passes, so that a good `forward` is never called: a third of a point for the slope."""
    layers = (FOLDER / "submissions" / "correct" / "classes_of_layers.py").read_text(encoding="utf-8")
    other = changed("super().forward(H) + H", "super().forward(H) + 1.5 * H", layers)
    found = graded(asked, runner, changed("dZ = dout * s - dout * s**2", "dZ = dout", other))
    assert question(found, "forward").points < 2.0
    assert {finding.slip for finding in question(found, "gradients").findings} == {"derivative-missing"}
    assert question(found, "gradients").points == pytest.approx(4.0 - 1.0 / 3.0)


def test_a_wrong_forward_pass_of_one_kind_of_stack_excuses_no_other_kind(
    asked: Session, runner: Runner
) -> None:
    """The gradients of sigmoid stacks read `forward` as a list, and it returns an array there, which is right as well."""
    other = changed(LAYER, f"{LAYER}\n        H = 3.0 * H if activation == 'relu' else H")
    other = changed(
        "    return outputs\n",
        "    return np.array(outputs) if activation == 'sigmoid' else outputs\n",
        other,
    )
    joined = "[X] + forward(X, weights, activation, residual)[:-1]"
    found = graded(
        asked, runner, changed("[X, *forward(X, weights, activation, residual)[:-1]]", joined, other)
    )
    by_name = {entry.name: entry.verdict for entry in question(found, "gradients").quantities}
    assert question(found, "forward").points < 2.0
    assert by_name["sigmoid_plain.dL/dW3"] is Verdict.MISSING
    assert by_name["relu_plain.dL/dW3"] in (Verdict.FOLLOWS, Verdict.CORRECT)
