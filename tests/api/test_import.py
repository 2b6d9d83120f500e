"""`import grader` is light, and what it offers is there, typed and documented."""

from __future__ import annotations

import doctest
import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import grader.api

HEAVY = ("numpy", "IPython", "nbformat", "jinja2", "rich", "click", "msgspec", "reference")


def test_the_package_alone_imports_nothing_of_others_and_no_part_of_its_own() -> None:
    program = "import json, sys; before = set(sys.modules); import grader; print(json.dumps(sorted(set(sys.modules) - before)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == ["grader"]


def test_marking_starts_no_process_and_writes_no_file(tmp_path: Path) -> None:
    """Told by the interpreter's own audit events, with the imports done before."""
    program = (
        "import sys\n"
        "import grader\n"
        "grader.mark('skip_network', {'z0': 0.5})\n"
        "seen = []\n"
        "def hook(event, arguments):\n"
        "    writes = event == 'open' and isinstance(arguments[1], str) and set(arguments[1]) & set('wax+')\n"
        "    if writes or event.startswith(('subprocess', 'os.', 'socket')) and event not in ('os.listdir', 'os.scandir'):\n"
        "        seen.append((event, str(arguments)))\n"
        "sys.addaudithook(hook)\n"
        "grader.mark('softmax_cross_entropy', {'softmax.p': [[0.5]]})\n"
        "grader.mark('skip_network_by_hand', {'z0': 0.5})\n"
        "print(seen)\n"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout == "[]\n"
    assert list(tmp_path.iterdir()) == []


def test_every_public_name_is_there_and_no_module_takes_its_place() -> None:
    modules = {module.name for module in pkgutil.iter_modules(grader.__path__)}
    assert modules.isdisjoint(grader.__all__)
    assert all(hasattr(grader, name) for name in grader.__all__)
    assert set(grader.__all__) <= set(dir(grader))


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    assert not hasattr(grader, "grade_everything")


def test_the_types_beside_the_package_name_what_it_has() -> None:
    stub = Path(grader.__file__).with_suffix(".pyi").read_text(encoding="utf-8")
    assert all(f" as {name}\n" in stub or f"{name}: " in stub for name in grader.__all__)
    assert Path(grader.__file__).with_name("py.typed").exists()


def test_the_examples_in_the_documentation_of_both_functions_hold() -> None:
    """Counted, so that one that is lost is noticed."""
    assert doctest.testmod(grader.api) == (0, 5)
