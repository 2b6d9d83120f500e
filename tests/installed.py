"""The installed `grader` command, called as a user calls it, and work that is done once for a whole test run."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

GRADER = Path(sys.executable).parent / "grader"
TIMEOUT_S = 600
_OURS = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "TTY_", "COLUMNS", "LINES", "GRADER", "PYTEST", "COV")
"""Starts of variables that would change what the command prints."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """What came of one call."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on standard output; anything beside it is an error."""
        return json.loads(self.out)


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a call: ours without what would change the output, and more."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return {**kept, **more}


def call(
    *arguments: str | Path, folder: Path | None = None, variables: Mapping[str, str] | None = None
) -> Done:
    """Call the installed command, off a terminal, and wait for its end."""
    return call_with([GRADER], *arguments, folder=folder, variables=variables)


def call_with(
    command: list[str | Path],
    *arguments: str | Path,
    folder: Path | None = None,
    variables: Mapping[str, str] | None = None,
) -> Done:
    """Call a command that stands for the installed one."""
    done = subprocess.run(
        [*command, *arguments],
        cwd=folder,
        env=environment(**(variables or {})),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    return Done(code=done.returncode, out=done.stdout, err=done.stderr)


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder that `make` filled once, for all workers of the test run; the others wait."""
    root = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    folder, finished = root / name, root / f"{name}.finished"
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not finished.exists():
            folder.mkdir(exist_ok=True)
            make(folder)
            finished.touch()
    return folder


def results(out: Path) -> dict[str, dict[str, Any]]:
    """Return the result files of an output folder by student."""
    documents = [json.loads(path.read_text(encoding="utf-8")) for path in (out / "results").iterdir()]
    return {document["student"]: document for document in documents}


def without_measurements(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a result without what differs from run to run: time and memory."""
    return {key: value for key, value in document.items() if key not in ("seconds", "peak_memory_mib")}
