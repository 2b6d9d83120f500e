"""What each feedback level tells: below `full` no number of a hidden case's solution and no rule, in any report or door."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from corpus import CORPORA, CORPUS
from installed import call, once
from msgspec import Struct
from msgspec.structs import astuple, replace
from samples import GRADIENTS, all_correct, derived, forward, grade, quantity, question, sign_flipped, written

from grader.assignment_file import load
from grader.gradebook import Gradebook
from grader.model import Curve, ErrorMap, ErrorReport, Finding, Grade, Verdict
from grader.notebook.shown import looked, shown
from grader.practice import Checked, check
from grader.pytest_plugin.wording import failure
from grader.reports.conditions import Feedback
from grader.reports.student import student_html, student_markdown
from grader.reports.text import number_text
from grader.reports.view import StudentView, public_view
from grader.submissions import find, read

GRADER = Path(__file__).parents[2] / "grader"
LEVELS = (Feedback.POINTS, Feedback.VERDICTS, Feedback.HINTS, Feedback.FULL)
"""From the one that tells least."""
BELOW_FULL = LEVELS[:-1]
WORD = re.compile(r"[\w.]*\w")


def texts(value: object) -> Iterator[str]:
    """Yield every text and number inside a value, at every depth."""
    if isinstance(value, Enum | str):
        yield str(value)
    elif isinstance(value, float | int):
        yield number_text(value)
    elif isinstance(value, Struct):
        yield from texts(astuple(value))
    elif isinstance(value, Mapping):
        yield from texts(tuple(value.items()))
    elif isinstance(value, tuple | list):
        for entry in value:
            yield from texts(entry)


def everything(view: StudentView) -> str:
    """Return all that can be read of a view: its own texts, the page and the Markdown."""
    return "\n".join([*texts(view), student_html(view), student_markdown(view)])


# --------------------------------------------------------------------------------------------------------------
# A grade whose secrets are marked


SECRETS = {
    "an expected number": "0.731642",
    "an absolute error": "4.19273",
    "a relative error": "8.64219",
    "an entry of an expected array": "6.28141",
    "an expected curve": "3.90517",
    "a rule": "secret_rule",
}
DRAWN_ERROR = ErrorReport(abs=4.19273, rel=8.64219, index=(0, 1), rtol=1e-4, atol=1e-12)


def marked() -> Grade:
    """Make a grade with a mistake that only hidden cases show: in a number, an array and a curve."""
    curve = Curve(length=3, steps=(0, 1, 2), values=(2.0, 1.5, 1.25))
    rows = (
        quantity(
            "dL/dy_hat",
            Verdict.WRONG,
            case="drawn-1",
            expected=0.731642,
            actual=-0.25,
            error=DRAWN_ERROR,
        ),
        quantity(
            "dL/dw1",
            Verdict.FOLLOWS,
            case="drawn-3",
            expected=[[1.5, 6.28141]],
            actual=[[0.5, 0.75]],
            error=DRAWN_ERROR,
            error_map=ErrorMap(shape=(1, 2), dtype="float64", rows=("04",), worst=(0, 1), differing=1),
        ),
        quantity(
            "losses",
            Verdict.WRONG,
            case="drawn-2",
            expected=None,
            actual=None,
            error=None,
            curve=curve,
            expected_curve=replace(curve, values=(2.0, 2.5, 3.90517)),
        ),
    )
    finding = Finding(
        slip="sign-flipped",
        at="dL/dy_hat",
        explains=("dL/dy_hat",),
        text="Look at the sign.",
        rule="secret_rule(y_hat - y)",
    )
    return grade(
        forward(), question("gradients", 1.0, 4.0, *rows, findings=(finding,)), first_mistake="dL/dy_hat"
    )


@pytest.mark.parametrize("level", BELOW_FULL)
@pytest.mark.parametrize("secret", SECRETS)
def test_below_full_nothing_tells_what_a_hidden_case_expects_or_the_rule(
    secret: str, level: Feedback
) -> None:
    assert SECRETS[secret] not in everything(public_view(marked(), level))


@pytest.mark.parametrize("secret", SECRETS)
def test_at_full_every_secret_is_told(secret: str) -> None:
    """The search above finds what is there."""
    assert SECRETS[secret] in everything(public_view(marked(), Feedback.FULL))


def test_how_far_off_an_array_of_a_hidden_case_is_stays_hidden_at_hints() -> None:
    told = {
        level: public_view(marked(), level).questions[1].quantities[1].error_map
        for level in (Feedback.HINTS, Feedback.FULL)
    }

    hints, full = told[Feedback.HINTS], told[Feedback.FULL]
    assert hints is not None
    assert (hints.rows, hints.worst) == (("0+",), None)
    assert full is not None
    assert (full.rows, full.worst) == (("04",), (0, 1))


# --------------------------------------------------------------------------------------------------------------
# Each level tells all that the one below it tells


def words(view: StudentView) -> set[str]:
    """Return the words and numbers of a view; not those that say which level it is."""
    conditions = tuple(one for one in view.conditions if one.term != "Shown here")
    neutral = replace(view, level=Feedback.FULL, conditions=conditions)
    return {word for text in texts(neutral) for word in WORD.findall(text)}


@pytest.mark.parametrize(("less", "more"), [*pairwise(LEVELS)])
@pytest.mark.parametrize("made", [all_correct, sign_flipped, derived, written, marked])
def test_each_level_tells_everything_that_the_level_below_it_tells(
    made: Callable[[], Grade], less: Feedback, more: Feedback
) -> None:
    assert words(public_view(made(), less)) <= words(public_view(made(), more))


def test_the_levels_differ() -> None:
    sizes = [len(words(public_view(marked(), level))) for level in LEVELS]
    assert sizes == sorted(set(sizes))


def test_points_tells_no_verdict_no_name_of_a_quantity_and_no_line() -> None:
    for made in (sign_flipped(), derived()):
        told = everything(public_view(made, Feedback.POINTS))
        assert not [name for name in GRADIENTS if f"dL/d{name}" in told]
        assert "sign" not in told
        assert not public_view(made, Feedback.POINTS).tally


# --------------------------------------------------------------------------------------------------------------
# Real grades


CLASSES = {
    "skip_network": ("wrong", "follows", "failed"),
    "two_layer_net": ("wrong",),
    "softmax_cross_entropy": ("wrong",),
    "skip_network_by_hand": ("wrong", "mixed"),
}
DIGITS = 5
"""Significant digits from which a number is taken to be a secret and no coincidence."""


@pytest.fixture(scope="session")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Grade the wrong work of some corpora, each class once."""

    def grade_all(folder: Path) -> None:
        for name, kinds in CLASSES.items():
            corpus = CORPORA[name]
            chosen = [path for path in corpus.expected if path.startswith(kinds) and corpus.is_quick(path)]
            handed_in = corpus.class_of(chosen, folder / f"{name}-class")
            done = call("grade", name, handed_in, "-o", folder / name, "--seed", "1")
            assert done.code == 0, done.err

    return once(tmp_path_factory, "feedback-levels", grade_all)


