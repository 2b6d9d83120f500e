"""Copies of shipped assignments with one fault planted into each, and what `grader validate` says of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from installed import Done, call

from grader.assignment_file import read, shipped_folder
from grader.sandbox import Runner
from grader.session import session
from grader.validation.ground import Ground

SMALL = "softmax_cross_entropy"


def copy_of(name: str, folder: Path, *, corpus: bool = False) -> Path:
    """Copy an assignment, without its submissions unless they are wanted: they take most of the time."""
    place = folder / name
    unwanted = shutil.ignore_patterns("__pycache__", *([] if corpus else ["submissions"]))
    shutil.copytree(shipped_folder() / name, place, ignore=unwanted)
    return place


def exchange(file: Path, old: str, new: str, *, count: int = 1) -> None:
    """Change a file, which must hold what is changed."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) >= count, f"{file.name} has no {old!r}"
    file.write_text(text.replace(old, new), encoding="utf-8")


def validated(folder: Path, *, mutants: int = 2) -> tuple[Done, Mapping[str, Mapping[str, Any]]]:
    """Validate a folder; the proofs by name."""
    done = call("validate", folder, "--json", "-j", "1", "--mutants", str(mutants))
    document = done.document
    assert document["sound"] is (done.code == 0)
    return done, {proof["name"]: proof for proof in document["proofs"]}


def failing(proofs: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Return the names of the proofs that fail."""
    return {name for name, proof in proofs.items() if proof["outcome"] == "fails"}


@contextmanager
def ground_of(folder: Path) -> Iterator[Ground]:
    """Open a sandbox for what a folder asks; only its solution and its hand-out are run, so that it takes a second."""
    assignment = read(folder)
    with Runner() as runner:
        yield Ground(
            assignment=assignment,
            session=session(assignment, "seed 1"),
            run=runner.run,
            isolation=runner.isolation.level.value,
            tell=lambda _text: None,
        )
