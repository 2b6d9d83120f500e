"""`grader handout`: complete to work in, nothing of the solution left, and never over what somebody wrote."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from pathlib import Path

import nbformat
import pytest
from handout_leaks import ASSIGNMENTS, SHIPPED, solution_lines, texts
from installed import call

WITH_CODE = tuple(name for name in SHIPPED if any(ASSIGNMENTS.glob(f"{name}/solution*")))
ROOT = ASSIGNMENTS.parent


def test_a_hand_out_has_the_code_a_notebook_the_task_and_a_page_on_checking(handouts: Path) -> None:
    assert sorted(texts(handouts / "skip_network")) == [
        "README.md",
        "check.py",
        "check_data.json",
        "skip_network.ipynb",
        "skip_network.py",
        "task.md",
    ]


def test_a_hand_out_names_files_after_the_assignment_and_says_what_it_wrote(tmp_path: Path) -> None:
    done = call("handout", "softmax_sheet", "-o", "out", folder=tmp_path)
    assert done.code == 0, done.err
    assert done.out.split() == [
        *["A", "softmax", "classifier", "of", "two", "layers,", "by", "hand:", "out"],
        *("softmax_sheet.ipynb", "softmax_sheet.md", "softmax_sheet.tex", "task.md", "README.md"),
    ]


def test_data_that_the_task_speaks_of_are_in_the_hand_out(handouts: Path) -> None:
    assert {path.name for path in (handouts / "mlp_lab").glob("*.npz")} == {"digits.npz", "spirals.npz"}


@pytest.mark.parametrize("name", WITH_CODE)
def test_no_line_of_the_solution_is_left(handouts: Path, name: str) -> None:
    lines = solution_lines(name)
    assert len(lines) >= 5
    found = [
        f"{file}: {line}"
        for file, text in texts(handouts / name).items()
        for line in lines
        if file != "check.py" and line in text  # that program is the same for all
    ]
    assert found == []


def test_a_line_of_the_solution_that_is_left_would_be_found() -> None:
    assert "d_h0 = d_z2 * ws + d_z1 * w1" in solution_lines("skip_network")
    assert any("steepest descent" in line for line in solution_lines("numpy_modules"))


@pytest.mark.parametrize("name", SHIPPED)
def test_no_file_names_a_folder_of_this_machine_or_the_reference(handouts: Path, name: str) -> None:
    for file, text in texts(handouts / name).items():
        assert str(ROOT) not in text, file
        assert "reference." not in text, file
        assert "BEGIN SOLUTION" not in text, file


@pytest.mark.parametrize("name", WITH_CODE)
def test_the_modules_can_be_imported(handouts: Path, name: str) -> None:
    folder = handouts / name
    modules = [
        path.relative_to(folder).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
        for path in sorted(folder.rglob("*.py"))
    ]
    assert modules
    done = subprocess.run(
        [sys.executable, "-W", "error", "-B", "-c", "; ".join(f"import {module}" for module in modules)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", SHIPPED)
def test_the_notebook_is_valid_and_names_each_cell(handouts: Path, name: str) -> None:
    text = (handouts / name / f"{name}.ipynb").read_text(encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        notebook = nbformat.reads(text, as_version=4)
        nbformat.validate(notebook)
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids) > 2
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)


def _cells(handouts: Path, name: str) -> list[str]:
    document = json.loads((handouts / name / f"{name}.ipynb").read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in document["cells"]]


def test_each_function_has_a_cell_and_each_question_a_check_behind_its_cells(handouts: Path) -> None:
    starts = [
        cell.split("(")[0]
        for cell in _cells(handouts, "skip_network")
        if cell.startswith(("def ", "check(", "from grader"))
    ]
    assert starts == [
        "from grader.notebook import Check\n\ncheck = Check",
        *("def relu", "def sign"),
        *("def forward", "def loss", "check"),
        *("def backward", "check"),
        *("def update", "def step", "check"),
    ]
    checks = [cell for cell in _cells(handouts, "skip_network") if cell.startswith("check(")]
    assert checks == ['check("forward")', 'check("gradients")', 'check("update")']


@pytest.mark.parametrize("name", WITH_CODE)
def test_the_cells_of_a_notebook_run_in_their_order(handouts: Path, name: str) -> None:
    """Those with functions and imports; the checks need the grader."""
    cells = [
        cell
        for cell in json.loads((handouts / name / f"{name}.ipynb").read_text())["cells"]
        if cell["cell_type"] == "code"
    ]
    names: dict[str, object] = {"__name__": "__main__"}
    for cell in cells:
        text = "".join(cell["source"])
        if "check" not in cell["id"] or cell["id"] == "check_gradients":
            exec(compile(text, cell["id"], "exec"), names)
    assert len(names) > 5


def test_docstrings_with_shapes_stay(handouts: Path) -> None:
    text = (handouts / "two_layer_net" / "two_layer_net.py").read_text(encoding="utf-8")
    assert "ndarray of shape (N, M)" in text
    assert text.count('raise NotImplementedError("not yet written")') == 7


def test_headings_for_answers_in_words_are_made_where_the_author_wrote_none(handouts: Path) -> None:
    text = (handouts / "mlp_lab" / "mlp_lab.md").read_text(encoding="utf-8")
    assert text == "# Backpropagation with layer classes\n\n## Learning rates\n\n## Weight amplitudes\n"


def test_the_page_on_checking_says_how_and_that_marking_uses_other_cases(handouts: Path) -> None:
    text = (handouts / "skip_network" / "README.md").read_text(encoding="utf-8")
    for said in (
        "grader check skip_network.py -a skip_network",
        'check("...")',
        "python check.py",
        "| `follows` |",
        "Marking uses other cases",
    ):
        assert said in text


PRIVATE = """
schema = 1
title = "One neuron"
network = "network.py:neuron"
inputs = ["x"]
targets = ["y"]
parameters = ["w"]

