"""Classes that several tests look at, graded once through the installed command."""

from __future__ import annotations

from pathlib import Path

import pytest
from classes import GradedClass, odd_class, small_class
from installed import call, once

SEED = "7"


def _grade(root: Path, folder: Path, out: Path, *options: str) -> None:
    done = call("grade", "skip_network", folder, "-o", out, "--seed", SEED, *options)
    assert done.code == 0, done.err
    (root / "printed").write_text(done.out)
    (root / "errors").write_text(done.err)


def _graded(root: Path, folder: str, out: str) -> GradedClass:
    return GradedClass(
        folder=root / folder,
        out=root / out,
        printed=(root / "printed").read_text(),
        errors=(root / "errors").read_text(),
    )


@pytest.fixture(scope="session")
def odd(tmp_path_factory: pytest.TempPathFactory) -> GradedClass:
    """Return the class of odd things, graded by two workers into a folder inside it. Not to be changed."""

    def make(root: Path) -> None:
        folder = odd_class(root / "class")
        _grade(root, folder, folder / "graded", "-j", "2")

    return _graded(once(tmp_path_factory, "odd", make), "class", "class/graded")


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> GradedClass:
    """Return the ordinary class of four, graded. Not to be changed."""

    def make(root: Path) -> None:
        _grade(root, small_class(root / "class"), root / "out")

    return _graded(once(tmp_path_factory, "small", make), "class", "out")
