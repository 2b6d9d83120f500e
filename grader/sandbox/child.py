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
    """Take up a role; never returns after student code ran.

    Parameters
    ----------
    argument : str
        JSON: `here`, the folder of this file; `paths`, all of `sys.path`; `role`: `job` to serve one job, `plain` to do so
        with what every system offers, `warm` to fork one child per job, `probe` to try the walls; `settings` of the role;
        for `job` and `warm` also `fd`, where results (or answers to the grader) go, and `parent`, the grader's process id.
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
    _ROLES[settings["role"]](settings, trusted)


def _serve_one(settings: dict[str, Any], trusted: list[str]) -> None:
    from grader.sandbox import limits, session  # noqa: PLC0415  (importable only now)

    _preload_shell(settings["settings"])
    _forget_grader()
    limits.die_with(settings["parent"])
    session.serve(result_fd=settings["fd"], trusted_folders=trusted, restrain=limits.restrain)


def _serve_plain(settings: dict[str, Any], trusted: list[str]) -> None:
    from grader.sandbox import plain, session  # noqa: PLC0415  (the same)

    channel = plain.take_results_channel()
    _preload_shell(settings["settings"])
    _forget_grader()
    session.serve(result_fd=channel, trusted_folders=trusted, restrain=plain.watch)


def _serve_many(settings: dict[str, Any], trusted: list[str]) -> None:
    from grader.sandbox import enter  # noqa: PLC0415  (the same)

    enter.follow(settings["parent"])
    if settings["settings"]["walls"] == "own":
        enter.enter_namespaces()
    enter.forget_fork_hooks()
    from grader.sandbox import zygote  # noqa: PLC0415  (heavy: loaded once the process is the one that stays)

    _preload_shell(settings["settings"])
    _forget_grader()
    zygote.serve(control_fd=settings["fd"], trusted_folders=trusted, settings=settings["settings"])


def _probe(settings: dict[str, Any], _trusted: list[str]) -> None:
    from grader.sandbox import probes  # noqa: PLC0415  (the same)

    probes.main(settings["settings"])


def _preload_shell(settings: dict[str, Any]) -> None:
    """Have what runs notebooks ready where there are some; it takes longer than all the rest."""
    if settings["shell"]:
        # Found again as an attribute of the package.
        from grader.sandbox import notebook, shell_preload  # noqa: F401, PLC0415

        shell_preload.preload(rare=settings.get("level") in _WITHOUT_FILES)


def _forget_grader() -> None:
    """Take our modules out of reach of an `import`; they live on where they are referred to."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "grader"]:
        del sys.modules[name]


_WITHOUT_FILES = frozenset({"seal", "fence"})
"""Levels at which a job cannot open every file of a library."""
_ROLES = {"job": _serve_one, "plain": _serve_plain, "warm": _serve_many, "probe": _probe}

if __name__ == "__main__":
    main(sys.argv[1])