def grades(out: Path) -> list[Grade]:
    """Return the grades of an output folder as the gradebook has them."""
    with Gradebook(out / "gradebook.sqlite") as book:
        return [stored.grade for stored in book.grades()]


def numbers(value: object) -> set[str]:
    """Return the numbers inside a value that are no coincidence, each with so many digits."""
    found = set()
    for text in texts(value):
        digits = re.sub(r"e.*", "", text).lstrip("-0.").replace(".", "")
        if re.fullmatch(r"-?[\d.]+(e[-+]\d+)?", text) and len(digits) > DIGITS:
            found.add(re.sub(r"e.*", "", text).lstrip("-")[:-1])
    return found


def secrets(one: Grade) -> set[str]:
    """Return what may not be told of a grade: what hidden cases expect and rules, unless the student has them too."""
    quantities = [entry for each in one.questions for entry in each.quantities]
    hidden = [entry for entry in quantities if entry.case != "worked"]
    told = {
        number
        for entry in quantities
        for number in numbers((entry.actual, entry.curve, entry.expected if entry not in hidden else None))
    }
    expected = numbers([(entry.expected, entry.expected_curve) for entry in hidden])
    off = numbers([entry.error for entry in hidden if entry.verdict is not Verdict.CORRECT])
    findings = [found for each in one.questions for found in each.findings]
    # Who divides once more, or takes the right gradient of a wrong value, has used the right rule and something else.
    used = " ".join(found.used for found in findings)
    rules = {found.rule for found in findings if len(found.rule) > DIGITS and found.rule not in used}
    return ((expected | off) - told) | rules


