"""Right gradients that are difference quotients get a note and lose nothing; backpropagation never gets it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest

from grader import numerical
from grader.assignment_file import load, shipped_folder
from grader.marking.trials import Trial
from grader.model import Grade, Source, Submission
from grader.pipeline import grade
from grader.reports.class_rows import class_row
from grader.reports.course import class_html
from grader.reports.view import public_view
from grader.sandbox import Runner
from grader.session import Session, session
from grader.submissions import find, read
from grader.validation.ground import without_experiments
from grader.validation.planting import given, right_answers

CORRECT = shipped_folder() / "skip_network" / "submissions" / "correct"
QUOTIENTS = (CORRECT / "central_differences.py").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner() as opened:
        yield opened


@cache
def asked(name: str) -> Session:
    return session(without_experiments(load(name)), "seed 1")


def graded(text: str, runner: Runner) -> Grade:
    source = Source(name="work.py", cells=(text,))
    submission = Submission(student="work", path="work.py", files=("work.py",), sha256="", sources=(source,))
    return grade(asked("skip_network"), submission, runner.run, runner.isolation.level.value)


def with_step(step: str, *, forward: bool = False) -> str:
    text = QUOTIENTS.replace("eps = 1e-6", f"eps = {step}")
    if forward:
        text = text.replace("        down[i] -= eps\n", "").replace("(2 * eps)", "eps")
    assert text != QUOTIENTS
    return text


@pytest.mark.parametrize("step", ["1e-3", "1e-5", "1e-7"])
def test_central_differences_get_the_note_and_every_point(step: str, runner: Runner) -> None:
    result = graded(with_step(step), runner)
    assert result.points == result.max_points
    assert result.looks_numerical
    assert result.first_mistake is None


@pytest.mark.parametrize("step", ["1e-5", "1e-7", "1e-9"])
def test_forward_differences_get_the_note_and_every_point(step: str, runner: Runner) -> None:
    result = graded(with_step(step, forward=True), runner)
    assert result.points == result.max_points
    assert result.looks_numerical


COMPLEX = (
    QUOTIENTS.replace("eps = 1e-6", "eps = 1e-30")
    .replace("        down[i] -= eps\n", "")
    .replace("up[i] += eps", "up[i] = complex(up[i], eps)")
    .replace(
        "grads.append((total_loss(x, y, up) - total_loss(x, y, down)) / (2 * eps))",
        "grads.append(total_loss(x, y, up).imag / eps)",
    )
    .replace("return a if a > 0 else 0.0", "return a if complex(a).real > 0 else 0.0 * a", 1)
    .replace("return abs(y - y_hat)", "d = y - y_hat\n    return d if complex(d).real > 0 else -d")
)


def test_complex_steps_get_a_note_of_their_own_and_every_point(runner: Runner) -> None:
    result = graded(COMPLEX, runner)
    assert result.points == result.max_points
    assert result.looks_numerical
    assert "imaginary" in result.notes[0]


def test_wrong_work_is_not_looked_at(runner: Runner) -> None:
    result = graded(QUOTIENTS.replace("(2 * eps)", "eps"), runner)
    assert result.points < result.max_points
    assert not result.looks_numerical


def test_the_student_reads_the_note_and_the_class_page_opens_with_it(runner: Runner) -> None:
    result = graded(QUOTIENTS, runner)
    assert any("difference quotients" in note for note in public_view(result, "hints").notes)
    page = class_html([class_row("work", result)], assignment="skip_network")
    place = page.index("look like difference quotients")
    assert place < page.index("Questions</h2>"), "before anything that is counted"
    assert 'href="reports/work.html"' in page[place : page.index("Questions</h2>")]


@pytest.mark.parametrize("name", ["skip_network", "softmax_cross_entropy", "two_layer_net"])
def test_no_right_submission_of_a_corpus_gets_the_note_but_the_one_with_differences(
    name: str, runner: Runner
) -> None:
    folder = shipped_folder() / name / "submissions" / "correct"
    noted = {
        found.student
        for found in find([folder], single=False)
        if grade(asked(name), read(found), runner.run, "").looks_numerical
    }
    assert noted == ({"central_differences"} if name == "skip_network" else set())


def test_a_guard_against_log_of_zero_is_no_quotient_however_far_it_is_off() -> None:
    """-t / (p + 1e-12) is off by a thousand roundings, and the same at every neighbour."""
    everything = next(table for table in asked("mlp_lab").tables if table.unit.name == "cross_entropy")
    probes = numerical.probes_of(everything)

    def answered(tables: object) -> list[Trial]:
        assert hasattr(tables, "cases")
        trials = []
        for reference in tables.cases:
            answers = right_answers(reference)
            for (function, quantity), answer in answers.items():
                if quantity.startswith("dL/"):
                    X = np.asarray(reference.case.leaves["X"])
                    answers[function, quantity] = given(np.asarray(answer.value) * X / (X + 1e-12))
            trials.append(Trial(reference=reference, answers=answers))
        return trials

    assert numerical.is_suspicious(everything, answered(everything))
    assert not numerical.looks_numerical(probes, answered(probes))


def test_the_probe_of_a_kink_has_the_input_of_a_kink_next_to_zero_on_both_sides() -> None:
    everything = asked("skip_network").tables[0]
    graph = everything.unit.graph
    sides = {one.case.name: one for one in numerical.probes_of(everything).cases if "kink" in one.case.name}
    assert set(sides) == {"kink-left", "kink-right"}
    inputs = {name: float(graph.value(one.forward, "z0")) for name, one in sides.items()}
    assert inputs == pytest.approx({"kink-left": -1e-7, "kink-right": 1e-7}, rel=1e-2)


def test_text_that_is_no_python_takes_no_imaginary_parts() -> None:
    assert not numerical.takes_imaginary_parts([Source(name="a.py", cells=("x.imag = (",))])
    assert not numerical.takes_imaginary_parts(
        [Source(name="a.py", cells=("# the imag of a backward pass",))]
    )
    assert numerical.takes_imaginary_parts([Source(name="a.py", cells=("g = f(w + 1j * h).imag / h",))])
