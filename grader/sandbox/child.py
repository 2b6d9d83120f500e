"""The first lines of a child process: makes the sandbox's own modules importable, and nothing else of the grader.

Run by path, as `python -I -S -B child.py ARGUMENT`. Without `site` no `.pth` file of the host runs; the folders with
NumPy and the other allowed packages come in the argument.
"""

from __future__ import annotations

import json
import sys
from types import ModuleType
from typing import Any


def main(argument: str) -> None:
    """Serve one job, or become the warm process that forks one child per job; never returns after student code ran.

    Parameters
    ----------
    argument : str
        JSON: `here`, the folder of this file; `paths`, all of `sys.path`; `fd`, where results (or, for a warm process,
        answers to the grader) go; `parent`, the grader's process id; `warm`, the settings of a warm process or null.
    """
    settings = json.loads(argument)
    sys.path[:] = settings["paths"]
    # Packages of the same names as in the grader, holding the modules of this folder alone.
    for name, folders in (("grader", []), ("grader.sandbox", [settings["here"]])):
        package = ModuleType(name)
        package.__path__ = folders
        sys.modules[name] = package
    # No folder of an ordinary library: what is asked for from here is ours to ask, not the student's.
    trusted = [*settings["paths"], settings["here"]]
    if settings["warm"] is not None:
        _serve_many(settings, trusted)
    else:
        _serve_one(settings, trusted)


def _serve_one(settings: dict[str, Any], trusted: list[str]) -> None:
    from grader.sandbox import limits, session  # noqa: PLC0415  (importable only now)

    _forget_grader()
    limits.die_with(settings["parent"])
    session.serve(result_fd=settings["fd"], trusted_folders=trusted, restrain=limits.restrain)


def _serve_many(settings: dict[str, Any], trusted: list[str]) -> None:
    from grader.sandbox import zygote  # noqa: PLC0415  (the same)

    _forget_grader()
    zygote.serve(
        control_fd=settings["fd"],
        parent=settings["parent"],
        trusted_folders=trusted,
        settings=settings["warm"],
    )


def _forget_grader() -> None:
    """Take our modules out of reach of an `import`; they live on where they are referred to."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "grader"]:
        del sys.modules[name]


if __name__ == "__main__":
    main(sys.argv[1])
