"""Units, compositions, experiments and texts of one assignment, from the files of a submission to its grade."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from grader.assignment_file import read
from grader.model import Document, Grade, QuestionResult, Source, Status, Submission, Verdict
from grader.pipeline import grade
from grader.sandbox import Runner
from grader.session import Session, session

ASSIGNMENT = """
schema = 1
title = "A layer and what is built of it"
collect = "collect.py"
solution = "solution"

[units.double]
network = "network.py:double"
inputs = ["X", "G"]
targets = []
parameters = []
[units.double.functions."Double.forward"]
role = "forward"
create = []
arguments = ["X"]
returns = "Y"
[units.double.functions."Double.backward"]
role = "backward"
create = []
arguments = ["G"]
returns = "X"
[units.double.cases]
drawn = 3
sizes = { N = [1, 2, 3], D = [4, 5] }
shapes = { X = ["N", "D"], G = ["N", "D"] }
ranges = { X = [-2.0, 2.0], G = [-2.0, 2.0] }

[units.twice]
network = "network.py:twice"
inputs = ["X", "G"]
targets = []
parameters = []
parts = ["Double"]
[units.twice.functions."Twice.run"]
role = "forward"
collect = "twice_run"
uses = ["Twice", "Double"]
arguments = ["X"]
returns = "Y"
[units.twice.cases]
drawn = 3
sizes = { N = [1, 2, 3], D = [4, 5] }
shapes = { X = ["N", "D"], G = ["N", "D"] }
ranges = { X = [-2.0, 2.0], G = [-2.0, 2.0] }

[experiments.growth]
setup = "experiments.py:growth"
function = "growth"
collect = "growth"
uses = ["grow", "Double"]
parts = ["Double"]
curves = ["sizes"]
numbers = ["last"]
cpu_s = 5.0

[[questions]]
id = "layer"
functions = ["Double.forward", "Double.backward"]
points = 4
[[questions]]
id = "composition"
functions = ["Twice.run"]
points = 2
[[questions]]
id = "experiment"
functions = ["growth"]
points = 2
[[questions]]
id = "text"
text = ["Why does it grow?"]
points = 2
"""
NETWORK = """
from reference.operations import total

def double(n):
    n.Y = 2.0 * n.X
    n.L = total(n.Y * n.G)

def twice(n):
    n.Y = 2.0 * (2.0 * n.X)
    n.L = total(n.Y * n.G)
"""
COLLECT = """
def twice_run(student, X):
    return student.Twice().run(X)

def growth(student, steps):
    sizes = student.grow(1.0, steps)
    return {"sizes": sizes, "last": sizes[-1]}
"""
EXPERIMENTS = """
import numpy as np

def growth():
    sizes = 2.0 ** np.arange(9)
    return (8,), {"sizes": sizes, "last": sizes[-1]}, {"sizes": 9}
"""
DOUBLE = """
class Double:
    def forward(self, X):
        return 2.0 * X
    def backward(self, G):
        return 2.0 * G
"""
REST = """
from double import Double

class Twice:
    def run(self, X):
        layer = Double()
        return layer.forward(layer.forward(X))

def grow(size, steps):
    sizes = [size]
    for _ in range(steps):
        sizes.append(Double().forward(sizes[-1]))
    return sizes
