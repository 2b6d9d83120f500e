"""A course's folder, graded by pytest once through the installed command, for several tests to look at."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from corpus import CORPORA, CORPUS
from installed import once
from pytest_runs import JUNIT, Run, run

HOSTILE = r"""
print("\x1b[31mred\x1b[0m \x07 ]]> <b>bold</b> [bold red]rich[/] ##[error]")


def forward(x, w0, w1, w2, ws):
    raise ValueError("\x1b[2J\x00\ud800 ]]> <script>alert(1)</script> \u202e [red]x[/red]\n::error::y\r" + "z" * 9000)
"""
"""Code whose messages and prints hold what breaks terminals, JUnit files and markup."""


def _make(root: Path) -> None:
    folder = root / "Übung 3"
    (folder / "mein code").mkdir(parents=True)
    for path in (
        "correct/tuples.py",
        "correct/notebook.ipynb",
        "wrong/skip_path_dropped.py",
        "missing/no_update.py",
        "failed/raises_in_backward.py",
        "unreadable/half_a_function.py",
    ):
        shutil.copy(CORPUS / path, folder)
    shutil.copytree(CORPUS / "correct" / "two_files", folder / "two_files")
    (folder / "mein code" / "hostile.py").write_text(HOSTILE, encoding="utf-8")
    names = sorted(path.name for path in folder.iterdir() if path.name != "mein code")
    done = run(folder, "--grade", "skip_network", *names, "mein code/hostile.py", "-ra", "--junitxml", JUNIT)
    Run(folder=folder, code=done.code, out=done.out, err=done.err).save()


@pytest.fixture(scope="session")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return the run over a file, a folder or a notebook for each kind of outcome. Not to be changed."""
    return Run.load(once(tmp_path_factory, "pytest-plugin", _make) / "Übung 3")


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return the run over some derivations. Not to be changed."""

    def make(root: Path) -> None:
        corpus = CORPORA["skip_network_by_hand"].folder
        names = [
            "wrong/value_for_the_mask.md",
            "mixed/a_line_that_cannot_be_read.md",
            "awaiting/only_a_scan.pdf",
        ]
        files = [shutil.copy(corpus / name, root) for name in names]
        done = run(root, "--grade", "skip_network_by_hand", *map(Path, files), "-ra", "--junitxml", JUNIT)
        Run(folder=root, code=done.code, out=done.out, err=done.err).save()

    return Run.load(once(tmp_path_factory, "pytest-written", make))