@pytest.mark.slow
@pytest.mark.parametrize("name", CLASSES)
def test_no_report_on_a_corpus_tells_a_secret_below_full(name: str, graded: Path) -> None:
    leaks = []
    found = 0
    for one in grades(graded / name):
        hidden = secrets(one)
        found += len(hidden)
        for level in BELOW_FULL:
            told = everything(public_view(one, level))
            leaks += [(one.student, level, secret) for secret in hidden if secret in told]
    assert leaks == []
    assert found > 20 or name == "skip_network_by_hand"


@pytest.mark.slow
def test_the_reports_on_a_corpus_tell_those_secrets_at_full(graded: Path) -> None:
    """The search above finds what is there."""
    found = [
        secret in everything(public_view(one, Feedback.FULL))
        for one in grades(graded / "skip_network")
        for secret in secrets(one)
        if not re.search(r"\W{2}|[a-z]", secret)  # a rule is escaped in its own way
    ]
    assert sum(found) > 100  # not all: what is not given has an expected value in the gradebook alone


@pytest.mark.parametrize("level", [Feedback.VERDICTS, Feedback.HINTS, Feedback.FULL])
def test_the_files_of_a_class_are_the_public_view_of_its_level(level: Feedback, tmp_path: Path) -> None:
    """Through the command: what is written for a student tells a secret at `full` alone."""
    out = tmp_path / "out"
    submission = CORPUS / "wrong" / "sign_flipped.py"
    done = call("grade", "skip_network", submission, "-o", out, "--seed", "1", "--feedback", level)
    assert done.code == 0, done.err
    (one,) = grades(out)
    hidden = secrets(one)
    assert hidden

    told = "".join((out / "reports" / f"sign_flipped{suffix}").read_text() for suffix in (".html", ".md"))

    assert bool([secret for secret in hidden if secret in told]) == (level is Feedback.FULL)


# --------------------------------------------------------------------------------------------------------------
# Doors: what a check shows is at the level `hints`


SUBMISSION = CORPUS / "wrong" / "sign_flipped.py"


@cache
def checked() -> Checked:
    """Check a submission with one mistake as its author may."""
    (found,) = find([SUBMISSION], single=True)
    return check(read(found), load("skip_network"))


@cache
def practice_secrets() -> frozenset[str]:
    """Return what the check of it may not tell below the rule."""
    return frozenset(secrets(checked().grade))


