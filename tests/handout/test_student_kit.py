"""The check bundle: it needs NumPy alone, knows no reference, and tells the two claims on a gradient apart."""

from __future__ import annotations

import ast
import json
import math
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from handout_leaks import ASSIGNMENTS, SHIPPED

from grader.handout import student_check

WITH_CODE = tuple(name for name in SHIPPED if any(ASSIGNMENTS.glob(f"{name}/solution*")))
SOLUTION = (ASSIGNMENTS / "skip_network" / "solution.py").read_text(encoding="utf-8")


def _run(folder: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-B", "-W", "error", "check.py", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


@pytest.fixture
def work(handouts: Path, tmp_path: Path) -> Callable[[str], tuple[int, str]]:
    """Return a way to check a text as one's work on the skip network."""

    def checked(text: str) -> tuple[int, str]:
        folder = shutil.copytree(handouts / "skip_network", tmp_path / "work")
        (folder / "skip_network.py").write_text(text, encoding="utf-8")
        return _run(folder)

    return checked


def _rows(printed: str, heading: str) -> dict[str, str]:
    """Return the verdicts of one table by quantity."""
    table = printed.partition(f"{heading}\n")[2].partition("\n\n")[0]
    lines = [line.split("   ") for line in table.splitlines()[1:]]
    return {cells[0].strip(): next(cell.strip() for cell in cells[1:] if cell.strip()) for cells in lines}


WORKED, OWN = "The case of the task", "Your gradients, against differences of your own forward pass"


def test_it_imports_numpy_and_the_standard_library_alone() -> None:
    tree = ast.parse(Path(student_check.__file__).read_text(encoding="utf-8"))
    names = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert names - set(sys.stdlib_module_names) == {"numpy"}


@pytest.mark.parametrize("name", WITH_CODE)
def test_the_solution_passes(handouts: Path, tmp_path: Path, name: str) -> None:
    folder = shutil.copytree(handouts / name, tmp_path / name)
    solution = ASSIGNMENTS / name / "solution"
    if solution.is_dir():
        shutil.copytree(solution, folder, dirs_exist_ok=True)
    else:
        shutil.copy2(solution.with_suffix(".py"), folder / f"{name}.py")
    code, printed = _run(folder)
    assert code == 0, printed
    assert printed.endswith("No mistake was found here; marking uses other cases.\n")
    assert "undecided" not in printed


def test_an_untouched_hand_out_is_not_yet_written(handouts: Path) -> None:
    code, printed = _run(handouts / "skip_network")
    assert code == 1
    assert set(_rows(printed, WORKED).values()) == {"missing"}
    assert "`backward` is not yet written" in printed
    assert OWN not in printed


def test_a_wrong_gradient_of_a_right_forward_pass_does_not_fit(
    work: Callable[[str], tuple[int, str]],
) -> None:
    """The skip path is dropped: dL/dh0 is wrong and what comes of it, the weight w0 after a step of one's own included."""
    code, printed = work(SOLUTION.replace("d_z2 * ws + d_z1 * w1", "d_z1 * w1"))
    assert code == 1
    wrong = {name for name, verdict in _rows(printed, WORKED).items() if verdict == "wrong"}
    assert wrong == {"dL/dh0", "dL/dz0", "dL/dw0", "w0_new"}
    assert _rows(printed, OWN) == {
        "dL/dw0": "does not fit",
        "dL/dw1": "fits",
        "dL/dw2": "fits",
        "dL/dws": "fits",
    }


def test_a_right_gradient_of_a_wrong_forward_pass_fits_and_the_forward_pass_is_wrong(
    work: Callable[[str], tuple[int, str]],
) -> None:
    """The loss is halved, in both directions."""
    text = SOLUTION.replace("return abs(y - y_hat)", "return abs(y - y_hat) / 2").replace(
        'd_y_hat = -sign(y - node["y_hat"])', 'd_y_hat = -sign(y - node["y_hat"]) / 2'
    )
    code, printed = work(text)
    assert code == 1
    assert set(_rows(printed, OWN).values()) == {"fits"}
    worked = _rows(printed, WORKED)
    assert (worked["y_hat"], worked["L"], worked["dL/dw0"]) == ("correct", "wrong", "wrong")
    assert "The first that is not correct: L." in printed


def test_a_function_that_raises_is_told_with_its_line_and_the_rest_is_checked(
    work: Callable[[str], tuple[int, str]],
) -> None:
    code, printed = work(SOLUTION.replace("return abs(y - y_hat)", "return abs(y - y_hut)"))
    assert code == 1
    line = SOLUTION.splitlines().index("    return abs(y - y_hat)") + 1
    assert f"`loss` raised NameError: name 'y_hut' is not defined (skip_network.py, line {line})" in printed
    assert _rows(printed, WORKED)["dL/dw0"] == "correct"


def test_a_file_that_python_cannot_run_is_told_with_its_line(work: Callable[[str], tuple[int, str]]) -> None:
    code, printed = work("x = 1\nraise ValueError('no')\n")
    assert code == 2
    assert "error: ValueError: no (skip_network.py, line 2)" in printed


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def f(:\n", "SyntaxError: invalid syntax (skip_network.py, line 1)"),
        (
            "import numpy as np\nnp.linalg.inv(np.zeros((2, 3)))\n",
            "LinAlgError: Last 2 dimensions of the array must be square (skip_network.py, line 2)",
        ),
        ("import sys\nsys.exit(0)\n", "SystemExit: 0 (skip_network.py, line 2)"),
    ],
    ids=["not Python", "raised inside NumPy", "ends Python"],
)
def test_a_file_that_cannot_be_run_is_told_with_the_students_line_and_never_passes(
    work: Callable[[str], tuple[int, str]], text: str, said: str
) -> None:
    """Neither a line of NumPy's nor of the import machinery's helps anybody."""
    code, printed = work(text)
    assert (code, printed.splitlines()[0]) == (2, f"error: {said}")


