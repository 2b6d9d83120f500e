"""Claims on making the shell in a process that will be forked: nobody notices it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import builtins, json, os, sys, threading
import numpy, asyncio
main, names, path = sys.modules["__main__"], set(vars(builtins)), list(sys.path)
variables = dict(os.environ)
from grader.sandbox import shell, shell_preload
seen = []
def watch(event, details):
    writes = event == "open" and isinstance(details[1], str) and set(details[1]) & set("wxa+")
    if writes or event.startswith(("socket.", "subprocess.", "os.mkdir", "os.exec", "os.fork", "sqlite3.")):
        seen.append([event, str(details)])
    if event == "open" and ".ipython" in str(details[0]):
        seen.append([event, str(details)])
sys.addaudithook(watch)
shell_preload.preload(rare=True)
print(json.dumps({
    "seen": seen,
    "threads": threading.active_count(),
    "main": sys.modules["__main__"] is main,
    "builtins": sorted(set(vars(builtins)) - names),
    "path": sys.path == path,
    "environ": dict(os.environ) == variables,
    "prompts": hasattr(sys, "ps1"),
    "streams": sys.stdout is sys.__stdout__ and sys.displayhook is sys.__displayhook__,
    "heavy": sorted({"jedi", "prompt_toolkit", "sqlite3", "matplotlib", "pdb"} & set(sys.modules)),
    "entered": shell.next_shell().entered,
}))
"""


@pytest.fixture(scope="module")
def noticed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    home = tmp_path_factory.mktemp("home")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={
            "HOME": str(home / "absent"),
            "PATH": "",
            "VIRTUAL_ENV": str(home),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        cwd=home,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stderr == ""
    assert list(Path(home).iterdir()) == []
    got: dict[str, object] = json.loads(done.stdout)
    return got


def test_it_writes_no_file_opens_no_socket_and_starts_nothing(noticed: dict[str, object]) -> None:
    assert noticed["seen"] == []
    assert noticed["threads"] == 1


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("main", True),
        ("builtins", []),
        ("path", True),
        ("environ", True),
        ("prompts", False),
        ("streams", True),
        ("heavy", []),
        ("entered", False),
    ],
)
def test_it_leaves_the_interpreter_as_it_was(noticed: dict[str, object], what: str, expected: object) -> None:
    assert noticed[what] == expected


def test_what_few_notebooks_use_is_loaded_only_where_it_could_not_come_later() -> None:
    program = """if True:
        import sys
        from grader.sandbox import shell_preload
        for rare in (False, True):
            shell_preload.preload(rare=rare)
            print(*(name in sys.modules for name in ("asyncio", "pygments.formatters.html", "cProfile")))
    """
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout == "False False False\nTrue True True\n"
