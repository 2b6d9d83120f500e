"""What of a solution must not be found in a hand-out: the lines between its markers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

ASSIGNMENTS = Path(__file__).resolve().parent.parent.parent / "assignments"
SHIPPED = tuple(sorted(path.parent.name for path in ASSIGNMENTS.glob("*/assignment.toml")))
SHORTEST = 12
"""Characters of a line that says something; `return losses` stands in docstrings and elsewhere."""


def solution_lines(assignment: str) -> set[str]:
    """Return the lines that stand between markers, and nowhere in the assignment's other code."""
    inside: set[str] = set()
    collectors = ASSIGNMENTS / assignment / "collect.py"
    outside = {line.strip() for line in collectors.read_text().splitlines()} if collectors.exists() else set()
    for path in _solution_files(ASSIGNMENTS / assignment):
        within = False
        for line in path.read_text(encoding="utf-8").splitlines():
            text = line.strip()
            if "SOLUTION" in text:
                within = "BEGIN" in text
            else:
                (inside if within else outside).add(text)
    return {line for line in inside - outside if len(line) >= SHORTEST}


def _solution_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.glob("solution*")):
        yield from (
            [path]
            if path.is_file()
            else sorted(one for one in path.rglob("*") if one.suffix in (".py", ".md"))
        )


def texts(folder: Path) -> dict[str, str]:
    """Return the text of each file of a hand-out; of a notebook that of its cells."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_dir() or path.suffix == ".npz":
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".ipynb":
            text = "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
        found[path.relative_to(folder).as_posix()] = text
    return found
