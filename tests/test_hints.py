"""The ladder of hints tells no more than its step, and what a check tells first is the true cause."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from corpus import CORPORA
from hint_outcomes import MADE_UP, mistaken, pair, share, told

from grader import practice
from grader.hints import KIND, NOTHING, RULE, WHERE, grade_at, next_step, step_for, view_at
from grader.practice import Checked
from grader.sandbox import Runner
from grader.submissions import find, read

ROOT = Path(__file__).parent.parent
DEMANDED = 0.95


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner() as made:
        yield made


@pytest.fixture(scope="module")
def masked() -> Checked:
    """Return the check of work in which the second mask is left out, which shows on drawn-3: both units are open on the cases before it."""
    path = CORPORA["skip_network"].folder / "wrong" / "second_mask_missing.py"
    return practice.check(read(find([path], single=True)[0]))


@pytest.mark.parametrize(
    ("asked", "most", "step"),
    [(None, 3, KIND), (None, 1, WHERE), (3, 3, RULE), (3, 2, KIND), (1, 3, WHERE), (2, 0, NOTHING)],
)
def test_a_step_is_what_is_asked_for_and_no_more_than_the_author_allows(
    asked: int | None, most: int, step: int
) -> None:
    assert step_for(asked, most) == step


def test_the_first_step_says_the_quantity_and_the_place_and_nothing_else(masked: Checked) -> None:
    view = view_at(masked.grade, WHERE)
    assert view.explanation == "First mistake: dL/dz1. It is in `backward`, on the case `drawn-3`."
    assert "its mask" not in repr(view)
    assert "derivative" not in repr(view.questions)
    assert not any(question.findings or question.quantities for question in view.questions)


def test_the_second_step_says_the_kind_and_not_the_rule(masked: Checked) -> None:
    view = view_at(masked.grade, KIND)
    assert "the derivative of the ReLU (its mask) is left out" in repr(view.questions)
    assert "relu'(z1)" not in repr(view)


def test_the_third_step_says_the_local_derivative_as_it_should_be(masked: Checked) -> None:
    """By hand: h1 = relu(z1), so dL/dz1 = dL/dh1 relu'(z1)."""
    rules = [one.rule for question in view_at(masked.grade, RULE).questions for one in question.findings]
    assert rules == ["dL/dz1 = dL/dh1 * relu'(z1)"]


def test_without_hints_it_is_said_that_something_is_wrong_and_not_where(masked: Checked) -> None:
    view = view_at(masked.grade, NOTHING)
    assert view.explanation == "Something is not right yet."
    assert "dL/dz1" not in repr(view)
    assert grade_at(masked.grade, NOTHING).first_mistake is None


def test_the_next_step_is_advised_up_to_the_last_one_that_is_allowed(masked: Checked) -> None:
    assert next_step(masked.grade, WHERE, 3) == "`grader check --hint 2` says what kind of mistake it is."
    assert next_step(masked.grade, KIND, 3) == "`grader check --hint 3` says the rule."
    assert next_step(masked.grade, RULE, 3) is None
    assert next_step(masked.grade, KIND, 2) is None


def test_a_mistake_on_paper_has_the_place_of_its_line_and_a_rule() -> None:
    """Line 37 of the hand-in leaves the factor x out of dL/dw0 = dL/dz0 x."""
    path = CORPORA["skip_network_by_hand"].folder / "mixed" / "two_small_slips.md"
    grade = practice.check(read(find([path], single=True)[0])).grade
    assert view_at(grade, WHERE).explanation.startswith("First mistake: dL/dw0. It is in line 37, column ")
    rules = [one.rule for question in view_at(grade, RULE).questions for one in question.findings]
    assert "dL/dw0 = dL/dz0 * x; here the factor x is missing" in rules


def _documented() -> dict[str, tuple[int, ...]]:
    text = (ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8")
    generated = text.split("<!-- generated: hint table -->")[1].split("<!-- end of generated part -->")[0]
    found = re.finditer(
        r"^\| `?(\w+)`? \| (\d+) \| (\d+) \([\d.]+ ?%\) \| (\d+) \|$", generated, re.MULTILINE
    )
    return {match[1]: (int(match[2]), int(match[3]), int(match[4])) for match in found}


@pytest.mark.parametrize("name", ["softmax_sheet", "skip_network"])
def test_of_a_sample_nearly_all_are_told_the_true_cause_and_what_marking_finds(
    name: str, runner: Runner
) -> None:
    both = pair(name)
    found = [told(both, path, runner.run) for path in mistaken(both.corpus)[::6]]
    assert [one for one in found if not one.same_as_marking] == []
    assert share(found) >= DEMANDED


@pytest.mark.slow
@pytest.mark.parametrize("name", CORPORA)
def test_checking_finds_the_first_mistake_that_marking_finds_and_the_page_says_how_many_are_true(
    name: str, runner: Runner
) -> None:
    both = pair(name)
    found = [told(both, path, runner.run) for path in mistaken(both.corpus)]
    counts = (
        len(found),
        sum(one.is_true_cause for one in found),
        sum(one.same_as_marking for one in found),
    )
    assert [one for one in found if not one.same_as_marking] == []
    assert _documented()[name] == counts


def test_the_page_says_that_95_of_100_are_told_the_true_cause_first() -> None:
    """The sum is that of the rows, which the slow test makes anew."""
    documented = _documented()
    total = documented.pop("all")
    assert set(documented) == set(CORPORA)
    assert tuple(map(sum, zip(*documented.values(), strict=True))) == total
    assert total[1] / total[0] >= DEMANDED
    assert total[2] == total[0]


def test_what_is_made_up_is_in_the_corpora() -> None:
    for path in MADE_UP:
        name, _, submission = path.partition("/")
        assert submission in CORPORA[name].expected


@pytest.mark.slow
def test_the_script_prints_a_row_for_an_assignment() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "hint_table.py", "--assignment", "softmax_sheet"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "| `softmax_sheet` | 21 | 21 (100.0 %) | 21 |" in done.stdout