def test_a_notebook_is_checked_without_its_own_check_cells(handouts: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(handouts / "skip_network", tmp_path / "work")
    document = json.loads((folder / "skip_network.ipynb").read_text(encoding="utf-8"))
    document["cells"].append(
        {"cell_type": "code", "source": f"%matplotlib inline\n{SOLUTION.partition('annotations')[2]}"}
    )
    (folder / "mine.ipynb").write_text(json.dumps(document), encoding="utf-8")
    code, printed = _run(folder, "mine.ipynb")
    assert code == 0, printed


def test_a_file_that_is_not_there_is_an_error(handouts: Path) -> None:
    assert _run(handouts / "skip_network", "nobody.py")[0] == 2


@pytest.mark.parametrize("name", WITH_CODE)
def test_no_value_is_expected_on_anything_but_the_case_of_the_task(handouts: Path, name: str) -> None:
    data = json.loads((handouts / name / "check_data.json").read_text(encoding="utf-8"))
    for gradient in data["gradients"]:
        assert set(gradient) == {"backward", "forward", "loss", "by", "by_quantity", "points"}
        functions = [gradient["backward"], *gradient["forward"]]
        assert all("expected" not in function for function in functions)


# --------------------------------------------------------------------------------------------------------------
# Differences


def _slope(at: float, loss: Callable[[Any], float]) -> float:
    return student_check._slope(at, (), loss)


def test_a_difference_is_the_derivative_where_there_is_one() -> None:
    assert _slope(1.3, math.sin) == pytest.approx(math.cos(1.3), rel=1e-7)
    assert _slope(0.0, lambda x: x * x) == pytest.approx(0.0, abs=1e-7)


@pytest.mark.parametrize("kinked", [abs, lambda x: max(x, 0.0), lambda x: 1.0 if x > 0 else 0.0])
def test_on_a_kink_nothing_is_decided(kinked: Callable[[float], float]) -> None:
    """Both step sizes agree on 0 for |x| and on 1/2 for relu: the sides tell."""
    assert math.isnan(_slope(0.0, kinked))


def test_a_step_across_a_kink_is_made_smaller() -> None:
    """The kink is 4e-6 away, nearer than the first step of 1e-5; left of it the slope is 3, right of it 1."""
    assert _slope(0.0, lambda x: 3.0 * x if x < 4e-6 else x + 8e-6) == pytest.approx(3.0, rel=1e-6)


def test_a_gradient_is_undecided_only_where_every_entry_is() -> None:
    at = np.array([0.0, 2.0])
    right = student_check._fits("g", np.array([7.0, 1.0]), at, lambda x: float(np.abs(x).sum()))
    wrong = student_check._fits("g", np.array([7.0, 1.1]), at, lambda x: float(np.abs(x).sum()))
    alone = student_check._fits("g", np.array([7.0]), at[:1], lambda x: float(np.abs(x).sum()))
    assert (right.verdict, wrong.verdict, alone.verdict) == ("fits", "does not fit", "undecided")


def test_a_gradient_of_another_shape_does_not_fit() -> None:
    row = student_check._fits("g", np.ones((2, 1)), np.ones(2), lambda x: float(np.sum(x)))
    assert row.verdict == "does not fit"
    assert "(2, 1)" in row.reason