@pytest.mark.parametrize("form", ["github", "plain"])
def test_no_log_summary_or_junit_file_of_a_ci_tells_a_secret(form: str, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    junit = tmp_path / "junit.xml"

    done = call(
        "ci", SUBMISSION, "-a", "skip_network", "--to", form, "--junit", junit,
        folder=tmp_path, variables={"GITHUB_STEP_SUMMARY": str(summary)},
    )  # fmt: skip

    told = done.out + done.err + junit.read_text()
    if form == "github":
        told += summary.read_text()
    assert "dL/dy_hat" in told
    assert [secret for secret in practice_secrets() if secret in told] == []


def test_a_check_tells_the_rule_where_it_is_asked_for_and_no_expected_number() -> None:
    rules = {secret for secret in practice_secrets() if re.search("[a-z]", secret)}
    asked = {hint: call("check", SUBMISSION, "--hint", str(hint)).out for hint in (1, 2, 3)}

    for hint, told in asked.items():
        leaked = {secret for secret in practice_secrets() if secret in told}
        assert leaked <= (rules if hint == 3 else set())
    assert rules
    assert any(rule in asked[3] for rule in rules)


def test_the_output_of_a_cell_tells_the_rule_where_it_is_asked_for_and_no_expected_number() -> None:
    asked = checked().assignment.questions
    for hint in (1, 2, 3):
        told = shown(checked().assignment, looked(checked()), asked, notes=(), hint=hint)
        leaked = {one for one in practice_secrets() if one in f"{told!r}{told._repr_html_()}"}
        assert not [one for one in leaked if hint < 3 or not re.search("[a-z]", one)]


def test_a_failing_test_of_pytest_tells_no_secret() -> None:
    told = [failure(checked(), number) for number in range(len(checked().grade.questions))]
    text = "".join(f"{one.headline}{one.text}" for one in told)
    assert "dL/dy_hat" in text
    assert [secret for secret in practice_secrets() if secret in text] == []


# --------------------------------------------------------------------------------------------------------------
# One function makes the public view


RENDERERS = ("student", "cell", "markdown", "environments", "drawing", "layout", "outline", "shapes")
"""Of `grader/reports`: what turns a view into text."""
RAW = {
    "Grade",
    "QuestionResult",
    "QuantityResult",
    "Finding",
    "LineResult",
    "ErrorReport",
    "Curve",
    "ErrorMap",
}
"""What holds more than a student may see."""
VIEWS_ARE_MADE_IN = {
    *("reports/files.py", "reports/overrides.py", "validation/rendering.py"),
    *("hints.py", "cli/ci.py", "cli/export.py", "cli/students.py"),
}
"""Where `public_view` is called: for reports, for trials of them, and for checks, which never ask for `full`."""


def _tree(path: Path) -> ast.AST:
    return ast.parse(path.read_text(encoding="utf-8"))


def _names(path: Path) -> set[str]:
    """Return the names that a module imports."""
    return {
        alias.name
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


@pytest.mark.parametrize("module", RENDERERS)
def test_what_renders_a_report_never_sees_a_grade(module: str) -> None:
    assert not _names(GRADER / "reports" / f"{module}.py") & RAW


@pytest.mark.parametrize("module", ["github", "classroom", "junit", "plain", "wording"])
def test_what_writes_for_other_systems_never_sees_a_grade(module: str) -> None:
    assert not _names(GRADER / "exports" / f"{module}.py") & RAW


def _reads(path: Path) -> set[str]:
    """Return the names of attributes that a module reads."""
    return {node.attr for node in ast.walk(_tree(path)) if isinstance(node, ast.Attribute)}


@pytest.mark.parametrize("path", ["exports/outcomes.py", "exports/places.py", "notebook/shown.py"])
def test_a_door_that_holds_a_grade_reads_no_expected_value_and_no_rule_of_it(path: str) -> None:
    assert not _reads(GRADER / path) & {"expected", "expected_curve", "rule", "error", "error_map"}


def test_public_views_are_made_in_few_places() -> None:
    """So that reports, CI and doors tell the same."""
    calling = {
        path.relative_to(GRADER).as_posix()
        for path in GRADER.rglob("*.py")
        if any(
            isinstance(node, ast.Call) and ast.unparse(node.func) == "public_view"
            for node in ast.walk(_tree(path))
        )
    }
    assert calling <= VIEWS_ARE_MADE_IN
    assert "reports/files.py" in calling


def test_student_views_are_made_by_one_function() -> None:
    making = {
        path.relative_to(GRADER).as_posix()
        for path in GRADER.rglob("*.py")
        if any(
            isinstance(node, ast.Call) and ast.unparse(node.func) == "StudentView"
            for node in ast.walk(_tree(path))
        )
    }
    assert making == {"reports/view.py"}
