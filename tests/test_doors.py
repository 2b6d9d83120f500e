"""One submission, the same cases, the same verdicts: behind `check`, `grade`, pytest, CI and the notebook.

The sample goes through the installed commands. For the whole corpora a submission is checked once, and what came of it is given to
every door that shows a check; `grade` and the notebook run it by themselves.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from corpus import CORPORA, Corpus
from installed import call, call_with, results

# What a run of pytest inside this process imports is forgotten after it, and NumPy cannot be imported twice: all of it before.
import grader.pytest_plugin.grading  # noqa: F401
from grader import practice
from grader.assignment_file import load
from grader.cli import run
from grader.model import Submission
from grader.notebook import Check
from grader.practice import Checked, check_with
from grader.reports.result import result_document
from grader.reuse import NOTHING_RUN
from grader.sandbox import Runner
from grader.secret import PRACTICE
from grader.session import session
from grader.work import run_nothing

pytest_plugins = ["pytester"]

SAMPLE = ("correct/tuples.py", "wrong/skip_path_dropped.py", "missing/no_update.py")
LIVE = ("correct/", "follows/", "wrong/", "missing/", "failed/")
"""Kinds of code that a notebook can hold: it ends no process, and takes no time without end."""
BY_CHANCE = "wrong/random_noise.py"
"""Other numbers in each run."""
EVERY = int(os.environ.get("GRADER_DOORS", "24"))
"""Of the corpora every so manieth submission goes through the doors: 1 for all, which takes minutes."""

Said = Mapping[str, object]
"""What a door says of a submission: of each question, by its id, as far as the door says it."""


@dataclass(frozen=True, kw_only=True)
class Doors:
    """Some submissions of one assignment in a folder of their own, and what each door says of them by name."""

    corpus: Corpus
    folder: Path
    paths: Sequence[str]

    @cached_property
    def names(self) -> list[str]:
        """File or folder names, in the order in which a folder has them."""
        return sorted(Path(path).name for path in self.paths)

    @property
    def arguments(self) -> list[str]:
        """How commands are told of the assignment and of all submissions."""
        return ["-a", self.corpus.assignment, *self.names]

    @property
    def calls(self) -> list[list[str]]:
        """The names that may stand in one call: a notebook beside texts would be taken for one hand-in with them."""
        if load(self.corpus.assignment).has_code:
            return [self.names]
        notebooks = [name for name in self.names if name.endswith(".ipynb")]
        return [[name for name in self.names if name not in notebooks], *([name] for name in notebooks)]

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """The id of each question by its title."""
        return {question.title: question.id for question in load(self.corpus.assignment).questions}

    def by_document(self, documents: Sequence[Mapping[str, Any]]) -> dict[str, Said]:
        """Return what result documents say, in the order of the names."""
        return {name: _of_document(one) for name, one in zip(self.names, documents, strict=True)}

    def grade(self) -> dict[str, Mapping[str, Any]]:
        """Grade all as a class, on the practice cases: what a class shares is what its secret says."""
        secret = self.folder.parent / "secret"
        secret.write_text(PRACTICE)
        out = self.folder.parent / "graded"
        done = call(
            *("grade", self.corpus.assignment, self.folder, "-o", out, "--secret-file", secret),
            *("--isolation", "limits", "--trust-submissions"),
        )
        assert done.code == 0, done.err
        given = results(out)
        return {name: given[Path(name).stem if "." in name else name] for name in self.names}

    def of_pytest(self, junit: Path) -> Mapping[str, Said]:
        """Return what the plugin says."""
        said: dict[str, dict[str, object]] = {name: {} for name in self.names}
        for case in ET.parse(junit).getroot().iter("testcase"):
            name = next(one for one in self.names if one.removesuffix(".py") == case.get("classname"))
            said[name][case.get("name", "")] = _of_case(case)
        return said

    def of_ci(self, junit: Path) -> Mapping[str, Said]:
        """Return what the JUnit form of CI says."""
        return {
            suite.get("file", ""): {
                self.titles[case.get("name", "")]: _of_case(case) for case in suite.iter("testcase")
            }
            for suite in ET.parse(junit).getroot().iter("testsuite")
        }


def _of_document(document: Mapping[str, Any]) -> Said:
    """Return all that a result says of marks."""
    questions = {
        question["id"]: {
            "status": question["status"],
            "points": question["points"],
            "pending": question["pending_points"],
            "verdicts": {entry["name"]: entry["verdict"] for entry in question["quantities"]},
            "findings": [(one["slip"], one["at"], one["explains"]) for one in question["findings"]],
        }
        for question in document["questions"]
    }
    return {**questions, "first mistake": document["first_mistake"]}


def _of_case(case: ET.Element) -> tuple[str, float]:
    kinds = [kind for kind in ("failure", "error", "skipped") if case.find(kind) is not None]
    points = {one.get("name"): one.get("value", "") for one in case.iter("property")}["points"]
    return (kinds[0] if kinds else "passed"), float(points)


def expected(document: Mapping[str, Any], *, unreadable: tuple[str, ...]) -> Said:
    """Work out from a grade what a door must say that says outcomes and points.

    Parameters
    ----------
    document : mapping
        A result.
    unreadable : tuple of str
        What becomes of the questions of a file that cannot be read, one after the other; the last one of all others.
    """
    left = list(unreadable)
    said: dict[str, object] = {}
    outcomes = {question["id"]: _outcome(question) for question in document["questions"]}
    if "failure" not in outcomes.values():
        outcomes = {name: "failure" if one == "follows" else one for name, one in outcomes.items()}
    for question in document["questions"]:
        outcome = outcomes[question["id"]]
        if outcome == "unreadable":
            outcome = left.pop(0) if len(left) > 1 else left[0]
        said[question["id"]] = (
            "skipped" if outcome == "follows" else outcome,
            _rounded(question["points"], question["max_points"]),
        )
    return said


def _outcome(question: Mapping[str, Any]) -> str:
    verdicts = {entry["verdict"] for entry in question["quantities"]}
    # Also one that nobody asked for: it costs nothing, and is not right.
    wrong_line = any(line["verdict"] == "wrong" for line in question.get("lines", ()))
    lost = question["max_points"] - question["points"] - question["pending_points"] > 1e-9
    if question["status"] == "unreadable":
        return "unreadable"
    if question["status"] == "awaiting":
        return "failure" if lost or wrong_line or verdicts & {"wrong", "invalid"} else "skipped"
    if question["status"] != "graded" or lost or wrong_line or verdicts - {"correct", "follows"}:
        return "failure"
    return "follows" if "follows" in verdicts else "passed"


def _rounded(points: float, most: float) -> float:
    """Return points as texts have them: with two digits, and never full by rounding alone."""
    two = round(points, 2)
    return two if two < most or points > most - 1e-6 else most - 0.01


def differences(given: Mapping[str, Said], wanted: Mapping[str, Said]) -> dict[str, tuple[object, object]]:
    """Return where two doors say different things: what each says, by submission and question."""
    keys = [(name, key) for name in wanted for key in {*wanted[name], *given.get(name, {})}]
    pairs = {
        f"{name}: {key}": (given.get(name, {}).get(key), wanted[name].get(key)) for name, key in sorted(keys)
    }
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}


# --------------------------------------------------------------------------------------------------------------
# The sample, through the installed commands


@pytest.fixture
def sample(tmp_path: Path) -> Doors:
    """Return right work, work with one mistake that more follows from, and work with a function missing."""
    corpus = CORPORA["skip_network"]
    return Doors(corpus=corpus, folder=corpus.class_of(SAMPLE, tmp_path / "class"), paths=SAMPLE)


NOTEBOOK = """
import json, sys
from pathlib import Path
from grader.notebook import Check
from grader.reports.result import result_document

