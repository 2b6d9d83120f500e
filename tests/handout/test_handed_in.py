"""What is handed in with the hand-out around it: nobody loses or gains by what lies there untouched."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from handout_leaks import ASSIGNMENTS, SHIPPED
from installed import call, results

from grader.model import Source
from grader.submissions.live_check import without_live_check

SOLUTION = (ASSIGNMENTS / "skip_network" / "solution.py").read_text(encoding="utf-8")


def _fill_in(notebook: Path) -> None:
    """Write the solution into the notebook, each function into its cell, and leave the checks in."""
    document = json.loads(notebook.read_text(encoding="utf-8"))
    functions = {text.split("(")[0]: f"def {text}" for text in SOLUTION.split("\ndef ")[1:]}
    for cell in document["cells"]:
        text = "".join(cell["source"])
        if "not yet written" in text:
            cell["source"] = [functions[text.removeprefix("def ").split("(")[0]]]
            cell["outputs"] = []
    document["cells"].append(
        {
            "cell_type": "code",
            "id": "mine",
            "metadata": {},
            "execution_count": 1,
            "outputs": [],
            "source": "forward(1.0, 0.5, 0.5, 0.5, 0.5)",
        }
    )
    notebook.write_text(json.dumps(document), encoding="utf-8")


@pytest.fixture(scope="module")
def graded(handouts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class that handed in whole folders."""
    root = tmp_path_factory.mktemp("folders")
    for student in ("untouched", "module", "notebook", "both"):
        shutil.copytree(handouts / "skip_network", root / "class" / student)
    (root / "class" / "module" / "skip_network.py").write_text(SOLUTION, encoding="utf-8")
    _fill_in(root / "class" / "notebook" / "skip_network.ipynb")
    (root / "class" / "both" / "skip_network.py").write_text(SOLUTION, encoding="utf-8")
    _fill_in(root / "class" / "both" / "skip_network.ipynb")
    done = call("grade", "skip_network", root / "class", "-o", root / "out", "--trust-submissions")
    assert done.code == 0, done.err
    return root / "out"


def test_an_untouched_hand_out_earns_nothing_and_each_question_is_said_to_be_not_yet_written(
    graded: Path,
) -> None:
    result = results(graded)["untouched"]
    assert (result["points"], result["pending_points"], result["status"]) == (0.0, 0.0, "graded")
    for question in result["questions"]:
        assert question["status"] == "missing"
        assert all(line.endswith("is not yet written.") for line in question["message"].splitlines())


@pytest.mark.parametrize("student", ["module", "notebook"])
def test_the_one_that_was_written_in_counts_beside_the_other(graded: Path, student: str) -> None:
    assert results(graded)[student]["points"] == 10.0


def test_two_that_were_both_written_in_wait_for_a_person_who_tells_them_apart(graded: Path) -> None:
    """Either may be right, so that nothing is lost before somebody has asked."""
    result = results(graded)["both"]
    assert (result["status"], result["points"], result["pending_points"]) == ("unreadable", 0.0, 10.0)
    [message, *_] = {question["message"] for question in result["questions"]}
    assert message == (
        "`forward` is defined in `skip_network.ipynb` and in `skip_network.py`, and the files differ; "
        "hand in one of them, or name it solution.py"
    )


def test_one_function_in_two_files_leaves_its_question_to_a_person_and_the_others_graded(
    tmp_path: Path,
) -> None:
    (tmp_path / "alice").mkdir()
    (tmp_path / "alice" / "work.py").write_text(SOLUTION, encoding="utf-8")
    (tmp_path / "alice" / "old.py").write_text("def loss(y_hat, y):\n    return 0.0\n", encoding="utf-8")

    done = call(
        "grade", "skip_network", tmp_path / "alice", "--single", "-o", tmp_path / "out", "--trust-submissions"
    )

    assert done.code == 0, done.err
    [result] = results(tmp_path / "out").values()
    given = [(one["status"], one["points"], one["pending_points"]) for one in result["questions"]]
    assert given == [("unreadable", 0.0, 3.0), ("graded", 4.0, 0.0), ("graded", 3.0, 0.0)]
    assert call("check", tmp_path / "alice", "-a", "skip_network").code == 1


def test_check_cells_leave_no_trace_in_marking(graded: Path) -> None:
    report = (graded / "reports" / "notebook.md").read_text(encoding="utf-8")
    assert "NameError" not in report
    assert "grader.notebook" not in report
    assert "note" not in report.lower().replace("notebook", "")


def test_the_formulas_of_the_task_are_nobodys_answer(handouts: Path, tmp_path: Path) -> None:
    """The whole hand-out of a sheet: its task shows how formulas are written."""
    assert r"\frac{\partial L}{\partial z_2}" in (handouts / "skip_network_by_hand" / "task.md").read_text()
    done = call(
        "grade", "skip_network_by_hand", handouts / "skip_network_by_hand", "--single", "-o", tmp_path / "out"
    )
    assert done.code == 0, done.err
    [result] = results(tmp_path / "out").values()
    assert (result["points"], result["pending_points"]) == (0.0, 0.0)
    assert {question["status"] for question in result["questions"]} == {"missing"}


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in SHIPPED if not name.startswith("skip_network")])
def test_every_other_hand_out_is_graded_to_nothing(handouts: Path, tmp_path: Path, name: str) -> None:
    folder = shutil.copytree(handouts / name, tmp_path / "class" / "folder")
    shutil.copy2(folder / f"{name}.ipynb", tmp_path / "class" / "notebook.ipynb")
    done = call("grade", name, tmp_path / "class", "-o", tmp_path / "out", "--trust-submissions")
    assert done.code == 0, done.err
    found = results(tmp_path / "out")
    assert set(found) == {"folder", "notebook"}
    for result in found.values():
        assert (result["points"], result["pending_points"]) == (0.0, 0.0)
        assert {question["status"] for question in result["questions"]} == {"missing"}


# --------------------------------------------------------------------------------------------------------------
# The lines that check a running notebook


def _read(*cells: str) -> tuple[str, ...]:
    return without_live_check(Source(name="a.ipynb", cells=cells, is_notebook=True)).cells


def test_the_lines_of_the_live_check_are_left_out_and_all_others_keep_their_numbers() -> None:
    assert _read(
        "from grader.notebook import Check\n\ncheck = Check('skip_network')",
        "x = 1\ncheck('forward')  # again\ny = 2",
        'check("gradients", hint=2);',
    ) == ("\n\n", "x = 1\n\ny = 2", "")


def test_a_live_check_on_one_line_is_left_out_too() -> None:
    assert _read('from grader.notebook import Check; check = Check("a")\ncheck()') == ("\n",)


def test_a_check_of_the_students_own_stays() -> None:
    cells = ("def check(x):\n    return x", "check(1)", "check = Check(1)")
    assert _read(*cells) == cells


def test_what_only_looks_like_a_live_check_stays() -> None:
    begin = "from grader.notebook import Check\ncheck = Check('a')"
    rest = ("y = check('forward')", "if y:\n    check('forward')", "check('a') + check('b')", "checked('a')")
    assert _read(begin, *rest) == ("\n", *rest)
