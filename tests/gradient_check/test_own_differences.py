"""Gradients are held against differences of the student's own forward pass, and that says nothing that marking contradicts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from corpus import CORPORA

from grader import practice
from grader.assignment_file import load
from grader.gradient_check import GradientCheck, check_gradients
from grader.model import Grade, Source, Submission, Verdict
from grader.pipeline import grade
from grader.sandbox import Runner
from grader.secret import PRACTICE
from grader.session import Session, session
from grader.submissions import find, read

SKIP = "skip_network"
QUICK = ("softmax_cross_entropy", SKIP)


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner() as made:
        yield made


class Doors:
    """Checks submissions of one assignment, with what they share worked out once."""

    def __init__(self, name: str, runner: Runner) -> None:

        self.session: Session = session(load(name), PRACTICE)
        self.runner = runner

    def __call__(self, submission: Submission) -> tuple[Grade, tuple[GradientCheck, ...]]:
        found = grade(self.session, submission, self.runner.run, "any")
        return found, check_gradients(self.session, submission, found, self.runner.run)


@pytest.fixture(scope="module")
def skip(runner: Runner) -> Doors:
    return Doors(SKIP, runner)


def handed_in(name: str, path: str) -> Submission:
    return read(find([CORPORA[name].folder / path], single=True)[0])


def code(text: str) -> Submission:
    source = Source(name="solution.py", cells=(text,))
    return Submission(student="s", path="s", files=("solution.py",), sha256="0" * 64, sources=(source,))


RIGHT = (CORPORA[SKIP].folder / "correct" / "plain_dicts.py").read_text(encoding="utf-8")


def only(checks: tuple[GradientCheck, ...]) -> GradientCheck:
    assert len(checks) == 1
    return checks[0]


@pytest.mark.parametrize(
    ("path", "fits", "is_the_tasks"),
    [
        ("correct/tuples.py", True, True),
        ("correct/float32_work.py", True, True),
        ("correct/weights_only.py", True, True),
        ("correct/central_differences.py", True, True),
        ("follows/square_with_its_derivative.py", True, False),
        ("follows/first_relu_left_out_everywhere.py", True, False),
        ("wrong/sign_flipped.py", False, True),
        ("follows/sign_flipped_then_followed.py", False, True),
        ("wrong/skip_path_left_out.py", False, False),
        ("wrong/ascent.py", True, True),
        ("wrong/text_answers.py", None, False),
    ],
)
def test_what_fits_ones_own_forward_and_what_is_the_tasks_are_two_claims(
    path: str, fits: bool | None, is_the_tasks: bool, skip: Doors
) -> None:
    """Worked out by hand: whether backward is the derivative of forward, and whether forward is the network's."""
    check = only(skip(handed_in(SKIP, path))[1])
    assert (check.fits, check.forward_is_the_tasks) == (fits, is_the_tasks)


def test_only_the_gradient_that_is_off_does_not_fit(skip: Doors) -> None:
    """dL/dw2 is sign times h1; with h0 in its place it is off, and no other is."""
    check = only(skip(handed_in(SKIP, "wrong/h0_for_h1_in_dw2.py"))[1])
    assert {claim.quantity: claim.fits for claim in check.gradients} == {
        "dL/dw0": True,
        "dL/dw1": True,
        "dL/dw2": False,
        "dL/dws": True,
    }


def test_the_number_beside_a_wrong_gradient_is_the_derivative_of_the_students_own_forward(
    skip: Doors,
) -> None:
    """A forward pass of |y - 3 w0| has dL/dw0 = +-3 whatever else the task says."""
    text = (
        "def forward(x, w0, w1, w2, ws):\n"
        "    v = 3 * w0\n"
        "    return {'z0': v, 'h0': v, 'z1': v, 'h1': v, 'z2': v, 'y_hat': v}\n"
        "def loss(y_hat, y):\n    return abs(y - y_hat)\n"
        "def backward(x, y, w0, w1, w2, ws):\n"
        "    return {'w0': 1.0, 'w1': 0.0, 'w2': 0.0, 'ws': 0.0}\n"
    )
    check = only(skip(code(text))[1])
    claims = {claim.quantity: claim for claim in check.gradients}
    evidence = claims["dL/dw0"].evidence
    assert evidence is not None
    assert abs(evidence.numerical) == pytest.approx(3.0, rel=1e-6)
    assert [claims[name].fits for name in ("dL/dw1", "dL/dw2", "dL/dws")] == [True, True, True]


def test_a_gradient_of_a_wrong_shape_does_not_fit_and_is_not_passed_over(skip: Doors) -> None:
    _, checks = skip(handed_in(SKIP, "wrong/two_numbers_for_one.py"))
    check = only(checks)
    assert check.fits is False
    assert [(one.quantity, one.reason) for one in check.gradients if one.fits is False] == [
        ("dL/dw0", "its shape is (2,), expected is ()")
    ]