for name in sys.argv[2:]:
    names = {"__name__": "notebook"}
    exec(compile(Path(name).read_text(), name, "exec"), names)
    grade = Check(sys.argv[1], namespace=names)().grade
    print(json.dumps(result_document(grade)))
"""


def test_every_door_says_the_same_of_right_wrong_and_missing_work(sample: Doors) -> None:
    documents = sample.grade()
    graded = {name: _of_document(one) for name, one in documents.items()}
    assert {said["first mistake"] for said in graded.values()} == {None, "dL/dh0"}

    checked = call("check", "--json", *sample.arguments, folder=sample.folder)
    assert differences(sample.by_document(checked.document["checks"]), graded) == {}

    name = sample.corpus.assignment
    live = call_with([sys.executable, "-c", NOTEBOOK], name, *sample.names, folder=sample.folder)
    assert live.code == 0, live.err
    lines = [json.loads(line) for line in live.out.splitlines()]
    assert differences(sample.by_document(lines), graded) == {}

    wanted = {name: expected(one, unreadable=("failure",)) for name, one in documents.items()}
    call("ci", *sample.arguments, "--to", "gitlab", "--junit", "ci.xml", folder=sample.folder)
    assert differences(sample.of_ci(sample.folder / "ci.xml"), wanted) == {}

    command: list[str | Path] = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:randomly",
        "--junitxml",
        "pytest.xml",
    ]
    call_with([*command, "--grade", name], *sample.names, folder=sample.folder)
    assert differences(sample.of_pytest(sample.folder / "pytest.xml"), wanted) == {}


def test_a_door_that_says_something_else_is_seen(sample: Doors) -> None:
    """The comparison itself: another verdict, other points, and a submission of which nothing is said."""
    said: dict[str, Said] = {"a.py": {"forward": ("passed", 3.0), "first mistake": None}}
    assert differences(said, said) == {}
    other: dict[str, Said] = {"a.py": {"forward": ("failure", 3.0), "first mistake": None}}
    assert list(differences(other, said)) == ["a.py: forward"]
    assert list(differences({}, said)) == ["a.py: forward"]
    assert sample.names == ["no_update.py", "skip_path_dropped.py", "tuples.py"]


# --------------------------------------------------------------------------------------------------------------
# The corpora


class Once:
    """Stands in for the check: on cases that are drawn once, and with each submission run once, whoever asks."""

    def __init__(self, assignment: str, runner: Runner) -> None:
        self._drawn = session(load(assignment), PRACTICE)
        self._runner = runner
        self._known: dict[tuple[str, str], Checked] = {}

    def __call__(self, submission: Submission, *_asked: object, **_told: object) -> Checked:
        """Check a submission."""
        key = (submission.student, submission.sha256)
        if key not in self._known:
            code = self._drawn.assignment.has_code
            how: tuple[Callable[..., Any], str] = (
                (self._runner.run, self._runner.isolation.level) if code else (run_nothing, NOTHING_RUN)
            )
            self._known[key] = check_with(self._drawn, submission, *how)
        return self._known[key]


def chosen(corpus: Corpus) -> list[str]:
    """Return the submissions that go through the doors."""
    quick = [path for path in corpus.submissions() if corpus.is_quick(path) and path != BY_CHANCE]
    return quick[::EVERY]


def _live(doors: Doors) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield what the check of a notebook says of the modules that a notebook can hold."""
    for path in doors.paths:
        if path.startswith(LIVE) and path.endswith(".py"):
            code = doors.folder / Path(path).name
            names: dict[str, object] = {"__name__": "notebook"}
            try:
                exec(compile(code.read_bytes(), str(code), "exec", dont_inherit=True), names)
            except Exception:  # noqa: BLE001  what raises in a cell is not there to be checked
                continue
            grade = Check(doors.corpus.assignment, namespace=names)().grade
            assert grade is not None
            yield code.name, result_document(grade)


