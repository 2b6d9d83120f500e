"""The wheel holds what a course needs, and works in a folder whose files have our names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ASSIGNMENTS = ROOT / "assignments"
BIN = "Scripts" if os.name == "nt" else "bin"

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("wheel")]


def _run(command: Sequence[str | Path], folder: Path) -> str:
    """Run a command in a folder, free of the environment of the tests; return what it printed."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "VIRTUAL_ENV", "PYTEST", "COV", "GRADER"))
    }
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    _run([sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT], folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an environment of its own and return its `grader`."""
    folder = tmp_path_factory.mktemp("an environment with spaces") / "venv"
    _run([sys.executable, "-m", "venv", folder], folder.parent)
    _run([folder / BIN / "python", "-m", "pip", "install", "--quiet", wheel], folder.parent)
    return folder / BIN / "grader"


@pytest.fixture(params=["an empty folder", "a folder of the course"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return a folder to work in: empty, or full of names that are ours too."""
    if request.param == "a folder of the course":
        for name in ("assignments", "reference", "tests"):
            (tmp_path / name).mkdir()
        theirs = 'raise SystemExit("the course\'s own file")\n'
        for name in ("grader.py", "numpy.py", "reference/__init__.py", "tests/__init__.py"):
            (tmp_path / name).write_text(theirs, encoding="utf-8")
        (tmp_path / "assignments" / "skip_network").mkdir()
        (tmp_path / "assignments" / "skip_network" / "assignment.toml").write_text(
            "not TOML", encoding="utf-8"
        )
    return tmp_path


def _names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}


def test_the_wheel_holds_the_two_packages_and_nothing_else(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in _names(wheel)}
    (information,) = (name for name in tops if name.endswith(".dist-info"))
    assert tops == {"grader", "reference", information}


def test_the_wheel_holds_every_file_of_the_assignments_and_of_the_packages(wheel: Path) -> None:
    names = _names(wheel)
    assert "grader/assignments/skip_network/assignment.toml" in names
    wanted = {f"grader/assignments/{path}" for path in _files_under(ASSIGNMENTS)}
    wanted |= {
        f"{package}/{path}" for package in ("grader", "reference") for path in _files_under(ROOT / package)
    }
    assert len(wanted) > 200
    assert {name for name in names if ".dist-info/" not in name} == wanted


def _files_under(folder: Path) -> set[str]:
    """Return the files of a folder, hidden and odd ones too, without what interpreters leave."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_installed_command_lists_the_assignments(command: Path, folder: Path) -> None:
    assert "skip_network" in _run([command, "list"], folder)


def test_the_installed_command_shows_the_worked_case(command: Path, folder: Path) -> None:
    document = json.loads(_run([command, "show", "skip_network", "--json"], folder))
    values = {entry["name"]: entry["value"] for entry in document["quantities"]}
    # By hand: h0 = 1/2, h1 = 1/4, y_hat = 1/4 + 1/8, L = 3 + 3/8; dL/dw0 = ws + w1 w2 = 3/4.
    assert values["y_hat"] == pytest.approx(0.375)
    assert values["L"] == pytest.approx(3.375)
    assert values["dL/dw0"] == pytest.approx(0.75)
    assert values["w0_new"] == pytest.approx(-0.25)


def test_the_installed_command_grades_the_sample_class(command: Path, folder: Path) -> None:
    printed = _run([command, "demo"], folder)
    out = folder / "grader-demo"
    grades = (out / "grades.csv").read_text(encoding="utf-8").splitlines()
    students = len(grades) - 1
    assert "index.html" in printed
    assert (out / "index.html").is_file()
    assert students > 100
    for files in ("results/*.json", "reports/*.html", "reports/*.md"):
        assert len(list(out.glob(files))) == students
    for name, points, text in (
        ("skip_network_by_hand/two_small_slips", (1.853, 1.952), "a factor is missing"),
        ("mlp_lab_report/sign_of_the_gradient", (1.0, 0.0, 1.0), "the sign is flipped"),
    ):
        assignment, student = name.split("/")
        document = json.loads((out / assignment / "results" / f"{student}.json").read_text(encoding="utf-8"))
        written = [question["points"] for question in document["questions"] if question["quantities"]]
        assert written == pytest.approx(points, abs=1e-3)
        assert text in (out / assignment / "reports" / f"{student}.md").read_text(encoding="utf-8")
        assert str(Path("grader-demo") / assignment / "index.html") in printed
