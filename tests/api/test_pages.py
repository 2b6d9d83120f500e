"""What the README and the page for other tools show runs as it stands there, and says what it says there."""

from __future__ import annotations

import contextlib
import io
import re
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click import Context
from corpus import ASSIGNMENTS
from IPython.core.interactiveshell import InteractiveShell

from grader.cli import cli
from grader.errors import ExitCode
from grader.schema import NAMES

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "other_tools.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
CORPUS = ASSIGNMENTS / "skip_network" / "submissions"


def block(page: str, holding: str) -> str:
    [found] = [code for code in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if holding in code]
    return str(found)


def of_other(folder: Path, program: str, submission: str) -> str:
    """Run a program beside a submission named alice.py, as its user would."""
    shutil.copy(CORPUS / submission, folder / "alice.py")
    (folder / "program.py").write_text(program, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "program.py"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("page", [README, PAGE], ids=["README", "page"])
def test_the_ten_lines_print_points_and_first_mistake(page: str, tmp_path: Path) -> None:
    """By hand: of `forward` (3 points) L is not given, 3/7; of `gradients` one of four is lost; nothing of `update` is there."""
    program = block(page, "from alice import")
    assert len([line for line in program.splitlines() if line.strip()]) <= 10
    printed = of_other(tmp_path, program, "wrong/w1_for_ws_in_dh0.py")
    points, _, full, *rest = printed.split()
    assert float(points) == pytest.approx(3.0 * 6 / 7 + 3.0)
    assert (full, rest) == ("10.0", ["first", "mistake:", "dL/dh0"])


# --------------------------------------------------------------------------------------------------------------
# nbgrader


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    shell: Any = InteractiveShell.instance()
    yield shell
    shell.history_manager.end_session()
    InteractiveShell.clear_instance()


def _as_text(message: Warning | str, category: type[Warning], *_where: object) -> None:
    """Show a warning as a kernel does; pytest would keep it for itself."""
    sys.stderr.write(f"{category.__name__}: {message}\n")


CELL = block(PAGE, "redirect_stderr")


def score(shell: Any, submission: str, cell: str = CELL, most: float = 4.0) -> float:
    """Score the cell after a submission as nbgrader does (`determine_grade` and `get_partial_grade` in its `utils.py`)."""
    assert shell.run_cell(submission).success
    errors = io.StringIO()
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(errors),
    ):
        warnings.simplefilter("always")
        warnings.showwarning = _as_text  # type: ignore[assignment]  # the place is not shown
        done = shell.run_cell(cell)
    if not done.success or errors.getvalue():
        return 0.0
    shown, _ = shell.display_formatter.format(done.result)
    try:
        partial = float(shown["text/plain"])
    except ValueError:
        return most
    assert partial <= most, "an error to nbgrader"
    return partial if partial >= 0 else most


@pytest.mark.parametrize(
    ("submission", "points"),
    [
        ("correct/plain_dicts.py", 4.0),
        ("correct/numpy_scalars.py", 4.0),
        ("wrong/w1_for_ws_in_dh0.py", 3.0),
        ("wrong/nan_at_the_kink.py", 3.0),
        ("wrong/zero_gradients.py", 0.0),
    ],
)
def test_the_cell_gives_nbgrader_the_points_worked_out_by_hand(
    shell: Any, submission: str, points: float
) -> None:
    """One of them makes NumPy warn, which would else be zero points."""
    assert score(shell, (CORPUS / submission).read_text(encoding="utf-8")) == points


def test_without_its_redirection_the_cell_would_give_nothing_for_a_warning(shell: Any) -> None:
    """So that the claim above claims something."""
    submission = (CORPUS / "wrong" / "nan_at_the_kink.py").read_text(encoding="utf-8")
    bare = CELL.replace("contextlib.redirect_stderr(io.StringIO())", "contextlib.nullcontext()")
    assert bare != CELL
    assert score(shell, submission, bare) == 0.0


def test_the_cell_gives_nothing_for_code_that_raises(shell: Any) -> None:
    assert score(shell, "def backward(*values):\n    raise NotImplementedError") == 0.0


def test_the_cell_gives_nothing_for_the_worked_case_by_heart(shell: Any) -> None:
    by_heart = (
        "def backward(x, *rest):\n"
        "    return {'w0': 0.75, 'w1': 0.25, 'w2': 0.25, 'ws': 0.5} if rest[0] == -3.0 else {}"
    )
    assert score(shell, by_heart) == 0.0


# --------------------------------------------------------------------------------------------------------------
# Names


def test_every_schema_and_exit_code_is_on_the_page() -> None:
    rows = re.findall(r"^\| `?(\w+)`? \|", PAGE, re.MULTILINE)
    assert set(NAMES) <= set(rows)
    assert {str(code.value) for code in ExitCode} <= set(rows)


def test_the_commands_on_the_page_are_commands() -> None:
    named = set(
        re.findall(
            r"grader ([a-z]+)\b(?! [a-z]+ are)",
            " ".join(re.findall(r"`[^`\n]+`|^\$ .*$", PAGE, re.MULTILINE)),
        )
    )
    assert (
        {"check", "show", "list", "schema", "completion", "grade"}
        <= named
        <= set(cli.list_commands(Context(cli)))
    )
