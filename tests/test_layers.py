"""Arrows point one way: what is pure knows nothing of files, and what reads files knows nothing of marking."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("grader", "reference")

VALUES = {"errors", "model", "spelling"}
TASK = VALUES | {"serialize", "assignment"}
PURE = TASK | {
    "slips",
    "cases",
    "marking",
    "plan",
    "conventions",
    "numerical",
    "experiments",
    "texts",
    "formulas",
    "derivations",
}
SHELL = {"assignment_file", "secret", "submissions", "sandbox", "gradebook", "reports"}

MAY_IMPORT: Mapping[str, set[str]] = {
    "errors": set(),
    "levels": set(),
    "spelling": set(),
    "model": set(),
    "slips": set(),
    "markers": {"errors"},
    "excerpts": {"model"},
    "serialize": VALUES,
    "late": VALUES,
    "assignment": {"model", "late", "formulas", "reference"},
    "assignment_file": {*VALUES, "late", "markers", "assignment", "formulas", "reference"},
    "cases": {*TASK, "reference"},
    # An answer is judged as a value: whoever marks can raise no error of the host.
    "marking": {"model", "slips", "serialize", "assignment", "reference"},
    "plan": {"model", "assignment", "cases", "marking"},
    "conventions": {*TASK},
    "numerical": {*TASK, "marking", "plan", "reference"},
    "experiments": {*TASK, "slips", "marking"},
    "texts": {"model"},
    "formulas": {"model", "texts", "reference"},
    "derivations": {*TASK, "slips", "cases", "marking", "formulas", "texts", "reference"},
    "written_result": {*TASK, "marking", "derivations"},
    "secret": {"errors"},
    "submissions": VALUES,
    "handout": {*TASK, "markers", "texts", "cases", "marking", "plan", "reference"},
    # The child process imports it: whatever it could reach would be in the student's process.
    "sandbox": {"model", "levels"},
    "gradebook": {*VALUES, "serialize"},
    "reports": {*VALUES, "levels", "slips", "serialize"},
    "outlines": {*TASK, "reports", "reference"},
    "session": {*PURE, "secret", "handout"},
    "examination": {*PURE, "session"},
    "gradient_check": {*PURE, "session", "reference"},
    "question_status": {*TASK, "examination"},
    "pipeline": {
        *PURE,
        *SHELL,
        *("handout", "session", "examination", "question_status", "excerpts", "written_result"),
    },
    "assignment_changes": {"model", "assignment"},
    "reuse": {*VALUES, "levels", "sandbox", "session", "assignment_changes"},
    # The grader's side of the sandbox writes what enters a process: answers are stored under it.
    "stored_answers": {*VALUES, "sandbox"},
    "work": {*PURE, *SHELL, "session", "pipeline", "reuse", "stored_answers", "outlines"},
    "recognition": {*PURE, *SHELL},
    "hints": {*VALUES, "reports"},
    "practice": {
        *PURE,
        *SHELL,
        "session",
        "pipeline",
        "reuse",
        "work",
        "recognition",
        "gradient_check",
        "hints",
    },
    "repository": {*TASK, "assignment_file", "submissions", "recognition"},
    # It makes texts of what may be shown; files are written by the commands.
    "exports": {*VALUES, "assignment", "reports"},
    "by_value": {*TASK, "cases", "marking", "derivations"},
    "schema": {"errors"},
    "api": {*PURE, "by_value", "assignment_file", "secret", "reuse"},
    # Of grading they know nothing.
    "worker": {"errors", "sandbox"},
    "workers": {"errors", "worker"},
    "outlock": {"errors"},
    # What people decided is laid over values, wherever they are kept.
    "overrides": {"model"},
    "kept_late": {*VALUES, "late", "gradebook", "overrides"},
    # What people decided, one by one or in a table, is checked and stored.
    "decisions": {*TASK, *SHELL, "outlock", "overrides", "outfolder"},
    "mark_sheet": {"errors", "reports", "exports"},
    "sheet_decisions": {*TASK, "gradebook", "overrides", "decisions", "mark_sheet"},
    "outfolder": {*TASK, *SHELL, "outlock", "overrides", "late", "kept_late", "work"},
    "versions": {*TASK, "assignment_changes", "gradebook"},
    "roster": {*VALUES, "submissions"},
    "intake": {*VALUES, "gradebook", "roster", "submissions"},
    "sample_class": {"assignment_file"},
    "class_run": {*PURE, *SHELL, "reuse", "versions", "work", "workers", "outfolder"},
    "batch": {
        *PURE,
        *SHELL,
        *(
            "session",
            "versions",
            "class_run",
            "work",
            "workers",
            "intake",
            "kept_late",
            "outlock",
            "outfolder",
        ),
    },
    # Source mutants know nothing of what the code computes.
    "mutants": {"model"},
    "validation": {
        *PURE,
        *SHELL,
        *("markers", "session", "pipeline", "work", "workers", "batch", "mutants", "handout", "reference"),
    },
    "authoring": {
        *VALUES,
        "assignment",
        "assignment_file",
        "sandbox",
        "batch",
        "workers",
        "validation",
        "reference",
    },
    "reference": set(),
}
"""What a part of the project may import of the others; a part is a module of `grader` or a package in it."""

DOORS = {"cli", "pytest_plugin", "__main__", "notebook"}
"""They may import everything, and nothing imports them."""

MAY_IMPORT_FROM_OUTSIDE: Mapping[str, set[str]] = {
    "model": {"numpy"},
    "serialize": {"numpy"},
    "assignment_file": {"numpy"},
    "authoring": {"numpy"},
    "conventions": {"numpy"},
    "numerical": {"numpy"},
    "formulas": {"numpy"},
    "derivations": {"numpy"},
    "experiments": {"numpy"},
    "session": {"numpy"},
    "gradient_check": {"numpy"},
    "cases": {"numpy"},
    "by_value": {"numpy"},
    "api": {"numpy"},
    "marking": {"numpy"},
    "plan": {"numpy"},
    "handout": {"numpy"},
    "secret": {"numpy"},
    "submissions": {"nbformat", "yaml"},
    "sandbox": {"numpy", "IPython"},
    "notebook": {"numpy", "IPython"},
    "reports": {"jinja2", "markupsafe"},
    "pipeline": {"numpy"},
    "validation": {"autograd", "numpy"},
    "assignment_changes": {"numpy"},
    "stored_answers": {"numpy"},
    "reference": {"numpy"},
    "pytest_plugin": {"pytest"},
    "cli": {"click", "jinja2", "numpy", "rich"},
}
"""The packages of others that a part may import besides msgspec; a part that is not listed makes do with the standard library."""
VALUE_CLASSES = {"msgspec"}
"""What values are made with everywhere but in `reference` and in the student's process."""
INSIDE = "grader.sandbox.child"
"""Where a student's process begins; all that it imports is loaded there."""