[functions.forward]
arguments = ["x", "w"]
returns = ["z"]

[[questions]]
id = "forward"
functions = ["forward"]
points = 3

[cases]
ranges = { x = [-2.0, 2.0], w = [-1.5, 1.5], y = [-1.0, 1.0], lr = [0.1, 0.9] }
"""
NETWORK = "from reference.operations import square\n\n\ndef neuron(n):\n    n.z = n.w * n.x\n    n.L = square(n.z - n.y)\n"
SOLUTION = "def forward(x, w):\n    # BEGIN SOLUTION\n    return {'z': w * x}\n    # END SOLUTION\n"


@pytest.fixture
def private(tmp_path: Path) -> Path:
    """An assignment that does not ship with the grader."""
    folder = tmp_path / "week 3"
    folder.mkdir()
    (folder / "assignment.toml").write_text(PRIVATE, encoding="utf-8")
    (folder / "network.py").write_text(NETWORK, encoding="utf-8")
    (folder / "solution.py").write_text(SOLUTION, encoding="utf-8")
    return folder


def test_students_of_an_assignment_that_does_not_ship_are_sent_to_no_command_that_cannot_find_it(
    private: Path,
) -> None:
    done = call("handout", private.name, "-o", "out", "--student-kit", folder=private.parent)
    assert done.code == 0, done.err
    found = texts(private.parent / "out")
    assert {"week_3.py", "week_3.ipynb", "README.md", "check.py", "check_data.json"} == set(found)
    assert "grader" not in found["week_3.ipynb"] + found["README.md"]
    assert "python check.py" in found["README.md"]


def test_a_solution_without_markers_is_not_handed_out(private: Path) -> None:
    (private / "solution.py").write_text("def forward(x, w):\n    return {'z': w * x}\n", encoding="utf-8")
    done = call("handout", private.name, "-o", "out", folder=private.parent)
    assert done.code == 2
    assert "week 3: there is no code to hand out" in done.err
    assert "BEGIN SOLUTION" in done.err
    assert not (private.parent / "out").exists()


def test_a_marker_that_is_not_closed_is_told_with_file_and_line(private: Path) -> None:
    (private / "solution.py").write_text(SOLUTION.replace("END", "IN"), encoding="utf-8")
    done = call("handout", private.name, "-o", "out", folder=private.parent)
    assert done.code == 2
    assert "solution.py: line 2: the solution that begins here never ends" in done.err


def test_what_differs_is_named_and_not_written_over(private: Path) -> None:
    out = private.parent / "out"
    assert call("handout", private.name, "-o", "out", folder=private.parent).code == 0
    mine = out / "week_3.py"
    mine.write_text("mine\n", encoding="utf-8")
    (out / "notes.txt").write_text("mine too\n", encoding="utf-8")
    refused = call("handout", private.name, "-o", "out", folder=private.parent)
    assert refused.code == 2
    assert "out holds other files of these names: week_3.py\n" in refused.err
    assert mine.read_text(encoding="utf-8") == "mine\n"
    assert call("handout", private.name, "-o", "out", "--force", folder=private.parent).code == 0
    assert "not yet written" in mine.read_text(encoding="utf-8")
    assert (out / "notes.txt").read_text(encoding="utf-8") == "mine too\n"


def test_writing_the_same_again_is_no_error(private: Path) -> None:
    for _ in range(2):
        assert call("handout", private.name, "-o", "out", folder=private.parent).code == 0


def test_a_file_is_no_folder_to_write_into(private: Path) -> None:
    (private.parent / "out").write_text("", encoding="utf-8")
    done = call("handout", private.name, "-o", "out", folder=private.parent)
    assert done.code == 2
    assert "out is not a folder" in done.err
