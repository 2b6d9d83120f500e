"""The class that benchmarks are measured on is what it says: many programs, each alone in its text, none changed in what it does."""

from __future__ import annotations

import ast
import importlib
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import nbformat
import pytest

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"
CALLS = [
    ("forward", [1.0, 0.5, -0.25, 0.75, 2.0]),
    ("loss", [0.5, -3.0]),
    ("backward", [1.0, -3.0, 0.5, 0.5, 0.5, 0.5]),
    (
        "update",
        [{"w0": 1.0, "w1": 2.0, "w2": 3.0, "ws": 4.0}, {"w0": 0.5, "w1": 0.25, "w2": 1.0, "ws": 2.0}, 0.5],
    ),
]
NUMBERS = """
import json, sys, floor
plan = json.load(sys.stdin)
print(json.dumps([floor._run([text], plan["calls"]).hex() for text in plan["texts"]]))
"""


@pytest.fixture
def synthetic(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Import what makes the class; the folder is no package."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("synthetic")


def numbers(texts: Sequence[str]) -> list[str]:
    """Run programs as the floor does, and give the bytes that came back."""
    ran = subprocess.run(
        [sys.executable, "-c", NUMBERS],
        cwd=BENCHMARKS,
        input=json.dumps({"texts": texts, "calls": CALLS}),
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[str] = json.loads(ran.stdout)
    return found


def test_the_class_is_made_from_several_dozens_of_programs(synthetic: ModuleType) -> None:
    found = synthetic.programs()
    assert len(found["right"]) >= 20
    assert len(found["wrong"]) >= 50
    assert len(found["broken"]) >= 10


def test_no_two_submissions_of_a_class_are_alike(synthetic: ModuleType, tmp_path: Path) -> None:
    synthetic.write_class(tmp_path, 150, notebooks=False)
    texts = [path.read_text(encoding="utf-8") for path in tmp_path.iterdir()]
    assert len(texts) == len(set(texts)) == 150
    again = tmp_path / "again"
    again.mkdir()
    synthetic.write_class(again, 150, notebooks=False)
    assert {path.read_text(encoding="utf-8") for path in again.iterdir()} == set(texts)


def test_copies_differ_in_names_and_not_in_numbers(synthetic: ModuleType) -> None:
    programs = [one for kind in synthetic.programs().values() for one in kind]
    copies = [synthetic.unique(one.text, number) for number, one in enumerate(programs)]
    as_handed_in = [one.text for one in programs]
    first, again, copied = (numbers(texts) for texts in (as_handed_in, as_handed_in, copies))
    steady = [number for number, text in enumerate(first) if text == again[number]]
    assert len(steady) > 0.95 * len(programs)
    assert [programs[number].name for number in steady if first[number] != copied[number]] == []
    assert sum(bool(text) for text in first) > 0.8 * len(programs)
    renamed = [one.name for one, copy in zip(programs, copies, strict=True) if one.text.strip() not in copy]
    assert len(renamed) > 0.5 * len(programs)


def test_a_notebook_holds_the_program_part_by_part(synthetic: ModuleType) -> None:
    text = "import math\n\n\ndef forward(x):\n    return x\n\n\nlimit = 3\n\n\n@staticmethod\ndef loss(y):\n    return y\n"
    found = nbformat.reads(synthetic.notebook(text), as_version=4)
    nbformat.validate(found)
    code = [cell["source"] for cell in found["cells"] if cell["cell_type"] == "code"]
    assert code == [
        "%matplotlib inline\nimport numpy as np",
        "import math",
        "def forward(x):\n    return x\n\n\nlimit = 3",
        "@staticmethod\ndef loss(y):\n    return y",
        "forward(1.0, 0.5, 0.5, 0.5, 0.5)",
    ]
    assert ast.dump(ast.parse("\n".join(code[1:-1]))) == ast.dump(ast.parse(text))


@pytest.mark.slow
def test_the_tables_are_printed_for_a_small_class() -> None:
    ran = subprocess.run(
        [sys.executable, str(BENCHMARKS / "class_of.py"), "--modules=6", "--notebooks=4", "--memory=5"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    for word in (
        "floor",
        "ratio",
        "memory",
        "mark",
        "report",
        "gradebook",
        "6 modules",
        "4 notebooks",
        "5 modules",
    ):
        assert word in ran.stdout
    assert ran.stdout.count(", 0 faults") == 3