def _hold_checks(
    doors: Doors,
    documents: Mapping[str, Mapping[str, Any]],
    pytester: pytest.Pytester,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Have the command, CI and pytest show the checks of some submissions, and hold them against their grades."""
    graded = {name: _of_document(one) for name, one in documents.items()}
    capsys.readouterr()
    run(["check", "--json", *doors.arguments])
    checks = json.loads(capsys.readouterr().out)["checks"]
    assert differences(doors.by_document(checks), graded) == {}

    run(["ci", *doors.arguments, "--to", "gitlab", "--junit", "../ci.xml"])
    wanted = {name: expected(one, unreadable=("failure",)) for name, one in documents.items()}
    assert differences(doors.of_ci(doors.folder.parent / "ci.xml"), wanted) == {}

    junit = doors.folder.parent / "pytest.xml"
    options = ("-p", "no:randomly", "-p", "no:cacheprovider", f"--junitxml={junit}")
    grade = ("--grade", doors.corpus.assignment, f"--rootdir={doors.folder}")
    pytester.inline_run(*options, *grade, *doors.names)
    wanted = {name: expected(one, unreadable=("error", "skipped")) for name, one in documents.items()}
    assert differences(doors.of_pytest(junit), wanted) == {}


@pytest.mark.slow
@pytest.mark.parametrize("assignment", CORPORA)
def test_every_door_says_the_same_of_the_corpora(
    assignment: str,
    tmp_path: Path,
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    corpus = CORPORA[assignment]
    paths = chosen(corpus)
    doors = Doors(corpus=corpus, folder=corpus.class_of(paths, tmp_path / "class"), paths=paths)
    documents = doors.grade()
    graded = {name: _of_document(one) for name, one in documents.items()}
    monkeypatch.chdir(doors.folder)
    with Runner() as runner:
        monkeypatch.setattr(practice, "check", Once(assignment, runner))

        for names in doors.calls:
            of_these = replace(doors, paths=names)
            _hold_checks(of_these, {name: documents[name] for name in names}, pytester, capsys)

    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")  # of the students' code, as it is defined and called
        live = {name: _of_document(one) for name, one in _live(doors)}
    code = {question.id for question in load(assignment).questions if question.functions} | {"first mistake"}
    of_code = {name: {key: graded[name][key] for key in code} for name in live}
    assert (
        differences({n: {k: v for k, v in said.items() if k in code} for n, said in live.items()}, of_code)
        == {}
    )
