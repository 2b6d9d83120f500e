"""The reference stands alone: what is right knows nothing of grading."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import reference

ROOT = Path(reference.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
RULES = [ROOT / "operation.py", ROOT / "operations.py", *sorted((ROOT / "rules").glob("*.py"))]
ALLOWED = {"numpy", "reference"} | set(sys.stdlib_module_names)


def _imports(text: str) -> set[str]:
    """Return the top-level packages that a module imports anywhere in it; a relative import is `.`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." if node.level else (node.module or "").split(".")[0])
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_file_of_the_reference_imports_numpy_the_standard_library_and_the_reference_only(
    path: Path,
) -> None:
    assert _imports(path.read_text(encoding="utf-8")) <= ALLOWED


def test_the_files_of_the_reference_are_found_and_imports_are_read_inside_functions_too() -> None:
    assert {"operations.py", "network.py", "mlp.py", "skip_network.py"} <= {path.name for path in FILES}
    text = "import os.path\ndef f():\n    from grader.model import Grade\n    from . import x\n"
    assert _imports(text) == {"os", "grader", "."}


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.name)
def test_operations_know_nothing_of_networks(path: Path) -> None:
    modules = {
        node.module
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("reference")
    }
    assert {".".join((module or "").split(".")[:2]) for module in modules} <= {
        "reference.forms",
        "reference.operation",
        "reference.rules",
    }


def test_operations_are_found_in_every_module_of_rules() -> None:
    assert {"operation.py", "operations.py", "arithmetic.py", "softmax.py"} <= {path.name for path in RULES}