def test_values_from_the_middle_are_told_as_what_no_difference_reaches(skip: Doors) -> None:
    check = only(skip(handed_in(SKIP, "correct/tuples.py"))[1])
    assert {claim.quantity for claim in check.gradients} == {"dL/dw0", "dL/dw1", "dL/dw2", "dL/dws"}
    assert set(check.inner) == {"dL/dy_hat", "dL/dz2", "dL/dh1", "dL/dz1", "dL/dh0", "dL/dz0"}


def test_a_forward_that_differs_from_call_to_call_leaves_its_gradients_undecided(skip: Doors) -> None:
    noisy = RIGHT.replace("def forward(", "import random\ndef forward(", 1)
    noisy = noisy.replace("z0 = w0 * x", "z0 = w0 * x + random.random() / 10", 1)
    assert noisy.count("random.random") == 1
    check = only(skip(code(noisy))[1])
    reasons = {claim.reason for claim in check.gradients if claim.fits is None}
    assert check.fits is not True
    assert any(reason is not None for reason in reasons)


def test_marking_and_grade_are_the_same_with_and_without_the_gradient_check(skip: Doors) -> None:
    submission = handed_in(SKIP, "wrong/sign_flipped.py")
    first, _ = skip(submission)
    second = grade(skip.session, submission, skip.runner.run, "any")
    assert first.questions == second.questions


def test_work_that_cannot_be_read_or_lacks_its_gradients_has_no_claims(skip: Doors) -> None:
    assert skip(handed_in(SKIP, "unreadable/python_two.py"))[1] == ()
    assert skip(handed_in(SKIP, "missing/only_forward.py"))[1] == ()


def test_a_layer_is_held_against_the_forward_that_another_unit_asks_for(runner: Runner) -> None:
    """`relu_backward` is asked for on inputs of its own, and `relu_forward` in another unit."""
    doors = Doors("two_layer_net", runner)
    right = {one.unit: one for one in doors(handed_in("two_layer_net", "correct/short.py"))[1]}
    wrong = {one.unit: one for one in doors(handed_in("two_layer_net", "wrong/mask_by_the_gradient.py"))[1]}
    assert {unit: (one.fits, one.forward_is_the_tasks) for unit, one in right.items()} == dict.fromkeys(
        ("affine_back", "pictures_back", "relu_back", "softmax", "net"), (True, True)
    )
    assert (wrong["relu_back"].fits, wrong["relu_back"].forward_is_the_tasks) == (False, True)
    assert not right["relu_back"].forward_is_given


def test_never_more_entries_are_told_as_looked_at_than_there_are(runner: Runner) -> None:
    """Sizes differ from case to case: both counts are over all that were looked at."""
    checks = Doors("two_layer_net", runner)(handed_in("two_layer_net", "correct/short.py"))[1]
    claims = [claim for check in checks for claim in check.gradients]
    assert all(0 < claim.entries <= claim.size for claim in claims)
    assert any(claim.entries < claim.size for claim in claims)


def test_work_in_another_convention_is_told_so(runner: Runner) -> None:
    doors = Doors("softmax_cross_entropy", runner)
    found = doors(handed_in("softmax_cross_entropy", "follows/summed_everywhere.py"))[1]
    assert any(one.convention is not None and "summed over the samples" in one.convention for one in found)


def contradictions(graded: Grade, checks: tuple[GradientCheck, ...]) -> Iterator[str]:
    """Yield claims that speak against the verdicts."""
    verdicts = {entry.name: entry.verdict for question in graded.questions for entry in question.quantities}
    for check in checks:
        for claim in check.gradients:
            verdict = verdicts[claim.quantity]
            if not check.forward_is_the_tasks:
                continue
            if verdict is Verdict.WRONG and claim.fits is not False:
                yield f"{claim.quantity} is wrong, and {claim.fits}: {claim.reason}"
            if verdict is Verdict.CORRECT and claim.fits is False:
                yield f"{claim.quantity} is correct, and does not fit"


def _marked(name: str) -> list[str]:
    kinds = ("correct", "wrong", "follows", "mixed")
    return [
        path for path in CORPORA[name].expected if path.startswith(kinds) and CORPORA[name].is_quick(path)
    ]


@pytest.mark.parametrize("name", QUICK)
def test_no_claim_speaks_against_a_verdict(name: str, runner: Runner) -> None:
    """On a sample: every seventh submission."""
    _hold(name, _marked(name)[::7], runner)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in CORPORA if not name.endswith(("hand", "report", "sheet"))])
def test_no_claim_speaks_against_a_verdict_in_any_corpus(name: str, runner: Runner) -> None:
    """Of every assignment with code: every fourth submission."""
    _hold(name, _marked(name)[1::4], runner)


def _hold(name: str, paths: list[str], runner: Runner) -> None:
    doors = Doors(name, runner)
    found, decided = {}, 0
    for path in paths:
        graded, checks = doors(handed_in(name, path))
        if path.startswith("correct") and checks:
            decided += sum(check.fits is True for check in checks)
        said = list(contradictions(graded, checks))
        if said:
            found[path] = said
    assert found == {}
    assert decided


def test_the_same_is_behind_every_door(tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text(RIGHT, encoding="utf-8")
    checked = practice.check(read(find([tmp_path / "solution.py"], single=True)[0]))
    assert only(checked.gradients).fits is True