NO_INPUT_OR_OUTPUT = {
    *(
        "errors",
        "model",
        "slips",
        "markers",
        "serialize",
        "cases",
        "marking",
        "plan",
        "conventions",
        "numerical",
        "experiments",
        "texts",
        "formulas",
        "derivations",
        "written_result",
        "excerpts",
        "exports",
        "by_value",
        "overrides",
        "assignment_changes",
        "reference",
    )
}
"""Parts that compute values from values: what comes out depends on the arguments alone."""
IMPURE_MODULES = {
    *("asyncio", "ctypes", "datetime", "glob", "io", "logging", "multiprocessing", "os", "pathlib", "pickle"),
    *("platform", "random", "secrets", "shutil", "signal", "socket", "sqlite3", "subprocess", "tempfile"),
    *("threading", "time", "urllib", "uuid"),
}
IMPURE_CALLS = {"open", "print", "input", "eval", "exec", "compile", "breakpoint"}


def _module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {
    _module_name(path): path.read_text(encoding="utf-8")
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
}
"""The text of every module by its dotted name."""


def _part(module: str) -> str:
    """Return the part a module belongs to; the name of the package itself for `grader/__init__.py`."""
    names = module.split(".")
    return names[1] if names[0] == "grader" and len(names) > 1 else names[0]


def _imports(text: str, known: Iterable[str] = ()) -> Iterator[str]:
    """Yield what a text imports anywhere in it; `from a import b` is `a.b` where that is a module."""
    known = set(known)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            for alias in node.names:
                submodule = f"{module}.{alias.name}"
                yield submodule if submodule in known else module


