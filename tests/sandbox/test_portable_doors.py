"""The command where there is no fork, no `resource` and no UTF-8 console, in folders with spaces and letters beyond ASCII.

There is no Windows here: the grader's modules are made to see one (`pretended_windows`), and consoles get another encoding.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from installed import TIMEOUT_S, environment

ASSIGNMENTS = Path(__file__).resolve().parents[2] / "assignments"
PRETENDED = Path(__file__).with_name("pretended_windows.py")
CORPUS = ASSIGNMENTS / "skip_network" / "submissions"
DERIVATION = ASSIGNMENTS / "skip_network_by_hand" / "submissions" / "mixed" / "two_small_slips.md"
STRICT = ("-X", "warn_default_encoding", "-W", "error::EncodingWarning:grader")
"""A file read in the encoding of the machine would be read differently elsewhere."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Students' folders have such names."""
    folder = tmp_path / "Übung 3" / "mein code"
    folder.mkdir(parents=True)
    return folder


def run(folder: Path, *arguments: str | Path, encoding: str = "cp1252") -> tuple[int, str, str]:
    """Run Python there, as if on Windows, with a console of an encoding."""
    done = subprocess.run(
        [sys.executable, *STRICT, PRETENDED, *arguments],
        cwd=folder,
        env=environment(PYTHONIOENCODING=encoding, IPYTHONDIR=str(folder / "ipython")),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    return done.returncode, done.stdout.decode(encoding), done.stderr.decode(encoding)


def test_a_file_with_an_odd_name_is_checked_on_a_console_of_cp1252(folder: Path) -> None:
    shutil.copy(CORPUS / "wrong" / "skip_path_left_out.py", folder / "Lösung (neu).py")
    code, out, err = run(folder, "-m", "grader", "check", "Lösung (neu).py")
    assert (code, err) == (1, "")
    assert out.startswith("A network with a skip connection: Lösung (neu).py\nFirst mistake: ")


def test_what_a_console_lacks_is_shown_as_an_escape(folder: Path) -> None:
    """Also what the student's code prints and raises, and what a derivation holds."""
    text = (
        "def forward(x, w0, w1, w2, ws):\n    print('→ ∂L/∂w')\n    raise ValueError('größer als ∞')\n"
        "def backward(x, y, w0, w1, w2, ws):\n    return {'w0': 'nichts 🙃'}\n"
    )
    (folder / "lösung.py").write_text(text, encoding="utf-8")
    code, out, err = run(folder, "-m", "grader", "check", "lösung.py", encoding="ascii")
    assert code == 1, err
    assert "l\\xf6sung.py" in out
    assert "gr\\xf6\\xdfer als \\u221e" in out
    shutil.copy(DERIVATION, folder / "ableitung ∂.md")
    code, out, err = run(folder, "-m", "grader", "check", "ableitung ∂.md")
    assert code == 1, err
    assert "ableitung \\u2202.md" in out


def test_an_error_names_the_file_on_any_console(folder: Path) -> None:
    code, _, err = run(folder, "-m", "grader", "check", "fehlt → hier.py", encoding="ascii")
    assert code == 2
    assert "fehlt \\u2192 hier.py" in err
    assert "internal" not in err


def test_json_is_ascii_whatever_the_console(folder: Path) -> None:
    shutil.copy(ASSIGNMENTS / "skip_network" / "solution.py", folder / "übung.py")
    code, out, _ = run(folder, "-m", "grader", "check", "übung.py", "--json", encoding="ascii")
    [checked] = json.loads(out)["checks"]
    assert (code, checked["student"], checked["environment"]["isolation"]) == (0, "übung", "process")


@pytest.mark.parametrize("arguments", [("show", "softmax_sheet"), ("doctor",)], ids=str)
def test_what_reads_no_submission_works_there_too(folder: Path, arguments: tuple[str, ...]) -> None:
    code, out, err = run(folder, "-m", "grader", *arguments, encoding="ascii")
    assert (code, err) == (0, "")
    assert out


def test_the_check_in_a_notebook_works_there(folder: Path) -> None:
    """In a real IPython shell, on the functions of a submission that leaves the skip path out of z2."""
    shutil.copy(CORPUS / "wrong" / "skip_path_left_out.py", folder / "lösung.py")
    program = """
        from pathlib import Path
        from IPython.core.interactiveshell import InteractiveShell

        shell = InteractiveShell.instance()
        shell.run_cell(Path("lösung.py").read_text(encoding="utf-8"))
        shell.run_cell("from grader.notebook import Check; check = Check('skip_network')")
        done = shell.run_cell("check('forward')")
        print(done.success)
        shell.history_manager.end_session()
    """
    (folder / "program.py").write_text(textwrap.dedent(program), encoding="utf-8")
    code, out, err = run(folder, "program.py")
    assert (code, err) == (0, "")
    assert "First mistake: z2" in out
    assert out.endswith("True\n")


@pytest.mark.slow
def test_a_class_is_graded_there_by_who_has_read_the_code(folder: Path) -> None:
    handed_in = folder / "Abgaben der Gruppe 2"
    handed_in.mkdir()
    shutil.copy(CORPUS / "correct" / "notebook.ipynb", handed_in / "Ägidius.ipynb")
    shutil.copy(CORPUS / "wrong" / "skip_path_left_out.py", handed_in / "Zoë.py")
    call = ("-m", "grader", "grade", "skip_network", handed_in, "-o", "Ergebnis ü", "-j", "2", "--seed", "1")
    code, _, err = run(folder, *call)
    assert code == 5
    assert "only `process` is in force here" in err
    assert "--trust-submissions" in err
    code, out, err = run(folder, *call, "--trust-submissions")
    assert code == 0, err
    assert out.startswith("2 graded, 0 unchanged\n")
    results = [
        json.loads(path.read_text(encoding="utf-8")) for path in (folder / "Ergebnis ü" / "results").iterdir()
    ]
    assert {entry["student"]: entry["first_mistake"] for entry in results} == {"Ägidius": None, "Zoë": "z2"}


@pytest.mark.slow
def test_the_demonstration_runs_there_and_says_how(folder: Path) -> None:
    """On a small class: all that ships takes a minute where each attempt is a process."""
    samples = folder / "assignments"
    for name in ("skip_network", "softmax_cross_entropy", "skip_network_by_hand", "mlp_lab_report"):
        shutil.copytree(ASSIGNMENTS / name, samples / name, ignore=shutil.ignore_patterns("submissions"))
    for name, path in (
        ("skip_network", "correct/plain_dicts.py"),
        ("skip_network", "wrong/ascent.py"),
        ("softmax_cross_entropy", "correct"),
        ("skip_network_by_hand", "mixed/two_small_slips.md"),
        ("mlp_lab_report", "mixed/sign_of_the_gradient.md"),
    ):
        source, target = ASSIGNMENTS / name / "submissions" / path, samples / name / "submissions" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target) if source.is_file() else shutil.copytree(source, target)
    [lab, *_] = sorted((samples / "softmax_cross_entropy" / "submissions" / "correct").iterdir())
    program = f"""
        from pathlib import Path
        import grader.assignment_file
        from grader.cli import course, main

        grader.assignment_file.shipped_folder = lambda: Path("assignments").resolve()
        course.DEMO_LAB, course.DEMO_FOLDERS = "softmax_cross_entropy", (f"correct/{lab.name}",)
        if __name__ == "__main__":  # workers are spawned there, and read this file again
            main(["demo", "-j", "1"])
    """
    (folder / "program.py").write_text(textwrap.dedent(program), encoding="utf-8")
    code, out, err = run(folder, "program.py")
    assert code == 0, err
    assert err.startswith(
        "isolation here: process (a process of its own with a time limit only; for trusted code). "
        "That is enough for these samples, which come with the grader; "
        "for code that nobody has read see `grader doctor`.\n"
    )
    assert "skip_network:\n2 graded, 0 unchanged\n" in out
    assert (folder / "grader-demo" / "index.html").is_file()


@pytest.mark.skipif(os.name == "nt", reason="shows what Windows lacks")
def test_what_is_pretended_to_be_missing_would_be_missed(folder: Path) -> None:
    """So that the claims above claim something."""
    program = """
        import sys
        from grader.sandbox import plain, process

        print(hasattr(process.os, "fork"), hasattr(process.os, "killpg"), sys.stdout.encoding)
        try:
            from grader.sandbox import limits
        except ModuleNotFoundError as error:
            print(error.name)
    """
    (folder / "program.py").write_text(textwrap.dedent(program), encoding="utf-8")
    code, out, err = run(folder, "program.py")
    assert (code, out) == (0, "False False cp1252\nresource\n"), err