"""
THREEFOLD = DOUBLE.replace("2.0 * X", "3.0 * X")
NOT_YET = DOUBLE.replace("return 2.0 * X", "raise NotImplementedError")


def written(folder: Path, assignment: str) -> Path:
    """Write an assignment with the solution, and return its folder."""
    files = {
        "assignment.toml": assignment,
        "network.py": NETWORK,
        "collect.py": COLLECT,
        "experiments.py": EXPERIMENTS,
        "solution/double.py": DOUBLE,
        "solution/twice.py": REST,
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Session:
    return session(read(written(tmp_path_factory.mktemp("asked"), ASSIGNMENT)), "seed 1")


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner() as made:
        yield made


def graded(asked: Session, runner: Runner, files: Mapping[str, str], *documents: Document) -> Grade:
    sources = tuple(Source(name=name, cells=(textwrap.dedent(text),)) for name, text in files.items())
    submission = Submission(
        student="ada",
        path="ada",
        files=(*files, *(one.name for one in documents)),
        sha256="0",
        sources=sources,
        documents=documents,
        problem=None if sources else "no code",
    )
    return grade(asked, submission, runner.run, "limits")


def questions(found: Grade) -> dict[str, QuestionResult]:
    return {question.id: question for question in found.questions}


def points(found: Grade) -> dict[str, float]:
    return {question.id: question.points for question in found.questions}


WHY = Document(name="why.md", text="# Why does it grow?\nBecause it doubles.\n")


def test_right_work_has_full_points_and_its_text_waits_for_a_person(asked: Session, runner: Runner) -> None:
    found = graded(asked, runner, {"double.py": DOUBLE, "twice.py": REST}, WHY)
    assert points(found) == {"layer": 4.0, "composition": 2.0, "experiment": 2.0, "text": 0.0}
    assert (found.pending_points, found.final, found.first_mistake) == (2.0, False, None)
    text = questions(found)["text"]
    assert (text.status, text.text) == (Status.AWAITING, "Because it doubles.")
    assert not any(question.notes for question in found.questions)


def test_a_wrong_part_is_wrong_at_its_unit_and_what_is_built_of_it_follows(
    asked: Session, runner: Runner
) -> None:
    found = graded(asked, runner, {"double.py": THREEFOLD, "twice.py": REST})
    assert points(found) == {"layer": 2.0, "composition": 2.0, "experiment": 2.0, "text": 0.0}
    assert found.first_mistake == "double.Y"
    composition = questions(found)["composition"]
    assert [entry.verdict for entry in composition.quantities] == [Verdict.FOLLOWS]
    assert composition.findings == ()
    assert composition.notes == (
        "`Twice.run` is right with known-good parts in the place of yours: what is off in it comes from a part.",
    )


def test_an_experiment_follows_from_a_wrong_part_where_the_assignment_has_one_unit_without_a_name(
    runner: Runner, tmp_path: Path
) -> None:
    lone = ASSIGNMENT.replace("[units.double]\n", "", 1).replace("[units.double.", "[")
    start, end = lone.index("[units.twice]"), lone.index("[experiments.growth]")
    lone = lone[:start] + lone[end:]
    start, end = (
        lone.index('[[questions]]\nid = "composition"'),
        lone.index('[[questions]]\nid = "experiment"'),
    )
    lone = lone[:start] + lone[end:]
    asked = session(read(written(tmp_path, lone)), "seed 1")
    found = graded(asked, runner, {"double.py": THREEFOLD, "twice.py": REST})
    assert points(found) == {"layer": 2.0, "experiment": 2.0, "text": 0.0}


@pytest.mark.parametrize("part", [NOT_YET, "class Double:\n    pass\n"])
def test_a_part_that_is_not_written_yet_leaves_what_is_built_of_it_its_points(
    part: str, asked: Session, runner: Runner
) -> None:
    found = graded(asked, runner, {"double.py": part, "twice.py": REST})
    by_id = questions(found)
    assert by_id["layer"].status is Status.MISSING
    assert "`Double.forward` is" in (by_id["layer"].message or "")
    assert by_id["composition"].points == 2.0
    assert (by_id["composition"].status, by_id["composition"].message) == (Status.GRADED, None)


def test_a_composition_that_is_wrong_with_good_parts_too_is_wrong_by_itself(
    asked: Session, runner: Runner
) -> None:
    once = REST.replace("layer.forward(layer.forward(X))", "layer.forward(X)")
    found = graded(asked, runner, {"double.py": DOUBLE, "twice.py": once})
    composition = questions(found)["composition"]
    assert composition.points == 0.0
    assert [finding.at for finding in composition.findings] == ["twice.Y"]
    assert questions(found)["layer"].points == 4.0


def test_mistakes_that_cancel_leave_the_composition_right_and_the_report_says_so(
    asked: Session, runner: Runner
) -> None:
    """Every other call is three times too much and then a third of it."""
    odd = THREEFOLD.replace("2.0 * G", "2.0 * G").replace(
        "    def forward(self, X):\n        return 3.0 * X",
        "    factor = 4.0\n    def forward(self, X):\n        self.factor = 4.0 / self.factor if hasattr(self, 'used') else 4.0\n"
        "        self.used = True\n        return self.factor * X",
    )
    found = graded(asked, runner, {"double.py": odd, "twice.py": REST})
    by_id = questions(found)
    assert by_id["composition"].points == 2.0
    assert by_id["layer"].points < 4.0
    assert by_id["composition"].notes == (
        "`Twice.run` is right, although `Double.forward` is not: mistakes of parts cancel or do not show in it.",
    )


def test_nothing_that_the_students_code_says_beside_good_parts_reaches_the_grade(
    asked: Session, runner: Runner
) -> None:
    """Code that has the solution at hand could hand it out in shapes, keys, errors or prints."""
    spy = REST.replace(
        "        layer = Double()\n",
        "        import numpy as np\n"
        "        good = Double().forward(1.0) == 2.0\n"
        "        print('SECRET' if good else 'plain')\n"
        "        if good: return {'SECRET key': np.ones((77, 78))}\n"
        "        layer = Double()\n",
    )
    found = graded(asked, runner, {"double.py": THREEFOLD, "twice.py": spy})
    composition = questions(found)["composition"]
    assert composition.points == 0.0
    assert "plain" in found.printed
    assert "SECRET" not in repr(found)
    assert "(77, 78)" not in repr(composition)


# --------------------------------------------------------------------------------------------------------------
# Experiments


def test_an_experiment_that_nobody_wrote_is_missing_and_takes_no_time(asked: Session, runner: Runner) -> None:
    found = graded(asked, runner, {"double.py": DOUBLE, "twice.py": REST.partition("def grow")[0]})
    experiment = questions(found)["experiment"]
    assert (experiment.status, experiment.points) == (Status.MISSING, 0.0)
    assert "`grow`" in (experiment.message or "")


def test_a_wrong_curve_is_told_with_its_first_wrong_step(asked: Session, runner: Runner) -> None:
    late = REST.replace(
        "sizes.append(Double().forward(sizes[-1]))",
        "sizes.append(sizes[-1] + (1.0 if len(sizes) < 2 else 2.0))",
    )
    found = graded(asked, runner, {"double.py": DOUBLE, "twice.py": late})
    experiment = questions(found)["experiment"]
    assert experiment.points == 0.0
    verdicts = {entry.name: entry.verdict for entry in experiment.quantities}
    assert verdicts == {"growth.sizes": Verdict.WRONG, "growth.last": Verdict.WRONG}
    [finding] = [entry for entry in experiment.findings if entry.at == "growth.sizes"]
    assert "the first step that is off is step 3: it is 6" in finding.text
    # What is right is told at the feedback level `full` alone.
    assert finding.rule == "it should be 8 at step 3"
    assert {entry.case for entry in experiment.quantities} == {"drawn-1"}


def test_an_experiment_that_never_ends_is_stopped_by_its_own_limit(asked: Session, runner: Runner) -> None:
    endless = REST.replace("    sizes = [size]\n", "    sizes = [size]\n    while True: pass\n")
    found = graded(asked, runner, {"double.py": DOUBLE, "twice.py": endless})
    experiment = questions(found)["experiment"]
    assert (experiment.status, experiment.points) == (Status.TIMEOUT, 0.0)
    assert points(found)["layer"] == 4.0


# --------------------------------------------------------------------------------------------------------------
# Texts


def test_a_text_alone_is_collected_and_its_code_is_missing(asked: Session, runner: Runner) -> None:
    found = graded(asked, runner, {}, WHY)
    by_id = questions(found)
    assert by_id["text"].status is Status.AWAITING
    assert by_id["layer"].status is Status.MISSING
    assert found.pending_points == 2.0