def _own_imports(module: str) -> set[str]:
    return {name for name in _imports(SOURCES[module], SOURCES) if name.split(".")[0] in PACKAGES}


def _cycle(graph: Mapping[str, set[str]]) -> list[str]:
    """Return the names along a cycle, none where there is no cycle."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [str(name) for name in error.args[1]]
    return []


def _impure(text: str) -> set[str]:
    """Return what a text reaches for that lies outside its arguments."""
    found = {name.split(".")[0] for name in _imports(text)} & IMPURE_MODULES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in IMPURE_CALLS or called.startswith(("np.random.", "numpy.random.")):
                found.add(called)
    return found


def test_imports_are_read_wherever_they_stand() -> None:
    text = "import os.path\ndef f():\n    from grader.sandbox import wire, Runner\n    from . import x\n"
    assert set(_imports(text, {"grader.sandbox", "grader.sandbox.wire"})) == {
        "os.path",
        "grader.sandbox.wire",
        "grader.sandbox",
        ".",
    }


def test_every_part_of_the_house_is_found() -> None:
    parts = {_part(module) for module in SOURCES}
    assert {*MAY_IMPORT, "grader"} <= parts
    assert len(SOURCES) > 50


def test_every_module_has_a_place_in_the_picture() -> None:
    placed = {*MAY_IMPORT, *DOORS, "grader"}
    unplaced = sorted(module for module in SOURCES if _part(module) not in placed)
    assert not unplaced, "add them to MAY_IMPORT here and to the layout in CONTRIBUTING.md"


def test_the_picture_itself_has_no_cycle() -> None:
    assert _cycle(MAY_IMPORT) == []
    assert not DOORS & set().union(*MAY_IMPORT.values())


@pytest.mark.parametrize("module", [module for module in SOURCES if _part(module) not in DOORS])
def test_a_module_imports_only_what_lies_below_it(module: str) -> None:
    allowed = {*MAY_IMPORT.get(_part(module), set()), _part(module), "grader"}
    assert {_part(name) for name in _own_imports(module)} <= allowed


@pytest.mark.parametrize("module", SOURCES)
def test_a_module_imports_only_the_packages_its_part_needs(module: str) -> None:
    imported = {name.split(".")[0] for name in _imports(SOURCES[module])}
    from_outside = imported - set(sys.stdlib_module_names) - set(PACKAGES)
    own = set() if _part(module) == "reference" else VALUE_CLASSES
    assert from_outside <= MAY_IMPORT_FROM_OUTSIDE.get(_part(module), set()) | own


def test_a_students_process_loads_of_us_the_sandbox_alone_and_numpy_or_ipython() -> None:
    inside = {INSIDE}
    waiting = [INSIDE]
    while waiting:
        # The package's own first lines are not run there: an empty one stands for it.
        for name in _own_imports(waiting.pop()) - inside - {"grader.sandbox", "grader.sandbox.linux"}:
            inside.add(name)
            waiting.append(name)
    assert len(inside) > 30
    assert {_part(name) for name in inside} == {"sandbox"}
    imported = {name.split(".")[0] for module in inside for name in _imports(SOURCES[module])}
    assert imported - set(sys.stdlib_module_names) - set(PACKAGES) == {"numpy", "IPython"}


def test_no_module_imports_itself_over_others() -> None:
    assert _cycle({module: _own_imports(module) - {module} for module in SOURCES}) == []


def test_a_planted_cycle_is_found() -> None:
    assert set(_cycle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})) == {"a", "b", "c"}


@pytest.mark.parametrize("module", [module for module in SOURCES if _part(module) in NO_INPUT_OR_OUTPUT])
def test_a_pure_module_reaches_for_no_file_clock_process_or_chance(module: str) -> None:
    assert _impure(SOURCES[module]) == set()


def test_reaching_outside_is_seen() -> None:
    text = (
        "import os\nfrom pathlib import Path\nx = open('x')\n"
        "def f(generator: np.random.Generator):\n    return np.random.default_rng(1)\n"
    )
    assert _impure(text) == {"os", "pathlib", "open", "np.random.default_rng"}
