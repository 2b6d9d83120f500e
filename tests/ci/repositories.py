"""Repositories of students, and what GitHub leaves in the environment of a step."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from corpus import ASSIGNMENTS, CORPUS
from installed import Done, call

RIGHT = (CORPUS / "correct" / "tuples.py").read_text(encoding="utf-8")
WRONG = (CORPUS / "wrong" / "sign_flipped.py").read_text(encoding="utf-8")
"""`dL/dy_hat` has the wrong sign: 9 of 10 points; `backward` is defined in line 28."""


def repository(folder: Path, **files: str) -> Path:
    """Make a repository with a page, a test and a workflow, and files by their names with `__` for `/`, `_` for the dot."""
    texts = {
        "README.md": "# Exercise 1\n\ndL/dw0 = 12\n",
        "tests/test_solution.py": "from solution import forward\n\n\ndef backward():\n    raise SystemExit('not mine')\n",
        ".github/workflows/classroom.yml": "name: Autograding Tests\n",
        **{
            name.replace("__", "/").replace("_py", ".py").replace("_toml", ".toml"): text
            for name, text in files.items()
        },
    }
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def lab(folder: Path, submission: str) -> Path:
    """Make a repository of a submission of several files."""
    source = ASSIGNMENTS / submission
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
    return repository(folder)


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step that GitHub ran."""

    done: Done
    summary: str
    output: dict[str, str]

    @property
    def commands(self) -> list[str]:
        """Return what the runner obeys: lines outside of those that are stopped."""
        lines: list[str] = self.done.out.splitlines()
        begin = next(i for i, line in enumerate(lines) if line.startswith("::stop-commands::"))
        token = lines[begin].removeprefix("::stop-commands::")
        end = lines.index(f"::{token}::")
        return lines[:begin] + lines[end + 1 :]


def on_github(folder: Path, *arguments: str) -> Step:
    """Run `grader ci` in a repository as a step on GitHub."""
    files = {name: folder.parent / f"{folder.name}-{name}" for name in ("summary", "output")}
    done = call("ci", *arguments, folder=folder, variables=github_variables(folder, files))
    return Step(done=done, summary=text_of(files["summary"]), output=outputs(files["output"]))


def github_variables(folder: Path, files: dict[str, Path]) -> dict[str, str]:
    """Return the variables of a step."""
    return {
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(folder),
        "GITHUB_STEP_SUMMARY": str(files["summary"]),
        "GITHUB_OUTPUT": str(files["output"]),
    }


def text_of(path: Path) -> str:
    """Return the text of a file; empty where there is none."""
    return path.read_text(encoding="utf-8") if path.exists() else ""


def outputs(path: Path) -> dict[str, str]:
    """Read the outputs of a step."""
    pairs = (line.partition("=") for line in text_of(path).splitlines())
    return {name: value for name, _, value in pairs}
